// Whom to ask, and what to do when the answer is no: the rules of selection, failover and the breaker. Pure but for the shared atomics.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "http/message.hpp"
#include "route/table.hpp"
#include "route/target.hpp"

namespace flotte::route {

struct BreakerRules {
  int failures = 3;           // in a row before a target is closed
  milliseconds first{1'000};  // closed for so long at first, twice as long each time after
  milliseconds longest{30'000};
  milliseconds probe{10'000};           // while one call tries whether it works again, others keep away for so long
  milliseconds quota{2'000};            // after a 429 that names no time
  milliseconds longest_quota{300'000};  // whatever a 429 says: ask again after that
};

/// Not to be asked now, where there is another.
bool closed(const Health& health, SteadyTime now) noexcept;
/// A call is about to be made: where the target was closed until now this call is the probe, and others keep away.
void on_asked(Health& health, SteadyTime now, const BreakerRules& rules = {}) noexcept;
void on_success(Health& health) noexcept;
void on_failure(Health& health, SteadyTime now, const BreakerRules& rules = {}) noexcept;
void on_quota(Health& health, SteadyTime now, std::optional<milliseconds> retry_after, const BreakerRules& rules = {}) noexcept;

/// Targets that were asked in this call, by place in the route; those from 64 on are never asked.
using Tried = std::uint64_t;

/// The place in `route.targets` of the next one to ask, or nothing. Open ones first, by the route's strategy; then, as a last resort, those
/// that are closed because they broke (the one whose time ends first); never one that has said 429 and whose time is not over. `turn`
/// spreads equal choices: any number that changes from call to call.
std::optional<std::size_t> pick(const Route& route, Tried tried, SteadyTime now, std::uint32_t turn) noexcept;

/// The time until the first target that has said 429 may be asked again; nothing where none has.
std::optional<milliseconds> quota_wait(const Route& route, SteadyTime now) noexcept;

enum class Mark { none, success, failure, quota };
struct Judgement {
  bool elsewhere = false;  // ask the next target, if there is one
  Mark mark = Mark::none;  // what it says about this target
};
/// The head of an answer.
Judgement judge_status(int status) noexcept;
/// No answer, or an answer that broke before its first content.
Judgement judge_failure(Code code) noexcept;

/// Retry-After in seconds or as a date, or retry-after-ms.
std::optional<milliseconds> retry_after(const http::Headers& headers, WallTime now);

}  // namespace flotte::route
