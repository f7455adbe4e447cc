// Keys, sessions, usage.
#include <fmt/format.h>

#include "access/key.hpp"
#include "fleet/schedules.hpp"
#include "hub/api.hpp"
#include "hub/authenticate.hpp"
#include "hub/hub.hpp"
#include "hub/key_accounts.hpp"
#include "route/usage_store.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::hours session_lifetime{30 * 24};

json::object with_secret(const access::NewKey& made, const route::AccountBook& accounts) {
  json::object o = key_json(made.key, accounts, system_clock().wall());
  o["key"] = made.secret;
  return o;
}

}  // namespace

Awaitable<void> add_key(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  auto scopes = access::Scopes::parse(json::strings(*body, "scopes"));
  if (!scopes) co_return co_await respond_error(request.call, scopes.error());
  const std::string name = json::string_or(*body, "name", "");
  if (const auto it = body->find("models"); it != body->end() && !it->value().is_null() && !it->value().is_array()) {
    const Error wrong(Code::invalid_argument, "\"models\" must be an array of names", "leave it out for all models");
    co_return co_await respond_error(request.call, wrong);
  }
  const std::vector<std::string> models = json::strings(*body, "models");
  auto limits = parse_key_limits(*body);
  if (!limits) co_return co_await respond_error(request.call, limits.error());
  std::function<Result<access::NewKey>(store::Transaction&)> make = [name, scopes = *scopes, models,
                                                                     limits = *limits](store::Transaction& tx) {
    return access::make_key(tx, name, scopes, models, limits);
  };
  auto made = co_await request.hub.database().write<access::NewKey>(std::move(make));
  if (!made) co_return co_await respond_error(request.call, made.error());
  auto loaded = co_await request.hub.reload_keys();
  if (!loaded) co_return co_await respond_error(request.call, loaded.error());
  co_await respond_json(request.call, 201, with_secret(*made, request.hub.accounts()));
}

Awaitable<void> list_keys(Request& request) {
  std::function<Result<std::vector<access::Key>>(store::Transaction&)> list = access::list_keys;
  auto keys = co_await request.hub.database().read<std::vector<access::Key>>(std::move(list));
  if (!keys) co_return co_await respond_error(request.call, keys.error());
  json::array items;
  const WallTime now = system_clock().wall();
  for (const auto& key : *keys) items.emplace_back(key_json(key, request.hub.accounts(), now));
  co_await respond_json(request.call, 200, page_of(std::move(items), nullptr));
}

Awaitable<void> change_key(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  auto weight = parse_weight(*body);
  if (weight && (!*weight || body->size() != 1))
    weight = fail(Code::invalid_argument, "of a key only \"weight\" can be changed", "for other limits make a new key");
  if (!weight) co_return co_await respond_error(request.call, weight.error());
  const std::string id = request.captures.at(0);
  std::function<Result<access::Key>(store::Transaction&)> change = [id, weight = **weight](store::Transaction& tx) {
    return access::set_key_weight(tx, id, weight);
  };
  auto key = co_await request.hub.database().write<access::Key>(std::move(change));
  if (!key) co_return co_await respond_error(request.call, key.error());
  auto loaded = co_await request.hub.reload_keys();
  if (!loaded) co_return co_await respond_error(request.call, loaded.error());
  co_await respond_json(request.call, 200, key_json(*key, request.hub.accounts(), system_clock().wall()));
}

Awaitable<void> remove_key(Request& request) {
  const std::string id = request.captures.at(0);
  std::function<Result<access::Key>(store::Transaction&)> revoke = [id](store::Transaction& tx) {
    auto key = access::revoke_key(tx, id);
    if (key) fleet::stop_schedules_of(tx, key->name);  // nobody would pay for what they make
    return key;
  };
  auto key = co_await request.hub.database().write<access::Key>(std::move(revoke));
  if (!key) co_return co_await respond_error(request.call, key.error());
  auto loaded = co_await request.hub.reload_keys();
  if (!loaded) co_return co_await respond_error(request.call, loaded.error());
  co_await respond_json(request.call, 200, key_json(*key, request.hub.accounts(), system_clock().wall()));
}

Awaitable<void> make_sign_in_code(Request& request) {
  const WallTime now = system_clock().wall();
  const std::string code = request.hub.codes().make(request.caller->who.key_id, now);
  const json::object answer{{"code", code}, {"expires_at", to_rfc3339(now + SignInCodes::lifetime)}};
  co_await respond_json(request.call, 201, answer);
}

