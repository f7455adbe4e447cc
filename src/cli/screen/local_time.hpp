// Times for people: as the clock on this machine's wall shows them. What --json prints stays in UTC. Pure but for the machine's time zone.
#pragma once
#include <string>
#include <string_view>

namespace flotte::cli {

/// "2026-11-21 09:30:00" of an RFC 3339 time; "-" where it is none.
std::string local_time(std::string_view rfc3339);
/// The same without seconds.
std::string local_minute(std::string_view rfc3339);
/// A sentence of the hub's with its times made local.
std::string with_local_times(std::string_view sentence);

}  // namespace flotte::cli
