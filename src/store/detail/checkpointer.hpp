// Brings the write-ahead log into the database while the writer goes on: done inside a commit, as SQLite does it by itself, it would make
// whoever waits for that commit wait for the whole log.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "store/detail/sqlite_connection.hpp"

namespace flotte::store::detail {

class Checkpointer {
 public:
  explicit Checkpointer(std::string path) : path_(std::move(path)) {}
  ~Checkpointer() { close(); }
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// Writer's thread, outside a transaction. The next commit begins the log anew only where all of it was brought and nobody reads from
  /// it: the few pages that came during a pass, and a log that has become very long, are brought here.
  void after_commit(SqliteConnection& writer);
  /// Ends the thread, where there is one.
  void close();

  static constexpr int begin_at = 2000;   // pages of the log at the first pass (8 MB)
  static constexpr int few = 600;         // so many cost the writer no more than some commits
  static constexpr int too_many = 16000;  // 64 MB: the writer waits for the disk, and a moment for readers

 private:
  static constexpr int first_step = 64, longest_step = 4000;
  void run();

  const std::string path_;
  std::thread thread_;  // made at the first need: most hubs are idle
  std::mutex mutex_;
  std::condition_variable wake_;
  bool wanted_ = false, closed_ = false;
  int brought_ = 0;        // pages of this log
  int next_ = begin_at;    // pages at which it is tried again
  int step_ = first_step;  // how far that is behind the last try: further each time
  int pages_ = 0;          // at the last commit
};

}  // namespace flotte::store::detail
