// What this machine lets this process do to a child: cgroup controllers (version 2 or 1), namespaces, CPUs.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace flotte::sandbox {

enum class CgroupVersion { v1, v2 };

/// A directory of the cgroup tree in which this process may make groups that it can move itself into.
struct CgroupPlace {
  CgroupVersion version = CgroupVersion::v2;
  std::string directory;
  bool operator==(const CgroupPlace&) const = default;
};

/// Groups lie as near to the process's own as the version allows. Version 1: in its own cgroup, whose limits go on to hold. Version 2:
/// beside it, because there a group with controllers below it may have no processes; the limits of the common parent go on to hold.
struct Machine {
  std::optional<CgroupPlace> memory, cpu, pids;  // where that controller can be used
  unsigned uid = 0;
  bool administrator = false;       // has CAP_SYS_ADMIN: may make namespaces directly
  bool user_namespaces = false;     // an ordinary user may make them, with the rights of their root
  bool network_namespaces = false;  // the kernel has them
  std::vector<int> cpus;            // that this process may run on
};

/// Reads `proc` and the cgroup directories that it names; what cannot be read is taken as absent. Under a millisecond, blocking.
Machine read_machine(const std::string& proc = "/proc");

}  // namespace flotte::sandbox
