// Virtual time: what is to happen, in order. Two events of the same moment happen in the order in which they were planned.
#pragma once
#include <functional>
#include <queue>
#include <vector>

#include "base/clock.hpp"

namespace flotte::sim {

class Schedule final : public Clock {
 public:
  using Call = std::function<void()>;
  WallTime wall() const override { return from_ms(1'700'000'000'000) + now_; }
  SteadyTime steady() const override { return SteadyTime(now_); }
  milliseconds now() const noexcept { return now_; }

  void after(milliseconds delay, Call call) { queue_.push({now_ + std::max(delay, milliseconds(0)), next_++, std::move(call)}); }
  /// Performs the next event; false where there is none.
  bool step() {
    if (queue_.empty()) return false;
    Event event = queue_.top();
    queue_.pop();
    now_ = event.at;
    event.call();
    return true;
  }

 private:
  struct Event {
    milliseconds at;
    std::uint64_t order;
    Call call;
    bool operator<(const Event& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  milliseconds now_{0};
  std::uint64_t next_ = 0;
  std::priority_queue<Event> queue_;
};

}  // namespace flotte::sim
