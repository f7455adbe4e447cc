// Watching a server that runs already.
#include "engine/running_server.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "engine/ask.hpp"
#include "engine/gguf.hpp"

namespace flotte::engine {
namespace {
using namespace std::chrono_literals;
constexpr int unknown_slots = 4;

/// Encoders for search (of Ollama's library all are of a bert family or say so in their name) answer no conversation.
bool is_encoder(const json::object& model) {
  const json::object* details = json::get_object(model, "details");
  const std::string family = details ? json::string_or(*details, "family", "") : "";
  return family.find("bert") != std::string::npos || json::string_or(model, "name", "").find("embed") != std::string::npos;
}
}  // namespace

std::vector<std::string> model_names(std::string_view kind, const json::object& answer) {
  const bool ollama = kind == "ollama";
  std::vector<std::string> out;
  const json::array* items = json::get_array(answer, ollama ? "models" : "data");
  if (!items) return out;
  for (const json::value& item : *items) {
    const json::object* o = item.if_object();
    if (o && ollama && is_encoder(*o)) continue;
    const auto name = o ? json::get_string(*o, ollama ? "name" : "id") : std::nullopt;
    if (name && !name->empty()) out.push_back(name->ends_with(".gguf") ? model_stem(*name) : std::string(*name));
  }
  return out;
}

Result<std::unique_ptr<RunningServer>> RunningServer::make(Executor executor, http::Client& client, EngineConfig config,
                                                           std::function<void()> on_change) {
  if (config.base_url.empty() && config.kind == "ollama") config.base_url = "http://127.0.0.1:11434";
  auto url = http::Url::parse(config.base_url);
  if (!url) return pass(url, fmt::format("engine {}: base_url", config.name));
  if (!url->path.empty() && url->path != "/v1")
    return fail(Code::invalid_argument, fmt::format("engine {}: base_url must end with the port or /v1", config.name),
                "a server under another path is a [[provider]]");
  std::shared_ptr<http::TlsContext> tls;
  if (url->scheme == "https") {
    auto context = http::TlsContext::client();
    if (!context) return pass(context);
    tls = *context;
  }
  auto connector = http::tcp_connector(url->host, url->port, tls);
  return std::unique_ptr<RunningServer>(new RunningServer(executor, client, std::move(config), std::move(connector), std::move(on_change)));
}

RunningServer::RunningServer(Executor executor, http::Client& client, EngineConfig config, std::shared_ptr<http::Connector> connector,
                             std::function<void()> on_change)
    : client_(client),
      config_(std::move(config)),
      connector_(std::move(connector)),
      on_change_(std::move(on_change)),
      scope_(executor, "engine " + config_.name) {
  info_.name = config_.name;
  info_.kind = config_.kind;
  info_.slots = config_.slots > 0 ? config_.slots : unknown_slots;
}

Awaitable<void> RunningServer::stop() {
  cancel_.cancel();
  co_await scope_.close();
  info_.state = "stopped";
  on_change_();
}

Awaitable<bool> RunningServer::busy() {
  if (info_.state != "ready") co_return false;
  co_return co_await ask_busy(client_, connector_);
}

Awaitable<void> RunningServer::run() {
  auto gap = 500ms;
  while (!scope_.cancelled()) {
    co_await look();
    gap = info_.state == "ready" ? 5'000ms : std::min(gap * 2, 10'000ms);
    if (!co_await sleep_for(gap)) co_return;
  }
}

Awaitable<void> RunningServer::look() {
  wire::EngineInfo next = info_;
  cancel_ = http::CancelHandle();
  auto answer = co_await ask(client_, connector_, config_.kind == "ollama" ? "/api/tags" : "/v1/models", 5s, &cancel_);
  if (scope_.cancelled()) co_return;
  if (answer) {
    next.models = model_names(config_.kind, *answer);
    next.state = next.models.empty() ? "failed" : "ready";
    next.message = next.models.empty() ? "it has no models for conversations\nTry: ollama pull llama3.2" : "";
    if (info_.state != "ready" && config_.kind == "openai") co_await read_props(next);
  } else {
    next.state = "failed";
    next.message = fmt::format("not reached at {}: {}\nTry: start it, or correct base_url", config_.base_url, answer.error().message);
  }
  if (json::dump(next.to_json()) == json::dump(info_.to_json())) co_return;
  if (next.state != info_.state) log::info("engine", {{"engine", next.name}, {"state", next.state}, {"message", next.message}});
  info_ = std::move(next);
  on_change_();
}

/// A llama-server tells its slots; others answer 404, and what is configured or assumed stays.
Awaitable<void> RunningServer::read_props(wire::EngineInfo& next) {
  auto props = co_await ask(client_, connector_, "/props", 5s, &cancel_);
  if (!props) co_return;
  const std::int64_t slots = json::int_or(*props, "total_slots", 0);
  if (config_.slots == 0 && slots > 0) next.slots = static_cast<int>(slots);
  if (const json::object* settings = json::get_object(*props, "default_generation_settings"))
    next.context_tokens = json::int_or(*settings, "n_ctx", 0);
  const auto facts = read_gguf(json::string_or(*props, "model_path", ""));
  next.demonstration = facts && facts->demonstration();
}

}  // namespace flotte::engine
