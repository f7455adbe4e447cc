// What a caller may set going that somebody else handed in.
#pragma once
#include <functional>
#include <set>

#include "fleet/schedules.hpp"
#include "hub/router.hpp"

namespace flotte::hub {

/// Commands and agents do what they like on a machine. Error: forbidden.
Result<void> may_set_going(const Caller& caller, wire::TaskKind kind);
/// What a schedule makes, as the same person would have to be allowed to submit it. Error: forbidden.
Result<void> may_set_going(const Caller& caller, const fleet::ScheduleView& schedule);
/// The same for what the database has.
Awaitable<Result<void>> may_set_going(Request& request, std::function<std::set<wire::TaskKind>(store::Transaction&)> kinds);
/// What a schedule makes is its owner's: somebody must pay for it. Error: conflict where no key has the owner's name any more.
Result<void> check_owner(store::Transaction& rows, const fleet::NewSchedule& schedule);

}  // namespace flotte::hub
