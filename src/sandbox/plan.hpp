// Which means of this machine hold a run to its limits: pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sandbox/limits.hpp"
#include "sandbox/machine.hpp"

namespace flotte::sandbox {

/// A control file of a cgroup and what is written to it.
struct Setting {
  enum class Need { must, where_present };  // some kernels lack the file
  std::string file, value;
  Need need = Need::must;
  bool operator==(const Setting&) const = default;
};

/// A new group flotte/NAME in `place`, set up, then entered.
struct EnterCgroup {
  CgroupPlace place;
  std::vector<std::string> controllers;
  std::vector<Setting> settings;
  bool operator==(const EnterCgroup&) const = default;
};
struct LimitAddressSpace {  // of each process
  std::uint64_t bytes = 0;
  bool operator==(const LimitAddressSpace&) const = default;
};
struct LimitUserProcesses {  // more than the user has when the run begins
  std::uint64_t more = 0;
  bool operator==(const LimitUserProcesses&) const = default;
};
struct PinToCpus {
  std::vector<int> cpus;
  bool operator==(const PinToCpus&) const = default;
};
struct LowerPriority {
  int by = 0;
  bool operator==(const LowerPriority&) const = default;
};
/// `with_user`: through a user namespace in which this user is the only one.
struct CutNetwork {
  bool with_user = false;
  bool operator==(const CutNetwork&) const = default;
};
using Step = std::variant<EnterCgroup, CutNetwork, PinToCpus, LowerPriority, LimitUserProcesses, LimitAddressSpace>;

/// Steps in the order in which they are taken. With a refusal nothing may be run. Warnings say what holds less than was asked for.
struct Plan {
  std::vector<Step> steps;
  std::vector<std::string> warnings, refusals;
};

/// `name` only spreads runs over CPUs where they must be pinned.
Plan plan(const Limits& limits, const Machine& machine, std::string_view name);

}  // namespace flotte::sandbox
