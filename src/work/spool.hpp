// A node's records that its hub has not acknowledged yet, in append-only files. They outlive the process, and what was synced outlives the
// machine. Used by one thread, except SyncJob.
//
// DIR/<first number, 16 digits>.seg holds one record per line: CRC-32 in 8 hex digits, a space, the record's JSON, a line feed. A torn last
// line is cut off at opening, a damaged line in between is skipped. DIR/numbers holds the first number that was never given out.
#pragma once
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/process/spawn.hpp"
#include "wire/link.hpp"
#include "work/runner_core.hpp"

namespace flotte::work {

/// One line of a segment, with its line feed.
std::string format_spool_line(const wire::Record& record);
/// The opposite, without the line feed. Error: corrupt.
Result<wire::Record> parse_spool_line(std::string_view line);

struct SegmentScan {
  std::size_t good_bytes = 0;  // up to and with the last line feed; what follows is torn
  std::size_t damaged = 0;     // complete lines that are no records
};
/// Calls `on_record` with each readable record, the offset and the length of its line. Any bytes may be given.
SegmentScan scan_segment(std::string_view bytes,
                         const std::function<void(wire::Record, std::size_t offset, std::size_t length)>& on_record);

class Spool {
 public:
  struct Limits {
    std::size_t segment_bytes = 4 * 1024 * 1024;  // then the next file is begun
    std::int64_t reserve = 65'536;                // numbers set aside at a time; a crash skips what is left of them
  };
  /// Makes the directory where needed. Errors: conflict (another process uses it), io.
  static Result<std::unique_ptr<Spool>> open(std::filesystem::path directory, Limits limits);
  static Result<std::unique_ptr<Spool>> open(std::filesystem::path directory) { return open(std::move(directory), Limits()); }
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// The first number that was certainly never used.
  std::int64_t next_number() const noexcept { return next_; }
  /// What it holds, ascending.
  std::vector<SpooledRecord> pending() const;
  /// Lines that could not be read at opening.
  std::size_t damaged() const noexcept { return damaged_; }

  /// `record.number` must be `next_number()` or above. Error io: the disk refused; the record is then kept in memory only.
  Result<void> append(const wire::Record& record);
  /// Forgets everything up to that number; files that hold nothing else are deleted.
  void discard(std::int64_t up_to);
  /// Records after that number, at least one where there is any, until `bytes` are reached. Unreadable ones are left out.
  std::vector<wire::Record> read(std::int64_t after, std::int64_t bytes) const;

  /// Brings what was appended so far to the disk; `run` blocks and may be called from any thread, also after the Spool is gone.
  struct SyncJob {
    std::vector<std::shared_ptr<Descriptor>> files;
    std::int64_t up_to = 0;
    Result<void> run() const;
  };
  SyncJob begin_sync();

 private:
  struct Segment {
    std::filesystem::path path;
    std::shared_ptr<Descriptor> file;
    std::size_t bytes = 0;
    std::int64_t last = 0;  // its highest number
    bool dirty = false;
  };
  struct Entry {
    SpooledRecord what;
    std::shared_ptr<Segment> segment;  // null: in `unwritten`
    std::size_t offset = 0, length = 0;
    std::string unwritten;
  };
  Spool(std::filesystem::path directory, Limits limits) : directory_(std::move(directory)), limits_(limits) {}
  Result<void> load();
  Result<void> load_segment(const std::filesystem::path& path);
  Result<void> reserve(std::int64_t up_to);
  Result<void> write_line(const wire::Record& record, const std::string& line);
  Result<void> begin_segment(std::int64_t first);

  std::filesystem::path directory_;
  Limits limits_;
  Descriptor lock_;
  std::deque<Entry> entries_;
  std::deque<std::shared_ptr<Segment>> segments_;  // the last one is written to, if it is open
  std::int64_t next_ = 1;
  std::int64_t reserved_ = 1;
  std::size_t damaged_ = 0;
};

}  // namespace flotte::work
