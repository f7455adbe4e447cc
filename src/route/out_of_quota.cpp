// Every target of a route out of quota.
#include "route/out_of_quota.hpp"

#include <algorithm>

namespace flotte::route {
namespace {

std::optional<milliseconds> closed_by_quota(const Health& health, SteadyTime now) noexcept {
  const milliseconds left = milliseconds(health.closed_until_ms.load(std::memory_order_relaxed)) - now.time_since_epoch();
  const Closed why = health.why.load(std::memory_order_relaxed);
  if (left.count() <= 0 || (why != Closed::quota && why != Closed::spend)) return std::nullopt;
  return left;
}

std::optional<milliseconds> wait_of(const Target& target, SteadyTime now) noexcept {
  std::optional<milliseconds> longest;
  const auto take = [&longest](std::optional<milliseconds> wait) {
    if (wait) longest = std::max(longest.value_or(milliseconds(0)), *wait);
  };
  if (target.health) {
    take(target.health->quota.wait(0, now));
    take(closed_by_quota(*target.health, now));
  }
  if (target.place_health) take(closed_by_quota(*target.place_health, now));
  return longest;
}

}  // namespace

std::optional<milliseconds> out_of_quota(const Route& route, SteadyTime now) noexcept {
  std::optional<milliseconds> soonest;
  for (const Target& target : route.targets) {
    const auto wait = wait_of(target, now);
    if (!wait) return std::nullopt;
    soonest = soonest ? std::min(*soonest, *wait) : *wait;
  }
  return soonest;
}

namespace {

std::optional<milliseconds> closed_by_failure(const Health& health, SteadyTime now) noexcept {
  const milliseconds left = milliseconds(health.closed_until_ms.load(std::memory_order_relaxed)) - now.time_since_epoch();
  if (left.count() <= 0) return std::nullopt;
  const Closed why = health.why.load(std::memory_order_relaxed);
  const bool failed = why == Closed::overloaded || (why == Closed::broken && health.failures.load(std::memory_order_relaxed) > 0);
  return failed ? std::optional(left) : std::nullopt;
}

}  // namespace

std::optional<milliseconds> out_of_reach(const Route& route, SteadyTime now) noexcept {
  std::optional<milliseconds> soonest;
  for (const Target& target : route.targets) {
    auto wait = target.health ? closed_by_failure(*target.health, now) : std::nullopt;
    if (const auto place = target.place_health ? closed_by_failure(*target.place_health, now) : std::nullopt)
      wait = std::max(wait.value_or(milliseconds(0)), *place);
    if (!wait) wait = wait_of(target, now);  // closed all the same
    if (!wait) return std::nullopt;
    soonest = soonest ? std::min(*soonest, *wait) : *wait;
  }
  return soonest;
}

}  // namespace flotte::route
