// What a task may cost: all its attempts together. Money is held back before each call by whoever makes calls (route::Account); here is
// what becomes of the task when a call was refused because of it.
#pragma once
#include <cstdint>

#include "fleet/leases.hpp"
#include "fleet/ledger.hpp"
#include "fleet/tasks.hpp"

namespace flotte::fleet {

/// Lease::cancel of a run that is ended by its budget.
inline constexpr int cancel_by_budget = 3;

/// A call of that run was refused because its task's budget (`of_batch`: its batch's) might not hold. A prompt or document ends by itself,
/// for want of the answer, so that what it has under way is still recorded; a command or an agent is asked to stop. A batch starts nothing
/// more. A stale fence changes nothing.
void stop_for_budget(Ledger& ledger, std::int64_t task, std::int64_t fence, bool of_batch);

/// The end of a task that its budget has stopped: cancelled, with what it wrote until now as its result where `result` has no text.
void set_budget_end(Ledger& ledger, std::int64_t task, std::int64_t fence, json::value result, Ending& ending);

}  // namespace flotte::fleet
