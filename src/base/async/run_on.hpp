// Asking another loop: runs a function there and continues here with its answer.
#pragma once
#include <functional>
#include <memory>

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/async/types.hpp"

namespace flotte {

/// `work` runs on `where`'s loop; it must not block. Both loops must outlive the call. T is a value, not a reference.
template <class T>
Awaitable<T> run_on(Executor where, std::function<T()> work) {
  auto here = co_await asio::this_coro::executor;
  auto initiate = [where, here](auto handler, std::function<T()> body) {
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    auto guard = asio::make_work_guard(here);
    asio::post(where, [held, guard, here, body = std::move(body)]() mutable {
      auto result = std::make_shared<T>(body());
      body = nullptr;
      asio::post(here, [held, result] { std::move (*held)(std::move(*result)); });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(T)>(initiate, use_awaitable, std::move(work));
}

}  // namespace flotte
