// Of which kind submitted work is.
#include "fleet/kinds.hpp"

namespace flotte::fleet {
namespace {

std::set<wire::TaskKind> kinds_of(const store::Rows& found) {
  std::set<wire::TaskKind> kinds;
  for (const store::Row& row : found) kinds.insert(static_cast<wire::TaskKind>(row.integer(0)));
  return kinds;
}

}  // namespace

std::set<wire::TaskKind> kinds_of_task(store::Transaction& rows, std::int64_t task) {
  return kinds_of(rows.query("SELECT kind FROM task WHERE id = ?", task));
}

std::set<wire::TaskKind> kinds_to_retry(store::Transaction& rows, std::int64_t batch) {
  return kinds_of(
      rows.query("SELECT DISTINCT t.kind FROM batch_item b JOIN task t ON t.id = b.task WHERE b.batch = ? AND t.state IN (5, 6)", batch));
}

}  // namespace flotte::fleet
