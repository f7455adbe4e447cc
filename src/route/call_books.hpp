// The books of the tasks that call models now, for all gateway loops. Any thread.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/clock.hpp"
#include "route/call_book.hpp"

namespace flotte::route {

class CallBooks {
 public:
  /// A book that nobody has looked into for `idle_time` and that has no call under way is put away where there are more than `kept`. What
  /// was written down for it is in the database by then.
  static constexpr std::size_t kept = 1'024;
  static constexpr std::chrono::seconds idle_time{10};

  explicit CallBooks(const Clock& clock) : clock_(clock) {}

  bool has(std::int64_t task);
  /// One that is there already stays.
  void put(std::int64_t task, CallBook book, std::int64_t bytes);
  /// Looks into a task's book. Nothing where it is not here. `use` is short and calls nobody back.
  template <class F>
  auto with(std::int64_t task, F use) -> std::optional<decltype(use(std::declval<CallBook&>()))> {
    const std::lock_guard lock(mutex_);
    const auto it = books_.find(task);
    if (it == books_.end()) return std::nullopt;
    it->second.used_at = clock_.steady();
    return use(it->second.book);
  }
  /// Takes room for an answer; false where the task has no more than `limit`.
  bool take_room(std::int64_t task, std::int64_t bytes, std::int64_t limit);
  std::size_t size();

 private:
  struct Held {
    CallBook book;
    std::int64_t bytes = 0;
    SteadyTime used_at{};
  };
  void put_away();
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::int64_t, Held> books_;
  SteadyTime looked_at_{};
};

}  // namespace flotte::route
