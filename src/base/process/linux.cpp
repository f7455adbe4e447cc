// Linux's part of processes: pidfd, the parent's death, whole ranges of descriptors, /proc/self/exe.
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

#include "base/process/companion.hpp"
#include "base/process/platform.hpp"
#include "base/process/spawn.hpp"

namespace flotte {

void platform::close_on_exec_from(int first) { ::close_range(static_cast<unsigned>(first), ~0u, CLOSE_RANGE_CLOEXEC); }

void platform::signal_at_parents_death(int number) { ::prctl(PR_SET_PDEATHSIG, number); }

// The C++ compiler cannot link <sys/pidfd.h> of glibc 2.36: it lacks the C linkage.
int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
void signal_pidfd(int pidfd, int number) { ::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0); }

std::string own_executable() {
  std::error_code error;
  std::string path = std::filesystem::read_symlink("/proc/self/exe", error).string();
  // The kernel's mark on a file that was replaced while it ran.
  constexpr std::string_view deleted = " (deleted)";
  if (path.ends_with(deleted)) path.resize(path.size() - deleted.size());
  return path;
}

}  // namespace flotte
