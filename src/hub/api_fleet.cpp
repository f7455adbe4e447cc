// Nodes, workers, models; joining; the upgrades to links, streams and the live feed.
#include <fmt/format.h>

#include "access/enrolment.hpp"
#include "base/async/run_on.hpp"
#include "base/encoding.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

Awaitable<Result<wire::NodeView>> find_node(Request& request) {
  fleet::Fleet& fleet = request.hub.fleet();
  std::function<std::optional<wire::NodeView>()> find = [&fleet, id = request.captures.at(0)] { return fleet.node(id); };
  auto node = co_await run_on<std::optional<wire::NodeView>>(request.hub.fleet_executor(), std::move(find));
  if (node) co_return std::move(*node);
  co_return fail(Code::not_found, fmt::format("no node '{}'", request.captures.at(0)), "see `flotte node ls`");
}

/// A host that may stand in a command line, or nothing.
std::optional<std::string_view> plain_host(const http::RequestHead& head) {
  const auto host = head.headers.get("host");
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]";
  return host && !host->empty() && host->size() < 300 && host->find_first_not_of(plain) == std::string_view::npos ? host : std::nullopt;
}

Awaitable<void> respond_node(Request& request) {
  auto node = co_await find_node(request);
  if (!node) co_return co_await respond_error(request.call, node.error());
  co_await respond_json(request.call, 200, node->to_json());
}

}  // namespace

Awaitable<void> list_nodes(Request& request) {
  auto nodes = co_await request.hub.fleet().list_nodes();
  json::array items;
  for (const auto& node : nodes) items.emplace_back(node.to_json());
  co_await respond_json(request.call, 200, page_of(std::move(items), nullptr));
}

Awaitable<void> show_node(Request& request) { co_await respond_node(request); }

Awaitable<void> drain_node(Request& request) {
  auto node = co_await find_node(request);
  if (!node) co_return co_await respond_error(request.call, node.error());
  auto drained = co_await request.hub.fleet().set_draining(node->name, true);
  if (!drained) co_return co_await respond_error(request.call, drained.error());
  co_await respond_node(request);
}

Awaitable<void> remove_node(Request& request) {
  auto node = co_await find_node(request);
  if (node && node->home) {
    const Error refused(Code::conflict, "'home' is the hub's own node and cannot be removed");
    co_return co_await respond_error(request.call, refused);
  }
  // One that has joined and was never linked is unknown to the fleet; its key is refused all the same.
  const std::string name = node ? node->name : request.captures.at(0);
  std::function<Result<void>(store::Transaction&)> revoke = [name](store::Transaction& tx) { return access::revoke_node(tx, name); };
  auto revoked = co_await request.hub.database().write<void>(std::move(revoke));
  if (node && revoked) revoked = co_await request.hub.fleet().revoke_node(name);
  if (!revoked) co_return co_await respond_error(request.call, revoked.error());
  if (node) co_return co_await respond_node(request);
  wire::NodeView removed;
  removed.id = removed.name = name;
  removed.state = "revoked";
  co_await respond_json(request.call, 200, removed.to_json());
}

Awaitable<void> list_workers(Request& request) {
  auto workers = co_await request.hub.fleet().list_workers();
  const auto node = request.call.head().query("node");
  json::array items;
  for (const auto& worker : workers)
    if (!node || worker.node == *node) items.emplace_back(worker.to_json());
  co_await respond_json(request.call, 200, page_of(std::move(items), nullptr));
}

Awaitable<void> list_models(Request& request) {
  Hub& hub = request.hub;
  std::function<json::array()> list = [&hub, allowed = request.caller->who.models] {
    return hub.models().list(hub.fleet().nodes(), allowed.get());
  };
  auto items = co_await run_on<json::array>(hub.fleet_executor(), std::move(list));
  co_await respond_json(request.call, 200, page_of(std::move(items), nullptr));
}

