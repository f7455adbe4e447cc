// Requests that must get through: a hub that is away for a while (restarted, network lost) delays a batch and ends nothing.
#pragma once
#include <functional>
#include <string>

#include "base/async/types.hpp"
#include "base/async/wait.hpp"
#include "client/answer_error.hpp"

namespace flotte::cli {

class Patience {
 public:
  /// `on_trouble` is told each time the text changes; empty: all is well again.
  explicit Patience(std::function<void(const std::string&)> on_trouble) : on_trouble_(std::move(on_trouble)) {}

  /// Asks until there is an answer. Passing errors (answer_error.hpp) are waited out for ever, 0.2 to 2 s apart; a failure inside the hub
  /// is tried five times; anything else is the answer.
  template <class T>
  Awaitable<Result<T>> ask(std::function<Awaitable<Result<T>>()> request) {
    std::chrono::milliseconds pause{200};
    int failures_inside = 0;
    for (;;) {
      Result<T> answer = co_await request();
      if (answer) {
        clear();
        co_return answer;
      }
      const bool inside = answer.error().code == Code::internal;
      if (!client::is_passing(answer.error()) && !(inside && ++failures_inside < 5)) co_return answer;
      tell(answer.error());
      if (!co_await sleep_for(pause)) co_return fail(Code::cancelled, "interrupted");
      pause = std::min(pause * 2, std::chrono::milliseconds(2'000));
    }
  }
  const std::string& trouble() const noexcept { return trouble_; }

 private:
  void tell(const Error& error);
  void clear();
  std::function<void(const std::string&)> on_trouble_;
  std::string trouble_;
};

}  // namespace flotte::cli
