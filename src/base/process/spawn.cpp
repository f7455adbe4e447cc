// vfork and exec. Between the two the child runs on its parent's memory: only system calls there, everything is prepared before.
#include "base/process/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/file.hpp"
#include "base/process/open_files.hpp"
#include "base/process/platform.hpp"

extern char** environ;

namespace flotte {
namespace {

struct Prepared {
  const char* program;
  char* const* argv;
  char* const* env;
  const char* cwd;
  const int* descriptors;  // those that become 0, 1, 2, ...
  int* scratch;            // room for as many
  int descriptor_count;
  int report;  // the pipe on which the failing errno goes back
  pid_t parent;
  const SpawnSpec* spec;
};

void limit(int resource, std::uint64_t soft, std::uint64_t hard) {
  if (soft == 0) return;
  const rlimit value{static_cast<rlim_t>(soft), static_cast<rlim_t>(hard)};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &value);
}

/// What raise_open_files changed is for this process only: some programs still use select().
void limit_open_files_as_before() {
  rlimit value{};
  const std::uint64_t before = open_files_before();
  if (before == 0 || ::getrlimit(RLIMIT_NOFILE, &value) != 0) return;
  value.rlim_cur = static_cast<rlim_t>(before);
  ::setrlimit(RLIMIT_NOFILE, &value);
}

/// 0, or the errno of what failed.
int place_descriptors(const Prepared& p, int& report) {
  // First all of them out of the way, so that no source is overwritten before it was copied.
  const int above = p.descriptor_count + 8;
  report = ::fcntl(p.report, F_DUPFD_CLOEXEC, above);
  if (report < 0) return errno;
  for (int i = 0; i < p.descriptor_count; ++i)
    if ((p.scratch[i] = ::fcntl(p.descriptors[i], F_DUPFD_CLOEXEC, above)) < 0) return errno;
  for (int i = 0; i < p.descriptor_count; ++i)
    if (::dup2(p.scratch[i], i) < 0) return errno;
  // Everything is opened close-on-exec here; this catches what a library forgot.
  platform::close_on_exec_from(p.descriptor_count);
  return 0;
}

int become(const Prepared& p, int& report) {
  if (const int failed = place_descriptors(p, report)) return failed;
  for (int number = 1; number < 65; ++number) ::signal(number, SIG_DFL);
  ::setsid();
  const SpawnSpec& spec = *p.spec;
  if (spec.parent_death_signal != 0) {
    platform::signal_at_parents_death(spec.parent_death_signal);
    if (::getppid() != p.parent) ::_exit(127);  // it died before the line above
  }
  limit(RLIMIT_CPU, spec.limits.cpu_seconds, spec.limits.cpu_seconds + 1);
  limit(RLIMIT_AS, spec.limits.address_space_bytes, spec.limits.address_space_bytes);
  if (spec.limits.open_files != 0)
    limit(RLIMIT_NOFILE, spec.limits.open_files, spec.limits.open_files);
  else
    limit_open_files_as_before();
  limit(RLIMIT_FSIZE, spec.limits.file_bytes, spec.limits.file_bytes);
  if (*p.cwd != '\0' && ::chdir(p.cwd) != 0) return errno;
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(p.program, p.argv, p.env);
  return errno;
}

[[gnu::noinline]] pid_t fork_and_exec(const Prepared& p) {
  const pid_t pid = ::vfork();
  if (pid != 0) return pid;
  int report = p.report;
  const int failed = become(p, report);
  [[maybe_unused]] const auto written = ::write(report, &failed, sizeof failed);
  ::_exit(127);
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (const std::string& s : strings) out.push_back(const_cast<char*>(s.c_str()));
  out.push_back(nullptr);
  return out;
}

std::string path_of(const SpawnSpec& spec) {
  if (spec.env)
    for (const std::string& pair : *spec.env)
      if (pair.starts_with("PATH=")) return pair.substr(5);
  return environment("PATH");
}

Failure fail_start(const SpawnSpec& spec, int number) {
  const std::string& name = spec.argv.front();
  if (number == ENOENT && !spec.cwd.empty() && ::access(spec.cwd.c_str(), F_OK) != 0)
    return fail(Code::not_found, fmt::format("cannot start {}: the directory {} does not exist", name, spec.cwd));
  if (number == EACCES || number == ENOEXEC)
    return fail(Code::io, fmt::format("cannot start {}: {}", name, std::strerror(number)), "is it an executable file?");
  return fail_errno("cannot start " + name, number);
}

/// The errno that the child reported before exec, or 0 where exec closed the pipe.
int read_report(int fd) {
  int failed = 0;
  ssize_t n;
  do n = ::read(fd, &failed, sizeof failed);
  while (n < 0 && errno == EINTR);
  return n == sizeof failed ? failed : 0;
}

}  // namespace

