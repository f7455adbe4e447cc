// What a caller may set going that somebody else handed in.
#pragma once
#include <set>

#include "fleet/schedules.hpp"
#include "hub/caller.hpp"

namespace flotte::hub {

/// Commands and agents do what they like on a machine. Error: forbidden.
Result<void> may_set_going(const Caller& caller, wire::TaskKind kind);
/// What a schedule makes, as the same person would have to be allowed to submit it. Error: forbidden.
Result<void> may_set_going(const Caller& caller, const fleet::ScheduleView& schedule);
Result<void> may_set_going(const Caller& caller, const std::set<wire::TaskKind>& kinds);
/// What a schedule makes is its owner's: somebody must pay for it. Error: conflict where no key has the owner's name any more.
Result<void> check_owner(store::Transaction& rows, const fleet::NewSchedule& schedule);

}  // namespace flotte::hub
