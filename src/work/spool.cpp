// Files of the spool.
#include "work/spool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"
#include "base/failpoint.hpp"

namespace flotte::work {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t worth_deleting = 256 * 1024;  // the file that is written to is kept below this size

Result<std::string> read_file(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno(path.string(), errno);
  std::string text;
  char buffer[64 * 1024];
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
    if (n == 0) return text;
    if (n < 0 && errno != EINTR) return fail_errno(path.string(), errno);
    if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
  }
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return fail_errno("write", errno);
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> sync_directory(const fs::path& path) {
  Descriptor dir(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir || ::fsync(dir.get()) != 0) return fail_errno(path.string(), errno);
  return {};
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(fs::path directory, Limits limits) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error)
    return fail(Code::io, fmt::format("cannot make the spool directory {}: {}", directory.string(), error.message()),
                "choose another data directory with --data");
  std::unique_ptr<Spool> spool(new Spool(std::move(directory), limits));
  if (auto loaded = spool->load(); !loaded) return pass(loaded, "spool");
  return spool;
}

Result<void> Spool::load() {
  const fs::path lock = directory_ / "lock";
  lock_ = Descriptor(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_) return fail_errno(lock.string(), errno);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(Code::conflict, fmt::format("another flotte process uses {}", directory_.string()), "stop it, or choose another --data");

  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(directory_, error))
    if (file.path().extension() == ".seg") files.push_back(file.path());
  if (error) return fail(Code::io, fmt::format("{}: {}", directory_.string(), error.message()));
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files)
    if (auto loaded = load_segment(file); !loaded) return loaded;

  if (auto text = read_file(directory_ / "numbers")) {
    std::int64_t told = 0;
    std::from_chars(text->data(), text->data() + text->size(), told);
    next_ = std::max(next_, told);
  }
  reserved_ = next_;
  // The process may end at any moment, so the next number is only safe once it is set aside on disk.
  return reserve(next_ + limits_.reserve);
}

