// The machine's clocks.
#include "base/clock.hpp"

#include <fmt/format.h>
#include <time.h>

namespace flotte {
namespace {
class SystemClock final : public Clock {
 public:
  WallTime wall() const override { return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()); }
  SteadyTime steady() const override {
    timespec t{};
    ::clock_gettime(CLOCK_BOOTTIME, &t);
    return SteadyTime(milliseconds(std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000));
  }
};
}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string to_rfc3339(WallTime t) {
  const std::int64_t ms = to_ms(t);
  const std::time_t whole = static_cast<std::time_t>(ms >= 0 ? ms / 1000 : (ms - 999) / 1000);
  std::tm tm{};
  ::gmtime_r(&whole, &tm);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
                     tm.tm_min, tm.tm_sec, ms - std::int64_t{whole} * 1000);
}

}  // namespace flotte
