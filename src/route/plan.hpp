// Whom to ask, and what to do when the answer is no: the rules of selection, failover and the breaker. Pure but for the shared atomics.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "http/message.hpp"
#include "route/later.hpp"
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
  milliseconds spend{1'800'000};        // after a spend limit, whatever it says
  milliseconds unreachable{5'000};      // after a probe in the background that reached nobody
};

/// Not to be asked now, where there is another.
bool closed(const Health& health, SteadyTime now) noexcept;
/// The target itself or everything at its place.
bool closed(const Target& target, SteadyTime now) noexcept;
/// A call is about to be made: where the target was closed until now this call is the probe, and others keep away.
void on_asked(Health& health, SteadyTime now, const BreakerRules& rules = {}) noexcept;
void on_asked(const Target& target, SteadyTime now, const BreakerRules& rules = {}) noexcept;
void on_success(Health& health) noexcept;
void on_failure(Health& health, SteadyTime now, const BreakerRules& rules = {}) noexcept;
/// `later` of kind quota, overloaded or spend.
void on_later(Health& health, SteadyTime now, const Later& later, const BreakerRules& rules = {}) noexcept;

/// Closed because it broke: somebody may look in the background whether it is there again.
bool wants_probe(const Health& health) noexcept;
/// What that look found. One that nobody could connect to is open again; one that answered with errors stays closed for its time, because a
/// list of models says nothing about answers. While nobody is there no client's call has to find out.
void on_probe(Health& health, SteadyTime now, bool reached, const BreakerRules& rules = {}) noexcept;

/// Targets that were asked in this call, by place in the route; those from 64 on are never asked.
using Tried = std::uint64_t;

/// What the choice depends on beside the targets.
struct Ask {
  std::uint32_t turn = 0;         // spreads equal choices: any number that changes from call to call
  std::int64_t input_tokens = 0;  // of this request, estimated
  int preferred = -1;             // strategy affinity: the place in the route of the one that has served this prefix
};

/// The place in `route.targets` of the next one to ask, or nothing. Open ones first, by the route's strategy; then, as a last resort, those
/// that are closed because they broke (the one whose time ends first); never one that has said "later" and whose time is not over.
/// Allocates nothing.
std::optional<std::size_t> pick(const Route& route, Tried tried, SteadyTime now, const Ask& ask) noexcept;

/// Of the targets that have said "later" the one that may be asked first again; nothing where none has.
struct Waiting {
  milliseconds wait;
  Closed why;
  const Target* target;
};
std::optional<Waiting> waiting(const Route& route, SteadyTime now) noexcept;

enum class Mark { none, success, failure, unreachable, later };
struct Judgement {
  bool elsewhere = false;  // ask the next target, if there is one
  Mark mark = Mark::none;  // what it says about this target
};
/// The head of an answer alone.
Judgement judge_status(int status) noexcept;
/// An answer that is none, read wholly.
Judgement judge(int status, const Later& later) noexcept;
/// No answer, or an answer that broke before its first content.
Judgement judge_failure(Code code) noexcept;
/// Writes it down. `later` counts for Mark::later only.
void mark(const Target& target, Mark mark, const Later& later, SteadyTime now, const BreakerRules& rules = {}) noexcept;

}  // namespace flotte::route
