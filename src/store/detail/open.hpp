// Opening a SQLite file with all that can be wrong about it said in one line, and the migrations.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "store/detail/connection.hpp"
#include "store/migration.hpp"

namespace flotte::store::detail {

/// Holds `path`.lock; while it lives no other flotte opens that database.
class FileLock {
 public:
  static Result<FileLock> take(const std::string& path);
  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

/// Errors: io (directory missing or not writable), unsupported (network file system).
Result<void> check_place(const std::string& path);

/// Applies what is missing, all of it or nothing. Of a file that an older flotte wrote a copy is kept (backup.hpp). Errors: exhausted (no
/// room for it), unsupported (written by a newer flotte), corrupt (no flotte
/// database), and what SQL says.
Result<void> migrate(Connection& connection, std::vector<Migration> migrations, const std::string& path, WallTime now);

}  // namespace flotte::store::detail
