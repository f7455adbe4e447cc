// Starting and watching a llama-server.
#include "engine/llama_server.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <filesystem>

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/ask.hpp"
#include "engine/diagnosis.hpp"
#include "engine/gguf.hpp"

namespace flotte::engine {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t log_bytes = 4 * 1024 * 1024;
constexpr std::size_t socket_path_limit = 107;  // sun_path without its end

/// A Unix socket's path has little room: a deep data directory gets a short one of its own under /tmp.
std::string socket_path(const std::string& dir, const std::string& name) {
  std::string path = dir + "/" + name + ".sock";
  if (path.size() <= socket_path_limit) return path;
  const std::string place = fmt::format("/tmp/flotte-{}-{}", ::getuid(), sha256_hex(path).substr(0, 16));
  ::mkdir(place.c_str(), 0700);
  struct stat facts{};
  // Somebody else's directory of that name would give them the engine.
  if (::lstat(place.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != ::getuid() || (facts.st_mode & 077) != 0)
    return path;
  return place + "/e.sock";
}

bool has_any(const std::vector<std::string>& args, std::initializer_list<std::string_view> names) {
  for (const std::string& arg : args)
    for (const std::string_view name : names)
      if (arg == name || (arg.starts_with(name) && arg.size() > name.size() && arg[name.size()] == '=')) return true;
  return false;
}

}  // namespace

std::vector<std::string> llama_arguments(const std::string& program, const std::string& socket, const std::string& model_file,
                                         const std::vector<std::string>& args) {
  std::vector<std::string> out{program, "--host", socket, "-m", model_file};
  if (!has_any(args, {"-a", "--alias"})) out.insert(out.end(), {"--alias", model_stem(model_file)});
  if (!has_any(args, {"-np", "--parallel"})) out.insert(out.end(), {"-np", "4"});
  if (!has_any(args, {"-c", "--ctx-size"})) out.insert(out.end(), {"-c", "32768"});
  if (!has_any(args, {"--ui", "--webui", "--no-ui", "--no-webui"})) out.push_back("--no-webui");
  out.insert(out.end(), args.begin(), args.end());
  return out;
}

Result<std::string> find_model_file(const EngineConfig& config) {
  if (!config.model.empty()) {
    if (::access(config.model.c_str(), R_OK) == 0) return config.model;
    return fail(Code::not_found, fmt::format("the model {} cannot be read", config.model), "correct `model` of the engine");
  }
  std::string first;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(config.models, error)) {
    const std::string path = entry.path().string();
    if (path.ends_with(".gguf") && (first.empty() || path < first)) first = path;
  }
  if (!first.empty()) return first;
  return fail(Code::not_found, fmt::format("there is no .gguf file in {}", config.models),
              "put one there, or correct `models` of the engine");
}

Result<std::string> find_llama_server(const EngineConfig& config) {
  const std::string own = environment("FLOTTE_LLAMA_SERVER");
  if (config.program.empty() && own.empty()) {
    // One that came along with flotte, then the PATH's.
    std::error_code error;
    const auto exe = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::string beside = (exe.parent_path() / "llama-server").string();
    if (!error && ::access(beside.c_str(), X_OK) == 0) return beside;
  }
  const std::string& name = !config.program.empty() ? config.program : !own.empty() ? own : "llama-server";
  const auto found = find_program(name);
  if (found && ::access(found->c_str(), X_OK) == 0) return *found;
  return fail(Code::not_found, fmt::format("no llama-server: {} is not there or cannot be run", name),
              "put llama-server (of llama.cpp) on the PATH or beside flotte, set FLOTTE_LLAMA_SERVER, or `program` of the engine");
}

LlamaServer::LlamaServer(Executor executor, http::Client& client, EngineConfig config, std::string dir, std::function<void()> on_change)
    : client_(client),
      config_(std::move(config)),
      dir_(std::move(dir)),
      socket_(socket_path(dir_, config_.name)),
      log_(dir_ + "/" + config_.name + ".log"),
      on_change_(std::move(on_change)),
      life_({}, now()),
      connector_(http::unix_connector(socket_)),
      wake_(executor),
      finished_(executor),
      scope_(executor, "engine " + config_.name) {
  info_.name = config_.name;
  info_.kind = config_.kind;
  info_.slots = std::max(config_.slots, 1);
}

Lifecycle::Time LlamaServer::now() const { return system_clock().steady().time_since_epoch(); }

void LlamaServer::set_state(std::string state) {
  if (info_.state == state) return;
  info_.state = std::move(state);
  on_change_();
}

void LlamaServer::start() {
  started_ = true;
  scope_.spawn("life", run());
}

Awaitable<void> LlamaServer::stop() {
  stop_wanted_ = true;
  probe_cancel_.cancel();
  wake_.set();
  if (started_) co_await finished_.wait_for(20s);
  co_await scope_.close();
}

Awaitable<bool> LlamaServer::busy() {
  if (info_.state != "ready") co_return false;
  co_return co_await ask_busy(client_, connector_);
}

Awaitable<void> LlamaServer::run() {
  for (;;) {
    if (process_ && process_->ended) on_process_ended();
    if (stop_wanted_) life_.on_stop(now());
    const Lifecycle::Next next = life_.next();
    if (next.action == Lifecycle::Action::nothing) break;
    if (next.at > now()) {
      co_await wake_.wait_for(next.at - now());
      wake_.reset();
      if (scope_.cancelled()) break;
      continue;
    }
    co_await act(next.action);
  }
  set_state("stopped");
  finished_.set();
}

