// Purses of tasks and batches.
#include "hub/purses.hpp"

#include "fleet/task_budgets.hpp"

namespace flotte::hub {
namespace {

constexpr milliseconds look_after{60'000};
constexpr milliseconds forget_batch_after = std::chrono::hours(24);

void stop_run(fleet::Fleet& fleet, const route::Run& run, const route::Account& empty) {
  const bool of_batch = empty.key_id().starts_with('b');
  fleet.act<bool>(
      [run, of_batch](fleet::Ledger& ledger) -> Result<bool> {
        fleet::stop_for_budget(ledger, run.task, run.fence, of_batch);
        return true;
      },
      [](Result<bool>) {});
}

}  // namespace

Purses::Purse& Purses::find(Map& map, std::int64_t id, char prefix, std::int64_t most, std::int64_t spent) {
  Purse& purse = map[id];
  if (!purse.account) {
    route::Allowance allowance;
    allowance.total_pico_usd = most;
    purse.account = std::make_shared<route::Account>(wire::format_id(prefix, id), allowance);
    purse.account->remember_total(spent);
  }
  return purse;
}

std::shared_ptr<const Caller> Purses::of_run(const fleet::RunFacts& run, std::shared_ptr<const Caller> caller, fleet::Fleet& fleet) {
  const SteadyTime now = system_clock().steady();
  Caller with = *caller;
  with.who.on_emptied = [&fleet, run = *with.who.run](const route::Account& empty) { stop_run(fleet, run, empty); };
  const std::lock_guard lock(mutex_);
  forget_old(fleet, now);
  if (run.budget_pico_usd) {
    Purse& purse = find(tasks_, with.who.run->task, 't', *run.budget_pico_usd, run.spent_pico_usd);
    purse.fence = with.who.run->fence;
    with.who.purses.push_back(purse.account);
  }
  if (run.batch_budget_pico_usd) {
    Purse& purse = find(batches_, run.batch, 'b', *run.batch_budget_pico_usd, run.batch_spent_pico_usd);
    purse.used = now;
    with.who.purses.push_back(purse.account);
  }
  return std::make_shared<const Caller>(std::move(with));
}

void Purses::forget_old(const fleet::Fleet& fleet, SteadyTime now) {
  if (now - looked_ < look_after) return;
  looked_ = now;
  std::erase_if(
      tasks_, [&](const auto& entry) { return entry.second.account.use_count() == 1 && !fleet.live_run(entry.first, entry.second.fence); });
  std::erase_if(batches_,
                [&](const auto& entry) { return entry.second.account.use_count() == 1 && now - entry.second.used > forget_batch_after; });
}

}  // namespace flotte::hub
