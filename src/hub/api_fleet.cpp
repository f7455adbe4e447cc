// Nodes, workers, models; the upgrades to links, streams and the live feed.
#include <fmt/format.h>

#include "access/enrolment.hpp"
#include "base/async/run_on.hpp"
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

Awaitable<void> respond_node(Request& request) {
  auto node = co_await find_node(request);
  if (!node) co_return co_await respond_error(request.call, node.error());
  co_await respond_json(request.call, 200, node->to_json());
}

/// `draining` of a body, taken out of it; nothing where it does not stand there.
Result<std::optional<bool>> take_draining(json::object& body) {
  const auto at = body.find("draining");
  if (at == body.end()) return std::optional<bool>();
  if (!at->value().is_bool()) return fail(Code::invalid_argument, "\"draining\" is true or false");
  const bool draining = at->value().get_bool();
  body.erase(at);
  return std::optional<bool>(draining);
}

/// {name?, labels?}; at least one of them.
Result<fleet::NodeChange> parse_change(const json::object& body) {
  fleet::NodeChange out;
  for (const auto& [key, value] : body) {
    if (key == "name" && value.is_string()) {
      out.name = std::string(value.get_string());
      continue;
    }
    const bool words = key == "labels" && value.is_array() &&
                       std::all_of(value.get_array().begin(), value.get_array().end(), [](const json::value& v) { return v.is_string(); });
    if (!words)
      return fail(Code::invalid_argument, fmt::format("\"{}\" is nothing that can be set of a node", std::string_view(key)),
                  "give name (a text) and labels (a list of texts)");
    out.labels = json::strings(body, "labels");
    if (auto good = access::check_labels(*out.labels); !good) return pass(good);
  }
  if (!out.name && !out.labels) return fail(Code::invalid_argument, "nothing to set: give name or labels");
  return out;
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

Awaitable<void> wake_node(Request& request) {
  auto node = co_await find_node(request);
  if (!node) co_return co_await respond_error(request.call, node.error());
  auto woken = co_await request.hub.fleet().wake_node(node->name);
  if (!woken) co_return co_await respond_error(request.call, woken.error());
  co_await respond_node(request);
}

Awaitable<void> change_node(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  auto node = co_await find_node(request);
  if (!node) co_return co_await respond_error(request.call, node.error());
  auto draining = take_draining(*body);
  if (!draining) co_return co_await respond_error(request.call, draining.error());
  if (*draining) {
    auto set = co_await request.hub.fleet().set_draining(node->name, **draining);
    if (!set) co_return co_await respond_error(request.call, set.error());
    if (body->empty()) co_return co_await respond_node(request);
  }
  auto change = parse_change(*body);
  if (!change) co_return co_await respond_error(request.call, change.error());
  auto changed = co_await request.hub.change_node(node->name, *change);
  if (!changed) co_return co_await respond_error(request.call, changed.error());
  request.captures.at(0) = node->id;
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
  if (revoked) {
    auto taken = co_await request.hub.fleet().revoke_node(name);
    if (!taken && taken.error().code != Code::not_found) revoked = pass(taken);
  }
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
  std::function<json::array()> list = [&hub, allowed = request.caller->who.models, name = request.call.head().query("name").value_or("")] {
    return hub.models().list(hub.fleet().nodes(), allowed.get(), name);
  };
  auto items = co_await run_on<json::array>(hub.fleet_executor(), std::move(list));
  co_await respond_json(request.call, 200, page_of(std::move(items), nullptr));
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
