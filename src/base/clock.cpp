// The machine's clocks.
#include "base/clock.hpp"

#include <fmt/format.h>
#include <time.h>

#include <charconv>

#include "base/clock_step.hpp"
#include "base/failpoint.hpp"
#if FLOTTE_FAILPOINTS
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#endif

namespace flotte {
namespace {

#if FLOTTE_FAILPOINTS
/// For experiments: how wrong this process's wall clock is. FLOTTE_CLOCK names a file of eight bytes, milliseconds as the machine holds a
/// number; whoever writes it makes the clock jump while the process runs.
milliseconds wrong_by() {
  static const volatile std::int64_t* const shared = [] {
    const char* path = std::getenv("FLOTTE_CLOCK");
    const int file = path ? ::open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return static_cast<const volatile std::int64_t*>(nullptr);
    void* memory = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    return memory == MAP_FAILED ? nullptr : static_cast<const volatile std::int64_t*>(memory);
  }();
  return milliseconds(shared ? *shared : 0);
}
#else
constexpr milliseconds wrong_by() { return milliseconds(0); }
#endif

WallTime read_wall() { return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()) + wrong_by(); }
SteadyTime read_steady() {
  timespec t{};
  ::clock_gettime(CLOCK_BOOTTIME, &t);
  return SteadyTime(milliseconds(std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000));
}

/// What this thread's step has read; the zero of each: nothing yet.
struct Readings {
  bool step = false;
  WallTime wall{};
  SteadyTime steady{};
  std::chrono::steady_clock::time_point fine{};
};
constinit thread_local Readings readings;

template <class Time, class Read>
Time once(Time& kept, Read read) {
  if (!readings.step) return read();
  if (kept == Time{}) kept = read();
  return kept;
}

class SystemClock final : public Clock {
 public:
  WallTime wall() const override { return once(readings.wall, read_wall); }
  SteadyTime steady() const override { return once(readings.steady, read_steady); }
};
}  // namespace

ClockStep::ClockStep() noexcept { readings = {.step = true}; }
ClockStep::~ClockStep() { readings.step = false; }
void ClockStep::next() noexcept { readings = {.step = true}; }

std::chrono::steady_clock::time_point step_time() noexcept { return once(readings.fine, std::chrono::steady_clock::now); }

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string to_rfc3339(WallTime t) {
  const std::int64_t ms = to_ms(t);
  const std::time_t whole = static_cast<std::time_t>(ms >= 0 ? ms / 1000 : (ms - 999) / 1000);
  std::tm tm{};
  ::gmtime_r(&whole, &tm);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                     tm.tm_sec, ms - std::int64_t{whole} * 1000);
}

namespace {
/// Takes `digits` digits from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto end = std::from_chars(text.data(), text.data() + digits, value);
  if (end.ec != std::errc() || end.ptr != text.data() + digits || text[0] == '-') return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || (text[0] | 0x20) != (c | 0x20)) return false;
  text.remove_prefix(1);
  return true;
}

/// "Z", "+02:00": minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '+' ? 1 : -1;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}
}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second) return std::nullopt;
  int fraction_ms = 0;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    int scale = 100;
    bool any = false;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), scale /= 10, any = true)
      fraction_ms += (text[0] - '0') * scale;
    if (!any) return std::nullopt;
  }
  const auto offset = take_offset(text);
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!offset || !text.empty() || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute - *offset) + seconds(*second) +
         milliseconds(fraction_ms);
}

}  // namespace flotte