Result<void> Spool::load_segment(const fs::path& path) {
  auto text = read_file(path);
  if (!text) return pass(text);
  auto segment = std::make_shared<Segment>();
  segment->path = path;
  segment->file = std::make_shared<Descriptor>(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  if (!*segment->file) return fail_errno(path.string(), errno);
  const SegmentScan scan = scan_segment(*text, [&](wire::Record record, std::size_t offset, std::size_t length) {
    if (record.number < next_) {
      ++damaged_;
      return;
    }
    entries_.push_back(Entry{{record.number, static_cast<std::int64_t>(length), record.run, record.kind}, segment, offset, length, {}});
    segment->last = record.number;
    next_ = record.number + 1;
  });
  damaged_ += scan.damaged;
  if (scan.good_bytes < text->size() && ::ftruncate(segment->file->get(), static_cast<off_t>(scan.good_bytes)) != 0)
    return fail_errno(path.string(), errno);
  segment->bytes = scan.good_bytes;
  if (segment->last == 0) {
    std::error_code ignored;
    fs::remove(path, ignored);
  } else {
    segments_.push_back(std::move(segment));
  }
  return {};
}

Spool::~Spool() {
  // An orderly end gives back what was set aside; a failure only skips numbers.
  if (lock_ && reserved_ != next_) (void)reserve(next_);
}

Result<void> Spool::reserve(std::int64_t up_to) {
  const fs::path path = directory_ / "numbers", next = directory_ / "numbers.new";
  Descriptor file(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) return fail_errno(next.string(), errno);
  if (auto written = write_all(file.get(), fmt::format("{}\n", up_to)); !written) return pass(written, next.string());
  if (::fdatasync(file.get()) != 0) return fail_errno(next.string(), errno);
  if (::rename(next.c_str(), path.c_str()) != 0) return fail_errno(path.string(), errno);
  reserved_ = up_to;
  return sync_directory(directory_);
}

std::vector<SpooledRecord> Spool::pending() const {
  std::vector<SpooledRecord> out;
  out.reserve(entries_.size());
  for (const Entry& entry : entries_) out.push_back(entry.what);
  return out;
}

Result<void> Spool::append(const wire::Record& record) {
  FLOTTE_ASSERT(record.number >= next_);
  std::string line = format_spool_line(record);
  next_ = record.number + 1;
  entries_.push_back(Entry{{record.number, static_cast<std::int64_t>(line.size()), record.run, record.kind}, nullptr, 0, line.size(), {}});
  auto written = write_line(record, line);
  if (!written) entries_.back().unwritten = std::move(line);
  return written;
}

Result<void> Spool::write_line(const wire::Record& record, const std::string& line) {
  if (auto failed = failpoint::failure(Failpoint::spool_append)) return Failure(std::move(*failed));
  if (record.number >= reserved_)
    if (auto reserved = reserve(record.number + limits_.reserve); !reserved) return pass(reserved, "spool");
  if (segments_.empty() || segments_.back()->bytes >= limits_.segment_bytes)
    if (auto begun = begin_segment(record.number); !begun) return begun;
  Segment& segment = *segments_.back();
  if (auto written = write_all(segment.file->get(), line); !written) {
    // Half a line would damage the next one: cut it off, or go on in another file.
    if (::ftruncate(segment.file->get(), static_cast<off_t>(segment.bytes)) != 0) segment.bytes = limits_.segment_bytes;
    return pass(written, fmt::format("spool {}", segment.path.string()));
  }
  Entry& entry = entries_.back();
  entry.segment = segments_.back();
  entry.offset = segment.bytes;
  segment.bytes += line.size();
  segment.last = record.number;
  segment.dirty = true;
  return {};
}

Result<void> Spool::begin_segment(std::int64_t first) {
  auto segment = std::make_shared<Segment>();
  segment->path = directory_ / fmt::format("{:016}.seg", first);
  segment->file = std::make_shared<Descriptor>(::open(segment->path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!*segment->file) return fail_errno(segment->path.string(), errno);
  if (auto synced = sync_directory(directory_); !synced) return synced;
  segments_.push_back(std::move(segment));
  return {};
}

void Spool::discard(std::int64_t up_to) {
  next_ = std::max(next_, up_to + 1);
  while (!entries_.empty() && entries_.front().what.number <= up_to) entries_.pop_front();
  while (!segments_.empty() && segments_.front()->last <= up_to) {
    const Segment& oldest = *segments_.front();
    if (segments_.size() == 1 && oldest.bytes < worth_deleting) {
      // Kept, but emptied: the next process need not tell the hub again what it knows.
      if (entries_.empty() && oldest.bytes > 0 && ::ftruncate(oldest.file->get(), 0) == 0) segments_.front()->bytes = 0;
      return;
    }
    std::error_code ignored;  // it is read again at the next opening and acknowledged again
    fs::remove(oldest.path, ignored);
    segments_.pop_front();
  }
}

std::vector<wire::Record> Spool::read(std::int64_t after, std::int64_t bytes) const {
  std::vector<wire::Record> out;
  auto it = std::upper_bound(entries_.begin(), entries_.end(), after, [](std::int64_t n, const Entry& e) { return n < e.what.number; });
  for (std::string buffer; it != entries_.end() && (out.empty() || bytes > 0); ++it) {
    bytes -= it->what.bytes;
    std::string_view line = it->unwritten;
    if (it->segment) {
      buffer.resize(it->length);
      const ssize_t n = ::pread(it->segment->file->get(), buffer.data(), buffer.size(), static_cast<off_t>(it->offset));
      if (n != static_cast<ssize_t>(buffer.size())) continue;
      line = buffer;
    }
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (auto record = parse_spool_line(line)) out.push_back(std::move(*record));
  }
  return out;
}

Spool::SyncJob Spool::begin_sync() {
  SyncJob job;
  job.up_to = next_ - 1;
  for (const auto& segment : segments_) {
    if (!segment->dirty) continue;
    segment->dirty = false;
    job.files.push_back(segment->file);
  }
  return job;
}

Result<void> Spool::SyncJob::run() const {
  if (auto failed = failpoint::failure(Failpoint::spool_sync)) return Failure(std::move(*failed));
  for (const auto& file : files)
    if (::fdatasync(file->get()) != 0) return fail_errno("spool", errno);
  return {};
}

}  // namespace flotte::work
