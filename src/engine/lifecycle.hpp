// When an engine's process is started, asked for its health, restarted or given up: pure. Times are of one clock that never goes back.
#pragma once
#include <chrono>

namespace flotte::engine {

class Lifecycle {
 public:
  using Time = std::chrono::milliseconds;
  struct Limits {
    Time first_backoff{1'000}, most_backoff{60'000};
    Time steady{60'000};           // ready for that long: the next failure starts with the first backoff again
    Time start_patience{600'000};  // a large model from a slow disk
    Time start_probe{50}, most_start_probe{1'000}, ready_probe{5'000};
    int failed_probes = 6;  // of one that was ready, in a row: it hangs
  };
  enum class State { waiting, starting, ready, ending, stopped };
  enum class Action { launch, probe, end, nothing };
  struct Next {
    Action action;
    Time at;
  };

  explicit Lifecycle(Limits limits, Time now) : limits_(limits), next_(now) {}
  State state() const noexcept { return state_; }
  /// What is due, and when. `nothing`: it is over.
  Next next() const;

  void on_launched(Time now);
  /// It could not be started, or its process has ended.
  void on_gone(Time now);
  void on_probe(bool healthy, Time now);
  /// After this only `end` (where it runs) and then `nothing`.
  void on_stop(Time now);
  /// Why the last `end` was due: true where it hung or did not become ready.
  bool hung() const noexcept { return hung_; }

 private:
  void end(Time now);
  Limits limits_;
  State state_ = State::waiting;
  Time next_;
  Time since_{0};  // in this state
  Time backoff_{0};
  Time probe_gap_{0};
  int failed_probes_ = 0;
  bool hung_ = false;
  bool stopping_ = false;
};

}  // namespace flotte::engine
