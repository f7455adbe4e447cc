// Starting a program, without an event loop: descriptors, session, limits, environment. Safe from any thread, fast for big processes
// (the parent's memory is not copied). `Child` (child.hpp) is the comfortable way.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace flotte {

/// How a process ended.
struct ExitStatus {
  int code = -1;   // of exit(), or -1 where a signal ended it
  int signal = 0;  // that ended it, or 0
  bool success() const noexcept { return code == 0; }
  /// "exit status 3" or "killed by signal 9 (Killed)".
  std::string text() const;
  static ExitStatus from_wait(int status);
};

/// What a child may use; 0 = as its parent.
struct ProcessLimits {
  std::uint64_t cpu_seconds = 0;
  std::uint64_t address_space_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t file_bytes = 0;  // of any file that it writes
};

/// An owned file descriptor, close-on-exec by whoever opened it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }
  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept;
  void reset() noexcept;

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read_end, write_end;
};
/// Both ends close-on-exec.
Result<Pipe> make_pipe();

struct SpawnSpec {
  std::vector<std::string> argv;                      // argv[0] with a '/' is a path, else it is looked up on the child's PATH
  std::optional<std::vector<std::string>> env;        // "NAME=value"; absent: the parent's
  std::string cwd;                                    // empty: the parent's
  int stdin_fd = -1, stdout_fd = -1, stderr_fd = -1;  // -1: /dev/null
  std::vector<int> inherit;                           // become 3, 4, ... in the child; every other descriptor is closed
  ProcessLimits limits;
  int parent_death_signal = 0;  // sent when the *thread* that spawned ends
};
/// The child leads a session and a process group of its own, has default signal handlers and an empty mask.
/// Errors: not_found (no such program, with what to do), invalid_argument (empty argv), io.
Result<pid_t> spawn(const SpawnSpec& spec);

/// The path of an executable file, looked up on `path` ("a:b"; empty: the PATH of this process) unless it has a '/'.
std::optional<std::string> find_program(std::string_view name, std::string_view path = {});

/// This process's environment as "NAME=value", with the given names replaced or added.
std::vector<std::string> environment_with(const std::vector<std::string>& changes);

/// A descriptor that becomes readable when the process ends; close-on-exec. -1 with errno where there is no such process.
int open_pidfd(pid_t pid);
/// To exactly the process that the descriptor stands for.
void signal_pidfd(int pidfd, int number);

/// A write to a pipe that nobody reads returns EPIPE instead of ending the process. `spawn` gives children the default again.
void ignore_broken_pipes();

}  // namespace flotte
