// Durations and sizes as people write them: "30s", "250ms", "5m", "2h", "1d"; "512K", "4G", "100" (bytes; K, M, G, T are powers of 1024).
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace flotte {

/// Nothing where the unit is missing or unknown, the number is negative, or the result does not fit.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace flotte
