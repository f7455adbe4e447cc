// Rows of schedules, for the files that store, fire and change them.
#pragma once
#include <string>

#include "fleet/schedules.hpp"

namespace flotte::fleet::detail {

/// Of a row of `schedule` as schedule_of reads it: without what it makes.
inline constexpr std::string_view schedule_columns =
    "id, name, owner, cron, zone, catch_up, catch_up_limit, overlap, paused, batch, tasks, max_cost_pico_usd, problem, created_at, next_at";
ScheduleView schedule_of(const store::Row& row);
/// What it makes. Error: corrupt (this version cannot read it).
Result<std::vector<wire::TaskSpec>> schedule_specs(store::Transaction& rows, std::int64_t schedule);
[[nodiscard]] Failure no_schedule(std::int64_t schedule);

}  // namespace flotte::fleet::detail
