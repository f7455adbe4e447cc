// The cgroups of a run, seen by whoever looks after it: their name, what happened in them, their end.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::sandbox {

/// A name for the groups of one run: unique on this machine where the directory is. Letters, digits, '.', '_' and '-', at most 60.
std::string group_name(std::string_view run_directory);
/// Error: invalid_argument for what cannot be a name.
Result<void> check_group_name(std::string_view name);

/// What the kernel counted for a run; zeros where it was held by other means than cgroups, or its groups
/// are gone (they go a minute or more after the end where nobody asked).
struct Account {
  std::uint64_t oom_kills = 0;  // processes that the kernel killed at the memory limit
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t refused_processes = 0;  // forks that failed at the processes limit
  std::uint64_t throttled_periods = 0;  // tenths of a second in which the run had used up its CPU time
};

/// Ends what still lives in the run's groups and removes them. Called by the owner of the shim after its end; again is harmless.
/// Finds groups that were made by a process in the same cgroup as this one; others are empty directories that their maker's cgroup takes
/// along when it goes. Blocking: well under a millisecond, a second where processes are slow to die.
/// Errors: invalid_argument; io (something in there cannot be killed).
Result<Account> remove(std::string_view name);

}  // namespace flotte::sandbox
