// From limits and a machine to steps.
#include "sandbox/plan.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

namespace flotte::sandbox {
namespace {

constexpr std::uint64_t quota_period_us = 100'000;
constexpr double least_quota_us = 1'000;  // the kernel takes no less
constexpr int nicer = 5;

std::uint64_t quota_us(double cpus) {
  return static_cast<std::uint64_t>(std::llround(std::max(cpus * static_cast<double>(quota_period_us), least_quota_us)));
}

/// The step for that place; controllers of one tree share a group.
EnterCgroup& group_in(Plan& plan, const CgroupPlace& place) {
  for (Step& step : plan.steps)
    if (auto* group = std::get_if<EnterCgroup>(&step); group && group->place == place) return *group;
  plan.steps.push_back(EnterCgroup{place, {}, {}});
  return std::get<EnterCgroup>(plan.steps.back());
}

void plan_memory_group(Plan& out, const CgroupPlace& place, std::uint64_t bytes) {
  EnterCgroup& group = group_in(out, place);
  group.controllers.push_back("memory");
  const std::string text = std::to_string(bytes);
  if (place.version == CgroupVersion::v2) {
    group.settings.push_back({"memory.max", text});
    group.settings.push_back({"memory.swap.max", "0", Setting::Need::where_present});
  } else {
    group.settings.push_back({"memory.limit_in_bytes", text});
    // Memory and swap together; not less than the line above, so it comes after it.
    group.settings.push_back({"memory.memsw.limit_in_bytes", text, Setting::Need::where_present});
  }
}

void plan_cpu_group(Plan& out, const CgroupPlace& place, double cpus) {
  EnterCgroup& group = group_in(out, place);
  group.controllers.push_back("cpu");
  const std::uint64_t quota = quota_us(cpus);
  if (place.version == CgroupVersion::v2) {
    group.settings.push_back({"cpu.max", fmt::format("{} {}", quota, quota_period_us)});
  } else {
    group.settings.push_back({"cpu.cfs_period_us", std::to_string(quota_period_us)});
    group.settings.push_back({"cpu.cfs_quota_us", std::to_string(quota)});
  }
}

void plan_groups(Plan& out, const Limits& limits, const Machine& machine) {
  if (limits.memory_bytes > 0 && machine.memory) plan_memory_group(out, *machine.memory, limits.memory_bytes);
  if (limits.cpus > 0 && machine.cpu) plan_cpu_group(out, *machine.cpu, limits.cpus);
  if (limits.processes > 0 && machine.pids) {
    EnterCgroup& group = group_in(out, *machine.pids);
    group.controllers.push_back("pids");
    group.settings.push_back({"pids.max", std::to_string(limits.processes)});
  }
}

void plan_network(Plan& out, const Limits& limits, const Machine& machine) {
  if (limits.network != Network::none) return;
  if (machine.network_namespaces && machine.administrator) {
    out.steps.push_back(CutNetwork{.with_user = false});
  } else if (machine.network_namespaces && machine.user_namespaces) {
    out.steps.push_back(CutNetwork{.with_user = true});
  } else if (!machine.network_namespaces) {
    out.refusals.push_back("network = \"none\" needs network namespaces, and this kernel has none");
  } else {
    out.refusals.push_back(
        "network = \"none\" needs a namespace, and this user may not make one: run the node as root, or allow user namespaces "
        "(sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)");
  }
}

void plan_pinning(Plan& out, double cpus, const Machine& machine, std::string_view name) {
  const std::size_t count = machine.cpus.size();
  const auto wanted = static_cast<std::size_t>(std::ceil(cpus));
  if (count == 0) {
    out.refusals.push_back("limits.cpu cannot be kept: no cgroup cpu controller is delegated to this process, and its CPUs are not known");
    return;
  }
  if (cpus >= static_cast<double>(count)) return;  // as many as there are: no limit
  PinToCpus pin;
  const std::size_t first = std::hash<std::string_view>{}(name) % count;
  for (std::size_t i = 0; i < std::min(wanted, count); ++i) pin.cpus.push_back(machine.cpus[(first + i) % count]);
  std::ranges::sort(pin.cpus);
  out.warnings.push_back(fmt::format(
      "limits.cpu = {}: no cgroup cpu controller is delegated to this process, so the run is kept on {} of {} CPUs instead, which "
      "it may share with others and can leave",
      cpus, pin.cpus.size(), count));
  out.steps.push_back(std::move(pin));
  out.steps.push_back(LowerPriority{nicer});
}

void plan_user_processes(Plan& out, std::uint64_t processes, const Machine& machine) {
  if (machine.uid == 0) {
    out.refusals.push_back("limits.processes cannot be kept for root without a cgroup pids controller: run the node as an ordinary user");
    return;
  }
  out.warnings.push_back(fmt::format(
      "limits.processes = {}: no cgroup pids controller is delegated to this process, so all processes of this user are counted together",
      processes));
  out.steps.push_back(LimitUserProcesses{processes});
}

void plan_address_space(Plan& out, std::uint64_t bytes) {
  out.warnings.push_back(fmt::format(
      "limits.memory = {} bytes: no cgroup memory controller is delegated to this process, so each process by itself is limited to as "
      "much address space",
      bytes));
  out.steps.push_back(LimitAddressSpace{bytes});
}

}  // namespace

Plan plan(const Limits& limits, const Machine& machine, std::string_view name) {
  Plan out;
  // Groups before namespaces: their files belong to the user outside. Address space last: the steps themselves need some.
  plan_groups(out, limits, machine);
  plan_network(out, limits, machine);
  if (limits.cpus > 0 && !machine.cpu) plan_pinning(out, limits.cpus, machine, name);
  if (limits.processes > 0 && !machine.pids) plan_user_processes(out, limits.processes, machine);
  if (limits.memory_bytes > 0 && !machine.memory) plan_address_space(out, limits.memory_bytes);
  return out;
}

}  // namespace flotte::sandbox
