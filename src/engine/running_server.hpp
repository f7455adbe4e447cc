// A server that somebody else looks after, Ollama or any OpenAI-compatible one: asked for its models and its health, never stopped.
#pragma once
#include <memory>

#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "engine/engine.hpp"

namespace flotte::engine {

/// Model names in the answer of /v1/models (openai) or /api/tags (ollama); the path of a GGUF becomes its stem.
/// Ollama's models that only encode text for search are left out: nobody can talk to them.
std::vector<std::string> model_names(std::string_view kind, const json::object& answer);

class RunningServer final : public Engine {
 public:
  /// Error: invalid_argument for a base_url that cannot be used.
  static Result<std::unique_ptr<RunningServer>> make(Executor executor, http::Client& client, EngineConfig config,
                                                     std::function<void()> on_change);
  void start() override { scope_.spawn("watch", run()); }
  Awaitable<void> stop() override;
  Awaitable<bool> busy() override;
  const wire::EngineInfo& info() const override { return info_; }
  std::shared_ptr<http::Connector> connector() const override { return info_.state == "ready" ? connector_ : nullptr; }

 private:
  RunningServer(Executor executor, http::Client& client, EngineConfig config, std::shared_ptr<http::Connector> connector,
                std::function<void()> on_change);
  Awaitable<void> run();
  Awaitable<void> look();
  Awaitable<void> read_props(wire::EngineInfo& next);
  http::Client& client_;
  EngineConfig config_;
  std::shared_ptr<http::Connector> connector_;
  std::function<void()> on_change_;
  wire::EngineInfo info_;
  http::CancelHandle cancel_;
  Scope scope_;
};

}  // namespace flotte::engine
