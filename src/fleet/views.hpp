// Tasks and batches as they are shown. Readers only.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/transaction.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

std::optional<wire::TaskView> show_task(store::Transaction& rows, std::int64_t task);
/// The whole specification as it was submitted.
std::optional<wire::TaskSpec> task_spec(store::Transaction& rows, std::int64_t task);
/// Its story: every attempt, the running one last.
std::vector<wire::AttemptView> list_attempts(store::Transaction& rows, std::int64_t task);

/// The fence under which an attempt ran (0: the newest), which its log entries carry. Nothing where there was no such attempt.
std::optional<std::int64_t> fence_of(store::Transaction& rows, std::int64_t task, std::int64_t attempt);

struct TaskFilter {
  std::vector<wire::TaskState> states;  // any of these; empty: all
  std::string owner, project, worker, node, kind;
  std::int64_t batch = 0;   // then in the order of its items, else the newest first
  std::int64_t after = -1;  // cursor: the item (of a batch) or the task after which to go on; -1: from the start
  std::size_t limit = 50;   // at most 1000
};
struct TaskPage {
  std::vector<wire::TaskView> items;
  std::optional<std::int64_t> next;  // the cursor for more
};
TaskPage list_tasks(store::Transaction& rows, const TaskFilter& filter);

struct LogEntry {
  std::int64_t number = 0;  // grows within a task
  std::int64_t fence = 0;   // of the run that said it, 0: the hub
  WallTime at;
  std::string kind;  // output | progress | state
  json::object body;
  json::object to_json() const;
};
/// Entries after `after`.
std::vector<LogEntry> read_log(store::Transaction& rows, std::int64_t task, std::int64_t after, std::size_t limit = 200);

std::optional<wire::BatchView> show_batch(store::Transaction& rows, std::int64_t batch);
struct BatchPage {
  std::vector<wire::BatchView> items;
  std::optional<std::int64_t> next;
};
/// The newest first.
BatchPage list_batches(store::Transaction& rows, std::int64_t after, std::size_t limit);

/// Tokens and money of the attempts that each worker ended.
struct WorkerUsage {
  std::string worker;  // "reader@box"
  std::int64_t attempts = 0, failed = 0;
  wire::Usage usage;
  json::object to_json() const;  // UsageRow of api/openapi.yaml
};
/// Of attempts that ended in that time. Most attempts first, at most 1000.
std::vector<WorkerUsage> usage_by_worker(store::Transaction& rows, std::optional<WallTime> from = {}, std::optional<WallTime> to = {});

/// Tasks by state, over everything.
struct Counts {
  std::int64_t queued = 0, offered = 0, running = 0, waiting = 0;
  json::object to_json() const;
};
Counts count_active(store::Transaction& rows);

}  // namespace flotte::fleet
