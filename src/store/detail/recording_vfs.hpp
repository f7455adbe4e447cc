// For experiments: SQLite's files with a log of what was written and when it was synced, so that a power cut at any moment can be made
// again from it. Only in the flavours for developers.
#pragma once
#include "base/failpoint.hpp"

namespace flotte::store::detail {

#if FLOTTE_FAILPOINTS
/// The name of the file system that databases are opened with: null is SQLite's own. FLOTTE_STORE_LOG names the file that the log is
/// appended to: for each event a byte W (write), T (truncate), S (synced) or D (deleted), a byte for the file (0 the database, 1 its -wal,
/// 2 its -journal), six bytes of nothing, then as 64 bit numbers of this machine CLOCK_MONOTONIC in nanoseconds, the offset (of T: the new
/// size), and how many bytes follow.
const char* recording_vfs();
#else
constexpr const char* recording_vfs() { return nullptr; }
#endif

}  // namespace flotte::store::detail
