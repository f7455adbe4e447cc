// Which kind of engine a configuration asks for.
#include "engine/engine.hpp"

#include "engine/llama_server.hpp"
#include "engine/running_server.hpp"

namespace flotte::engine {

Result<EngineConfig> EngineConfig::from_json(const json::object& o) {
  EngineConfig out;
  auto name = json::need_string(o, "name");
  if (!name) return pass(name);
  out.name = *name;
  out.kind = json::string_or(o, "kind", "llama-server");
  out.model = json::string_or(o, "model", "");
  out.models = json::string_or(o, "models", "");
  out.args = json::strings(o, "args");
  out.program = json::string_or(o, "program", "");
  out.base_url = json::string_or(o, "base_url", "");
  out.slots = static_cast<int>(std::min<std::int64_t>(json::int_or(o, "slots", 0), 10'000));
  if (out.kind == "llama-server" && out.model.empty() && out.models.empty())
    return fail(Code::invalid_argument, "engine " + out.name + " needs `model` or `models`");
  return out;
}

Result<std::unique_ptr<Engine>> make_engine(Executor executor, http::Client& client, EngineConfig config, std::string dir,
                                            std::function<void()> on_change) {
  if (config.kind == "llama-server")
    return std::make_unique<LlamaServer>(executor, client, std::move(config), std::move(dir), std::move(on_change));
  auto running = RunningServer::make(executor, client, std::move(config), std::move(on_change));
  if (!running) return pass(running);
  return std::move(*running);
}

}  // namespace flotte::engine
