// Of which kind submitted work is.
#pragma once
#include <cstdint>
#include <set>

#include "store/transaction.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

/// Of a task; empty where there is none of that number.
std::set<wire::TaskKind> kinds_of_task(store::Transaction& rows, std::int64_t task);
/// Of the items of a batch that trying it again would set going: those that failed or were cancelled.
std::set<wire::TaskKind> kinds_to_retry(store::Transaction& rows, std::int64_t batch);

}  // namespace flotte::fleet