Awaitable<void> LlamaServer::act(Lifecycle::Action action) {
  if (action == Lifecycle::Action::probe) co_await probe();
  if (action == Lifecycle::Action::end) co_await end_process();
  if (action != Lifecycle::Action::launch) co_return;
  set_state("starting");
  auto launched = co_await launch();
  if (launched) {
    life_.on_launched(now());
  } else {
    fail_with(launched.error());
    life_.on_gone(now());
  }
}

/// The server of a process that was killed a moment ago may still be ending; on its way it would remove the socket of the next one.
Awaitable<void> LlamaServer::clear_earlier() {
  auto executor = co_await asio::this_coro::executor;
  auto earlier = ShimHandle::adopt(executor, dir_ + "/" + config_.name + ".shim");
  if (earlier) [[maybe_unused]]
    auto ended = co_await earlier->end(10s);
  ::unlink(socket_.c_str());
}

Awaitable<Result<void>> LlamaServer::launch() {
  if (auto made = make_directories(dir_); !made) co_return made;
  auto program = find_llama_server(config_);
  if (!program) co_return pass(program);
  auto file = find_model_file(config_);
  if (!file) co_return pass(file);
  auto facts = read_gguf(*file);
  if (!facts) co_return pass(facts);
  info_.demonstration = facts->demonstration();
  info_.models = {model_stem(*file)};
  co_await clear_earlier();
  struct stat log_facts{};
  log_offset_ = ::stat(log_.c_str(), &log_facts) == 0 ? static_cast<std::uint64_t>(log_facts.st_size) : 0;
  ShimSpec spec;
  spec.argv = llama_arguments(*program, socket_, *file, config_.args);
  spec.env = environment_with({});
  spec.log = log_;
  spec.output_bytes = log_bytes;
  spec.bound = true;
  auto shim = co_await ShimHandle::start(dir_ + "/" + config_.name + ".shim", std::move(spec));
  if (!shim) co_return pass(shim);
  process_ = std::make_shared<Process>(std::move(*shim));
  scope_.spawn("watch", watch(process_));
  log::info("engine started", {{"engine", config_.name}, {"model", *file}, {"log", log_}});
  co_return Result<void>();
}

Awaitable<void> LlamaServer::watch(std::shared_ptr<Process> process) {
  auto ended = co_await process->shim.wait();
  if (!ended && ended.error().code == Code::cancelled) co_return;
  process->ended = std::move(ended);
  wake_.set();
}

Awaitable<void> LlamaServer::probe() {
  probe_cancel_ = http::CancelHandle();
  auto health = co_await ask(client_, connector_, "/health", 5s, &probe_cancel_);
  if (stop_wanted_ || (process_ && process_->ended)) co_return;
  const bool was_ready = life_.state() == Lifecycle::State::ready;
  life_.on_probe(health.has_value(), now());
  if (!was_ready && life_.state() == Lifecycle::State::ready) co_await become_ready();
  if (life_.hung()) fail_with(Error(Code::deadline, was_ready ? "it no longer answers" : "it did not become ready in ten minutes"));
}

Awaitable<void> LlamaServer::become_ready() {
  auto props = co_await ask(client_, connector_, "/props", 5s, nullptr);
  if (props) {
    if (config_.slots == 0) info_.slots = static_cast<int>(std::max<std::int64_t>(1, json::int_or(*props, "total_slots", 1)));
    if (const json::object* settings = json::get_object(*props, "default_generation_settings"))
      info_.context_tokens = json::int_or(*settings, "n_ctx", 0);
  }
  info_.message.clear();
  log::info("engine ready", {{"engine", config_.name}, {"slots", info_.slots}, {"context", info_.context_tokens}});
  set_state("ready");
}

Awaitable<void> LlamaServer::end_process() {
  if (process_ && !process_->ended) {
    // The watcher waits for the same end; it is told here and answers there.
    process_->shim.stop();
    auto process = process_;
    for (int i = 0; i < 100 && !process->ended; ++i) {
      co_await wake_.wait_for(100ms);
      wake_.reset();
    }
    if (!process->ended) {
      if (auto status = process->shim.status()) ::kill(status->shim, SIGKILL);
      for (int i = 0; i < 50 && !process->ended; ++i) {
        co_await wake_.wait_for(100ms);
        wake_.reset();
      }
    }
  }
  process_.reset();
  ::unlink(socket_.c_str());
  client_.forget(*connector_);
  life_.on_gone(now());
}

void LlamaServer::on_process_ended() {
  const Result<ShimStatus> ended = std::move(*process_->ended);
  process_.reset();
  client_.forget(*connector_);
  const std::string how = ended ? ended->exit.text() : ended.error().text();
  const std::string last = read_log_end(log_, log_offset_);
  if (!stop_wanted_)
    fail_with(Error(Code::unavailable, fmt::format("llama-server ended: {}{}{}", how, last.empty() ? "" : "\n", last),
                    advise(last, ended ? ended->exit.signal : 0)));
  life_.on_gone(now());
}

void LlamaServer::fail_with(const Error& error) {
  info_.message = error.hint.empty() ? error.message : error.message + "\nTry: " + error.hint;
  log::warning("engine failed", {{"engine", config_.name}, {"message", info_.message}});
  info_.state = "failed";
  on_change_();
}

}  // namespace flotte::engine
