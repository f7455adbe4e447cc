// Opening a SQLite file.
#include "store/detail/open.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "store/detail/backup.hpp"
#include "store/detail/group.hpp"

namespace flotte::store::detail {
namespace {

constexpr std::int64_t application_id = 0x666c6f74;  // "flot"

struct NetworkFileSystem {
  std::uint32_t magic;
  std::string_view name;
};
// Their locks and shared memory do not do what SQLite's WAL needs.
constexpr NetworkFileSystem network_file_systems[] = {
    {0x6969, "NFS"},     {0x517b, "SMB"},      {0xff534d42, "CIFS"},   {0xfe534d42, "SMB2"}, {0x01021997, "9p"},
    {0x5346414f, "AFS"}, {0x73757245, "Coda"}, {0x0bd00bd0, "Lustre"}, {0x00c36400, "Ceph"}, {0x47504653, "GPFS"},
};

std::string directory_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::int64_t pragma(Connection& connection, std::string_view sql) { return connection.fetch(sql, {}, 1).at(0).integer(0); }

Result<void> check_owner(Connection& connection, const std::string& path) {
  if (pragma(connection, "PRAGMA application_id") == application_id) return {};
  if (pragma(connection, "SELECT count(*) FROM sqlite_master") != 0)
    return fail(Code::corrupt, fmt::format("{} is a database of another program", path), "give another --data directory");
  connection.script(fmt::format("PRAGMA application_id={}", application_id));
  return {};
}

/// Of a database that an older flotte wrote: a copy beside it, so that going back is possible.
Result<void> keep_old(const std::string& path, const Rows& applied, std::int64_t newest) {
  if (applied.empty() || !std::filesystem::is_regular_file(path)) return {};
  const std::int64_t version = applied.back().integer(0);
  auto copied = back_up(path, version);
  if (copied)
    log::info("the database is of an older version: it was copied",
              {{"copy", backup_path(path, version)}, {"version", version}, {"now", newest}});
  return copied;
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path) {
  const std::string name = path + ".lock";
  const int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(Code::io, fail_errno(name, errno).error().message,
                "the data directory must be writable: check its owner, or give another --data");
  FileLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0)
    return fail(Code::unavailable, fmt::format("another flotte uses {}", path), "stop it, or give another --data directory");
  return lock;
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

Result<void> check_place(const std::string& path) {
  const std::string directory = directory_of(path);
  struct statfs facts{};
  if (::statfs(directory.c_str(), &facts) != 0)
    return fail(Code::io, fail_errno(directory, errno).error().message, "make the directory, or give another --data");
  for (const auto& [magic, name] : network_file_systems)
    if (static_cast<std::uint32_t>(facts.f_type) == magic)
      return fail(Code::unsupported, fmt::format("{} is on a network file system ({}), where a database is not safe", directory, name),
                  "give --data a directory on a local disk");
  if (::access(directory.c_str(), W_OK | X_OK) != 0)
    return fail(Code::io, fail_errno(directory, errno).error().message,
                "the data directory must be writable: check its owner, or give another --data");
  return {};
}

Result<void> migrate(Connection& connection, std::vector<Migration> migrations, const std::string& path, WallTime now) {
  std::sort(migrations.begin(), migrations.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  for (std::size_t i = 1; i < migrations.size(); ++i) FLOTTE_ASSERT(migrations[i - 1].number != migrations[i].number);
  const std::int64_t newest = migrations.empty() ? 0 : migrations.back().number;
  Result<void> good;
  const auto failure = caught([&] {
    good = check_owner(connection, path);
    if (!good) return;
    connection.script(
        "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");
    const Rows applied = connection.fetch("SELECT number, name FROM migration ORDER BY number", {}, SIZE_MAX);
    const auto known = [&](std::int64_t number) {
      return std::any_of(migrations.begin(), migrations.end(), [&](const Migration& m) { return m.number == number; });
    };
    for (const Row& row : applied) {
      if (known(row.integer(0))) continue;
      good =
          fail(Code::unsupported, fmt::format("{} is of version {} ({}), this flotte knows {}", path, row.integer(0), row.text(1), newest),
               "use a newer flotte or another --data");
      return;
    }
    std::erase_if(migrations, [&](const Migration& m) {
      return std::any_of(applied.begin(), applied.end(), [&](const Row& row) { return row.integer(0) == m.number; });
    });
    if (migrations.empty()) return;
    good = keep_old(path, applied, newest);
    if (!good) return;
    // All or none, so that what is there afterwards is one version or the other.
    connection.begin_write();
    for (const Migration& m : migrations) {
      connection.script(m.sqlite);
      const std::array<Argument, 3> note{Argument(m.number), Argument(m.name), Argument(now)};
      connection.run("INSERT INTO migration (number, name, applied_at) VALUES (?, ?, ?)", note);
    }
    connection.commit();
  });
  if (!failure) return good;
  connection.rollback();
  if (failure->code == Code::corrupt)
    return fail(Code::corrupt, fmt::format("{} is damaged or no database: {}", path, failure->message),
                "restore it from a backup, or give another --data directory");
  return Failure(failure->within(path));
}

}  // namespace flotte::store::detail
