// Waking those who wait for a change.
#include "hub/changes.hpp"

#include "base/async/post.hpp"

namespace flotte::hub {

std::shared_ptr<Changes::Waiter> Changes::subscribe(const std::string& id, Executor executor) {
  auto waiter = std::make_shared<Waiter>(executor);
  std::lock_guard lock(mutex_);
  auto& list = waiters_[id];
  std::erase_if(list, [](const auto& w) { return w.expired(); });
  list.push_back(waiter);
  return waiter;
}

void Changes::notify(const std::string& id) {
  std::vector<std::shared_ptr<Waiter>> found;
  {
    std::lock_guard lock(mutex_);
    const auto it = waiters_.find(id);
    if (it == waiters_.end()) return;
    for (const auto& weak : it->second)
      if (auto waiter = weak.lock()) found.push_back(std::move(waiter));
    if (found.empty()) waiters_.erase(it);
  }
  for (auto& waiter : found) {
    Executor executor = waiter->executor;
    post_to(executor, [waiter = std::move(waiter)] { waiter->changed.set(); });
  }
}

}  // namespace flotte::hub
