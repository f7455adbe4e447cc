// One reading of the clock for one step of a loop: whatever a handler asks while it runs happened when its event was taken up.
#pragma once
#include <chrono>

#include "base/clock.hpp"

namespace flotte {

/// While one lives on this thread, the system's clocks are read at most once for each step. For loops, whose steps are short: a handler
/// that itself takes milliseconds sees them only in its next step. One on a thread at a time.
class ClockStep {
 public:
  ClockStep() noexcept;
  ~ClockStep();
  ClockStep(const ClockStep&) = delete;
  ClockStep& operator=(const ClockStep&) = delete;
  /// The next step begins.
  void next() noexcept;
};

/// Of CLOCK_MONOTONIC, as of this step; now, where none is under way.
std::chrono::steady_clock::time_point step_time() noexcept;

}  // namespace flotte
