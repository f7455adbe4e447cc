// Selection, failover and the breaker.
#include "route/plan.hpp"

#include <time.h>

#include <algorithm>
#include <charconv>

namespace flotte::route {
namespace {

std::int64_t ms(SteadyTime t) { return t.time_since_epoch().count(); }

void close_for(Health& health, SteadyTime now, milliseconds time, bool by_quota) noexcept {
  health.by_quota.store(by_quota, std::memory_order_relaxed);
  health.closed_until_ms.store(ms(now + time), std::memory_order_relaxed);
}

/// Calls under way per slot. A provider has as many slots as one likes; its calls still spread.
double busyness(const Target& target) {
  const double calls = target.load ? target.load->in_flight.load(std::memory_order_relaxed) : 0;
  return target.slots > 1 ? calls / target.slots : calls;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0 || value > 1'000'000'000) return std::nullopt;
  if (stop != text.data() + text.size() && *stop != '.') return std::nullopt;  // "1.5": some servers send fractions
  return value;
}

}  // namespace

bool closed(const Health& health, SteadyTime now) noexcept { return health.closed_until_ms.load(std::memory_order_relaxed) > ms(now); }

void on_asked(Health& health, SteadyTime now, const BreakerRules& rules) noexcept {
  std::int64_t until = health.closed_until_ms.load(std::memory_order_relaxed);
  if (until == 0 || until > ms(now)) return;
  health.closed_until_ms.compare_exchange_strong(until, ms(now + rules.probe), std::memory_order_relaxed);
  health.by_quota.store(false, std::memory_order_relaxed);
}

void on_success(Health& health) noexcept {
  // Written only where something changes, so that a healthy target's line stays shared between the cores.
  if (health.failures.load(std::memory_order_relaxed) != 0) health.failures.store(0, std::memory_order_relaxed);
  if (health.closed_until_ms.load(std::memory_order_relaxed) != 0) health.closed_until_ms.store(0, std::memory_order_relaxed);
}

void on_failure(Health& health, SteadyTime now, const BreakerRules& rules) noexcept {
  const int failures = health.failures.fetch_add(1, std::memory_order_relaxed) + 1;
  if (failures < rules.failures) return;
  const int doublings = std::min(failures - rules.failures, 16);
  close_for(health, now, std::min(rules.longest, rules.first * (1 << doublings)), false);
}

void on_quota(Health& health, SteadyTime now, std::optional<milliseconds> retry_after, const BreakerRules& rules) noexcept {
  close_for(health, now, std::min(retry_after.value_or(rules.quota), rules.longest_quota), true);
}

std::optional<std::size_t> pick(const Route& route, Tried tried, SteadyTime now, std::uint32_t turn) noexcept {
  const std::size_t count = std::min<std::size_t>(route.targets.size(), 64);
  std::optional<std::size_t> best, resort;
  double least = 0;
  std::int64_t soonest = 0;
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t i = route.strategy == Strategy::least_busy ? (step + turn) % count : step;
    if ((tried >> i & 1) != 0) continue;
    const Target& target = route.targets[i];
    if (target.health && closed(*target.health, now)) {
      const std::int64_t until = target.health->closed_until_ms.load(std::memory_order_relaxed);
      if (!target.health->by_quota.load(std::memory_order_relaxed) && (!resort || until < soonest)) {
        resort = i;
        soonest = until;
      }
      continue;
    }
    if (route.strategy == Strategy::fallback) return i;
    const double busy = busyness(target);
    if (!best || busy < least) {
      best = i;
      least = busy;
    }
  }
  return best ? best : resort;
}

std::optional<milliseconds> quota_wait(const Route& route, SteadyTime now) noexcept {
  std::optional<milliseconds> wait;
  for (const Target& target : route.targets) {
    if (!target.health || !closed(*target.health, now) || !target.health->by_quota.load(std::memory_order_relaxed)) continue;
    const milliseconds left(target.health->closed_until_ms.load(std::memory_order_relaxed) - ms(now));
    if (!wait || left < *wait) wait = left;
  }
  return wait;
}

Judgement judge_status(int status) noexcept {
  if (status == 429) return {true, Mark::quota};
  if (status >= 500) return {true, Mark::failure};
  switch (status) {
    case 401:
    case 402:
    case 403: return {true, Mark::failure};  // our credentials there, not the client's here
    case 404: return {true, Mark::none};     // that target has no such model or path; the next may
    case 408:
    case 425: return {true, Mark::failure};
    default: break;
  }
  if (status >= 400) return {false, Mark::success};  // the client's own making: it would fail everywhere
  if (status >= 300) return {true, Mark::failure};   // an API does not redirect: a wrong base_url
  return {false, Mark::success};
}

Judgement judge_failure(Code code) noexcept {
  if (code == Code::cancelled) return {false, Mark::none};
  return {true, Mark::failure};
}

std::optional<milliseconds> retry_after(const http::Headers& headers, WallTime now) {
  if (const auto text = headers.get("retry-after-ms"))
    if (const auto value = number(*text)) return milliseconds(*value);
  const auto text = headers.get("retry-after");
  if (!text) return std::nullopt;
  if (const auto value = number(*text)) return milliseconds(*value * 1'000);
  tm date{};
  const std::string copy(*text);
  if (!strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date)) return std::nullopt;
  const WallTime then = from_ms(static_cast<std::int64_t>(timegm(&date)) * 1'000);
  return std::max(milliseconds(0), then - now);
}

}  // namespace flotte::route
