// The writer's thread.
#include "base/line_log.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/log.hpp"

namespace flotte {
namespace {

int open_file(const std::string& place) {
  if (place == "stderr") return ::dup(STDERR_FILENO);
  return ::open(place.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

}  // namespace

Result<std::unique_ptr<LineLog>> LineLog::open(std::string place, Limits limits) {
  const int file = open_file(place);
  if (file < 0) return fail_errno(place, errno);
  return std::unique_ptr<LineLog>(new LineLog(std::move(place), file, limits));
}

LineLog::LineLog(std::string place, int file, Limits limits) : place_(std::move(place)), limits_(limits), file_(file) {
  writer_ = std::thread([this] {
    // Signals are the main thread's.
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    run();
  });
}

LineLog::~LineLog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  writer_.join();
  if (file_ >= 0) ::close(file_);
}

void LineLog::write(std::string_view line) {
  bool half_full = false;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() + line.size() + 1 > limits_.queue_bytes) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    const std::size_t before = queue_.size();
    queue_.append(line).append(1, '\n');
    half_full = before <= limits_.queue_bytes / 2 && queue_.size() > limits_.queue_bytes / 2;
  }
  // Otherwise the writer comes by itself: waking it for every line would cost more than the line.
  if (half_full) wake_.notify_one();
}

void LineLog::reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_ = true;
  }
  wake_.notify_one();
}

void LineLog::run() {
  std::string batch;
  for (bool ending = false; !ending;) {
    bool again = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, limits_.batch, [this] { return ending_ || reopen_ || queue_.size() > limits_.queue_bytes / 2; });
      std::swap(batch, queue_);
      ending = ending_;
      again = std::exchange(reopen_, false);
    }
    write_out(batch);
    batch.clear();
    if (again) open_again();
  }
}

void LineLog::write_out(std::string_view lines) {
  while (!lines.empty() && file_ >= 0) {
    const ssize_t n = ::write(file_, lines.data(), lines.size());
    if (n > 0) {
      lines.remove_prefix(static_cast<std::size_t>(n));
      complained_ = false;
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (!complained_)
      log::warning("lines cannot be written and are lost", {{"to", place_}, {"why", fail_errno("write", errno).error().message}});
    complained_ = true;
    break;
  }
  dropped_.fetch_add(static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n')), std::memory_order_relaxed);
}

void LineLog::open_again() {
  const int next = open_file(place_);
  if (next < 0) {
    log::warning("a log cannot be opened again; the old file goes on",
                 {{"file", place_}, {"why", fail_errno("open", errno).error().message}});
    return;
  }
  if (file_ >= 0) ::close(file_);
  file_ = next;
}

}  // namespace flotte
