// Cron expressions: five fields or a name, and when they come next on the clock of a time zone. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "fleet/time_zone.hpp"

namespace flotte::fleet {

/// "minute hour day-of-month month day-of-week": numbers, names of months and days, lists, ranges, steps, and `*`; Sunday is 0 and 7. Also
/// @hourly, @daily (@midnight), @weekly, @monthly and @yearly (@annually). Where both days are restricted, one of them is enough.
struct Cron {
  std::uint64_t minutes = 0;
  std::uint32_t hours = 0, days = 0, months = 0, weekdays = 0;  // bit n: n counts
  bool every_hour = false;                                      // the field of the hour begins with `*`
  bool any_day = false, any_weekday = false;

  bool on_day(std::chrono::local_days day) const;
};
/// Error: invalid_argument that names the field.
Result<Cron> parse_cron(std::string_view text);

/// The first instant after that time; nothing where there is none within twelve years. Across changes of the clock:
/// - an expression for every hour (or every second one, `*/2`) follows the time that passes: in an hour that comes twice it comes twice, in
///   one that is left out it does not come;
/// - one for certain hours comes once for each day and time: the first time where a time comes twice, and where it is left out at the
///   moment when the clock is set forward (several of them together once).
std::optional<WallTime> next_instant(const Cron& cron, const TimeZone& zone, WallTime after);

/// What is done about instants that nobody was there for.
enum class CatchUp { none, last, all };
std::string_view to_string(CatchUp how) noexcept;
std::optional<CatchUp> parse_catch_up(std::string_view word) noexcept;

struct CatchUpRule {
  CatchUp how = CatchUp::last;
  std::int64_t most = 100;             // instants of `all` that are made up for: the newest
  milliseconds on_time = seconds(60);  // an instant that is not later than that was not missed
};
struct Firing {
  std::vector<WallTime> instants;        // to be fired now, in order
  std::int64_t missed = 0;               // that are let go; counted up to 10,000
  std::optional<WallTime> first_missed;  // the oldest of them
  std::optional<WallTime> next;          // after `now`
};
/// `due`: the first instant that has not been seen to.
Firing plan_firing(const Cron& cron, const TimeZone& zone, WallTime due, WallTime now, const CatchUpRule& rule);

}  // namespace flotte::fleet
