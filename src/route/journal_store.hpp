// The call journal in the database.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "route/journal.hpp"

namespace flotte::store {
class Store;
class Transaction;
}  // namespace flotte::store

namespace flotte::route {

/// Charges a task for a call, in one transaction with `record`, and only where that gives true.
using Charging = std::function<Awaitable<Result<bool>>(std::int64_t task, std::int64_t fence, std::optional<std::int64_t> cost_pico_usd,
                                                       std::function<Result<bool>(store::Transaction&)> record)>;

/// Safe from any loop; the store outlives it. Without `charging` nobody is charged.
std::shared_ptr<Journal> store_journal(store::Store& store, Charging charging = {});

}  // namespace flotte::route
