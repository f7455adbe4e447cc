// One request to the provider's list of models.
#include "hub/key_check.hpp"

#include <fmt/format.h>

#include "base/async/wait.hpp"
#include "http/door.hpp"
#include "http/stream.hpp"
#include "route/way.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::seconds patience{20};
constexpr std::size_t list_limit = 16 * 1024 * 1024;  // some list thousands of models

http::RequestHead head_of(const ProviderRequest& request, const http::Url& url) {
  http::RequestHead head;
  head.method = "GET";
  head.target = url.path + "/models";
  if (request.models_key == route::KeyHeader::anthropic) {
    head.headers.set("x-api-key", request.api_key.reveal());
    head.headers.set("anthropic-version", "2023-06-01");
  } else if (request.models_key == route::KeyHeader::gemini) {
    head.target += "?pageSize=1000";
    head.headers.set("x-goog-api-key", request.api_key.reveal());
  } else {
    head.headers.set("authorization", "Bearer " + request.api_key.reveal());
  }
  head.headers.set("accept", "application/json");
  head.headers.set("accept-encoding", "identity");
  head.headers.set("user-agent", "flotte/" FLOTTE_VERSION);
  return head;
}

constexpr std::string_view refuses_key = "refuses this key";

Failure refused(const ProviderRequest& request, int status) {
  const auto say = [&](std::string_view what, std::string hint) {
    return fail(Code::unprocessable, fmt::format("{} {} (status {})", request.title, what, status), std::move(hint));
  };
  if (status == 401 || status == 403) return say(refuses_key, "check that it was copied whole and is not revoked");
  if (status == 404 || status == 405)
    return say(fmt::format("has no list of models at {}/models", request.base_url), "check base_url; it often ends in /v1");
  if (status == 429) return say("takes no more requests with this key for now", "try again later, or look at the account's limits");
  if (status >= 300 && status < 400)
    return say("answers with a redirect, which is not followed with a key", "give the address that it leads to as base_url");
  if (status >= 500) return say("has a problem of its own", "try again in a moment");
  return say("does not accept the request", "check base_url and the key");
}

/// Gemini says "models/gemini-2.5-flash" where others have an id.
std::string name_of(const json::object& model) {
  constexpr std::string_view before = "models/";
  std::string name = json::string_or(model, "id", json::string_or(model, "name", ""));
  return name.starts_with(before) ? name.substr(before.size()) : name;
}

Result<std::vector<std::string>> names_of(const ProviderRequest& request, std::string_view body) {
  const auto value = json::parse(body);
  const json::object* o = value ? value->if_object() : nullptr;
  const json::array* list = o ? json::get_array(*o, "data") : value ? value->if_array() : nullptr;
  if (o && !list) list = json::get_array(*o, "models");
  if (!list)
    return fail(Code::unprocessable, fmt::format("{} answers at {}/models, but not with a list of models", request.title, request.base_url),
                "check base_url; it often ends in /v1");
  std::vector<std::string> names;
  for (const json::value& model : *list)
    if (const json::object* one = model.if_object()) names.push_back(name_of(*one));
  return names;
}

Failure unreachable(const ProviderRequest& request, const Error& why) {
  return fail(Code::unprocessable, fmt::format("{} cannot be reached at {}: {}", request.title, request.base_url, why.message),
              "check base_url, and that this machine may connect there");
}

Awaitable<Result<std::string>> fetch_list(http::Client& client, std::shared_ptr<http::Connector> to, http::RequestHead head, int& status) {
  const http::Deadlines deadlines{.connect = std::chrono::seconds(10), .first_byte = patience, .idle = patience};
  auto call = co_await client.send(to, head, {}, deadlines);
  if (!call) co_return pass(call);
  status = (*call)->head().status;
  if (status != 200) co_return std::string();
  co_return co_await (*call)->read_all(list_limit);
}

Awaitable<Result<std::shared_ptr<http::TlsContext>>> load_authorities(BlockingPool* pool) {
  std::function<Result<std::shared_ptr<http::TlsContext>>()> load = [] { return http::TlsContext::client(); };
  if (!pool) co_return load();
  co_return co_await pool->run<std::shared_ptr<http::TlsContext>>(std::move(load));
}

/// The provider's own door; nothing is asked by another one.
Result<route::Way> way_of(const ProviderRequest& request, const http::Url& url, std::shared_ptr<http::TlsContext> tls) {
  if (request.open_network_only && request.via.kind == route::Door::Kind::direct)
    return route::Way{http::open_network_connector({url.host, url.port, std::move(tls)}), {}, {}};
  return route::open_way(request.via, url, std::move(tls), nullptr);
}

}  // namespace

bool is_refused_key(const Error& error) { return error.message.find(refuses_key) != std::string::npos; }

Awaitable<Result<std::vector<std::string>>> check_key(http::Client& client, const ProviderRequest& request, BlockingPool* pool) {
  auto url = http::Url::parse(request.base_url);
  if (!url) co_return pass(url);
  std::shared_ptr<http::TlsContext> tls;
  if (url->scheme == "https") {
    auto made = co_await load_authorities(pool);
    if (!made) co_return pass(made);
    tls = std::move(*made);
  }
  auto way = way_of(request, *url, std::move(tls));
  if (!way) co_return unreachable(request, way.error());
  const auto connector = way->connector;
  http::RequestHead head = head_of(request, *url);
  head.target = way->before_path + head.target;
  if (!way->proxy_authorization.empty()) head.headers.set("proxy-authorization", way->proxy_authorization);
  int status = 0;
  Awaitable<Result<std::string>> fetching = fetch_list(client, connector, std::move(head), status);
  auto body = co_await with_deadline(patience, std::move(fetching));
  client.forget(*connector);
  if (!body) co_return unreachable(request, body.error());
  if (status != 200) co_return refused(request, status);
  co_return names_of(request, *body);
}

}  // namespace flotte::hub
