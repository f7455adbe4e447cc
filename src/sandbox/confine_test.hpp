// For tests with real confined children: a child with its groups, output and end.
#pragma once
#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/crypto.hpp"
#include "base/process/spawn.hpp"
#include "sandbox/confine.hpp"
#include "sandbox/group.hpp"
#include "sandbox/machine.hpp"

namespace flotte::sandbox {

inline constexpr std::uint64_t mib = 1024 * 1024;
inline constexpr unsigned give_up_seconds = 30;
inline constexpr uid_t nobody = 65534;

/// The thread sanitizer gives every process a second thread, and the kernel makes user namespaces only for processes with one.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FLOTTE_SECOND_THREAD
#endif
#endif
#ifdef FLOTTE_SECOND_THREAD
inline constexpr bool second_thread = true;
#else
inline constexpr bool second_thread = false;
#endif

inline std::string content_of(int fd) {
  std::string out(64 * 1024, '\0');
  const ssize_t n = ::pread(fd, out.data(), out.size(), 0);
  out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return out;
}

inline void become_nobody() {
  if (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(99);
  ::prctl(PR_SET_DUMPABLE, 1);  // an exec would have done that
}

/// One confined child and its groups, which go with it.
class Confined {
 public:
  explicit Confined(const Limits& limits, uid_t user = ::getuid()) : limits_(limits), user_(user) {}
  ~Confined() {
    if (pid_ > 0) end();
    [[maybe_unused]] auto removed = remove(name);
  }

  Confined& start(const std::vector<std::string>& argv) {
    auto args = confined(limits_, {.name = name, .binary = "flotte"}, argv);
    args.erase(args.begin(), args.begin() + 2);
    return start_args(args);
  }
  Confined& shell(const std::string& script) { return start({"/bin/sh", "-c", script}); }
  Confined& start_args(const std::vector<std::string>& args) {
    pid_ = ::fork();
    if (pid_ != 0) return *this;
    ::alarm(give_up_seconds);
    ::dup2(out_.get(), 1);
    ::dup2(err_.get(), 2);
    if (user_ != ::getuid()) become_nobody();
    ::_exit(confine_main(args));
  }
  ExitStatus wait() {
    int status = 0;
    ::wait4(pid_, &status, 0, &usage);
    pid_ = 0;
    return ExitStatus::from_wait(status);
  }
  ExitStatus end() {
    ::kill(pid_, SIGKILL);
    return wait();
  }
  pid_t pid() const { return pid_; }
  std::string out() const { return content_of(out_.get()); }
  std::string err() const { return content_of(err_.get()); }

  const std::string name = group_name("/test/" + random_token(9));
  rusage usage{};

 private:
  Limits limits_;
  uid_t user_;
  pid_t pid_ = 0;
  Descriptor out_{::memfd_create("out", MFD_CLOEXEC)}, err_{::memfd_create("err", MFD_CLOEXEC)};
};

template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

inline bool can_cut_network(uid_t user) {
  const Machine machine = read_machine();
  return machine.network_namespaces && ((user == 0 && machine.administrator) || machine.user_namespaces) && find_program("bash");
}

}  // namespace flotte::sandbox
