// Rows of schedules, for the files that store, fire and change them.
#pragma once
#include <string>

#include "fleet/schedules.hpp"

namespace flotte::fleet::detail {

/// Of a row of `schedule` as view_of reads it.
inline constexpr std::string_view schedule_columns =
    "id, name, owner, cron, zone, catch_up, catch_up_limit, overlap, paused, batch, specs, max_cost_pico_usd, problem, created_at, next_at";
ScheduleView schedule_of(const store::Row& row);
/// Those of this version; what it cannot read is said when it is due.
Result<std::vector<wire::TaskSpec>> schedule_specs(store::Transaction& rows, std::int64_t schedule);
[[nodiscard]] Failure no_schedule(std::int64_t schedule);

}  // namespace flotte::fleet::detail
