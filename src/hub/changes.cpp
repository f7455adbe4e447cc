// Waking those who wait for a change.
#include "hub/changes.hpp"

#include "base/async/post.hpp"

namespace flotte::hub {
namespace {

/// On the waiter's own loop, which keeps it until then.
void wake(std::shared_ptr<Changes::Waiter> waiter) {
  Executor executor = waiter->executor;
  post_to(executor, [waiter = std::move(waiter)] { waiter->changed.set(); });
}

}  // namespace

Changes::Waiter::~Waiter() {
  const std::lock_guard lock(state_->mutex);
  const auto it = state_->waiters.find(id_);
  if (it == state_->waiters.end()) return;
  std::erase_if(it->second, [](const auto& waiter) { return waiter.expired(); });
  if (it->second.empty()) state_->waiters.erase(it);
}

std::shared_ptr<Changes::Waiter> Changes::subscribe(const std::string& id, Executor executor) {
  auto waiter = std::make_shared<Waiter>(executor, state_, id);
  const std::lock_guard lock(state_->mutex);
  if (state_->closed) waiter->changed.set();
  state_->waiters[id].push_back(waiter);
  return waiter;
}

void Changes::notify(const std::string& id) {
  std::vector<std::shared_ptr<Waiter>> found;
  {
    const std::lock_guard lock(state_->mutex);
    const auto it = state_->waiters.find(id);
    if (it == state_->waiters.end()) return;
    for (const auto& weak : it->second)
      if (auto waiter = weak.lock()) found.push_back(std::move(waiter));
  }
  for (auto& waiter : found) wake(std::move(waiter));
}

void Changes::close() {
  std::vector<std::shared_ptr<Waiter>> found;
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
    for (const auto& [id, waiters] : state_->waiters)
      for (const auto& weak : waiters)
        if (auto waiter = weak.lock()) found.push_back(std::move(waiter));
  }
  for (auto& waiter : found) wake(std::move(waiter));
}

std::size_t Changes::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->waiters.size();
}

}  // namespace flotte::hub
