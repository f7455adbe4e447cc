// A thread with an io_context of its own. One loop per core serves connections; nothing on it may block.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/async/types.hpp"

namespace flotte {

class Loop {
 public:
  /// `name` is the thread's name (at most 15 characters are shown by the system).
  explicit Loop(std::string name);
  /// Stops and joins.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  asio::io_context& context() noexcept { return context_; }
  Executor executor() noexcept { return context_.get_executor(); }
  /// Starts the thread. Call once.
  void start();
  /// Runs the loop on the calling thread instead, until `stop`.
  void run_here();
  /// Ends the loop after the handler that runs now; unfinished coroutines are destroyed with the loop. Any thread.
  void stop();
  /// Waits for the thread to end.
  void join();
  /// Runs `work` on the loop's thread soon. Any thread.
  void post(std::function<void()> work);
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
  asio::io_context context_{1};
  std::optional<asio::executor_work_guard<Executor>> guard_;
  std::thread thread_;
};

}  // namespace flotte
