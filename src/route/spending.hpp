// What keys have spent, in the database: a row per key and day, so that a hub that starts again knows what its budgets have left.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "route/usage_ring.hpp"

namespace flotte::store {
class Transaction;
}

namespace flotte::route {

struct Spending {
  std::string key_id;
  std::int64_t day_pico_usd = 0, month_pico_usd = 0;  // of the day and the month of the time that was asked for
};

/// What the records booked. In the transaction that writes them.
void add_spending(store::Transaction& tx, const std::vector<UsageRecord>& records);
/// Of every key that has spent something in the month of `now`.
Result<std::vector<Spending>> load_spending(store::Transaction& tx, WallTime now);

}  // namespace flotte::route
