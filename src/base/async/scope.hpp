// Nothing is detached: a Scope owns the coroutines spawned through it, can cancel them and waits for their end.
// All calls on the loop's thread.
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/cancellation_signal.hpp>

#include "base/async/types.hpp"

namespace flotte {

class Scope {
 public:
  explicit Scope(Executor executor, std::string name);
  /// Every child must have ended (await `close` first), or the loop must have stopped for good.
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// Runs `work` as a child. An exception it leaves with is logged and ends only it. After `cancel` it is not started.
  /// Parameters of a spawned coroutine are values or shared ownership.
  void spawn(std::string_view what, Awaitable<void> work);
  /// Asks every child to stop: what they await ends with `operation_aborted`.
  void cancel();
  /// Cancels and waits until all have ended.
  Awaitable<void> close();
  std::size_t size() const noexcept { return state_->children.size(); }
  bool cancelled() const noexcept { return state_->cancelled; }
  Executor executor() const noexcept { return state_->executor; }

 private:
  struct Child {
    std::string what;
    asio::cancellation_signal signal;
  };
  struct State {
    State(Executor e, std::string n) : executor(e), name(std::move(n)), ended(e) {}
    Executor executor;
    std::string name;
    std::list<Child> children;
    Timer ended;  // expires never; cancelled when the last child ends
    bool cancelled = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace flotte
