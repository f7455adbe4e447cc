// What logind says of this machine's sleep, where there is a logind: told before it sleeps, with a moment to act, and when it is awake
// again. Where there is none (no systemd, no bus, a container) nothing is ever told, and nobody complains.
#pragma once
#include <functional>
#include <memory>

namespace flotte::node {

class SleepWatch {
 public:
  /// All on the watch's own thread. While `before_sleep` runs the machine waits, at most about five seconds (logind's InhibitDelayMaxSec).
  struct Calls {
    std::function<void()> before_sleep;
    std::function<void()> after_sleep;
    std::function<void()> before_shutdown;
  };
  explicit SleepWatch(Calls calls);
  /// Waits for a call that is under way.
  ~SleepWatch();
  /// Whether logind was found and told to wait for us; settles soon after the start. For logs and tests.
  bool watching() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flotte::node