std::string ExitStatus::text() const {
  if (signal != 0) return fmt::format("killed by signal {} ({})", signal, ::strsignal(signal));
  return fmt::format("exit status {}", code);
}

ExitStatus ExitStatus::from_wait(int status) {
  ExitStatus out;
  if (WIFSIGNALED(status))
    out.signal = WTERMSIG(status);
  else
    out.code = WEXITSTATUS(status);
  return out;
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}
int Descriptor::release() noexcept { return std::exchange(fd_, -1); }
void Descriptor::reset() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("cannot make a pipe", errno);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<pid_t> spawn(const SpawnSpec& spec) {
  if (spec.argv.empty() || spec.argv.front().empty()) return fail(Code::invalid_argument, "no program is named to start");
  const auto program = find_program(spec.argv.front(), path_of(spec));
  if (!program)
    return fail(Code::not_found, fmt::format("no program '{}'", spec.argv.front()), "install it, or put its directory on the PATH");
  const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing) return fail_errno("/dev/null", errno);
  auto report = make_pipe();
  if (!report) return pass(report);

  std::vector<int> descriptors{spec.stdin_fd, spec.stdout_fd, spec.stderr_fd};
  for (int& fd : descriptors)
    if (fd < 0) fd = nothing.get();
  descriptors.insert(descriptors.end(), spec.inherit.begin(), spec.inherit.end());
  std::vector<int> scratch(descriptors.size());
  const auto argv = pointers(spec.argv);
  const auto env = spec.env ? pointers(*spec.env) : std::vector<char*>();
  const Prepared prepared{program->c_str(),   argv.data(),    spec.env ? env.data() : environ,      spec.cwd.c_str(),
                          descriptors.data(), scratch.data(), static_cast<int>(descriptors.size()), report->write_end.get(),
                          ::getpid(),         &spec};

  // A handler of ours that ran in the child would run on our memory: no signal until it has the defaults.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork_and_exec(prepared);
  const int fork_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);

  report->write_end.reset();
  if (pid < 0) return fail_errno("cannot start " + spec.argv.front(), fork_error);
  if (const int failed = read_report(report->read_end.get())) {
    ::waitpid(pid, nullptr, 0);
    return fail_start(spec, failed);
  }
  return pid;
}

std::optional<std::string> find_program(std::string_view name, std::string_view path) {
  auto executable = [](const std::string& file) {
    struct stat facts{};
    return ::stat(file.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && ::access(file.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string_view::npos) return std::string(name);  // exec itself says what is wrong with it
  const std::string own = path.empty() ? environment("PATH") : std::string(path);
  for (std::string_view rest = own; !rest.empty();) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string directory(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::string file = (directory.empty() ? "." : directory) + "/" + std::string(name);
    if (executable(file)) return file;
  }
  return std::nullopt;
}

std::vector<std::string> environment_with(const std::vector<std::string>& changes) {
  std::vector<std::string> out;
  auto name_of = [](std::string_view pair) { return pair.substr(0, pair.find('=')); };
  for (char** pair = environ; pair && *pair; ++pair) {
    bool replaced = false;
    for (const std::string& change : changes) replaced = replaced || name_of(change) == name_of(*pair);
    if (!replaced) out.emplace_back(*pair);
  }
  out.insert(out.end(), changes.begin(), changes.end());
  return out;
}

void ignore_broken_pipes() { ::signal(SIGPIPE, SIG_IGN); }

}  // namespace flotte
