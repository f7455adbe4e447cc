// The shim's process: events in from poll(), decisions by ShimMachine, signals out.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/file.hpp"
#include "base/process/shim_machine.hpp"
#include "base/process/shim_output.hpp"
#include "base/process/tree.hpp"

namespace flotte {
namespace {

constexpr int ready_fd = 3;   // closed when the child runs or could not be started
constexpr int parent_fd = 4;  // of a bound shim: its other end is closed when the parent is gone

class ShimProcess {
 public:
  ShimProcess(std::string dir, ShimSpec spec);
  int run();

 private:
  Result<void> open();
  Result<void> start();
  void wait_and_read();
  void read_control();
  void read_signals();
  void reap();
  void signal_descendants(int number);
  void save(Durability durability);
  std::chrono::milliseconds now() const { return system_clock().steady().time_since_epoch(); }

  std::string dir_;
  ShimSpec spec_;
  ShimStatus status_;
  ShimMachine machine_;
  std::vector<ShimOutput> outputs_;
  Descriptor control_, signals_, parent_;
  bool children_ = true;
};

std::vector<ShimOutput> make_outputs(const std::string& dir, const ShimSpec& spec) {
  std::vector<ShimOutput> out;
  if (!spec.log.empty()) {
    out.emplace_back(spec.log, spec.output_bytes, ShimOutput::When::full_rotate);
  } else {
    out.emplace_back(dir + "/stdout", spec.output_bytes, ShimOutput::When::full_drop);
    out.emplace_back(dir + "/stderr", spec.output_bytes, ShimOutput::When::full_drop);
  }
  return out;
}

ShimProcess::ShimProcess(std::string dir, ShimSpec spec)
    : dir_(std::move(dir)),
      spec_(std::move(spec)),
      machine_({.lease = spec_.lease, .grace = spec_.grace, .time_limit = spec_.time_limit, .bound = spec_.bound}, now()),
      outputs_(make_outputs(dir_, spec_)),
      parent_(spec_.bound ? parent_fd : -1) {
  status_.shim = ::getpid();
  status_.shim_birth = process_birth(::getpid()).value_or(0);
  status_.token = random_token(16);
}

void ShimProcess::save(Durability durability) {
  const std::string path = dir_ + "/status.json", text = json::dump(status_.to_json());
  if (replace_file(path, text, 0600, durability)) return;
  // On a full disk (the child may have filled it) the old file's own block still takes it. Where even that fails the node finds `lost`.
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) return;
  [[maybe_unused]] const int cut = ::ftruncate(file.get(), static_cast<off_t>(text.size()));
  if (durability == Durability::power_cut) ::fsync(file.get());
}

Result<void> ShimProcess::open() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_NAME, "flotte-shim");
  ignore_broken_pipes();
  sigset_t watched;
  ::sigemptyset(&watched);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&watched, number);
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  signals_ = Descriptor(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) return fail_errno("signalfd", errno);
  // Read and write, so that it never is at its end when no node has it open.
  control_ = Descriptor(::open((dir_ + "/control").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!control_) return fail_errno(dir_ + "/control", errno);
  for (ShimOutput& output : outputs_)
    if (auto opened = output.open(); !opened) return opened;
  return {};
}

Result<void> ShimProcess::start() {
  Descriptor input;
  if (!spec_.input.empty()) {
    input = Descriptor(::memfd_create("input", MFD_CLOEXEC));
    if (!input || ::write(input.get(), spec_.input.data(), spec_.input.size()) != static_cast<ssize_t>(spec_.input.size()))
      return fail_errno("cannot keep the input", errno);
    ::lseek(input.get(), 0, SEEK_SET);
  }
  SpawnSpec plan;
  plan.argv = spec_.argv;
  plan.env = spec_.env;
  plan.env->push_back("FLOTTE_SHIM=" + status_.token);
  plan.cwd = spec_.cwd.empty() ? dir_ : spec_.cwd;
  plan.stdin_fd = input.get();
  plan.stdout_fd = outputs_.front().child_end();
  plan.stderr_fd = outputs_.back().child_end();
  plan.limits = spec_.limits;
  plan.parent_death_signal = SIGKILL;
  auto child = spawn(plan);
  if (!child) return pass(child);
  status_.child = *child;
  for (ShimOutput& output : outputs_) output.close_child_end();
  return {};
}

