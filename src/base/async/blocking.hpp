// From a thread that is no loop: run a coroutine on a loop and wait for its end. For assembly and tests; never call it on a loop.
#pragma once
#include <chrono>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "base/async/types.hpp"

namespace flotte {

/// Begins `work` on a loop; the future is ready when it has ended. Dropping the future does not wait.
inline std::future<void> begin_on(Executor executor, Awaitable<void> work) {
  return asio::co_spawn(executor, std::move(work), asio::use_future);
}

/// True when `work` ended in time. An exception that it leaves with counts as an end.
inline bool run_blocking(Executor executor, Awaitable<void> work, std::chrono::milliseconds patience) {
  const std::future<void> ended = begin_on(executor, std::move(work));
  return ended.wait_for(patience) == std::future_status::ready;
}

}  // namespace flotte
