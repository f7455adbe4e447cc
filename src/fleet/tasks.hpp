// Tasks in rows: submit, end, cancel, retry. Every function runs inside one transaction of the store.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fleet/ledger.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

/// A client's name for one submission. `body_hash`: of what was sent, any fixed form.
struct Idempotency {
  std::string key, body_hash;
};

struct Submission {
  std::string owner;  // name of the client key
  wire::TaskSpec spec;
  std::optional<Idempotency> idempotency;
};

struct Submitted {
  std::int64_t task = 0;
  bool repeated = false;  // the same submission was there before
};

/// Errors: unprocessable (the key was used for another body).
Result<Submitted> submit(Ledger& ledger, const Submission& submission);

/// A row for a task, and its place in the queue. For `submit`, batches and retries.
struct NewTask {
  std::string_view owner;
  std::int64_t batch = 0;  // 0: none
  std::int64_t item = -1;
  std::int64_t retry_of = 0;
};
std::int64_t insert_task(Ledger& ledger, const NewTask& facts, const wire::TaskSpec& spec);

/// Not started: cancelled at once. Running: its node is told; what it says last counts. Cancelled already: nothing
/// happens. Errors: not_found, conflict (ended otherwise).
Result<void> cancel_task(Ledger& ledger, std::int64_t task, wire::Reason reason = wire::Reason::none);
/// A new task like an ended one; a batch's item then points to it. Errors: not_found, conflict (not failed or cancelled).
Result<std::int64_t> retry_task(Ledger& ledger, std::int64_t task);
/// Tasks whose deadline has passed fail; running ones are cancelled first. How many, at most `limit`.
std::int64_t expire_tasks(Ledger& ledger, std::int64_t limit = 200);

/// What ends a task for good.
struct Ending {
  wire::TaskState state = wire::TaskState::succeeded;
  wire::Reason reason = wire::Reason::none;
  int attempt = 0;  // accepted runs so far
  std::string node, worker, target;
  std::optional<WallTime> started_at;
  wire::Usage usage;  // the tokens of this attempt, added to the task's; what it cost was added call by call (charges.hpp)
  std::optional<Error> error;
  bool attempts_exhausted = false;
  json::value result;
};
/// Writes a terminal state, once: false where the task has one already. Its queue row or lease must be gone before.
bool end_task(Ledger& ledger, std::int64_t task, const Ending& ending);

/// It needs something else than it was submitted with: it is in another flow when it becomes ready. It must not be ready now.
void change_need(Ledger& ledger, std::int64_t task, const wire::TaskSpec& spec);
/// Back into the queue at once, or after a while.
void make_ready(Ledger& ledger, std::int64_t task);
void defer(Ledger& ledger, std::int64_t task, WallTime until, wire::Reason reason);
/// Deferred tasks whose time has come become ready; at most `limit`. When the next one is due, if any.
std::optional<WallTime> promote_due(Ledger& ledger, std::int64_t limit = 1000);

/// One entry of a task's log, with a bound per task.
void add_event(Ledger& ledger, std::int64_t task, std::int64_t fence, std::string_view kind, const json::object& body);

/// The fleet's "no task t42" and the like.
[[nodiscard]] Failure no_task(std::int64_t task);

/// Keys that are too old are forgotten; at most `limit`.
std::int64_t forget_keys(Ledger& ledger, std::int64_t limit = 1000);

}  // namespace flotte::fleet
