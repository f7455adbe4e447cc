// Waiting on timers.
#include "base/async/wait.hpp"

namespace flotte {

Awaitable<bool> sleep_for(std::chrono::steady_clock::duration time) {
  auto executor = co_await asio::this_coro::executor;
  Timer timer(executor, time);
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(use_awaitable, error));
  co_return !error;
}

Awaitable<bool> Event::wait() {
  while (!set_) {
    boost::system::error_code error;
    co_await timer_.async_wait(asio::redirect_error(use_awaitable, error));
    auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return false;
  }
  co_return true;
}

Awaitable<bool> Event::wait_for(std::chrono::steady_clock::duration time) {
  if (set_) co_return true;
  using namespace asio::experimental::awaitable_operators;
  std::variant<bool, bool> first = co_await (wait() || sleep_for(time));
  co_return first.index() == 0 && std::get<0>(first);
}

}  // namespace flotte
