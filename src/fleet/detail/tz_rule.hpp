// The rule at the end of a time zone file, as POSIX writes the variable TZ: "CET-1CEST,M3.5.0,M10.5.0/3".
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace flotte::fleet::detail {

struct TzRule {
  /// A day of the year and a time of that day, on the clock that is in force until then.
  struct When {
    enum class Kind { month_week_day, day_without_leap, day_with_leap };
    Kind kind = Kind::month_week_day;
    int month = 1, week = 1, weekday = 0, day = 0;
    std::chrono::seconds time{7200};
  };
  std::chrono::seconds standard{0};              // added to UTC
  std::optional<std::chrono::seconds> daylight;  // nothing: the same all the year
  When start, end;                               // of daylight saving time

  static std::optional<TzRule> parse(std::string_view text);
  /// On the clock on the wall.
  std::chrono::local_seconds starts_at(int year) const { return moment(start, year); }
  std::chrono::local_seconds ends_at(int year) const { return moment(end, year); }

 private:
  static std::chrono::local_seconds moment(const When& when, int year);
};

}  // namespace flotte::fleet::detail
