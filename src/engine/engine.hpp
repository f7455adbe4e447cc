// One inference server of this machine: a llama-server that is started and looked after here, or one that runs already and is used as it
// is.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "http/client.hpp"
#include "wire/fleet.hpp"

namespace flotte::engine {

/// One [[engine]] of the configuration.
struct EngineConfig {
  std::string name;
  std::string kind = "llama-server";  // llama-server | ollama | openai
  std::string model, models;          // a GGUF file, or a directory of them
  std::vector<std::string> args;
  std::string program;   // of llama-server; empty: FLOTTE_LLAMA_SERVER, else on the PATH
  std::string base_url;  // of one that runs already
  int slots = 0;         // 0 = as it says itself
  bool operator==(const EngineConfig&) const = default;
  /// From an entry of config::Document::list("engine"). Error: invalid_argument.
  static Result<EngineConfig> from_json(const json::object& o);
};

/// Looks after the engine from `start` to `stop`. All calls on the loop of its executor.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Begins; tells of every change of `info` by `on_change`.
  virtual void start() = 0;
  /// Ends what was started here with its whole process tree, within about ten seconds. Engines that ran before are left alone.
  virtual Awaitable<void> stop() = 0;
  virtual const wire::EngineInfo& info() const = 0;
  /// Whether it is at an answer right now; false where nobody can tell.
  virtual Awaitable<bool> busy() = 0;
  /// Makes connections to it; null while it is not ready.
  virtual std::shared_ptr<http::Connector> connector() const = 0;
};

/// `dir`: for its socket, log and shim (made with mode 0700). `client` must outlive the engine. Error: invalid_argument.
Result<std::unique_ptr<Engine>> make_engine(Executor executor, http::Client& client, EngineConfig config, std::string dir,
                                            std::function<void()> on_change);

}  // namespace flotte::engine
