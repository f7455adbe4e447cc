// What starting processes needs of the kernel beyond POSIX. Another system supplies these functions in a file beside linux.cpp, together
// with open_pidfd and signal_pidfd (spawn.hpp) and own_executable (companion.hpp).
#pragma once

namespace flotte::platform {

// Between vfork and exec: system calls only.

/// Every descriptor from `first` on is closed by the coming exec.
void close_on_exec_from(int first);
/// The signal comes when the thread that started this process ends.
void signal_at_parents_death(int number);

}  // namespace flotte::platform
