// Unique tasks in rows.
#include "fleet/unique.hpp"

namespace flotte::fleet {

std::optional<std::int64_t> find_unique(store::Transaction& rows, std::string_view owner, std::string_view name) {
  const auto row =
      rows.one("SELECT t.id FROM unique_task u JOIN task t ON t.id = u.task WHERE u.owner = ? AND u.name = ? AND t.state = 0", owner, name);
  return row ? std::optional(row->integer(0)) : std::nullopt;
}

void remember_unique(Ledger& ledger, std::string_view owner, std::string_view name, std::int64_t task) {
  ledger.rows.execute(
      "INSERT INTO unique_task (owner, name, task) VALUES (?, ?, ?) ON CONFLICT (owner, name) DO UPDATE SET task = excluded.task", owner,
      name, task);
}

void forget_unique(Ledger& ledger, std::int64_t limit) {
  ledger.rows.execute(
      "DELETE FROM unique_task WHERE (owner, name) IN (SELECT u.owner, u.name FROM unique_task u JOIN task t ON t.id = u.task "
      "WHERE t.state <> 0 LIMIT ?)",
      limit);
}

}  // namespace flotte::fleet
