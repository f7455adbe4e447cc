// Threads for calls that block: files, hashing, child processes. Bounded; a full queue is an error, not a wait.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include "base/async/types.hpp"
#include "base/error.hpp"

namespace flotte {

class BlockingPool {
 public:
  /// `threads` are started at first need; at most `bound` calls wait.
  BlockingPool(std::string name, std::size_t threads, std::size_t bound = 1024);
  /// Finishes the call that runs, drops those that wait.
  ~BlockingPool();

  /// Queues `work`; false where the queue is full.
  bool post(std::function<void()> work);

  /// Runs `work` on a thread of the pool and continues on the caller's loop with what it returned.
  /// Errors: `exhausted` where the queue is full. The caller's loop must outlive the call.
  template <class T>
  Awaitable<Result<T>> run(std::function<Result<T>()> work) {
    auto executor = co_await asio::this_coro::executor;
    auto initiate = [this, executor](auto handler, std::function<Result<T>()> body) {
      // A shared holder, because std::function copies and a completion handler cannot be copied.
      auto held = std::make_shared<decltype(handler)>(std::move(handler));
      auto guard = asio::make_work_guard(executor);
      const bool queued = post([held, body = std::move(body), guard, executor]() mutable {
        auto result = std::make_shared<Result<T>>(body());
        asio::post(executor, [held, result] { std::move (*held)(std::move(*result)); });
      });
      if (!queued) asio::post(executor, [held] { std::move (*held)(Result<T>(fail(Code::exhausted, "too many blocking calls wait"))); });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Result<T>)>(initiate, use_awaitable,
                                                                                                    std::move(work));
  }

 private:
  void run_thread();
  std::string name_;
  std::size_t limit_;
  std::size_t bound_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace flotte
