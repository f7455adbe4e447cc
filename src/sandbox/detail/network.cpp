// A network namespace of its own.
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/process/spawn.hpp"
#include "sandbox/detail/apply.hpp"

namespace flotte::sandbox::detail {
namespace {

Result<void> write_map(const char* path, const std::string& text) {
  const Descriptor file(::open(path, O_WRONLY | O_CLOEXEC));
  if (file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) return {};
  return fail_errno(fmt::format("cannot write {}", path), errno);
}

/// The same user and group as outside, and no other.
Result<void> map_ids(uid_t uid, gid_t gid) {
  // Without this line an ordinary user may not map a group (user_namespaces(7)).
  if (auto written = write_map("/proc/self/setgroups", "deny"); !written) return written;
  if (auto written = write_map("/proc/self/uid_map", fmt::format("{} {} 1", uid, uid)); !written) return written;
  return write_map("/proc/self/gid_map", fmt::format("{} {} 1", gid, gid));
}

Result<void> raise_loopback() {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (!socket || ::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) return fail_errno("cannot find the loopback", errno);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return fail_errno("cannot raise the loopback", errno);
  return {};
}

}  // namespace

Result<void> cut_network(const CutNetwork& step) {
  const uid_t uid = ::getuid();
  const gid_t gid = ::getgid();
  if (::unshare(CLONE_NEWNET | (step.with_user ? CLONE_NEWUSER : 0)) != 0) return fail_errno("cannot make a network namespace", errno);
  if (step.with_user)
    if (auto mapped = map_ids(uid, gid); !mapped) return mapped;
  if (auto raised = raise_loopback(); !raised) return raised;
  // A root that kept it could enter the machine's network again with setns(2). The exec that follows makes this count.
  if (!step.with_user && ::prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0) != 0) return fail_errno("cannot give up CAP_SYS_ADMIN", errno);
  return {};
}

}  // namespace flotte::sandbox::detail
