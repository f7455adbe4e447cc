// Every process that descends from one, found in /proc. Linux only; blocking, a millisecond or so.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace flotte {

/// Children, their children, and so on, of `root`, without it.
std::vector<pid_t> find_descendants(pid_t root);
/// Processes of ours whose environment has `pair` ("NAME=value"): finds what left its parent, its group and its session.
std::vector<pid_t> find_by_environment(std::string_view pair);
/// Start time of a process in clock ticks since boot; nothing where there is none (a zombie counts as none).
std::optional<std::uint64_t> process_birth(pid_t pid);

}  // namespace flotte
