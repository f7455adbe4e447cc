// Steps of commands.
#include "cli/command/step.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/async/wait.hpp"
#include "base/file.hpp"
#include "base/process/spawn.hpp"
#include "cli/screen/screen.hpp"
#include "wire/step.hpp"

namespace flotte::cli {
namespace {

/// How long a hub or a node that is away is waited for. A node that does not come back ends this process with its run.
constexpr std::chrono::minutes patience{30};
constexpr std::chrono::milliseconds first_pause{100}, longest_pause{2'000};

bool away(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::closed || error.code == Code::deadline || error.code == Code::io;
}

/// Where a run's steps are kept: the socket where it is there, else the hub itself.
Common reached(Common common) {
  const std::string socket = environment("FLOTTE_STEP_SOCKET");
  if (socket.empty() || ::access(socket.c_str(), F_OK) != 0) return common;
  common.socket = socket;
  common.url = "http://localhost";
  common.key = Secret();
  return common;
}

struct Found {
  bool finished = false;
  std::string output;
};

Awaitable<Result<client::Answer>> ask(Session& session, client::Request request) {
  std::chrono::milliseconds pause = first_pause;
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto answer = co_await session.connection().request(request, wire::step_output_bytes + 1024);
    if (answer || !away(answer.error()) || std::chrono::steady_clock::now() > end) co_return answer;
    const bool rested = co_await sleep_for(pause);
    if (!rested) co_return fail(Code::cancelled, "interrupted");
    pause = std::min(2 * pause, longest_pause);
  }
}

Awaitable<Result<int>> find(Session& session, std::string path, Found& found) {
  client::Request request;
  request.target = std::move(path);
  auto answer = co_await ask(session, std::move(request));
  if (!answer && answer.error().code == Code::not_found) co_return status::done;
  if (!answer) co_return pass(answer);
  found.finished = true;
  found.output = std::move(answer->body);
  co_return status::done;
}

Awaitable<Result<int>> keep(Session& session, std::string path, const std::string& output) {
  client::Request request;
  request.method = "PUT";
  request.target = std::move(path);
  request.content_type = "application/octet-stream";
  request.body = output;
  auto answer = co_await ask(session, std::move(request));
  if (!answer) co_return pass(answer);
  co_return status::done;
}

struct Ran {
  ExitStatus exit;
  std::string output;
  bool too_long = false;
};

/// In this process's group, so that what ends the run ends it too. Its output goes on as it comes.
Result<Ran> run_child(const std::vector<std::string>& command) {
  auto pipe = make_pipe();
  if (!pipe) return flotte::pass(pipe);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe->write_end.get(), STDOUT_FILENO);
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, argv.front(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    return fail(failed == ENOENT ? Code::not_found : Code::io,
                fmt::format("{} cannot be started: {}", command.front(), std::strerror(failed)));
  pipe->write_end.reset();
  Ran ran;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = ::read(pipe->read_end.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(n));
    write_all(STDOUT_FILENO, piece);
    ran.too_long = ran.too_long || ran.output.size() + piece.size() > wire::step_output_bytes;
    if (!ran.too_long) ran.output.append(piece);
  }
  int ended = 0;
  while (::waitpid(child, &ended, 0) < 0 && errno == EINTR) {
  }
  ran.exit = ExitStatus::from_wait(ended);
  return ran;
}

int with_hub(const Common& common, std::function<Awaitable<Result<int>>(Session&)> work) {
  Session session(reached(common));
  return session.run(std::move(work));
}

}  // namespace

int run_step(const Common& common, const StepOptions& options) {
  const std::string task = environment("FLOTTE_TASK");
  if (task.empty()) {
    report(Error(Code::invalid_argument, "there is no task here: FLOTTE_TASK is not set",
                 "`flotte step` is for commands that the fleet runs: flotte task run -- CMD"),
           common.output);
    return status::usage;
  }
  const std::string path = client::make_path("tasks", task, "steps", options.name);
  Found found;
  if (const int code = with_hub(common, [&](Session& s) { return find(s, path, found); }); code != status::done) return code;
  if (found.finished) {
    print(found.output);
    return status::done;
  }
  auto ran = run_child(options.command);
  if (!ran) {
    report(ran.error(), common.output);
    return ran.error().code == Code::not_found ? 127 : status::failed;
  }
  if (!ran->exit.success()) return ran->exit.signal != 0 ? 128 + ran->exit.signal : ran->exit.code;
  if (ran->too_long) {
    write_all(STDERR_FILENO, fmt::format("flotte: step {} put out more than {} MiB, which is not kept: another attempt will do it again\n",
                                         options.name, wire::step_output_bytes >> 20));
    return status::done;
  }
  return with_hub(common, [&](Session& s) { return keep(s, path, ran->output); });
}

}  // namespace flotte::cli
