// Tasks as hub, node, cockpit and clients speak of them. The JSON names are the contract's.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace flotte::wire {

enum class TaskKind { prompt, document, command, agent };
enum class TaskState { queued, offered, running, waiting, succeeded, failed, cancelled };
/// Why a task waits. `none` in every other state but `cancelled`, which may have `budget`.
enum class Reason { none, time, backoff, quota, budget, approval, dependency, paused };

std::string_view to_string(TaskKind kind) noexcept;
std::string_view to_string(TaskState state) noexcept;
std::string_view to_string(Reason reason) noexcept;
std::optional<TaskKind> parse_task_kind(std::string_view word) noexcept;
std::optional<TaskState> parse_task_state(std::string_view word) noexcept;
std::optional<Reason> parse_reason(std::string_view word) noexcept;
inline bool terminal(TaskState s) noexcept { return s == TaskState::succeeded || s == TaskState::failed || s == TaskState::cancelled; }

/// Tokens and money of one run or many. `input_tokens` includes the cached ones. Money in trillionths of a US dollar (base/money.hpp).
struct Usage {
  std::int64_t input_tokens = 0, cached_tokens = 0, output_tokens = 0, cost_pico_usd = 0;
  std::int64_t unpriced_calls = 0;  // their cost is unknown and not in the sum
  Usage& operator+=(const Usage& other);
  /// cost_usd is a decimal string, or null where no call's cost is known; `unpriced_calls` stands there where it is not 0.
  json::object to_json() const;
  static Usage from_json(const json::object& o);
};

/// What becomes of a task when one that it depends on fails or is cancelled.
enum class IfDependencyFails { cancel, run };

/// At most `limit` tasks of one owner with that key run at the same time, whatever their project, batch or model.
struct Concurrency {
  std::string key;
  int limit = 1;  // the newest submission's counts for all of the key
  bool operator==(const Concurrency&) const = default;
};

/// What is submitted: POST /fleet/v1/tasks and the items of a batch.
struct TaskSpec {
  TaskKind kind = TaskKind::prompt;
  std::string title;  // may be empty: the hub makes one from the input
  std::string model, node, worker, project;
  std::vector<std::string> labels;
  int priority = 2;  // 0 first .. 9 last
  std::optional<WallTime> not_before, deadline;
  int max_attempts = 5;
  bool exclusive = false;
  std::vector<std::string> features = {};  // what its node must understand, besides what follows from the rest (wire/features.hpp)
  std::vector<std::string> depends_on;     // ids of tasks and batches; in a batch's item also "#7": that item of the same batch
  IfDependencyFails if_dependency_fails = IfDependencyFails::cancel;
  std::optional<std::int64_t> budget_pico_usd;  // what its model calls may cost, all attempts together
  std::optional<Concurrency> concurrency;
  std::string unique;  // while a task of the same owner with it has not ended, submitting again gives that one; not in a batch
  json::object input;  // by kind, see the contract: prompt {prompt, system?}, document {name, blob, prompt}, command {argv, cwd?, env?}

  json::object to_json() const;
  /// Checks names, types and the input of its kind. Error: invalid_argument that names the field.
  static Result<TaskSpec> from_json(const json::object& o);
};

/// A task as `GET /fleet/v1/tasks/{id}` shows it.
struct TaskView {
  std::string id;  // "t42"
  TaskKind kind = TaskKind::prompt;
  std::string title;
  TaskState state = TaskState::queued;
  Reason reason = Reason::none;
  std::string batch, project, owner, flow;
  std::int64_t item = -1;  // its index in the batch
  int priority = 2;
  std::vector<std::string> labels;
  int attempt = 0;  // accepted runs so far
  std::string node, worker, model, target, retry_of;
  std::optional<WallTime> created_at, started_at, ended_at;
  Usage usage;
  std::optional<Error> error;
  bool attempts_exhausted = false;  // a dead letter: in JSON error.code is then "attempts_exhausted"; `error` is the last attempt's
  std::optional<std::int64_t> budget_pico_usd;
  json::value result;  // null until succeeded (or ended by its budget, then what there was); {text} or {blob} of a prompt or document,
                       // {exit_code} of a command

  json::object to_json() const;
  static Result<TaskView> from_json(const json::object& o);
};

/// The story of one attempt, in `GET /fleet/v1/tasks/{id}`.`attempts`.
struct AttemptView {
  int attempt = 0;
  std::string node, worker, outcome;  // running | succeeded | failed | lost | cancelled | refused
  std::string message;
  std::optional<WallTime> started_at, ended_at;
  Usage usage;
  json::object to_json() const;
  static AttemptView from_json(const json::object& o);
};

struct BatchView {
  std::string id;            // "b3"
  std::string title, state;  // open | running | paused | done | cancelled
  std::int64_t total = 0;
  std::int64_t queued = 0, offered = 0, running = 0, waiting = 0, succeeded = 0, failed = 0, cancelled = 0;
  Usage usage;
  Reason reason = Reason::none;                   // why it was cancelled: `budget`, or none
  std::optional<std::int64_t> max_cost_pico_usd;  // when this is spent nothing of it starts any more
  std::optional<WallTime> created_at, ended_at;
  json::object to_json() const;
  static Result<BatchView> from_json(const json::object& o);
};

/// "t42" <-> 42. Error: not_found "no task 'x'".
std::string format_id(char prefix, std::int64_t number);
std::optional<std::int64_t> parse_id(char prefix, std::string_view id);
/// "sha256:<64 hex>" or bare 64 hex digits, lower case.
bool is_blob_id(std::string_view text) noexcept;

}  // namespace flotte::wire
