// What model calls of tasks cost, added as the gateway reports them: to the run, its task and its batch, in one transaction.
#pragma once
#include <cstdint>
#include <optional>

#include "fleet/ledger.hpp"

namespace flotte::fleet {

/// One call of a run. A run that is over (a stale fence) is charged all the same: the answer was bought.
struct Charge {
  std::int64_t task = 0, fence = 0;
  std::optional<std::int64_t> cost_pico_usd;  // nothing: unknown
};

/// A batch that has spent its limit with it starts nothing more.
void charge(Ledger& ledger, const Charge& charge);

}  // namespace flotte::fleet
