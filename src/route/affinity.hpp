// Who has served which prefix last, so that a conversation goes back to the engine or provider whose cache still holds it. One table per
// loop, of fixed size, made when it is first needed.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "route/plan.hpp"
#include "route/prefix.hpp"

namespace flotte::route {

class Affinity {
 public:
  static constexpr std::size_t entries = 8192;  // 200 KB; the oldest of four makes room
  /// Providers keep a prefix for five minutes or longer, engines until the slot is needed.
  explicit Affinity(milliseconds memory = std::chrono::minutes(10)) : memory_(memory) {}

  /// That target has answered a request with these prefixes.
  void remember(const Prefixes& prefixes, const Target& target, SteadyTime now);
  struct Found {
    int place = -1;      // in the route; -1: there is no target
    bool known = false;  // it has served this prefix; else it is only where all loops send such requests at first
  };
  /// Which target of the route an answer should come from. Allocates nothing.
  Found find(const Prefixes& prefixes, const Route& route, SteadyTime now) const noexcept;

 private:
  struct Entry {
    std::uint64_t hash = 0;
    const Health* who = nullptr;  // a target's name for as long as the program runs
    std::int64_t at_ms = 0;
  };
  static constexpr std::size_t ways = 4;
  struct Set {
    Entry of[ways];
  };
  std::unique_ptr<Set[]> sets_;
  milliseconds memory_;
};

}  // namespace flotte::route
