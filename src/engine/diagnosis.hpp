// Why an engine did not start, for a person: the end of its log, and what to try.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace flotte::engine {

/// The last lines of the file after `offset` (from its beginning where it is shorter by now), at most `lines` and about 2 KB. Blocking.
std::string read_log_end(const std::string& path, std::uint64_t offset, int lines = 8);
/// What to try, by what the lines and the way it ended say; empty where nothing is known.
std::string advise(std::string_view log_end, int signal);

}  // namespace flotte::engine
