// Commands.
#include "work/command/command.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/process/spawn.hpp"
#include "work/command/environment.hpp"

namespace flotte::work {
namespace {

constexpr milliseconds look_gap{100};   // between two looks at the output files
constexpr milliseconds busy_gap{1};     // where there was more than one look takes
constexpr milliseconds alive_gap{500};  // between two words to the shim

/// The directory of the program that runs now; empty where it cannot be told.
std::string program_directory() {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path().string();
}

std::string path_in(const std::vector<std::string>& env) {
  for (const std::string& entry : env)
    if (entry.starts_with("PATH=")) return entry.substr(5);
  return {};
}

/// What is certain to fail is said here, in the words of who wrote the command: behind the shim and the worker's limits they would be those
/// of our own programs. Of relative paths nothing is certain: the run's directory is made later. Error: not_found, invalid_argument.
Result<void> check_start(const ShimSpec& spec, const std::filesystem::path& cwd) {
  std::error_code unreadable;  // then the start itself says what is wrong
  if (cwd.is_absolute()) {
    const bool there = std::filesystem::exists(cwd, unreadable);
    if (!there && !unreadable)
      return fail(Code::not_found, fmt::format("the directory {} does not exist where the command was to run", spec.cwd),
                  "it is a path of the machine that does the task");
    if (!std::filesystem::is_directory(cwd, unreadable) && !unreadable)
      return fail(Code::invalid_argument, fmt::format("{} is not a directory where the command was to run", spec.cwd));
  }
  const std::filesystem::path program = spec.argv.front();
  const bool is_path = spec.argv.front().find('/') != std::string::npos;
  if (is_path && !program.is_absolute() && !cwd.is_absolute()) return {};
  const bool there = is_path ? std::filesystem::exists(cwd / program, unreadable) || unreadable
                             : find_program(spec.argv.front(), path_in(spec.env)).has_value();
  if (there) return {};
  return fail(Code::not_found, fmt::format("there is no program '{}' where the command was to run", spec.argv.front()),
              is_path ? "it is a path of the machine that does the task" : "install it there, or put its directory on the node's PATH");
}

json::object exit_result(const ExitStatus& exit) {
  json::object result;
  result["exit_code"] = exit.signal != 0 ? 128 + exit.signal : exit.code;  // as a shell counts
  return result;
}

}  // namespace

wire::Finished command_outcome(const ShimStatus& status) {
  wire::Finished finished;
  switch (status.end) {
    case ShimEnd::exited:
      if (status.exit.success())
        finished = succeeded({});
      else
        finished = failed(Error(Code::unprocessable, fmt::format("the command ended with {}", status.exit.text())), Again::no);
      finished.result = exit_result(status.exit);
      return finished;
    case ShimEnd::stopped: return stopped();
    case ShimEnd::no_node:
      return failed(Error(Code::closed, "the command was ended because its node was away for longer than a lease"), Again::yes);
    case ShimEnd::time_limit: return failed(Error(Code::deadline, "the command took longer than allowed"), Again::no);
    case ShimEnd::not_started: {
      const bool again = status.error.code == Code::io || status.error.code == Code::exhausted;
      return failed(status.error, again ? Again::yes : Again::no);
    }
    case ShimEnd::lost: break;
  }
  return failed(Error(Code::closed, "the command was killed together with the process that looked after it"), Again::yes);
}

Result<ShimSpec> CommandExecutor::plan(const RunContext& run, const RunDirectory& directory) const {
  const json::object& input = run.offer().spec.input;
  ShimSpec spec;
  spec.argv = json::strings(input, "argv");
  if (spec.argv.empty()) return fail(Code::invalid_argument, "the command has no program");
  const std::string socket = has_gate(directory) ? directory.step_socket() : std::string();
  const std::string own = program_directory();
  spec.env = command_environment(environment_with({}), run.offer(), {options_.url, socket, own});
  const std::filesystem::path cwd = json::string_or(input, "cwd", "");
  spec.cwd = (std::filesystem::path(directory.work()) / cwd).string();  // an absolute one stands for itself
  if (auto good = check_start(spec, cwd); !good) return pass(good);
  if (options_.wrap) spec.argv = options_.wrap(run.offer(), std::move(spec.argv));
  spec.output_bytes = affordable_output(options_.runs_directory.parent_path().string(), options_.output_bytes);
  spec.lease = options_.lease;
  spec.grace = options_.grace;
  spec.program = options_.program;
  return spec;
}

bool CommandExecutor::has_gate(const RunDirectory& directory) const {
  return options_.steps && directory.step_socket().size() <= StepGate::path_bytes;
}

Awaitable<Result<ShimHandle>> CommandExecutor::begin(RunContext& run, RunDirectory& directory, std::unique_ptr<StepGate>& gate) {
  if (directory.exists()) {
    if (has_gate(directory)) gate = StepGate::open(run.executor(), directory.step_socket(), run.offer(), options_.steps);
    co_return ShimHandle::adopt(run.executor(), directory.shim());
  }
  auto spec = plan(run, directory);
  if (!spec) co_return pass(spec);
  if (auto made = directory.make(run.offer()); !made) co_return pass(made);
  if (has_gate(directory)) gate = StepGate::open(run.executor(), directory.step_socket(), run.offer(), options_.steps);
  co_return co_await ShimHandle::start(directory.shim(), std::move(*spec));
}

Awaitable<wire::Finished> CommandExecutor::run(RunContext& run) {
  RunDirectory directory(options_.runs_directory, run.offer().run);
  const bool taken_over = directory.exists();
  wire::Finished finished;
  if (!taken_over && run.worker().kind != "command") {
    finished = failed(Error(Code::forbidden, fmt::format("worker '{}' does not run commands", run.offer().worker)), Again::no);
    co_return finished;
  }
  std::unique_ptr<StepGate> gate;
  auto shim = co_await begin(run, directory, gate);
  if (!shim) {
    const bool again =
        taken_over || shim.error().code == Code::io || shim.error().code == Code::exhausted || shim.error().code == Code::deadline;
    const Error error = taken_over ? Error(Code::closed, "the node was killed while it started the command") : shim.error();
    finished = failed(error, again ? Again::yes : Again::no);
    co_return finished;
  }
  run.step("running");
  auto status = co_await follow(run, directory, *shim);
  if (!status)
    finished = failed(status.error(), Again::yes);
  else
    finished = command_outcome(*status);
  if (status && status->end == ShimEnd::exited && !status->error.message.empty()) run.output("note", status->error.text() + "\n");
  co_await keep_whole(run, *shim, finished);
  if (run.stop().requested() && finished.outcome != "succeeded") finished = stopped();
  co_return finished;
}

namespace {

/// Until the shim has ended, or for a moment.
Awaitable<void> wait_a_moment(ShimHandle& shim) {
  using namespace asio::experimental::awaitable_operators;
  co_await (shim.wait() || sleep_for(look_gap));
}
}  // namespace

/// What is too long for the log is kept apart, whatever became of the command.
Awaitable<void> CommandExecutor::keep_whole(RunContext& run, const ShimHandle& shim, wire::Finished& finished) {
  if (!options_.keeper) co_return;
  for (const OutputStream which : {OutputStream::out, OutputStream::err}) {
    if (output_size(shim, which) <= options_.log.head_bytes || run.stop().requested()) continue;
    json::object kept = co_await keep_output(run, shim, which, *options_.keeper);
    if (finished.result.is_object()) finished.result.get_object()[stream_name(which)] = std::move(kept);
  }
  run.flush();
}

Awaitable<Result<ShimStatus>> CommandExecutor::follow(RunContext& run, RunDirectory& directory, ShimHandle& shim) {
  const RunDirectory::Followed start = directory.followed();
  // Told and acknowledged is what the directory says, told and not acknowledged what the spool says; each line exactly once.
  run.set_told("stdout", std::max<std::int64_t>(run.told("stdout"), static_cast<std::int64_t>(start.out)));
  run.set_told("stderr", std::max<std::int64_t>(run.told("stderr"), static_cast<std::int64_t>(start.err)));
  Following out(OutputStream::out, run, options_.log), err(OutputStream::err, run, options_.log);
  const TellsDirectory noting(run, directory);
  SteadyTime alive_at{};
  const Clock& clock = system_clock();  // a real process lives in real time
  bool stopping = false;
  for (;;) {
    const auto status = shim.status();
    const bool ended = !status || status->state == ShimState::ended;
    bool more = out.take(shim, run);
    more = err.take(shim, run) || more;
    if (ended) break;
    const SteadyTime now = clock.steady();
    if (now - alive_at >= alive_gap) {
      shim.keep_alive();
      alive_at = now;
    }
    if (run.stop().requested() && !stopping) {
      stopping = true;
      shim.stop();
    }
    if (more)
      co_await sleep_for(busy_gap);
    else
      co_await wait_a_moment(shim);
  }
  // The status is written before the last descendant is gone.
  auto end = co_await shim.end(options_.grace + std::chrono::seconds(5));
  // The files are complete now. Where the hub is away for long there may be no room: they can wait.
  for (bool left = true; left;) {
    left = out.take(shim, run);
    left = err.take(shim, run) || left;
    const bool waits = !left && !run.room() && !run.stop().requested();
    if (!left && !waits) break;
    const bool rested = co_await sleep_for(waits ? look_gap : busy_gap);
    if (!rested) co_return pass(end);
    left = true;
  }
  out.finish(shim, run);
  err.finish(shim, run);
  run.flush();
  co_return end;
}

void CommandExecutor::forget(const wire::RunId& run) {
  const std::filesystem::path path = RunDirectory(options_.runs_directory, run).path();
  const auto remove = [path] {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  };
  // Where the pool is full the next start removes it with the survivors that nobody knows.
  if (!pool_.post(remove)) log::warning("run directory stays", {{"path", path.string()}});
}

}  // namespace flotte::work
