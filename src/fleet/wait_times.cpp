// How long tasks were ready.
#include "fleet/wait_times.hpp"

#include <algorithm>

namespace flotte::fleet {
namespace {

Waits empty() {
  const Histogram h(wait_bounds);
  return {h, h, h, h, h, h, h, h, h, h};
}

}  // namespace

WaitTimes::WaitTimes() : waits_(empty()) {}

void WaitTimes::observe(int priority, milliseconds wait) {
  const std::lock_guard lock(mutex_);
  waits_[static_cast<std::size_t>(std::clamp(priority, 0, priorities - 1))].observe(std::max(0.0, static_cast<double>(wait.count()) / 1e3));
}

Waits WaitTimes::read() const {
  const std::lock_guard lock(mutex_);
  return waits_;
}

}  // namespace flotte::fleet
