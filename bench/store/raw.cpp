// What the disk and SQLite do without us.
#include "raw.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace flotte::bench {
namespace {
using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) { return std::chrono::duration<double>(SteadyClock::now() - start).count(); }

void need(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "store_bench: %s failed\n", what);
  std::exit(1);
}
}  // namespace

double sync_microseconds(const std::string& directory, int samples) {
  const std::string path = directory + "/sync";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  need(file >= 0, "open");
  const std::vector<char> page(4096, 'x');
  for (int i = 0; i < samples; ++i) need(::pwrite(file, page.data(), page.size(), i * 4096) == 4096, "write");
  need(::fsync(file) == 0, "fsync");
  std::vector<double> times;
  for (int i = 0; i < samples; ++i) {
    need(::pwrite(file, page.data(), page.size(), i * 4096) == 4096, "write");
    const auto start = SteadyClock::now();
    need(::fdatasync(file) == 0, "fdatasync");
    times.push_back(seconds_since(start) * 1e6);
  }
  ::close(file);
  ::unlink(path.c_str());
  std::nth_element(times.begin(), times.begin() + samples / 2, times.end());
  return times[static_cast<std::size_t>(samples / 2)];
}

double raw_rows_per_second(const std::string& directory, int group) {
  const std::string path = directory + "/raw.db";
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
  sqlite3* database = nullptr;
  need(sqlite3_open(path.c_str(), &database) == SQLITE_OK, "sqlite3_open");
  need(sqlite3_exec(database,
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT",
                    nullptr, nullptr, nullptr) == SQLITE_OK,
       "making the table");
  sqlite3_stmt* insert = nullptr;
  need(sqlite3_prepare_v2(database, "INSERT INTO t (body) VALUES (?)", -1, &insert, nullptr) == SQLITE_OK, "prepare");
  const std::string body(300, 'x');
  const auto start = SteadyClock::now();
  long rows = 0;
  while (seconds_since(start) < 1) {
    need(sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK, "begin");
    for (int i = 0; i < group; ++i, ++rows) {
      sqlite3_bind_text(insert, 1, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
      need(sqlite3_step(insert) == SQLITE_DONE, "insert");
      sqlite3_reset(insert);
    }
    need(sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK, "commit");
  }
  const double taken = seconds_since(start);
  sqlite3_finalize(insert);
  sqlite3_close(database);
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
  return static_cast<double>(rows) / taken;
}

}  // namespace flotte::bench
