// How fast a target is expected to be, from what it was: for the strategy `fastest`. Pure but for the shared atomics.
#pragma once
#include <cstdint>

#include "base/clock.hpp"
#include "route/target.hpp"

namespace flotte::route {

/// One answer. Times in microseconds; `first_us` < 0: it was a whole answer, of which nobody knows when it began. Fewer than 8 tokens say
/// nothing about the pace.
struct Measured {
  std::int64_t first_us = -1;  // from the call to the first content
  std::int64_t total_us = 0;   // from the call to the end
  std::int64_t output_tokens = -1;
};
/// An eighth of the new to seven eighths of the old, so that one slow answer does not decide.
void measure(Pace& pace, const Measured& measured, SteadyTime now) noexcept;

/// Milliseconds until a usual answer (256 tokens) is there; -1 where it was never measured, so that it is asked soon.
double expected_ms(const Target& target) noexcept;
/// Steady time in milliseconds; 0: never.
double last_measured(const Target& target) noexcept;
/// One call of 32 goes to the target that was not measured for longest, so that one which has become fast is found. By the golden ratio, so
/// that a model which only sees every second turn gets its share too.
inline bool explores(std::uint32_t turn) noexcept { return turn * 0x9E37'79B9'7F4A'7C15ULL >> 59 == 31; }

}  // namespace flotte::route
