// Who waits for a change of one thing: handlers on any loop, woken from the fleet loop.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/async/wait.hpp"

namespace flotte::hub {

class Changes {
 public:
  /// One waiter; ends its subscription with its life. Its event belongs to the waiter's loop.
  class Waiter {
   public:
    explicit Waiter(Executor executor) : executor(executor), changed(executor) {}
    Executor executor;
    Event changed;
  };
  /// `id` as in JSON: "t42".
  std::shared_ptr<Waiter> subscribe(const std::string& id, Executor executor);
  /// Any thread.
  void notify(const std::string& id);

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<std::weak_ptr<Waiter>>> waiters_;
};

}  // namespace flotte::hub
