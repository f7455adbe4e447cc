// What model calls of tasks cost.
#include "fleet/charges.hpp"

#include "fleet/batches.hpp"

namespace flotte::fleet {

void charge(Ledger& ledger, const Charge& charge) {
  const std::int64_t cost = charge.cost_pico_usd.value_or(0);
  const std::int64_t unpriced = charge.cost_pico_usd ? 0 : 1;
  if (cost == 0 && unpriced == 0) return;
  const auto task = ledger.rows.one("SELECT batch FROM task WHERE id = ?", charge.task);
  if (!task) return;
  ledger.rows.execute("UPDATE lease SET cost_pico_usd = cost_pico_usd + ?, unpriced = unpriced + ? WHERE task = ? AND fence = ?", cost,
                      unpriced, charge.task, charge.fence);
  ledger.rows.execute("UPDATE task SET cost_pico_usd = cost_pico_usd + ?, unpriced = unpriced + ? WHERE id = ?", cost, unpriced,
                      charge.task);
  ledger.changes.tasks.insert(charge.task);
  if (const auto batch = task->maybe_integer(0)) count_cost(ledger, *batch, cost, unpriced);
}

}  // namespace flotte::fleet
