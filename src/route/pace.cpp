// Moving averages. Two loops that write at the same time lose one of two measurements, which does no harm.
#include "route/pace.hpp"

#include <algorithm>

namespace flotte::route {
namespace {

constexpr std::int64_t longest_us = 1'800'000'000;
constexpr std::int64_t enough_tokens = 8;
constexpr double usual_tokens = 256;

void blend(std::atomic<std::int32_t>& average, std::int64_t value) noexcept {
  const auto sample = static_cast<std::int32_t>(std::clamp<std::int64_t>(value, 1, longest_us));
  const std::int32_t old = average.load(std::memory_order_relaxed);
  average.store(old == 0 ? sample : old + (sample - old) / 8, std::memory_order_relaxed);
}

}  // namespace

void measure(Pace& pace, const Measured& measured, SteadyTime now) noexcept {
  const bool streamed = measured.first_us >= 0;
  if (streamed) blend(pace.first_us, measured.first_us);
  const std::int64_t before = streamed ? measured.first_us : pace.first_us.load(std::memory_order_relaxed);
  if (measured.output_tokens >= enough_tokens)
    blend(pace.token_us, std::max<std::int64_t>(0, measured.total_us - before) / measured.output_tokens);
  pace.at_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

double expected_ms(const Target& target) noexcept {
  if (!target.pace) return -1;
  const std::int32_t first = target.pace->first_us.load(std::memory_order_relaxed);
  const std::int32_t token = target.pace->token_us.load(std::memory_order_relaxed);
  if (first == 0 && token == 0) return -1;
  return (first + usual_tokens * token) / 1'000;
}

double last_measured(const Target& target) noexcept {
  return target.pace ? static_cast<double>(target.pace->at_ms.load(std::memory_order_relaxed)) : 0;
}

}  // namespace flotte::route
