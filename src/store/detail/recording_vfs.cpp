// A shim between SQLite and its file system.
#include "store/detail/recording_vfs.hpp"

#if FLOTTE_FAILPOINTS
#include <fcntl.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>

#include "base/assert.hpp"

namespace flotte::store::detail {
namespace {

struct Header {
  char what = 0, file = 0, unused[6] = {};
  std::int64_t at_ns = 0, offset = 0, size = 0;
};
static_assert(sizeof(Header) == 32);

int log_file = -1;
std::mutex mutex;  // the log's order is the order of what happened
sqlite3_vfs* below = nullptr;

void record(char what, int file, std::int64_t offset, const void* bytes, std::int64_t size) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  Header header;
  header.what = what;
  header.file = static_cast<char>(file);
  header.at_ns = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  header.offset = offset;
  header.size = size;
  FLOTTE_ASSERT(::write(log_file, &header, sizeof header) == sizeof header);
  if (size > 0) FLOTTE_ASSERT(::write(log_file, bytes, static_cast<std::size_t>(size)) == size);
}

/// Our file; SQLite's own lies behind it in the same memory.
struct File {
  sqlite3_file base;
  int which;  // -1: a file that is not recorded
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* mine(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return mine(file)->real(); }

int close_file(sqlite3_file* f) { return real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK; }
int read(sqlite3_file* f, void* out, int n, sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), out, n, at); }
int write(sqlite3_file* f, const void* bytes, int n, sqlite3_int64 at) {
  const std::lock_guard lock(mutex);
  if (mine(f)->which >= 0) record('W', mine(f)->which, at, bytes, n);
  return real(f)->pMethods->xWrite(real(f), bytes, n, at);
}
int truncate(sqlite3_file* f, sqlite3_int64 size) {
  const std::lock_guard lock(mutex);
  if (mine(f)->which >= 0) record('T', mine(f)->which, size, nullptr, 0);
  return real(f)->pMethods->xTruncate(real(f), size);
}
int sync(sqlite3_file* f, int flags) {
  const int result = real(f)->pMethods->xSync(real(f), flags);
  const std::lock_guard lock(mutex);
  if (result == SQLITE_OK && mine(f)->which >= 0) record('S', mine(f)->which, 0, nullptr, 0);
  return result;
}
int size_of(sqlite3_file* f, sqlite3_int64* out) { return real(f)->pMethods->xFileSize(real(f), out); }
int lock_file(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int unlock_file(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int check_lock(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int control(sqlite3_file* f, int what, void* argument) { return real(f)->pMethods->xFileControl(real(f), what, argument); }
int sector_size(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int characteristics(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int shm_lock(sqlite3_file* f, int offset, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), offset, n, flags); }
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }
// Without memory maps every write comes through here.
int fetch(sqlite3_file*, sqlite3_int64, int, void** out) {
  *out = nullptr;
  return SQLITE_OK;
}
int unfetch(sqlite3_file*, sqlite3_int64, void*) { return SQLITE_OK; }

const sqlite3_io_methods methods{3,           close_file, read,    write,       truncate,        sync,    size_of,  lock_file,
                                 unlock_file, check_lock, control, sector_size, characteristics, shm_map, shm_lock, shm_barrier,
                                 shm_unmap,   fetch,      unfetch};

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* f, int flags, int* out) {
  mine(f)->which = (flags & SQLITE_OPEN_MAIN_DB) ? 0 : (flags & SQLITE_OPEN_WAL) ? 1 : (flags & SQLITE_OPEN_MAIN_JOURNAL) ? 2 : -1;
  const int result = below->xOpen(below, name, real(f), flags, out);
  f->pMethods = real(f)->pMethods ? &methods : nullptr;
  return result;
}
int remove_file(sqlite3_vfs*, const char* name, int sync_directory) {
  const std::string_view path(name);
  const std::lock_guard lock(mutex);
  if (path.ends_with("-wal")) record('D', 1, 0, nullptr, 0);
  if (path.ends_with("-journal")) record('D', 2, 0, nullptr, 0);
  return below->xDelete(below, name, sync_directory);
}

}  // namespace

const char* recording_vfs() {
  static const char* const name = []() -> const char* {
    const char* path = std::getenv("FLOTTE_STORE_LOG");
    if (!path || !*path) return nullptr;
    log_file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    FLOTTE_ASSERT(log_file >= 0);
    below = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs vfs = *below;
    vfs.zName = "recording";
    vfs.szOsFile = static_cast<int>(sizeof(File)) + below->szOsFile;
    vfs.pNext = nullptr;
    vfs.xOpen = open_file;
    vfs.xDelete = remove_file;
    sqlite3_vfs_register(&vfs, 0);
    return vfs.zName;
  }();
  return name;
}

}  // namespace flotte::store::detail
#endif
