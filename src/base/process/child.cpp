// Children on a loop: their end comes through a pidfd.
#include "base/process/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/async/wait.hpp"
#include "base/file.hpp"

namespace flotte {

struct Child::State {
  explicit State(Executor e) : executor(e), ended(e) {}
  ~State() {
    if (reaped || pid <= 0) return;
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  Executor executor;
  pid_t pid = 0;
  bool reaped = false;
  PipeEnd ended;  // readable when the child has ended
  std::optional<PipeEnd> in, out, err;
};

namespace {

/// The end for the child, and ours where it is a pipe.
struct Opened {
  Descriptor for_child, ours;
};

Result<Opened> open_sink(const Sink& sink) {
  Opened out;
  if (sink.kind == Sink::Kind::pipe) {
    auto made = make_pipe();
    if (!made) return pass(made);
    out.for_child = std::move(made->write_end);
    out.ours = std::move(made->read_end);
  } else if (sink.kind == Sink::Kind::file) {
    out.for_child = Descriptor(::open(sink.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!out.for_child) return fail_errno(sink.path, errno);
  }
  return out;
}

void adopt_pipe(std::optional<PipeEnd>& slot, Executor executor, Descriptor& fd) {
  if (!fd) return;
  slot.emplace(executor, fd.release());
  slot->non_blocking(true);
}

}  // namespace

Child::Child(std::unique_ptr<State> state) : state_(std::move(state)) {}
Child::Child(Child&&) noexcept = default;
Child& Child::operator=(Child&&) noexcept = default;
Child::~Child() = default;

Result<Child> Child::start(Executor executor, const ChildSpec& spec) {
  auto out = open_sink(spec.out);
  if (!out) return pass(out);
  auto err = open_sink(spec.err);
  if (!err) return pass(err);
  Pipe in;
  if (spec.input_pipe) {
    auto made = make_pipe();
    if (!made) return pass(made);
    in = std::move(*made);
  }
  auto state = std::make_unique<State>(executor);
  SpawnSpec plan;
  plan.argv = spec.argv;
  plan.env = spec.env;
  plan.cwd = spec.cwd;
  plan.stdin_fd = in.read_end.get();
  plan.stdout_fd = out->for_child.get();
  plan.stderr_fd = err->for_child.get();
  plan.limits = spec.limits;
  plan.parent_death_signal = SIGKILL;
  auto pid = spawn(plan);
  if (!pid) return pass(pid);
  state->pid = *pid;
  const int watch = open_pidfd(*pid);
  if (watch < 0) return fail_errno("pidfd_open", errno);
  state->ended.assign(watch);
  adopt_pipe(state->in, executor, in.write_end);
  adopt_pipe(state->out, executor, out->ours);
  adopt_pipe(state->err, executor, err->ours);
  return Child(std::move(state));
}

pid_t Child::pid() const noexcept { return state_->pid; }

Awaitable<Result<ExitStatus>> Child::wait() {
  int status = 0;
  pid_t got = 0;
  while (got == 0) {
    boost::system::error_code error;
    co_await state_->ended.async_wait(PipeEnd::wait_read, asio::redirect_error(use_awaitable, error));
    if (error) co_return fail(Code::cancelled, "cancelled while a child ran");
    // Asio may complete a wait with the event of another descriptor that was closed a moment ago (its state is used again): a child that
    // runs on is waited for again, never with the loop's thread held.
    do got = ::waitpid(state_->pid, &status, WNOHANG);
    while (got < 0 && errno == EINTR);
  }
  state_->reaped = true;
  if (got < 0) co_return fail_errno("waitpid", errno);
  // What the child left in its group has no owner any more.
  ::kill(-state_->pid, SIGKILL);
  co_return ExitStatus::from_wait(status);
}

void Child::signal(int number) {
  if (!state_->reaped) ::kill(-state_->pid, number);
}

Awaitable<Result<ExitStatus>> Child::end(std::chrono::milliseconds grace) {
  signal(SIGTERM);
  Awaitable<Result<ExitStatus>> polite = wait();
  auto ended = co_await with_deadline(grace, std::move(polite));
  if (ended || ended.error().code != Code::deadline) co_return ended;
  signal(SIGKILL);
  Awaitable<Result<ExitStatus>> forced = wait();
  co_return co_await std::move(forced);
}

PipeEnd* Child::in() { return state_->in ? &*state_->in : nullptr; }
PipeEnd* Child::out() { return state_->out ? &*state_->out : nullptr; }
PipeEnd* Child::err() { return state_->err ? &*state_->err : nullptr; }
void Child::close_input() { state_->in.reset(); }

}  // namespace flotte
