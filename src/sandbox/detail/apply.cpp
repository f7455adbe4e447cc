// Each step in one function.
#include "sandbox/detail/apply.hpp"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "sandbox/detail/cgroup.hpp"

namespace flotte::sandbox::detail {
namespace {

/// Not above what already holds.
Result<void> lower_limit(__rlimit_resource resource, std::uint64_t value, std::string_view what) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return fail_errno(what, errno);
  const rlim_t wanted = std::min(static_cast<rlim_t>(value), now.rlim_max);
  const rlimit lowered{wanted, wanted};
  if (::setrlimit(resource, &lowered) != 0) return fail_errno(what, errno);
  return {};
}

/// Threads of every process of this user, as the kernel counts them for RLIMIT_NPROC.
std::uint64_t count_user_threads() {
  std::uint64_t out = 0;
  DIR* processes = ::opendir("/proc");
  if (processes == nullptr) return out;
  while (const dirent* entry = ::readdir(processes)) {
    const std::string path = fmt::format("/proc/{}/task", entry->d_name);
    struct stat facts{};
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || ::stat(path.c_str(), &facts) != 0 || facts.st_uid != ::getuid()) continue;
    out += facts.st_nlink > 2 ? facts.st_nlink - 2 : 1;
  }
  ::closedir(processes);
  return out;
}

struct Taker {
  const std::string& name;

  Result<void> operator()(const EnterCgroup& step) const { return enter_cgroup(step, name); }
  Result<void> operator()(const CutNetwork& step) const { return cut_network(step); }
  Result<void> operator()(const LimitAddressSpace& step) const { return lower_limit(RLIMIT_AS, step.bytes, "cannot limit memory"); }
  Result<void> operator()(const LimitUserProcesses& step) const {
    return lower_limit(RLIMIT_NPROC, count_user_threads() + step.more, "cannot limit processes");
  }
  Result<void> operator()(const PinToCpus& step) const {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : step.cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) return fail_errno("cannot choose CPUs", errno);
    return {};
  }
  Result<void> operator()(const LowerPriority& step) const {
    errno = 0;
    if (::nice(step.by) == -1 && errno != 0) return fail_errno("cannot lower the priority", errno);
    return {};
  }
};

}  // namespace

Result<void> apply(const Step& step, const std::string& name) { return std::visit(Taker{name}, step); }

}  // namespace flotte::sandbox::detail
