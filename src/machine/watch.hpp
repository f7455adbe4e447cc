// Keeps an eye on what this machine has: measures at once and every half minute, on a thread of its own, and tells what has changed.
#pragma once
#include <functional>

#include "base/async/pool.hpp"
#include "base/async/wait.hpp"
#include "machine/meter.hpp"

namespace flotte::machine {

class Watch {
 public:
  struct Pace {
    std::chrono::milliseconds between{30'000};
    std::chrono::milliseconds told_again{600'000};  // the latest figures, changed or not
  };
  /// `on_change`: on the loop that runs it.
  Watch(Surroundings where, std::function<void(const wire::Capacity&)> on_change, Pace pace)
      : stop_(where.stop), meter_(std::move(where)), on_change_(std::move(on_change)), pace_(pace) {}
  /// Until it is cancelled. Must not outlive this object.
  Awaitable<void> run();
  /// The measurement that is under way ends soon. Any thread.
  void stop() { *stop_ = true; }

 private:
  std::shared_ptr<std::atomic<bool>> stop_;
  Meter meter_;  // on the pool's thread
  std::function<void(const wire::Capacity&)> on_change_;
  Pace pace_;
  BlockingPool pool_{"machine", 1};
};

}  // namespace flotte::machine
