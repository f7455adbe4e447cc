// Brings the write-ahead log into the database while the writer goes on.
#include "store/detail/checkpointer.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "store/detail/group.hpp"

namespace flotte::store::detail {

void Checkpointer::after_commit(SqliteConnection& writer) {
  std::unique_lock lock(mutex_);
  const int before = std::exchange(pages_, writer.log_pages());
  if (pages_ < before) {  // it has begun anew
    brought_ = 0;
    next_ = begin_at;
    step_ = first_step;
  }
  if (wanted_ || closed_ || pages_ < next_) return;
  if (pages_ - brought_ > few && pages_ < too_many) {
    wanted_ = true;
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    return wake_.notify_one();
  }
  lock.unlock();
  using Haste = SqliteConnection::Haste;
  const SqliteConnection::Checkpoint done = writer.checkpoint(pages_ < too_many ? Haste::passing : Haste::patient);
  lock.lock();
  brought_ = std::max(brought_, done.brought);
  // Somebody reads from it, or the disk is in trouble.
  next_ = pages_ + step_;
  step_ = std::min(step_ * 2, longest_step);
}

void Checkpointer::run() {
  ::pthread_setname_np(::pthread_self(), "store-log");
  std::unique_ptr<SqliteConnection> connection;
  const auto failure = caught([&] { connection = std::make_unique<SqliteConnection>(path_, SqliteConnection::Access::write); });
  if (failure) log::warning("the database cannot be opened once more; the writer brings in its log", {{"why", failure->message}});
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return wanted_ || closed_; });
    if (closed_) return;
    lock.unlock();
    const SqliteConnection::Checkpoint done =
        connection ? connection->checkpoint(SqliteConnection::Haste::passing) : SqliteConnection::Checkpoint{};
    lock.lock();
    // What came meanwhile is brought at the next commit; where nothing could be done, later.
    next_ = done.brought > brought_ ? 0 : pages_ + step_;
    if (done.brought <= brought_) step_ = std::min(step_ * 2, longest_step);
    brought_ = std::max(brought_, done.brought);
    wanted_ = false;
  }
}

void Checkpointer::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace flotte::store::detail
