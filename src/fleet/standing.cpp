// How a task stands.
#include "fleet/standing.hpp"

namespace flotte::fleet {

bool has_task(store::Transaction& rows, std::int64_t task) { return rows.one("SELECT 1 FROM task WHERE id = ?", task).has_value(); }

bool still_wanted(store::Transaction& rows, std::int64_t task) {
  const auto row = rows.one(
      "SELECT 1 FROM task t LEFT JOIN lease l ON l.task = t.id WHERE t.id = ? AND t.state = 0 AND coalesce(l.cancel, 0) = 0", task);
  return row.has_value();
}

bool ended_before(store::Transaction& rows, std::int64_t task, WallTime time) {
  const auto row = rows.one("SELECT ended_at FROM task WHERE id = ?", task);
  if (!row) return true;
  const auto ended = row->maybe_time(0);
  return ended && *ended < time;
}

}  // namespace flotte::fleet
