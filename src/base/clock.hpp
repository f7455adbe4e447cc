// Time as an argument: whoever needs it is given a Clock; the simulator gives its own.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flotte {

using std::chrono::milliseconds;
using std::chrono::seconds;
/// Milliseconds since 1970, UTC.
using WallTime = std::chrono::sys_time<milliseconds>;
/// Never goes back, also counts suspended time where the system can tell; its zero means nothing.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, milliseconds>;

/// A source of time; must be callable from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual SteadyTime steady() const = 0;
};

/// The machine's clocks: CLOCK_REALTIME and CLOCK_BOOTTIME.
const Clock& system_clock();

inline std::int64_t to_ms(WallTime t) { return t.time_since_epoch().count(); }
inline WallTime from_ms(std::int64_t ms) { return WallTime(milliseconds(ms)); }
/// RFC 3339 in UTC with milliseconds: 2026-11-21T08:30:00.000Z.
std::string to_rfc3339(WallTime t);
/// The opposite, also for another offset than Z; nothing where it is no such text.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace flotte
