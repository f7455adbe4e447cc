// SIGINT and SIGTERM as a call: the first asks, the second ends the process at once.
#pragma once
#include <atomic>
#include <functional>
#include <thread>

namespace flotte::cli {

/// Blocks both signals in the calling thread (make it before other threads) and waits for them in a thread of its own, until destroyed.
class InterruptWatch {
 public:
  /// `on_first` runs on the watching thread. A second signal exits with 130.
  explicit InterruptWatch(std::function<void()> on_first);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  void watch(const std::function<void()>& on_first);
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace flotte::cli
