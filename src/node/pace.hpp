// How often a node tries again, and when it gives up on a hub that says nothing: pure.
#pragma once
#include <algorithm>
#include <chrono>

#include "base/random.hpp"

namespace flotte::node {

/// Waits between attempts: 0.2 s doubling up to 5 s, each between half of it and all of it, so that a fleet does not come back in one
/// moment.
class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) : random_(seed) {}
  std::chrono::milliseconds next() {
    const auto all = step_;
    step_ = std::min(step_ * 2, most);
    return all / 2 + std::chrono::milliseconds(random_.below(static_cast<std::uint64_t>(all.count() / 2) + 1));
  }
  void reset() { step_ = least; }
  static constexpr std::chrono::milliseconds least{200}, most{5'000};

 private:
  Random random_;
  std::chrono::milliseconds step_ = least;
};

}  // namespace flotte::node