void ShimProcess::read_control() {
  char bytes[256];
  for (ssize_t n; (n = ::read(control_.get(), bytes, sizeof bytes)) > 0;) {
    machine_.on_keep(now());
    if (std::string_view(bytes, static_cast<std::size_t>(n)).find('s') != std::string_view::npos) machine_.on_stop(ShimEnd::stopped, now());
  }
}

void ShimProcess::read_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info)
    if (info.ssi_signo != SIGCHLD) machine_.on_stop(ShimEnd::stopped, now());
  reap();
}

void ShimProcess::reap() {
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid == status_.child && pid > 0) {
      status_.exit = ExitStatus::from_wait(status);
      machine_.on_child_ended(now());
    }
    if (pid > 0) continue;
    // Orphans come to us, so without a child there is no descendant either.
    children_ = pid == 0 || errno != ECHILD;
    return;
  }
}

void ShimProcess::signal_descendants(int number) {
  for (const pid_t pid : find_descendants(::getpid())) ::kill(pid, number);
}

void ShimProcess::wait_and_read() {
  std::vector<pollfd> polled{{control_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {parent_.get(), 0, 0}};
  for (const ShimOutput& output : outputs_) polled.push_back({output.fd(), POLLIN, 0});
  const auto wait = std::min(machine_.wait(now()), std::chrono::milliseconds(60'000));
  ::poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
  read_control();
  for (ShimOutput& output : outputs_) output.pump();
  if (polled[2].revents != 0) {
    machine_.on_stop(ShimEnd::no_node, now());
    parent_.reset();
  }
  read_signals();
}

int ShimProcess::run() {
  auto started = open();
  save(Durability::crash);  // before the child can fill the disk: its block takes what is written later
  if (started) started = start();
  status_.started_at_ms = to_ms(system_clock().wall());
  if (!started) {
    status_.state = ShimState::ended;
    status_.end = ShimEnd::not_started;
    status_.error = started.error();
    status_.ended_at_ms = status_.started_at_ms;
    save(Durability::crash);
    return 1;
  }
  save(Durability::crash);
  ::close(ready_fd);
  for (;;) {
    wait_and_read();
    const auto action = machine_.step(children_, now());
    if (action == ShimMachine::Action::terminate) signal_descendants(SIGTERM);
    if (action == ShimMachine::Action::kill) signal_descendants(SIGKILL);
    if (action == ShimMachine::Action::finish) break;
  }
  for (ShimOutput& output : outputs_) {
    output.pump();
    if (!output.trouble().empty()) status_.error = Error(Code::io, "output could not be kept: " + output.trouble(), "is the disk full?");
  }
  status_.state = ShimState::ended;
  status_.end = machine_.end();
  status_.ended_at_ms = to_ms(system_clock().wall());
  save(Durability::power_cut);
  return 0;
}

}  // namespace

int shim_main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("flotte shim: is started by a node, not by people\n", stderr);
    return 2;
  }
  const std::string dir = argv[2];
  auto text = read_file(dir + "/spec.json");
  auto object = text ? json::parse_object(*text) : Result<json::object>(Failure(text.error()));
  auto spec = object ? ShimSpec::from_json(*object) : Result<ShimSpec>(Failure(object.error()));
  if (!spec) {
    std::fprintf(stderr, "flotte shim: %s\n", spec.error().text().c_str());
    return 2;
  }
  ::unlink((dir + "/spec.json").c_str());  // it may hold a key in an environment variable
  return ShimProcess(dir, std::move(*spec)).run();
}

}  // namespace flotte
