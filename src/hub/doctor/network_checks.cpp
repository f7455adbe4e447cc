// Asking what is there.
#include "hub/doctor/network_checks.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/process/spawn.hpp"
#include "engine/ask.hpp"
#include "engine/find/finder.hpp"
#include "engine/find/places.hpp"
#include "engine/running_server.hpp"
#include "hub/find/offers.hpp"
#include "hub/key_check.hpp"

namespace flotte::hub {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::milliseconds local_patience = 2s, provider_patience = 8s;

struct Reply {
  int status = 0;
  std::string body;
};

Awaitable<Result<Reply>> get_within(http::Client& client, std::shared_ptr<http::Connector> to, http::RequestHead head) {
  const http::Deadlines deadlines{.connect = local_patience, .first_byte = local_patience, .idle = local_patience};
  auto call = co_await client.send(to, head, "", deadlines);
  if (!call) co_return pass(call);
  auto body = co_await (*call)->read_all(4 * 1024 * 1024);
  if (!body) co_return pass(body);
  Reply reply;
  reply.status = (*call)->head().status;
  reply.body = std::move(*body);
  co_return reply;
}

Awaitable<Result<Reply>> get(http::Client& client, const std::string& host, std::uint16_t port, std::string path, std::string key) {
  http::RequestHead head;
  head.method = "GET";
  head.target = std::move(path);
  if (!key.empty()) head.headers.set("authorization", "Bearer " + key);
  Awaitable<Result<Reply>> asking = get_within(client, http::tcp_connector(host, port), std::move(head));
  auto reply = co_await with_deadline(local_patience, std::move(asking));
  co_return reply;
}

/// "" or why nobody can listen there.
std::string why_taken(const std::string& host, std::uint16_t port) {
  const bool six = host.find(':') != std::string::npos;
  const Descriptor socket(::socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  int bound = -1;
  if (six) {
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_port = htons(port);
    ::inet_pton(AF_INET6, host.c_str(), &name.sin6_addr);
    bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
  } else {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    if (::inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &name.sin_addr) != 1) return {};  // a name: not judged
    bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
  }
  return bound == 0 ? std::string() : std::string(std::strerror(errno));
}

Check check_of_key(const FoundKey& key) {
  if (!key.refused.empty()) return {key.variable, Level::warning, "is not used: " + key.refused, ""};
  return {.name = key.variable, .text = fmt::format("{} at {}", key.title, key.base_url)};
}

Awaitable<void> ask_provider(http::Client& client, const route::ProviderSpec& spec, Check& check) {
  const ProviderRequest request = request_for(spec);
  Awaitable<Result<std::vector<std::string>>> asking = check_key(client, request);
  auto models = co_await with_deadline(provider_patience, std::move(asking));
  if (models) {
    check.text += fmt::format("; the key is accepted, {} models", models->size());
    co_return;
  }
  check.level = Level::problem;
  check.text += "; " + models.error().message;
  check.advice = models.error().hint;
}

}  // namespace

Awaitable<Check> check_hub(http::Client& client, const HubConfig& config, int& models) {
  models = -1;
  const std::string host = config.host == "0.0.0.0" || config.host == "::" ? "127.0.0.1" : config.host;
  const std::string address = fmt::format("{}:{}", host.find(':') == std::string::npos ? host : "[" + host + "]", config.port);
  auto health = co_await get(client, host, config.port, "/healthz", "");
  if (health && health->status == 200 && health->body == "ok\n") {
    auto key = read_file(config.data + "/admin.key", 4096);
    std::string secret = key ? *key : "";
    while (!secret.empty() && std::isspace(static_cast<unsigned char>(secret.back()))) secret.pop_back();
    auto list = co_await get(client, host, config.port, "/fleet/v1/models", secret);
    const auto answer = list ? json::parse_object(list->body) : fail(Code::unavailable, "");
    const json::array* items = answer ? json::get_array(*answer, "items") : nullptr;
    models = items ? static_cast<int>(items->size()) : -1;
    co_return Check{.name = "hub", .text = fmt::format("answers at {}{}", address, items ? fmt::format(", {} model names", models) : "")};
  }
  const std::string taken = why_taken(config.host, config.port);
  if (taken.empty()) co_return Check{.name = "hub", .text = fmt::format("none runs; {} is free for `flotte up`", address)};
  co_return Check{"hub", Level::problem, fmt::format("{} cannot be listened at ({}), and what is there is no hub", address, taken),
                  "end the other program, or set `listen` under [hub]"};
}

Awaitable<Checks> check_servers(http::Client& client, const HubConfig& config) {
  Checks out;
  for (const engine::EngineConfig& engine : config.engines) {
    if (engine.base_url.empty()) {
      out.push_back({.name = "engine " + engine.name, .text = engine.model.empty() ? engine.models : engine.model});
      continue;
    }
    auto answer = co_await engine::ask_url(client, engine.base_url, engine.kind == "ollama" ? "/api/tags" : "/v1/models", local_patience);
    Check check{.name = "engine " + engine.name, .text = "answers at " + engine.base_url};
    if (!answer) check = {check.name, Level::warning, "does not answer at " + engine.base_url, "start it, or correct base_url"};
    out.push_back(std::move(check));
  }
  auto url = engine::ollama_url(environment("OLLAMA_HOST"));
  if (!url) {
    out.push_back({"Ollama", Level::warning, url.error().message, ""});
  } else if (!engine::is_loopback_port(*url, config.port)) {
    auto tags = co_await engine::ask_url(client, *url, "/api/tags", local_patience);
    Check check{.name = "Ollama", .text = "not running at " + *url};
    if (tags) {
      const auto names = engine::model_names("ollama", *tags);
      check.text = fmt::format("runs at {}, {} models for conversations", *url, names.size());
      if (names.empty()) check.level = Level::warning, check.advice = "ollama pull llama3.2";
    }
    out.push_back(std::move(check));
  }
  auto models = co_await engine::ask_url(client, std::string(engine::usual_llama_server), "/v1/models", local_patience);
  if (models && engine::is_llama_server(*models))
    out.push_back({.name = "llama-server", .text = fmt::format("runs at {}", engine::usual_llama_server)});
  co_return out;
}

Awaitable<Checks> check_providers(http::Client& client, const HubConfig& config, Ask ask) {
  Checks out;
  for (const FoundKey& key : config.keys) {
    Check check = check_of_key(key);
    const auto named = [&key](const route::ProviderSpec& spec) { return spec.name == key.vendor; };
    const auto spec = std::find_if(config.routes.providers.begin(), config.routes.providers.end(), named);
    if (key.refused.empty() && spec != config.routes.providers.end()) {
      if (ask == Ask::online) co_await ask_provider(client, *spec, check);
      if (ask == Ask::offline) check.text += "; whether the key is accepted was not asked (--online asks)";
    }
    out.push_back(std::move(check));
  }
  for (const route::ProviderSpec& spec : config.routes.providers) {
    const auto found = [&spec](const FoundKey& key) { return key.refused.empty() && key.vendor == spec.name; };
    if (std::any_of(config.keys.begin(), config.keys.end(), found)) continue;
    Check check{.name = "provider " + spec.name, .text = spec.base_url};
    if (ask == Ask::online) co_await ask_provider(client, spec, check);
    out.push_back(std::move(check));
  }
  co_return out;
}

}  // namespace flotte::hub
