// Lines on their way to a file or to standard error: one thread writes them in batches, and nobody who has a line waits for the disk.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/error.hpp"

namespace flotte {

class LineLog {
 public:
  struct Limits {
    std::size_t queue_bytes = std::size_t{4} * 1024 * 1024;  // lines that find no room are dropped and counted
    std::chrono::milliseconds batch{100};                    // what came in that time is written at once
  };
  /// `place`: "stderr", or the path of a file that is made (mode 0640) or appended to. Error: io.
  static Result<std::unique_ptr<LineLog>> open(std::string place) { return open(std::move(place), Limits()); }
  static Result<std::unique_ptr<LineLog>> open(std::string place, Limits limits);
  /// Writes what is queued.
  ~LineLog();
  LineLog(const LineLog&) = delete;
  LineLog& operator=(const LineLog&) = delete;

  /// Any thread. `line` without its end.
  void write(std::string_view line);
  /// After the file was moved away: the next lines go to a new one. Any thread.
  void reopen();
  /// Lines that found no room or that the disk refused. Any thread.
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  LineLog(std::string place, int file, Limits limits);
  void run();
  void write_out(std::string_view lines);
  void open_again();

  const std::string place_;
  const Limits limits_;
  int file_;  // the writer's
  bool complained_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string queue_;
  bool ending_ = false, reopen_ = false;
  std::atomic<std::uint64_t> dropped_{0};
  std::thread writer_;
};

}  // namespace flotte
