// Flows and concurrency keys that nothing needs any more. Each name, project, batch or model makes new ones, and what waits is looked for
// among all of them.
#pragma once
#include <cstdint>

#include "fleet/ledger.hpp"

namespace flotte::fleet {

/// Forgets those without a task that has not ended; one that a person holds stays, and so does the newest, because no number may come
/// again. Looks at `limit` of each with numbers above `after`; where to go on, 0 at the end.
std::int64_t forget_idle_flows(Ledger& ledger, std::int64_t after, std::int64_t limit = 2000);

}  // namespace flotte::fleet
