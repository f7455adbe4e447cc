// A node's side of a shim.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <filesystem>

#include "base/async/wait.hpp"
#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/process/child.hpp"
#include "base/process/shim.hpp"
#include "base/process/tree.hpp"

namespace flotte {
namespace {

constexpr std::chrono::milliseconds start_deadline{10'000};

std::string status_path(const std::string& dir) { return dir + "/status.json"; }

Result<ShimStatus> load_status(const std::string& dir) {
  auto text = read_file(status_path(dir));
  if (!text) return pass(text);
  auto object = json::parse_object(*text);
  if (!object) return fail(Code::corrupt, status_path(dir) + ": " + object.error().message);
  auto status = ShimStatus::from_json(*object);
  if (!status) return fail(Code::corrupt, status_path(dir) + ": " + status.error().message);
  return status;
}

/// The shim is gone without an outcome: what is left under it is killed, and the status says so from now on.
ShimStatus settle_lost(const std::string& dir, ShimStatus status) {
  if (!status.token.empty())
    for (int round = 0; round < 20; ++round) {
      const auto left = find_by_environment("FLOTTE_SHIM=" + status.token);
      for (const pid_t pid : left) ::kill(pid, SIGKILL);
      if (left.empty()) break;
      ::usleep(2'000);
    }
  status.state = ShimState::ended;
  status.end = ShimEnd::lost;
  status.error = Error(Code::io, "the process that looked after it was killed, and it with it");
  status.ended_at_ms = to_ms(system_clock().wall());
  [[maybe_unused]] auto saved = replace_file(status_path(dir), json::dump(status.to_json()), 0600);
  return status;
}

bool is_alive(const ShimStatus& status) {
  const auto birth = process_birth(status.shim);
  return birth && *birth == status.shim_birth;
}

Result<void> prepare(const std::string& dir, const ShimSpec& spec) {
  if (auto made = make_directories(dir); !made) return made;
  for (const char* name : {"/status.json", "/control", "/stdout", "/stderr"}) ::unlink((dir + name).c_str());
  if (::mkfifo((dir + "/control").c_str(), 0600) != 0) return fail_errno(dir + "/control", errno);
  return replace_file(dir + "/spec.json", json::dump(spec.to_json()), 0600, Durability::crash);
}

Awaitable<Result<bool>> wait_readable(PipeEnd& fd) {
  boost::system::error_code error;
  co_await fd.async_wait(PipeEnd::wait_read, asio::redirect_error(use_awaitable, error));
  if (error) co_return fail(Code::cancelled, "cancelled while a shim ran");
  co_return true;
}

}  // namespace

struct ShimHandle::State {
  State(Executor e, std::string d) : dir(std::move(d)), watch(e) {}
  ~State() {
    if (ours) ::waitpid(pid, nullptr, WNOHANG);
  }
  /// False where no shim reads.
  bool say(char what) {
    if (!control) control = Descriptor(::open((dir + "/control").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (!control) return false;
    return ::write(control.get(), &what, 1) == 1 || errno == EAGAIN;
  }
  std::string dir;
  PipeEnd watch;  // a pidfd: readable when the shim has ended; closed where it had ended before
  pid_t pid = 0;
  bool ours = false;  // our child, to be reaped
  Descriptor control, bond;
};

ShimHandle::ShimHandle(std::shared_ptr<State> state) : state_(std::move(state)) {}
ShimHandle::ShimHandle(ShimHandle&&) noexcept = default;
ShimHandle& ShimHandle::operator=(ShimHandle&&) noexcept = default;
ShimHandle::~ShimHandle() = default;

Awaitable<Result<ShimHandle>> ShimHandle::start(std::string dir, ShimSpec spec) {
  auto executor = co_await asio::this_coro::executor;
  ignore_broken_pipes();
  dir = std::filesystem::absolute(dir).string();
  if (auto prepared = prepare(dir, spec); !prepared) co_return pass(prepared);
  auto ready = make_pipe();
  auto bond = make_pipe();
  if (!ready || !bond) co_return fail(Code::io, "cannot make a pipe: too many open files");
  SpawnSpec plan;
  plan.argv = {spec.program, "shim", dir};
  plan.cwd = "/";
  plan.inherit = {ready->write_end.get()};
  if (spec.bound) plan.inherit.push_back(bond->read_end.get());
  auto pid = spawn(plan);
  if (!pid) co_return pass(pid);
  auto state = std::make_shared<State>(executor, dir);
  state->pid = *pid;
  state->ours = true;
  state->watch.assign(open_pidfd(*pid));
  if (spec.bound) state->bond = std::move(bond->write_end);
  ready->write_end.reset();
  PipeEnd started(executor, ready->read_end.release());
  Awaitable<Result<bool>> start_seen = wait_readable(started);
  auto seen = co_await with_deadline(start_deadline, std::move(start_seen));
  ShimHandle handle(state);
  if (!seen) {
    ::kill(*pid, SIGKILL);
    ::waitpid(*pid, nullptr, 0);
    state->ours = false;
    if (auto status = load_status(dir)) settle_lost(dir, std::move(*status));
    co_return pass(seen, "starting " + spec.argv.front());
  }
  auto status = load_status(dir);
  if (status && status->end != ShimEnd::not_started) co_return std::move(handle);
  [[maybe_unused]] auto ended = co_await handle.wait();
  if (!status) co_return fail(Code::io, fmt::format("the shim of {} ended at once", spec.argv.front()), "is the disk full?");
  co_return Failure(status->error);
}

Result<ShimHandle> ShimHandle::adopt(Executor executor, std::string dir) {
  ignore_broken_pipes();
  dir = std::filesystem::absolute(dir).string();
  auto state = std::make_shared<State>(executor, dir);
  auto status = load_status(dir);
  if (!status) {
    // A shim that has only just begun: nobody knows its run, so it ends.
    state->say('s');
    return pass(status);
  }
  if (status->state == ShimState::ended) return ShimHandle(state);
  const int watch = is_alive(*status) ? open_pidfd(status->shim) : -1;
  // The number may have been given to another process before the pidfd held it.
  if (watch >= 0 && is_alive(*status)) {
    state->pid = status->shim;
    state->watch.assign(watch);
    return ShimHandle(state);
  }
  if (watch >= 0) ::close(watch);
  auto latest = load_status(dir);
  if (latest && latest->state == ShimState::running) settle_lost(dir, std::move(*latest));
  return ShimHandle(state);
}

const std::string& ShimHandle::dir() const noexcept { return state_->dir; }

Result<ShimStatus> ShimHandle::status() const {
  auto status = load_status(state_->dir);
  if (!status || status->state == ShimState::ended || is_alive(*status)) return status;
  // It may have ended between the two looks.
  status = load_status(state_->dir);
  if (!status || status->state == ShimState::ended) return status;
  return settle_lost(state_->dir, std::move(*status));
}

bool ShimHandle::keep_alive() { return state_->say('k'); }

void ShimHandle::stop() {
  state_->say('s');
  state_->bond.reset();
}

Awaitable<Result<ShimStatus>> ShimHandle::wait() {
  auto state = state_;
  if (state->watch.is_open()) {
    auto ended = co_await wait_readable(state->watch);
    if (!ended) co_return pass(ended);
    state->watch.close();
    if (state->ours) ::waitpid(state->pid, nullptr, 0);
    state->ours = false;
  }
  auto status = load_status(state->dir);
  if (status && status->state == ShimState::running) co_return settle_lost(state->dir, std::move(*status));
  co_return status;
}

Awaitable<Result<ShimStatus>> ShimHandle::end(std::chrono::milliseconds bound) {
  stop();
  Awaitable<Result<ShimStatus>> polite = wait();
  auto ended = co_await with_deadline(bound, std::move(polite));
  if (ended || ended.error().code != Code::deadline) co_return ended;
  if (state_->watch.is_open()) signal_pidfd(state_->watch.native_handle(), SIGKILL);
  Awaitable<Result<ShimStatus>> forced = wait();
  co_return co_await std::move(forced);
}

Result<std::string> ShimHandle::read_output(OutputStream which, std::uint64_t offset, std::size_t limit) const {
  const std::string path = state_->dir + (which == OutputStream::out ? "/stdout" : "/stderr");
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno == ENOENT ? Result<std::string>("") : Result<std::string>(fail_errno(path, errno));
  std::string out(limit, '\0');
  const ssize_t n = ::pread(file.get(), out.data(), out.size(), static_cast<off_t>(offset));
  if (n < 0) return fail_errno(path, errno);
  out.resize(static_cast<std::size_t>(n));
  return out;
}

}  // namespace flotte
