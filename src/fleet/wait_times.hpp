// How long tasks were ready before somebody took them, by priority: shows that nothing starves. Any thread.
#pragma once
#include <array>
#include <mutex>

#include "base/clock.hpp"
#include "base/metrics.hpp"

namespace flotte::fleet {

inline constexpr int priorities = 10;
/// Upper bounds in seconds.
inline constexpr std::array<double, 10> wait_bounds{0.01, 0.1, 1, 5, 30, 120, 600, 3'600, 21'600, 86'400};

/// Seconds, by priority.
using Waits = std::array<Histogram, priorities>;

class WaitTimes {
 public:
  WaitTimes();
  void observe(int priority, milliseconds wait);
  /// Since the hub started.
  Waits read() const;

 private:
  mutable std::mutex mutex_;
  Waits waits_;
};

}  // namespace flotte::fleet
