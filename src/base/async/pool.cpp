// Threads for calls that block.
#include "base/async/pool.hpp"

#include <pthread.h>

#include "base/log.hpp"

namespace flotte {

BlockingPool::BlockingPool(std::string name, std::size_t threads, std::size_t bound)
    : name_(std::move(name)), limit_(threads), bound_(bound) {}

BlockingPool::~BlockingPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  wake_.notify_all();
  for (std::thread& t : threads_) t.join();
}

bool BlockingPool::post(std::function<void()> work) {
  std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= bound_) return false;
  queue_.push_back(std::move(work));
  if (idle_ < queue_.size() && threads_.size() < limit_) threads_.emplace_back([this] { run_thread(); });
  wake_.notify_one();
  return true;
}

void BlockingPool::run_thread() {
  ::pthread_setname_np(::pthread_self(), name_.substr(0, 15).c_str());
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (stopping_) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    try {
      work();
    } catch (const std::exception& e) {
      log::error("blocking call failed", {{"pool", name_}, {"what", e.what()}});
    }
    work = nullptr;
    lock.lock();
  }
}

}  // namespace flotte
