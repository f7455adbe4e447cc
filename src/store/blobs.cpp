// Content-addressed files.
#include "store/blobs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>

#include "base/disk_full.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"

namespace flotte::store {
namespace {

Failure disk_failure(const std::string& path, int number) {
  if (number == ENOSPC || number == EDQUOT) return Failure(disk_full("the blobs'", "make room on the disk that holds the data directory"));
  return fail_errno(path, number);
}

std::string_view bare(std::string_view id) {
  if (id.starts_with("sha256:")) id.remove_prefix(7);
  return id;
}

bool is_id(std::string_view id) { return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

Result<void> sync_directory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return fail_errno(path, errno);
  const int result = ::fsync(directory);
  const int number = errno;
  ::close(directory);
  if (result != 0) return fail_errno(path, number);
  return {};
}

}  // namespace

BlobWriter::BlobWriter(BlobWriter&& other) noexcept
    : root_(std::move(other.root_)),
      path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      size_(other.size_),
      hash_(std::move(other.hash_)) {}

BlobWriter::~BlobWriter() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(path_.c_str());
}

Result<void> BlobWriter::write(std::string_view bytes) {
  if (auto failed = failpoint::failure(Failpoint::blob_write)) return Failure(std::move(*failed));
  hash_.update(bytes);
  size_ += static_cast<std::int64_t>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return disk_failure(path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> BlobWriter::finish(std::string_view expected) {
  const std::string id = hash_.finish_hex();
  if (!expected.empty() && bare(expected) != id)
    return fail(Code::unprocessable, fmt::format("the content's SHA-256 is {}, not {}", id, bare(expected)),
                "send the bytes that the id names");
  if (auto failed = failpoint::failure(Failpoint::blob_finish)) return Failure(std::move(*failed));
  if (::fsync(file_) != 0) return disk_failure(path_, errno);
  const std::string directory = root_ + "/" + id.substr(0, 2);
  if (::mkdir(directory.c_str(), 0700) == 0) {
    if (auto good = sync_directory(root_); !good) return pass(good);
  } else if (errno != EEXIST) {
    return disk_failure(directory, errno);
  }
  const std::string target = directory + "/" + id;
  if (::rename(path_.c_str(), target.c_str()) != 0) return disk_failure(target, errno);
  ::close(std::exchange(file_, -1));
  if (auto good = sync_directory(directory); !good) return pass(good);
  return id;
}

Result<Blobs> Blobs::open(std::string directory) {
  const std::string unfinished = directory + "/unfinished";
  std::error_code ignored;
  std::filesystem::remove_all(unfinished, ignored);
  if (auto good = make_directories(unfinished); !good) return pass(good);
  return Blobs(std::move(directory));
}

Result<BlobWriter> Blobs::begin() {
  static std::atomic<std::uint64_t> count = 0;
  const std::string path = fmt::format("{}/unfinished/{}-{}", directory_, ::getpid(), count.fetch_add(1));
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return disk_failure(path, errno);
  return BlobWriter(directory_, path, file);
}

Result<std::string> Blobs::put(std::string_view bytes) {
  std::string id = sha256_hex(bytes);
  if (has(id)) return id;
  auto writer = begin();
  if (!writer) return pass(writer);
  if (auto good = writer->write(bytes); !good) return pass(good);
  return writer->finish();
}

Result<std::string> Blobs::path(std::string_view id) const {
  id = bare(id);
  if (!is_id(id)) return fail(Code::invalid_argument, "a blob's id is 64 hex digits");
  return fmt::format("{}/{}/{}", directory_, id.substr(0, 2), id);
}

Result<std::string> Blobs::get(std::string_view id, std::size_t limit) const {
  const auto file = path(id);
  if (!file) return Failure(file.error());
  auto content = read_file(*file, limit);
  if (!content && content.error().code == Code::not_found) return fail(Code::not_found, fmt::format("no blob {}", bare(id)));
  return content;
}

std::optional<std::int64_t> Blobs::size(std::string_view id) const {
  const auto file = path(id);
  struct stat facts{};
  if (!file || ::stat(file->c_str(), &facts) != 0) return std::nullopt;
  return facts.st_size;
}

bool Blobs::has(std::string_view id) const { return size(id).has_value(); }

}  // namespace flotte::store
