// `flotte confine OPTIONS -- ARGV...`: prepares itself and then becomes ARGV, so that it goes between a shim and its child.
//
// What it holds against: programs that use more than they should, by mistake or by nature. It is no wall against an attacker: who is root
// in there can leave a cgroup again. ARGV and everything that it starts never gain rights (PR_SET_NO_NEW_PRIVS: sudo does not work), and
// with network "none" root has no CAP_SYS_ADMIN.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "sandbox/limits.hpp"

namespace flotte::sandbox {

struct Confinement {
  std::string name;                       // of the run's groups, see group_name(); `remove(name)` after the end
  std::string binary = "/proc/self/exe";  // run as `binary confine ...`; the default is right for a child of `flotte shim`
};

/// `argv` behind `binary confine`; unchanged where there are no limits.
std::vector<std::string> confined(const Limits& limits, const Confinement& how, std::vector<std::string> argv);

/// `args`: what follows the word "confine":
///   [--memory BYTES] [--cpus N] [--processes N] [--network none|direct] [--name NAME] -- ARGV...
/// Returns only where ARGV could not be started, with the exit status and one line on standard error: 127 = no such program; 126 = refused,
/// because the arguments are wrong or this machine cannot hold a limit. A limit that is held by weaker means is a line on standard error.
int confine_main(std::span<const std::string> args);

}  // namespace flotte::sandbox
