// A llama-server that lives and dies with this process: started on a Unix socket under a bound shim, restarted with backoff.
#pragma once
#include <optional>

#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "base/process/shim.hpp"
#include "engine/engine.hpp"
#include "engine/lifecycle.hpp"

namespace flotte::engine {

/// What is started: the program and its arguments, our defaults (-np 4 -c 32768 --no-webui) only where `args` do not say otherwise.
std::vector<std::string> llama_arguments(const std::string& program, const std::string& socket, const std::string& model_file,
                                         const std::vector<std::string>& args);
/// The GGUF file of the configuration: `model`, or the first by name in `models`. Error: not_found.
Result<std::string> find_model_file(const EngineConfig& config);
/// Error: not_found with the ways to name it.
Result<std::string> find_llama_server(const EngineConfig& config);

class LlamaServer final : public Engine {
 public:
  LlamaServer(Executor executor, http::Client& client, EngineConfig config, std::string dir, std::function<void()> on_change);
  void start() override;
  Awaitable<void> stop() override;
  Awaitable<bool> busy() override;
  const wire::EngineInfo& info() const override { return info_; }
  std::shared_ptr<http::Connector> connector() const override { return info_.state == "ready" ? connector_ : nullptr; }

 private:
  struct Process {
    explicit Process(ShimHandle handle) : shim(std::move(handle)) {}
    ShimHandle shim;
    std::optional<Result<ShimStatus>> ended;
  };
  Awaitable<void> run();
  Awaitable<void> act(Lifecycle::Action action);
  Awaitable<void> watch(std::shared_ptr<Process> process);
  Awaitable<Result<void>> launch();
  Awaitable<void> clear_earlier();
  Awaitable<void> probe();
  Awaitable<void> become_ready();
  Awaitable<void> end_process();
  void on_process_ended();
  void fail_with(const Error& error);
  void set_state(std::string state);
  Lifecycle::Time now() const;

  http::Client& client_;
  EngineConfig config_;
  std::string dir_, socket_, log_;
  std::function<void()> on_change_;
  wire::EngineInfo info_;
  Lifecycle life_;
  std::shared_ptr<http::Connector> connector_;
  std::shared_ptr<Process> process_;
  std::uint64_t log_offset_ = 0;
  http::CancelHandle probe_cancel_;
  bool stop_wanted_ = false, started_ = false;
  Event wake_, finished_;
  Scope scope_;
};

}  // namespace flotte::engine