Awaitable<void> open_session(Request& request) {
  if (!from_this_site(request.call.head())) {
    const Error refused(Code::forbidden, "a browser's request from another site");
    co_return co_await respond_error(request.call, refused);
  }
  auto body = co_await read_object(request.call, small_limit);
  if (!body) co_return co_await respond_error(request.call, body.error());
  const WallTime now = system_clock().wall();
  const access::Keyring& ring = request.loop.authenticator.keys();
  const access::Key* key = nullptr;  // good until the next suspension
  if (const auto text = json::get_string(*body, "key")) key = ring.find(*text);
  if (const auto code = json::get_string(*body, "code")) key = ring.find_by_id(request.hub.codes().use(std::string(*code), now));
  if (!key) {
    const Error refused(Code::unauthenticated, "that key or code is not known here, was used before, or is too old",
                        "`flotte station` on the hub's machine prints a new address");
    co_return co_await respond_error(request.call, refused);
  }
  const std::string session = request.hub.tickets().session({key->id, now + session_lifetime});
  json::array scopes;
  for (const auto& word : key->scopes.words()) scopes.emplace_back(word);
  const json::object answer{{"name", key->name}, {"scopes", std::move(scopes)}, {"hub", request.hub.config().name}};
  http::Response response = http::Response::json(201, json::dump(answer));
  response.head.headers.set("cache-control", "no-store");
  // By this very call: one port speaks TLS to the network and plain HTTP to loopback.
  const std::string secure = request.call.encrypted() ? "; Secure" : "";
  response.head.headers.set("set-cookie", fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", session_cookie, session,
                                                      std::chrono::seconds(session_lifetime).count(), secure));
  auto sent = co_await request.call.respond(std::move(response));
  (void)sent;  // a browser that has gone needs no answer
}

Awaitable<void> show_session(Request& request) {
  const access::Key* key = request.loop.authenticator.keys().find_by_id(request.caller->who.key_id);
  json::array scopes;
  if (key)
    for (const auto& word : key->scopes.words()) scopes.emplace_back(word);
  const json::object answer{{"name", request.caller->who.name}, {"scopes", std::move(scopes)}, {"hub", request.hub.config().name}};
  co_await respond_json(request.call, 200, answer);
}

Awaitable<void> close_session(Request& request) {
  http::Response response;
  response.head.status = 204;
  response.head.headers.set("set-cookie", fmt::format("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict", session_cookie));
  auto sent = co_await request.call.respond(std::move(response));
  (void)sent;  // a browser that has gone needs no answer
}

namespace {

/// Workers are the fleet's matter: their attempts, also those that asked no model.
Awaitable<void> show_worker_usage(Request& request, std::optional<WallTime> from, std::optional<WallTime> to) {
  std::function<Result<std::vector<fleet::WorkerUsage>>(store::Transaction&)> read =
      [from, to](store::Transaction& tx) -> Result<std::vector<fleet::WorkerUsage>> { return fleet::usage_by_worker(tx, from, to); };
  auto rows = co_await request.hub.database().read<std::vector<fleet::WorkerUsage>>(std::move(read));
  if (!rows) co_return co_await respond_error(request.call, rows.error());
  json::array items;
  for (const auto& row : *rows) items.emplace_back(row.to_json());
  co_await respond_json(request.call, 200, page_of(std::move(items), nullptr));
}

}  // namespace

Awaitable<void> show_usage(Request& request) {
  const http::RequestHead& head = request.call.head();
  route::UsageQuery query;
  query.by = head.query("by").value_or("model");
  query.model = head.query("model").value_or("");
  query.key = head.query("key").value_or("");
  query.target = head.query("target").value_or("");
  query.provider = head.query("provider").value_or("");
  auto from = time_of(head, "from");
  if (!from) co_return co_await respond_error(request.call, from.error());
  auto to = time_of(head, "to");
  if (!to) co_return co_await respond_error(request.call, to.error());
  if (query.by == "worker") co_return co_await show_worker_usage(request, *from, *to);
  const bool by_key = query.by == "key";
  query.from = *from;
  query.to = *to;
  auto rows = co_await route::query_usage(request.hub.database(), std::move(query));
  if (!rows) co_return co_await respond_error(request.call, rows.error());
  json::array items;
  for (const auto& row : *rows) {
    json::object o = row.to_json();
    // A revoked key has only its id.
    const access::Key* key = by_key ? request.loop.authenticator.keys().find_by_id(row.group) : nullptr;
    if (by_key) o["name"] = key ? json::value(key->name) : row.group == "run" ? json::value("tasks") : json::value(nullptr);
    items.emplace_back(std::move(o));
  }
  co_await respond_json(request.call, 200, page_of(std::move(items), nullptr));
}

}  // namespace flotte::hub
