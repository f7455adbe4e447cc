// Who waits for a change of one thing: handlers on any loop, woken from the fleet loop.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/async/wait.hpp"

namespace flotte::hub {

class Changes {
  struct State;

 public:
  /// One waiter; ends its subscription with its life. Its event belongs to the waiter's loop.
  class Waiter {
   public:
    Waiter(Executor executor, std::shared_ptr<State> state, std::string id)
        : executor(executor), changed(executor), state_(std::move(state)), id_(std::move(id)) {}
    ~Waiter();
    Executor executor;
    Event changed;

   private:
    std::shared_ptr<State> state_;
    std::string id_;
  };
  /// `id` as in JSON: "t42".
  std::shared_ptr<Waiter> subscribe(const std::string& id, Executor executor);
  /// Any thread.
  void notify(const std::string& id);
  /// The hub stops: wakes everybody, and at once whoever comes later.
  void close();
  /// Things that somebody waits for.
  std::size_t size() const;

 private:
  struct State {
    std::mutex mutex;
    std::map<std::string, std::vector<std::weak_ptr<Waiter>>> waiters;
    bool closed = false;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace flotte::hub
