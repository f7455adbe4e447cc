// Output files of a shim.
#include "base/process/shim_output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace flotte {

ShimOutput::ShimOutput(std::string path, std::uint64_t limit, When when)
    : path_(std::move(path)), limit_(std::max<std::uint64_t>(limit, 1)), when_(when) {}

Result<void> ShimOutput::open_file() {
  file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file_) return fail_errno(path_, errno);
  struct stat facts{};
  if (::fstat(file_.get(), &facts) == 0) written_ = static_cast<std::uint64_t>(facts.st_size);
  return {};
}

Result<void> ShimOutput::open() {
  auto pipe = make_pipe();
  if (!pipe) return pass(pipe);
  pipe_ = std::move(*pipe);
  ::fcntl(pipe_.read_end.get(), F_SETFL, O_NONBLOCK);
  return open_file();
}

void ShimOutput::write_file(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (trouble_.empty()) trouble_ = path_ + ": " + std::strerror(errno);
      return;
    }
    written_ += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void ShimOutput::append(std::string_view bytes) {
  if (when_ == When::full_rotate) {
    if (written_ > 0 && written_ + bytes.size() > limit_) {
      ::rename(path_.c_str(), (path_ + ".1").c_str());
      written_ = 0;
      if (auto opened = open_file(); !opened && trouble_.empty()) trouble_ = opened.error().message;
    }
    write_file(bytes);
    return;
  }
  const std::uint64_t room = limit_ > written_ ? limit_ - written_ : 0;
  if (!said_full_) write_file(bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size()))));
  if (bytes.size() > room && !said_full_) {
    said_full_ = true;
    write_file("\n[flotte: more output was left out]\n");
  }
}

void ShimOutput::pump() {
  char buffer[64 * 1024];
  while (pipe_.read_end) {
    const ssize_t n = ::read(pipe_.read_end.get(), buffer, sizeof buffer);
    if (n > 0)
      append(std::string_view(buffer, static_cast<std::size_t>(n)));
    else if (n == 0)
      pipe_.read_end.reset();
    else if (errno != EINTR)
      return;
  }
}

}  // namespace flotte
