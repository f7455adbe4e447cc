// Whole files.
#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "base/disk_full.hpp"

namespace flotte {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Failure fail_file(const std::string& what, int number) {
  if (number == ENOENT) return fail(Code::not_found, what + ": no such file");
  if (number == ENOSPC || number == EDQUOT) return Failure(disk_full(what + ": the", "free some space"));
  return fail_errno(what, number);
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return fail_file(path, errno);
  std::string out;
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_file(path, errno);
    if (n == 0) return out;
    if (out.size() + static_cast<std::size_t>(n) > limit)
      return fail(Code::too_large, fmt::format("{} is larger than {} bytes", path, limit));
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

Result<void> replace_file(const std::string& path, std::string_view content, unsigned mode, Durability durability) {
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) {
    const int number = errno;
    return number == ENOENT ? fail(Code::io, path + ": the directory does not exist") : fail_file(path, number);
  }
  int failed = ::fchmod(file.get(), mode) != 0 ? errno : write_all(file.get(), content);
  if (!failed && durability == Durability::power_cut && ::fsync(file.get()) != 0) failed = errno;
  if (!failed && ::rename(temporary.c_str(), path.c_str()) != 0) failed = errno;
  if (failed) {
    ::unlink(temporary.c_str());
    return fail_file(path, failed);
  }
  if (durability == Durability::power_cut) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const Descriptor directory(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() >= 0) ::fsync(directory.get());
  }
  return {};
}

Result<void> make_directories(const std::string& path, unsigned mode) {
  std::string so_far;
  for (const auto& part : std::filesystem::path(path)) {
    so_far = (std::filesystem::path(so_far) / part).string();
    if (::mkdir(so_far.c_str(), mode) == 0 || errno == EEXIST || errno == EISDIR) continue;
    const int number = errno;
    // Where a parent may not be written but the directory is there, mkdir says EACCES or EROFS.
    if (std::error_code ignored; std::filesystem::is_directory(so_far, ignored)) continue;
    return fail(Code::io, fmt::format("cannot make the directory {}: {}", so_far, std::generic_category().message(number)),
                "choose another place, or change the owner of this one");
  }
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return fail(Code::io, path + " is not a directory", "choose another place");
  return {};
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace flotte
