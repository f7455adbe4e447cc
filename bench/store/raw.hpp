// What the disk and SQLite do without us: the peers that the store is measured beside.
#pragma once
#include <string>

namespace flotte::bench {

/// Microseconds of one fdatasync after overwriting 4 KiB of a file in that directory, the median.
double sync_microseconds(const std::string& directory, int samples = 256);
/// Commits of `group` rows each (300 bytes, integer key), `synchronous=FULL`, straight against SQLite: rows per second.
double raw_rows_per_second(const std::string& directory, int group);

}  // namespace flotte::bench
