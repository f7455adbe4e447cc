// About how many tokens a request has and how many its answer may have, from its bytes. Of any client's API. Pure.
#pragma once
#include <cstdint>
#include <string_view>

namespace flotte::route {

struct Measure {
  std::int64_t input_tokens = 0;   // rather too many than too few
  std::int64_t output_tokens = 0;  // the most that the request allows; 0: it does not say
};

/// `body` is a request that was scanned before. Text counts a token for every three bytes; data (pictures, files in base64) a token for
/// every 750 bytes, at most `most_of_a_file`, because its size says little about what it costs.
Measure measure_request(std::string_view body) noexcept;

inline constexpr std::int64_t most_of_a_file = 8'000;
inline constexpr std::int64_t least_of_a_file = 1'600;

}  // namespace flotte::route
