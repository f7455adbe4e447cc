// From a callback to a coroutine: for work that another thread does and answers.
#pragma once
#include <functional>
#include <memory>

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/async/types.hpp"

namespace flotte {

/// Calls `start` with a function that must be called once, from any thread, with the answer; continues with it on the caller's loop.
/// Not cancellable: once begun, the answer is awaited. The caller's loop must outlive the answer.
template <class T>
Awaitable<T> await_answer(std::function<void(std::function<void(T)>)> start) {
  auto executor = co_await asio::this_coro::executor;
  auto initiate = [executor](auto handler, std::function<void(std::function<void(T)>)> begin) {
    // A shared holder, because std::function copies and a completion handler cannot be copied.
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    auto guard = asio::make_work_guard(executor);
    begin([held, guard, executor](T answer) {
      auto carried = std::make_shared<T>(std::move(answer));
      asio::post(executor, [held, carried] { std::move (*held)(std::move(*carried)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(T)>(initiate, use_awaitable, std::move(start));
}

}  // namespace flotte
