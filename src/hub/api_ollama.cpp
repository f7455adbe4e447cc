// Ollama's own API for its clients: calls of models, lists of them, and what a hub does not do.
#include <fmt/format.h>

#include "hub/api.hpp"
#include "hub/hub.hpp"
#include "route/ollama_models.hpp"

namespace flotte::hub {
namespace {

Awaitable<void> call(Request& request, dialect::Api api) { return request.loop.gateway.call(request.call, request.caller->who, api); }

bool may_use(const Request& request, std::string_view name) {
  const auto& models = request.caller->who.models;
  return !models ||
         std::any_of(models->begin(), models->end(), [name](const std::string& pattern) { return route::matches_pattern(pattern, name); });
}

/// Every name that the key may use.
std::vector<route::OllamaModel> listed(const Request& request) {
  std::vector<route::OllamaModel> models;
  const route::Table* table = request.loop.table.get();
  if (!table) return models;
  for (const std::string& name : table->names())
    if (may_use(request, name))
      if (const auto route = table->resolve(name)) models.push_back(route::describe_ollama(name, **route));
  return models;
}

/// Errors: invalid_argument, not_found.
Result<route::OllamaModel> find_model(const Request& request, const json::object& body) {
  std::string name = json::string_or(body, "model", "");
  if (name.empty()) name = json::string_or(body, "name", "");  // as older clients write it
  if (name.empty()) return fail(Code::invalid_argument, "model is missing");
  const route::Table* table = request.loop.table.get();
  if (!table) return fail(Code::unavailable, "the hub is still starting", "try again in a moment");
  auto route = table->resolve(name);
  if (!route)
    if (const std::string other = route::other_spelling(name); !other.empty())
      if (auto same = table->resolve(other)) route = std::move(same);
  if (!route) return pass(route);
  if (!may_use(request, name) && !may_use(request, (*route)->name))
    return fail(Code::not_found, fmt::format("there is no model \"{}\" for this key", name));
  return route::describe_ollama(name, **route);
}

Error managed_elsewhere() {
  return Error(Code::unsupported, "a hub keeps no models: they are managed on the nodes that run them",
               "pull it on that machine, or put a GGUF file into the node's models directory; flotte model ls shows what can be asked");
}

}  // namespace

Awaitable<void> ollama_chat(Request& request) { return call(request, dialect::Api::ollama_chat); }
Awaitable<void> ollama_generate(Request& request) { return call(request, dialect::Api::ollama_generate); }
Awaitable<void> ollama_embed(Request& request) { return call(request, dialect::Api::ollama_embed); }
Awaitable<void> ollama_embeddings(Request& request) { return call(request, dialect::Api::ollama_embeddings); }

Awaitable<void> list_ollama_models(Request& request) {
  json::object body;
  json::array& models = body["models"].emplace_array();
  for (const route::OllamaModel& model : listed(request)) models.push_back(route::ollama_tag(model, system_clock().wall()));
  const json::value answer(std::move(body));
  co_await respond_json(request.call, 200, answer);
}

Awaitable<void> list_running_ollama_models(Request& request) {
  json::object body;
  json::array& models = body["models"].emplace_array();
  for (const route::OllamaModel& model : listed(request))
    if (model.local) models.push_back(route::ollama_running(model, system_clock().wall()));
  const json::value answer(std::move(body));
  co_await respond_json(request.call, 200, answer);
}

Awaitable<void> show_ollama_model(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  const auto model = find_model(request, *body);
  if (!model) co_return co_await respond_error(request.call, model.error());
  const json::value answer(route::ollama_show(*model, system_clock().wall()));
  co_await respond_json(request.call, 200, answer);
}

Awaitable<void> show_ollama_version(Request& request) {
  json::object body;
  body["version"] = route::ollama_api_level;
  const json::value answer(std::move(body));
  co_await respond_json(request.call, 200, answer);
}

/// A model that is there needs no pulling: clients that pull before they ask go on.
Awaitable<void> pull_ollama_model(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  const auto model = find_model(request, *body);
  if (!model) {
    const Error elsewhere = managed_elsewhere();
    const Error& why = model.error().code == Code::not_found ? elsewhere : model.error();
    co_return co_await respond_error(request.call, why);
  }
  http::Response response = http::Response::json(200, "{\"status\":\"success\"}\n");
  response.head.headers.set("content-type", "application/x-ndjson");
  auto sent = co_await request.call.respond(std::move(response));
  (void)sent;  // a client that has gone needs no answer
}

Awaitable<void> refuse_ollama_management(Request& request) {
  co_await read_to_end(request.call);
  const Error elsewhere = managed_elsewhere();
  co_await respond_error(request.call, elsewhere);
}

}  // namespace flotte::hub
