// SQL of what keys have spent.
#include "route/spending.hpp"

#include <map>
#include <tuple>

#include "base/money.hpp"
#include "route/account.hpp"
#include "store/store.hpp"

namespace flotte::route {

void add_spending(store::Transaction& tx, const std::vector<UsageRecord>& records) {
  std::map<std::pair<std::string_view, std::int64_t>, std::int64_t> sums;
  for (const UsageRecord& record : records) {
    if (record.booked_pico_usd <= 0) continue;
    const std::string_view key = record.account.empty() ? record.key : record.account;
    std::int64_t& sum = sums[{key, record.booked_day}];
    sum = add_usd(sum, record.booked_pico_usd);
  }
  for (const auto& [place, sum] : sums)
    tx.execute(
        "INSERT INTO key_spending (key, day, pico_usd) VALUES (?, ?, ?) "
        "ON CONFLICT (key, day) DO UPDATE SET pico_usd = pico_usd + excluded.pico_usd",
        place.first, place.second, sum);
}

Result<std::vector<Spending>> load_spending(store::Transaction& tx, WallTime now) {
  using namespace std::chrono;
  const year_month_day date(floor<days>(now));
  const std::int64_t first = sys_days(date.year() / date.month() / 1).time_since_epoch().count();
  std::vector<Spending> out;
  for (const store::Row& row : tx.query("SELECT key, SUM(CASE WHEN day = ? THEN pico_usd ELSE 0 END), SUM(pico_usd) FROM key_spending "
                                        "WHERE day >= ? AND day <= ? GROUP BY key",
                                        day_of(now), first, day_of(now)))
    out.push_back({row.text(0), row.integer(1), row.integer(2)});
  return out;
}

}  // namespace flotte::route
