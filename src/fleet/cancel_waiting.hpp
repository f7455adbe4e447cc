// Ending what waits in a batch, many tasks at once and still in bounded transactions: a batch of ten thousand is gone within a second, and
// others' work goes on in between.
#pragma once
#include <cstdint>

#include "fleet/ledger.hpp"

namespace flotte::fleet {

/// Cancels up to `limit` ready or deferred tasks of a batch; how many. What has a lease is somebody else's matter.
std::int64_t cancel_waiting(Ledger& ledger, std::int64_t batch, wire::Reason reason, std::int64_t limit);

}  // namespace flotte::fleet
