// The machine, read from /proc and the mounted cgroup trees.
#include "sandbox/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "base/file.hpp"

namespace flotte::sandbox {
namespace {

constexpr std::uint64_t cap_sys_admin = 1ull << 21;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool has_word(std::string_view text, char separator, std::string_view word) {
  for (const std::string_view each : split(text, separator))
    if (each == word) return true;
  return false;
}

std::string content(const std::string& path) {
  std::string text = read_file(path).value_or("");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }
bool writable(const std::string& path) { return ::access(path.c_str(), W_OK) == 0; }

template <class Number>
Number number_or(std::string_view text, Number fallback, int base = 10) {
  Number out{};
  return std::from_chars(text.data(), text.data() + text.size(), out, base).ec == std::errc() ? out : fallback;
}

/// mountinfo writes blanks in paths as "\040".
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out.push_back(static_cast<char>(number_or<unsigned>(text.substr(i + 1, 3), '?', 8)));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

struct CgroupMount {
  std::string root, point;  // the part of the tree that is mounted, and where
  std::string_view type, options;
};

std::vector<CgroupMount> find_cgroup_mounts(std::string_view mountinfo) {
  std::vector<CgroupMount> out;
  for (const std::string_view line : split(mountinfo, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const auto before = split(line.substr(0, dash), ' '), after = split(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3 || !after[0].starts_with("cgroup")) continue;
    out.push_back({unescape(before[3]), unescape(before[4]), after[0], after[2]});
  }
  return out;
}

/// "12:cpu,cpuacct:/path" of /proc/self/cgroup.
struct Membership {
  std::string_view controllers, path;
};

std::vector<Membership> read_memberships(std::string_view text) {
  std::vector<Membership> out;
  for (std::string_view line : split(text, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    out.push_back({line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return out;
}

/// The directory of a cgroup under a mount; nothing where it lies outside the part that is mounted.
std::optional<std::string> find_directory(const CgroupMount& mount, std::string_view path) {
  if (mount.root != "/") {
    if (!path.starts_with(mount.root)) return std::nullopt;
    path.remove_prefix(mount.root.size());
    if (!path.empty() && path.front() != '/') return std::nullopt;
  }
  if (path.find("/..") != std::string_view::npos) return std::nullopt;
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string directory = mount.point + std::string(path);
  return exists(directory) ? std::optional(directory) : std::nullopt;
}

std::optional<CgroupPlace> find_v1(const std::vector<CgroupMount>& mounts, const std::vector<Membership>& memberships,
                                   std::string_view controller, std::string_view needed_file) {
  for (const Membership& own : memberships) {
    if (!has_word(own.controllers, ',', controller)) continue;
    for (const CgroupMount& mount : mounts) {
      if (mount.type != "cgroup" || !has_word(mount.options, ',', controller)) continue;
      const auto directory = find_directory(mount, own.path);
      if (!directory || !writable(*directory)) continue;
      if (!needed_file.empty() && !exists(*directory + "/" + std::string(needed_file))) continue;
      return CgroupPlace{CgroupVersion::v1, *directory};
    }
  }
  return std::nullopt;
}

/// Where groups of version 2 may be made.
std::optional<std::string> find_v2_directory(const std::vector<CgroupMount>& mounts, const std::vector<Membership>& memberships) {
  for (const Membership& own : memberships) {
    if (!own.controllers.empty()) continue;
    for (const CgroupMount& mount : mounts) {
      if (mount.type != "cgroup2") continue;
      auto directory = find_directory(mount, own.path);
      if (!directory) continue;
      if (*directory != mount.point) directory->erase(directory->rfind('/'));
      // Moving a process needs the right to write to the common ancestor's cgroup.procs.
      if (writable(*directory) && writable(*directory + "/cgroup.procs")) return directory;
    }
  }
  return std::nullopt;
}

std::optional<CgroupPlace> find_v2(const std::string& directory, std::string_view controller) {
  const CgroupPlace place{CgroupVersion::v2, directory};
  if (has_word(content(directory + "/cgroup.subtree_control"), ' ', controller)) return place;
  // It can be switched on for groups below where nothing lives in the directory itself; the root of the tree is free of that rule.
  const bool root = !exists(directory + "/cgroup.events");
  const bool offered = has_word(content(directory + "/cgroup.controllers"), ' ', controller);
  const bool may_switch_on = writable(directory + "/cgroup.subtree_control") && (root || content(directory + "/cgroup.procs").empty());
  return offered && may_switch_on ? std::optional(place) : std::nullopt;
}

void find_places(Machine& machine, const std::string& proc) {
  const std::string mountinfo = content(proc + "/self/mountinfo"), cgroups = content(proc + "/self/cgroup");
  const auto mounts = find_cgroup_mounts(mountinfo);
  const auto memberships = read_memberships(cgroups);
  if (const auto directory = find_v2_directory(mounts, memberships)) {
    machine.memory = find_v2(*directory, "memory");
    machine.cpu = find_v2(*directory, "cpu");
    machine.pids = find_v2(*directory, "pids");
  }
  if (!machine.memory) machine.memory = find_v1(mounts, memberships, "memory", "memory.limit_in_bytes");
  if (!machine.cpu) machine.cpu = find_v1(mounts, memberships, "cpu", "cpu.cfs_quota_us");
  if (!machine.pids) machine.pids = find_v1(mounts, memberships, "pids", "");
}

std::string_view field(std::string_view status, std::string_view name) {
  for (const std::string_view line : split(status, '\n'))
    if (line.starts_with(name)) {
      const std::size_t begin = line.find_first_not_of(" \t", name.size());
      return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
    }
  return {};
}

/// "0-3,8".
std::vector<int> parse_cpus(std::string_view list) {
  std::vector<int> out;
  for (const std::string_view range : split(list, ',')) {
    const std::size_t dash = range.find('-');
    const int first = number_or(range, -1);
    const int last = dash == std::string_view::npos ? first : number_or(range.substr(dash + 1), -1);
    for (int cpu = first; cpu >= 0 && cpu <= last; ++cpu) out.push_back(cpu);
  }
  return out;
}

bool has_user_namespaces(const std::string& proc) {
  // Ubuntu lets anyone make one, but without the rights that make it useful.
  return number_or(content(proc + "/sys/user/max_user_namespaces"), 0) > 0 &&
         content(proc + "/sys/kernel/unprivileged_userns_clone") != "0" &&
         content(proc + "/sys/kernel/apparmor_restrict_unprivileged_userns") != "1";
}

}  // namespace

Machine read_machine(const std::string& proc) {
  Machine out;
  const std::string status = content(proc + "/self/status");
  out.uid = number_or(field(status, "Uid:"), 0u);
  out.administrator = (number_or<std::uint64_t>(field(status, "CapEff:"), 0, 16) & cap_sys_admin) != 0;
  out.cpus = parse_cpus(field(status, "Cpus_allowed_list:"));
  out.network_namespaces = number_or(content(proc + "/sys/user/max_net_namespaces"), 0) > 0;
  out.user_namespaces = has_user_namespaces(proc);
  find_places(out, proc);
  return out;
}

}  // namespace flotte::sandbox
