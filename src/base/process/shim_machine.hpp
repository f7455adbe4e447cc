// What a shim does when: pure. Times are milliseconds of one clock that never goes back and counts suspended time.
#pragma once
#include <chrono>
#include <optional>

#include "base/process/shim.hpp"

namespace flotte {

class ShimMachine {
 public:
  using Time = std::chrono::milliseconds;
  struct Plan {
    Time lease, grace, time_limit;
    bool bound = false;
  };
  enum class Action {
    nothing,
    terminate,  // SIGTERM to every descendant, once
    kill,       // SIGKILL to every descendant, until none is left
    finish,     // none is left: write the outcome
  };
  ShimMachine(Plan plan, Time now) : plan_(plan), started_(now), heard_(now) {}

  /// The node was heard of.
  void on_keep(Time now) { heard_ = now; }
  /// Somebody wants the end; the first reason counts.
  void on_stop(ShimEnd why, Time now);
  void on_child_ended(Time now);
  /// Call after the events of each wake-up. `descendants`: is any left, dead but unreaped ones not counted.
  Action step(bool descendants, Time now);
  /// How long nothing can happen by itself.
  Time wait(Time now) const;
  ShimEnd end() const noexcept { return why_.value_or(ShimEnd::exited); }

 private:
  Time deadline() const;
  Plan plan_;
  Time started_, heard_;
  std::optional<ShimEnd> why_;
  std::optional<Time> kill_at_;  // set with `why_`
  bool terminated_ = false;
  bool child_ended_ = false;
};

}  // namespace flotte
