// The breaker, and what answers say about a target. Selection is in pick.cpp.
#include "route/plan.hpp"

#include <algorithm>

namespace flotte::route {
namespace {

std::int64_t ms(SteadyTime t) { return t.time_since_epoch().count(); }

void close_for(Health& health, SteadyTime now, milliseconds time, Closed why) noexcept {
  health.why.store(why, std::memory_order_relaxed);
  health.closed_until_ms.store(ms(now + time), std::memory_order_relaxed);
}

Closed closed_by(LaterKind kind) noexcept {
  switch (kind) {
    case LaterKind::spend: return Closed::spend;
    case LaterKind::overloaded: return Closed::overloaded;
    default: return Closed::quota;
  }
}

}  // namespace

bool closed(const Health& health, SteadyTime now) noexcept { return health.closed_until_ms.load(std::memory_order_relaxed) > ms(now); }

bool closed(const Target& target, SteadyTime now) noexcept {
  return (target.health && closed(*target.health, now)) || (target.place_health && closed(*target.place_health, now));
}

void on_asked(Health& health, SteadyTime now, const BreakerRules& rules) noexcept {
  std::int64_t until = health.closed_until_ms.load(std::memory_order_relaxed);
  if (until == 0 || until > ms(now)) return;
  health.closed_until_ms.compare_exchange_strong(until, ms(now + rules.probe), std::memory_order_relaxed);
  health.why.store(Closed::broken, std::memory_order_relaxed);
}

void on_asked(const Target& target, SteadyTime now, const BreakerRules& rules) noexcept {
  if (target.health) on_asked(*target.health, now, rules);
  if (target.place_health) on_asked(*target.place_health, now, rules);
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
  close_for(health, now, std::min(rules.longest, rules.first * (1 << doublings)), Closed::broken);
}

void on_later(Health& health, SteadyTime now, const Later& later, const BreakerRules& rules) noexcept {
  const milliseconds time = later.kind == LaterKind::spend ? rules.spend : std::min(later.wait.value_or(rules.quota), rules.longest_quota);
  close_for(health, now, time, closed_by(later.kind));
}

bool wants_probe(const Health& health) noexcept {
  return health.closed_until_ms.load(std::memory_order_relaxed) != 0 && health.why.load(std::memory_order_relaxed) == Closed::broken &&
         health.failures.load(std::memory_order_relaxed) > 0;
}

void on_probe(Health& health, SteadyTime now, bool reached, const BreakerRules& rules) noexcept {
  if (!wants_probe(health)) return;  // a call was faster
  if (reached) {
    if (health.unreachable.load(std::memory_order_relaxed)) on_success(health);
    return;
  }
  health.unreachable.store(true, std::memory_order_relaxed);
  const std::int64_t until = std::max(health.closed_until_ms.load(std::memory_order_relaxed), ms(now + rules.unreachable));
  health.closed_until_ms.store(until, std::memory_order_relaxed);
}

Judgement judge_status(int status) noexcept {
  if (status == 429) return {true, Mark::later};
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

Judgement judge(int status, const Later& later) noexcept {
  return later.kind == LaterKind::none ? judge_status(status) : Judgement{true, Mark::later};
}

Judgement judge_failure(Code code) noexcept {
  if (code == Code::cancelled) return {false, Mark::none};
  return {true, code == Code::unavailable ? Mark::unreachable : Mark::failure};
}

void mark(const Target& target, Mark mark, const Later& later, SteadyTime now, const BreakerRules& rules) noexcept {
  switch (mark) {
    case Mark::none: return;
    case Mark::success:
      if (target.place_health) on_success(*target.place_health);
      return on_success(*target.health);
    case Mark::failure:
    case Mark::unreachable:
      target.health->unreachable.store(mark == Mark::unreachable, std::memory_order_relaxed);
      return on_failure(*target.health, now, rules);
    case Mark::later: {
      const bool all = later.scope == LaterScope::account && target.place_health;
      return on_later(all ? *target.place_health : *target.health, now, later, rules);
    }
  }
}

}  // namespace flotte::route
