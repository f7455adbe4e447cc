// Waiting: for a time, for an event, for something with a deadline, for a blocking call.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <variant>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/async/types.hpp"
#include "base/error.hpp"

namespace flotte {

/// Waits that long. False where it was cancelled.
Awaitable<bool> sleep_for(std::chrono::steady_clock::duration time);

/// Something that happens, seen from one loop. `set` lets every present and later waiter through until `reset`.
class Event {
 public:
  explicit Event(Executor executor) : timer_(executor) { timer_.expires_at(std::chrono::steady_clock::time_point::max()); }
  void set() {
    set_ = true;
    timer_.cancel();
  }
  void reset() {
    set_ = false;
    timer_.expires_at(std::chrono::steady_clock::time_point::max());
  }
  bool is_set() const noexcept { return set_; }
  /// True when set; false where the waiting coroutine was cancelled. The event must outlive the wait.
  Awaitable<bool> wait();
  /// The same with an end: false on timeout too.
  Awaitable<bool> wait_for(std::chrono::steady_clock::duration time);

 private:
  Timer timer_;
  bool set_ = false;
};

/// `work`, or `deadline` where it has not ended in time (it is then cancelled and awaited).
template <class T>
Awaitable<Result<T>> with_deadline(std::chrono::steady_clock::duration time, Awaitable<Result<T>> work) {
  using namespace asio::experimental::awaitable_operators;
  std::variant<Result<T>, bool> first = co_await (std::move(work) || sleep_for(time));
  if (first.index() == 0) co_return std::move(std::get<0>(first));
  if (std::get<1>(first)) co_return fail(Code::deadline, "took too long");
  co_return fail(Code::cancelled, "cancelled");
}

}  // namespace flotte