Awaitable<void> create_invite(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  std::function<Result<access::Invite>(store::Transaction&)> make = [name = json::string_or(*body, "name", "")](store::Transaction& tx) {
    return access::make_invite(tx, name);
  };
  auto invite = co_await request.hub.database().write<access::Invite>(std::move(make));
  if (!invite) co_return co_await respond_error(request.call, invite.error());
  // Whoever asks reached the hub under this name; under TLS the code carries the hub's pin.
  const std::string& pin = request.hub.pin();
  std::string url = request.hub.url();
  if (const auto host = plain_host(request.call.head()); host && !request.call.peer().starts_with("unix"))
    url = fmt::format("{}://{}", pin.empty() ? "http" : "https", *host);
  const std::string join = fmt::format("{}#{}{}", url, invite->code, pin.empty() ? "" : "." + pin);
  const json::object answer{{"join", join},
                            {"pin", pin.empty() ? json::value(nullptr) : json::value(pin)},
                            {"command", fmt::format("flotte node run --join '{}'", join)},
                            {"expires_at", to_rfc3339(invite->expires_at)}};
  co_await respond_json(request.call, 201, answer);
}

Awaitable<void> enrol_node(Request& request) {
  auto body = co_await read_object(request.call, small_limit);
  if (!body) co_return co_await respond_error(request.call, body.error());
  const std::string name = json::string_or(*body, "name", "");
  const auto key = from_base64url(json::string_or(*body, "public_key", ""));
  if (!key) {
    const Error wrong(Code::invalid_argument, "public_key must be base64url without padding");
    co_return co_await respond_error(request.call, wrong);
  }
  std::function<Result<void>(store::Transaction&)> enrol =
      [code = json::string_or(*body, "code", ""), name, key = *key](store::Transaction& tx) { return access::enrol(tx, code, name, key); };
  auto enrolled = co_await request.hub.database().write<void>(std::move(enrol));
  if (!enrolled) co_return co_await respond_error(request.call, enrolled.error());
  const json::object answer{{"id", name}, {"name", name}, {"hub", request.hub.config().name}};
  co_await respond_json(request.call, 201, answer);
}

Awaitable<void> open_link(Request& request) {
  auto socket = co_await http::accept_websocket(request.call, request.hub.fleet_executor());
  if (socket) request.hub.links().take(std::move(*socket));
}

Awaitable<void> open_live(Request& request) {
  if (request.hub.live().full()) {
    const Error full(Code::exhausted, fmt::format("{} boards watch this hub already", Live::viewers_limit), "close some of them");
    co_return co_await respond_error(request.call, full);
  }
  auto socket = co_await http::accept_websocket(request.call, request.hub.fleet_executor());
  if (socket) request.hub.live().take(std::move(*socket));
}

Awaitable<void> open_stream(Request& request) {
  if (request.call.head().method != "GET") co_return co_await respond_wrong_method(request.call, "GET");
  const auto authorization = request.call.head().headers.get("authorization").value_or("");
  constexpr std::string_view scheme = "FlotteNode ";
  const auto colon = authorization.find(':');
  const bool shaped = authorization.starts_with(scheme) && colon != std::string_view::npos;
  const std::string node(shaped ? authorization.substr(scheme.size(), colon - scheme.size()) : "");
  if (!shaped || !request.hub.credentials().check_stream_ticket(node, authorization.substr(colon + 1))) {
    const Error refused(Code::unauthenticated, "a stream needs the ticket of the node's link");
    co_return co_await respond_error(request.call, refused);
  }
  http::ResponseHead head;
  head.status = 101;
  head.headers.set("upgrade", "flotte-stream");
  head.headers.set("connection", "Upgrade");
  auto upgraded = co_await request.call.upgrade(std::move(head));
  if (!upgraded) co_return;
  request.hub.spares().park(node, std::move(upgraded->stream));
}

}  // namespace flotte::hub
