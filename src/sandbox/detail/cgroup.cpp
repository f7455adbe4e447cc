// Groups: made, entered, removed. A lock on their common directory keeps one process from removing what another is about to enter.
#include "sandbox/detail/cgroup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/process/spawn.hpp"

namespace flotte::sandbox::detail {
namespace {

constexpr int lock_attempts = 100;
constexpr int kill_rounds = 100;
constexpr unsigned kill_round_us = 10'000;
constexpr std::chrono::seconds leftover_age{60};
constexpr mode_t fresh_mode = 0755, found_empty_mode = 0700;

std::string family_of(const CgroupPlace& place) { return place.directory + "/flotte"; }

Result<void> write_control(const std::string& path, const std::string& value) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  // A control file takes its value in one piece or not at all.
  if (file && ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size())) return {};
  return fail(errno == ENOENT ? Code::not_found : Code::io, fmt::format("cannot write {} to {}: {}", value, path, std::strerror(errno)));
}

std::vector<std::string> find_subdirectories(const std::string& path) {
  std::vector<std::string> out;
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return out;
  while (const dirent* entry = ::readdir(directory))
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') out.push_back(path + "/" + entry->d_name);
  ::closedir(directory);
  return out;
}

/// The common directory, locked; it stays while the descriptor is open.
Result<Descriptor> lock_family(const std::string& path) {
  for (int attempt = 0; attempt < lock_attempts; ++attempt) {
    if (::mkdir(path.c_str(), fresh_mode) != 0 && errno != EEXIST) return fail_errno("cannot make " + path, errno);
    Descriptor opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened && errno == ENOENT) continue;
    if (!opened || ::flock(opened.get(), LOCK_EX) != 0) return fail_errno("cannot lock " + path, errno);
    struct stat held{}, named{};
    if (::fstat(opened.get(), &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino) return opened;
  }
  return fail(Code::io, "cannot lock " + path + ": it is removed again and again");
}

void remove_family_if_empty(const std::string& path) {
  const Descriptor opened(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened && ::flock(opened.get(), LOCK_EX) == 0) ::rmdir(path.c_str());
}

void kill_members(const std::string& path) {
  const std::string members = read_file(path + "/cgroup.procs").value_or("");
  const char* const end = members.data() + members.size();
  for (const char* at = members.data(); at < end;) {
    pid_t pid = 0;  // stays so for a process of another namespace, which must not become "my whole group"
    const auto read = std::from_chars(at, end, pid);
    if (pid > 1 && pid != ::getpid()) ::kill(pid, SIGKILL);
    at = read.ptr + 1;
  }
}

Result<void> remove_tree(const std::string& path) {
  for (int round = 0; round < kill_rounds; ++round) {
    if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
    if (errno != EBUSY && errno != ENOTEMPTY) return fail_errno("cannot remove " + path, errno);
    // The run may have made groups of its own.
    for (const std::string& inner : find_subdirectories(path))
      if (auto removed = remove_tree(inner); !removed) return removed;
    if (::rmdir(path.c_str()) == 0) return {};
    kill_members(path);
    ::usleep(kill_round_us);
  }
  return fail(Code::io, "processes in " + path + " cannot be ended");
}

/// The kernel refuses to remove what somebody lives in.
void remove_empty(const std::string& path) {
  for (const std::string& inner : find_subdirectories(path)) remove_empty(inner);
  ::rmdir(path.c_str());
}

Result<void> set_up(const EnterCgroup& step, const std::string& group) {
  for (const Setting& setting : step.settings) {
    auto written = write_control(group + "/" + setting.file, setting.value);
    if (!written && !(setting.need == Setting::Need::where_present && written.error().code == Code::not_found)) return written;
  }
  return write_control(group + "/cgroup.procs", "0");
}

std::uint64_t count_of(const std::string& path, std::string_view key) {
  const std::string text = read_file(path).value_or("");
  std::size_t at = key.empty() ? 0 : std::string::npos;
  for (std::size_t line = 0; !key.empty() && line < text.size(); line = std::min(text.find('\n', line), text.size() - 1) + 1)
    if (text.compare(line, key.size(), key) == 0 && text[line + key.size()] == ' ') at = line + key.size() + 1;
  std::uint64_t out = 0;
  if (at < text.size()) std::from_chars(text.data() + at, text.data() + text.size(), out);
  return out;
}

}  // namespace

Result<void> switch_on(const std::string& directory, const std::vector<std::string>& controllers) {
  const std::string path = directory + "/cgroup.subtree_control";
  for (const std::string& controller : controllers)
    if (auto written = write_control(path, "+" + controller); !written) return written;
  return {};
}

void sweep(const std::string& family, std::chrono::seconds age) {
  for (const std::string& group : find_subdirectories(family)) {
    struct stat facts{};
    if (!read_file(group + "/cgroup.procs").value_or("?").empty() || ::stat(group.c_str(), &facts) != 0) continue;
    if ((facts.st_mode & 0777) == found_empty_mode) {
      // The change of the mode was the last change of the inode.
      if (std::time(nullptr) - facts.st_ctime >= age.count()) remove_empty(group);
    } else {
      ::chmod(group.c_str(), found_empty_mode);
    }
  }
}

Result<void> enter_cgroup(const EnterCgroup& step, const std::string& name) {
  const std::string family = family_of(step.place), group = family + "/" + name;
  auto lock = lock_family(family);
  if (!lock) return pass(lock);
  if (step.place.version == CgroupVersion::v2) {
    if (auto on = switch_on(step.place.directory, step.controllers); !on) return on;
    if (auto on = switch_on(family, step.controllers); !on) return on;
  }
  sweep(family, leftover_age);
  if (::mkdir(group.c_str(), fresh_mode) != 0) {
    if (errno == EEXIST) return fail(Code::conflict, "another run lives in " + group);
    return fail_errno("cannot make " + group, errno);
  }
  auto entered = set_up(step, group);
  if (!entered) ::rmdir(group.c_str());
  return entered;
}

Result<void> remove_cgroup(const CgroupPlace& place, const std::string& name) {
  const std::string family = family_of(place);
  auto removed = remove_tree(family + "/" + name);
  remove_family_if_empty(family);
  return removed;
}

void add_account(Account& account, const CgroupPlace& place, const std::string& name) {
  const std::string group = family_of(place) + "/" + name;
  const bool v2 = place.version == CgroupVersion::v2;
  account.oom_kills += count_of(group + (v2 ? "/memory.events" : "/memory.oom_control"), "oom_kill");
  account.peak_memory_bytes += count_of(group + (v2 ? "/memory.peak" : "/memory.max_usage_in_bytes"), "");
  account.refused_processes += count_of(group + "/pids.events", "max");
  account.throttled_periods += count_of(group + "/cpu.stat", "nr_throttled");
}

}  // namespace flotte::sandbox::detail
