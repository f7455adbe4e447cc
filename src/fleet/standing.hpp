// Questions about a task that others ask, in their own transactions.
#pragma once
#include <cstdint>

#include "base/clock.hpp"
#include "store/transaction.hpp"

namespace flotte::fleet {

bool has_task(store::Transaction& rows, std::int64_t task);
/// It has not ended, and nobody has asked for its end.
bool still_wanted(store::Transaction& rows, std::int64_t task);
/// It ended before that time, or is not known any more.
bool ended_before(store::Transaction& rows, std::int64_t task, WallTime time);

}  // namespace flotte::fleet
