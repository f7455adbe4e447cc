// For tests with real processes: a loop that runs one coroutine, and waiting for a condition.
#pragma once
#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/async/types.hpp"
#include "base/process/tree.hpp"
#include "base/temporary_directory.hpp"

namespace flotte {

template <class T>
Awaitable<void> keep_result(Awaitable<T> work, std::optional<T>& out) {
  out.emplace(co_await std::move(work));
}

/// Runs `work` to its end on a context of its own thread-less loop.
template <class T>
T run_to_end(asio::io_context& context, Awaitable<T> work) {
  std::optional<T> out;
  asio::co_spawn(context, keep_result(std::move(work), out), asio::detached);
  context.restart();
  while (!out && context.run_one() > 0) {
  }
  return std::move(*out);
}

/// True when `condition` came true within the time.
inline bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds time = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

inline bool is_running(pid_t pid) { return pid > 0 && process_birth(pid).has_value(); }

}  // namespace flotte
