// SQLite's own way of copying a database: pages by its log too, into a file that is one when it is whole.
#include "store/detail/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "base/disk_full.hpp"

namespace flotte::store::detail {
namespace {

constexpr std::string_view room = "the copy needs as much room as the database: make some on the disk that holds the data directory";

struct Close {
  void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};
using Database = std::unique_ptr<sqlite3, Close>;

Database open(const std::string& path, int flags, int& result) {
  sqlite3* database = nullptr;
  result = sqlite3_open_v2(path.c_str(), &database, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  return Database(database);
}

Failure refused(sqlite3* by, int result) {
  const int number = by ? sqlite3_system_errno(by) : 0;
  const bool full = (result & 0xff) == SQLITE_FULL || number == ENOSPC || number == EDQUOT;
  if (full) return Failure(disk_full("the", std::string(room)));
  return fail(Code::io, by ? sqlite3_errmsg(by) : sqlite3_errstr(result));
}

Result<void> copy(const std::string& from_path, const std::string& to_path) {
  int result = SQLITE_OK;
  const Database from = open(from_path, SQLITE_OPEN_READONLY, result);
  if (result != SQLITE_OK) return refused(from.get(), result);
  const Database to = open(to_path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, result);
  if (result != SQLITE_OK) return refused(to.get(), result);
  sqlite3_backup* copying = sqlite3_backup_init(to.get(), "main", from.get(), "main");
  if (!copying) return refused(to.get(), sqlite3_errcode(to.get()));
  sqlite3_backup_step(copying, -1);
  result = sqlite3_backup_finish(copying);
  if (result != SQLITE_OK) return refused(to.get(), result);
  return {};
}

/// A name is on the disk when its directory is.
void sync_directory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  ::fsync(directory);
  ::close(directory);
}

}  // namespace

std::string backup_path(const std::string& path, std::int64_t version) {
  const std::filesystem::path file(path);
  return (file.parent_path() / fmt::format("{}.version-{}{}", file.stem().string(), version, file.extension().string())).string();
}

Result<void> back_up(const std::string& path, std::int64_t version) {
  const std::string target = backup_path(path, version), partial = target + ".partial";
  // Made by us so that nobody else can read it.
  const int file = ::open(partial.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return fail_errno(partial, errno);
  auto copied = copy(path, partial);
  if (copied && ::fsync(file) != 0) copied = fail_errno(partial, errno);
  ::close(file);
  if (copied && ::rename(partial.c_str(), target.c_str()) != 0) copied = fail_errno(target, errno);
  if (!copied) {
    ::unlink(partial.c_str());
    Error why = copied.error().within("cannot copy " + path + " before it is changed");
    return Failure(std::move(why));
  }
  sync_directory(std::filesystem::path(path).parent_path().string());
  return {};
}

}  // namespace flotte::store::detail
