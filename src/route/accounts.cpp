// Keeping accounts.
#include "route/accounts.hpp"

namespace flotte::route {

std::shared_ptr<const Accounts> AccountBook::use(const std::vector<Entry>& entries) {
  auto accounts = std::make_shared<Accounts>();
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries) {
    auto& account = all_[entry.key_id];
    if (!account) account = std::make_shared<Account>(entry.key_id, entry.allowance);
    accounts->by_id_[entry.key_id] = account;
    accounts->by_name_[entry.name] = account;
  }
  return accounts;
}

void AccountBook::remember(const std::vector<Spending>& spending, WallTime now) {
  const std::lock_guard lock(mutex_);
  for (const Spending& spent : spending) {
    const auto account = all_.find(spent.key_id);
    if (account == all_.end()) continue;
    account->second->remember_day(day_of(now), spent.day_pico_usd);
    account->second->remember_month(month_of(now), spent.month_pico_usd);
  }
}

std::shared_ptr<Account> AccountBook::find(const std::string& key_id) const {
  const std::lock_guard lock(mutex_);
  const auto account = all_.find(key_id);
  return account == all_.end() ? nullptr : account->second;
}

}  // namespace flotte::route
