// Ending what waits in a batch.
#include "fleet/cancel_waiting.hpp"

#include "fleet/dependencies.hpp"

namespace flotte::fleet {
namespace {

/// Takes them out of the queue; their numbers.
std::vector<std::int64_t> take_out(Ledger& ledger, std::int64_t batch, std::int64_t limit) {
  std::vector<std::int64_t> tasks;
  const auto add = [&tasks](const store::Rows& rows) {
    for (const store::Row& row : rows) tasks.push_back(row.integer(0));
  };
  const store::Rows flows = ledger.rows.query("SELECT id FROM flow WHERE batch = ?", batch);
  for (const store::Row& flow : flows) {
    const std::int64_t left = limit - static_cast<std::int64_t>(tasks.size());
    if (left <= 0) return tasks;
    add(ledger.rows.query(
        "DELETE FROM ready WHERE (flow, priority, task) IN (SELECT flow, priority, task FROM ready WHERE flow = ? LIMIT ?) RETURNING task",
        flow.integer(0), left));
  }
  const std::int64_t left = limit - static_cast<std::int64_t>(tasks.size());
  if (left > 0)
    add(ledger.rows.query(
        "DELETE FROM deferred WHERE task IN (SELECT task FROM deferred WHERE batch = ? ORDER BY task LIMIT ?) RETURNING task", batch,
        left));
  return tasks;
}

}  // namespace

std::int64_t cancel_waiting(Ledger& ledger, std::int64_t batch, wire::Reason reason, std::int64_t limit) {
  const std::vector<std::int64_t> tasks = take_out(ledger, batch, limit);
  const WallTime now = ledger.rows.now();
  std::int64_t ended = 0;
  for (const std::int64_t task : tasks) {
    const auto row = ledger.rows.one("UPDATE task SET state = ?, reason = ?, ended_at = ? WHERE id = ? AND state = 0 RETURNING item",
                                     code(wire::TaskState::cancelled), code(reason), now, task);
    if (!row) continue;
    ++ended;
    ledger.rows.execute("INSERT INTO batch_end (batch, item, task) VALUES (?, ?, ?)", batch, row->maybe_integer(0).value_or(-1), task);
    ledger.changes.ended.push_back({task, wire::TaskState::cancelled, {}, {}});
    ledger.changes.tasks.insert(task);
    note_task_end(ledger, task);
  }
  if (ended == 0) return static_cast<std::int64_t>(tasks.size());
  ledger.rows.execute(
      "UPDATE batch SET ended_cancelled = ended_cancelled + ?, ended_at = CASE WHEN (sealed = 1 OR cancelled = 1) AND "
      "succeeded + failed + ended_cancelled + ? = total THEN ? ELSE ended_at END WHERE id = ?",
      ended, ended, now, batch);
  note_batch_end(ledger, batch);
  ledger.changes.batches.insert(batch);
  return static_cast<std::int64_t>(tasks.size());
}

}  // namespace flotte::fleet
