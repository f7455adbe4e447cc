// Terminal control: only "up", "erase line" and "erase below", which every terminal has.
#include "cli/screen/screen.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.hpp"

namespace flotte::cli {
namespace {

std::string go_up(std::size_t lines) { return lines == 0 ? "" : fmt::format("\x1b[{}A", lines); }

}  // namespace

TerminalSize terminal_size(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1 && environment("TERM") != "dumb"; }

bool wants_colour(int descriptor) { return is_terminal(descriptor) && environment("NO_COLOR").empty(); }

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      // A pipe that somebody made non-blocking: wait until it takes more.
      pollfd waiting{descriptor, POLLOUT, 0};
      ::poll(&waiting, 1, 1000);
      continue;
    }
    if (n < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void Screen::draw(const std::vector<std::string>& lines) {
  if (!live_ || lines == shown_) return;
  std::string out = go_up(shown_.size());
  for (const std::string& line : lines) out += "\r\x1b[K" + line + "\n";
  if (lines.size() < shown_.size()) out += "\x1b[J";
  write_all(descriptor_, out);
  shown_ = lines;
}

void Screen::print(std::string_view line) {
  std::string out = go_up(shown_.size());
  if (!shown_.empty()) out += "\r\x1b[J";
  out += std::string(line) + "\n";
  for (const std::string& kept : shown_) out += kept + "\n";
  write_all(descriptor_, out);
}

void Screen::erase() {
  if (shown_.empty()) return;
  write_all(descriptor_, go_up(shown_.size()) + "\r\x1b[J");
  shown_.clear();
}

}  // namespace flotte::cli
