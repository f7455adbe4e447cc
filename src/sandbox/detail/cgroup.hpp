// Groups in a cgroup tree, all of them in a directory `flotte`, which goes when it is empty.
#pragma once
#include <chrono>
#include <string>

#include "base/error.hpp"
#include "sandbox/group.hpp"
#include "sandbox/plan.hpp"

namespace flotte::sandbox::detail {

/// Makes the group `name`, sets it up and moves this process into it, after a `sweep` for what has been empty for a minute.
/// Errors: conflict (the name is in use), io. On an error this process is where it was.
Result<void> enter_cgroup(const EnterCgroup& step, const std::string& name);

/// Kills what lives there and removes it; one that is not there is fine. Error: io.
Result<void> remove_cgroup(const CgroupPlace& place, const std::string& name);

/// Removes groups that were already empty at a sweep `age` ago: their owner is gone, or it would have removed them. `family`: the common
/// directory. One that is found empty for the first time is marked by its mode, so that its owner can still read what happened in it.
void sweep(const std::string& family, std::chrono::seconds age);

/// Adds what the kernel counted there.
void add_account(Account& account, const CgroupPlace& place, const std::string& name);

/// Version 2: makes the controllers available to groups below `directory`. Error: io.
Result<void> switch_on(const std::string& directory, const std::vector<std::string>& controllers);

}  // namespace flotte::sandbox::detail
