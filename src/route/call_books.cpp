// Books come and go.
#include "route/call_books.hpp"

namespace flotte::route {

bool CallBooks::has(std::int64_t task) {
  const std::lock_guard lock(mutex_);
  return books_.contains(task);
}

void CallBooks::put(std::int64_t task, CallBook book, std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  put_away();
  books_.try_emplace(task, Held{std::move(book), bytes, clock_.steady()});
}

bool CallBooks::take_room(std::int64_t task, std::int64_t bytes, std::int64_t limit) {
  const std::lock_guard lock(mutex_);
  const auto it = books_.find(task);
  if (it == books_.end() || it->second.bytes + bytes > limit) return false;
  it->second.bytes += bytes;
  return true;
}

std::size_t CallBooks::size() {
  const std::lock_guard lock(mutex_);
  return books_.size();
}

/// At most once a second: it walks over all of them.
void CallBooks::put_away() {
  const SteadyTime now = clock_.steady();
  if (books_.size() < kept || now - looked_at_ < std::chrono::seconds(1)) return;
  looked_at_ = now;
  std::erase_if(books_, [&](const auto& entry) { return entry.second.book.under_way() == 0 && now - entry.second.used_at > idle_time; });
}

}  // namespace flotte::route
