// Tasks that have spent what they may.
#include "fleet/task_budgets.hpp"

#include "fleet/batches.hpp"
#include "fleet/detail/rows.hpp"

namespace flotte::fleet {

void stop_for_budget(Ledger& ledger, std::int64_t task, std::int64_t fence, bool of_batch) {
  const auto lease = find_lease(ledger.rows, task);
  if (!lease || lease->fence != fence || lease->cancel != 0) return;
  ledger.rows.execute("UPDATE lease SET cancel = ? WHERE task = ?", cancel_by_budget, task);
  const auto row = ledger.rows.one("SELECT kind FROM task WHERE id = ?", task);
  const auto kind = static_cast<wire::TaskKind>(row->integer(0));
  if (kind == wire::TaskKind::command || kind == wire::TaskKind::agent)
    ledger.changes.cancels.push_back({lease->node, detail::run_of(task, fence)});
  ledger.changes.tasks.insert(task);
  if (of_batch && lease->batch > 0) spend_batch(ledger, lease->batch);
}

void set_budget_end(Ledger& ledger, std::int64_t task, std::int64_t fence, json::value result, Ending& ending) {
  ending.state = wire::TaskState::cancelled;
  ending.reason = wire::Reason::budget;
  json::object kept = result.is_object() ? std::move(result.get_object()) : json::object{};
  kept["partial"] = true;
  std::string text;
  if (!kept.contains("text") && !kept.contains("blob"))
    for (const store::Row& row :
         ledger.rows.query("SELECT body FROM event WHERE task = ? AND fence = ? AND kind = 'output' ORDER BY number", task, fence)) {
      const auto body = json::parse_object(row.text(0));
      if (body && json::string_or(*body, "stream", "") == "text") text += json::string_or(*body, "text", "");
    }
  if (!text.empty()) kept["text"] = text;
  ending.result = std::move(kept);
}

}  // namespace flotte::fleet
