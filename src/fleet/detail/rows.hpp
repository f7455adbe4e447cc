// Small pieces of SQL that several functions share.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleet/ledger.hpp"
#include "fleet/tasks.hpp"
#include "wire/task.hpp"

namespace flotte::fleet::detail {

/// What was submitted under that key before. Errors: unprocessable (another body).
Result<std::optional<std::int64_t>> find_key(Ledger& ledger, std::string_view owner, std::string_view kind, const Idempotency& key);
void remember_key(Ledger& ledger, std::string_view owner, std::string_view kind, const Idempotency& key, std::int64_t id);

/// The queue row of a ready task whose flow and priority are known.
void put_ready(Ledger& ledger, std::int64_t flow, std::int64_t priority, std::int64_t task);
void put_deferred(Ledger& ledger, std::int64_t task, WallTime until, wire::Reason reason, std::optional<std::int64_t> batch);
/// Takes a task that waits out of the queue; false where it does not wait (it has a lease).
bool take_waiting(Ledger& ledger, std::int64_t task);

/// The next numbers of a counter: the last one of `count`.
std::int64_t next_number(store::Transaction& rows, std::string_view counter, std::int64_t count = 1);

/// "t42" as a number, 0 where it is none of ours.
std::int64_t task_number(const wire::RunId& run);
wire::RunId run_of(std::int64_t task, std::int64_t fence);

/// NULL for 0: columns that name another row.
std::optional<std::int64_t> or_null(std::int64_t id);

std::string labels_text(const std::vector<std::string>& labels);
std::vector<std::string> labels_of(const std::string& text);

/// One line of an attempt's story, and the task's own columns of its newest attempt.
struct AttemptEnd {
  std::int64_t task = 0, fence = 0;
  int attempt = 0;
  std::string node, worker, outcome, message;
  std::optional<WallTime> started_at;
  wire::Usage usage;
};
void write_attempt(Ledger& ledger, const AttemptEnd& end);

std::string node_name(store::Transaction& rows, std::int64_t node);

}  // namespace flotte::fleet::detail
