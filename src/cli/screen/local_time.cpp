// RFC 3339 to the clock on the wall.
#include "cli/screen/local_time.hpp"

#include <ctime>

#include "base/clock.hpp"

namespace flotte::cli {
namespace {

std::string written(std::string_view rfc3339, const char* format) {
  const auto time = parse_rfc3339(rfc3339);
  if (!time) return "-";
  const std::time_t whole = std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count();
  std::tm parts{};
  char text[64];
  if (!::localtime_r(&whole, &parts)) return "-";
  return std::string(text, std::strftime(text, sizeof text, format, &parts));
}

/// Length of the time that begins there, or 0.
std::size_t time_at(std::string_view text) {
  constexpr std::size_t least = 20, most = 35;  // "2026-11-21T08:30:00Z", and with a fraction and an offset
  if (text.size() < least || text[4] != '-' || text[10] != 'T') return 0;
  const std::size_t end = text.find_first_not_of("0123456789-:.+TZ");
  for (std::size_t size = std::min({end, text.size(), most}); size >= least; --size)
    if (parse_rfc3339(text.substr(0, size))) return size;
  return 0;
}

}  // namespace

std::string local_time(std::string_view rfc3339) { return written(rfc3339, "%Y-%m-%d %H:%M:%S"); }
std::string local_minute(std::string_view rfc3339) { return written(rfc3339, "%Y-%m-%d %H:%M"); }

std::string with_local_times(std::string_view sentence) {
  std::string out;
  while (!sentence.empty()) {
    const std::size_t size = time_at(sentence);
    out += size > 0 ? local_time(sentence.substr(0, size)) : std::string(sentence.substr(0, 1));
    sentence.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace flotte::cli
