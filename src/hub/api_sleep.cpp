// A machine that goes to sleep, said by a person or a script.
#include <fmt/format.h>

#include "base/async/run_on.hpp"
#include "base/async/wait.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

constexpr std::int64_t longest_s = 7 * 24 * 3600, default_s = 24 * 3600;
constexpr milliseconds look_gap{20};
constexpr int looks = 200;  // four seconds: the node gives back what cannot sleep

Awaitable<std::optional<wire::NodeView>> look_at(Request& request) {
  fleet::Fleet& fleet = request.hub.fleet();
  std::function<std::optional<wire::NodeView>()> find = [&fleet, id = request.captures.at(0)] { return fleet.node(id); };
  auto node = co_await run_on<std::optional<wire::NodeView>>(request.hub.fleet_executor(), std::move(find));
  co_return node;
}

/// {seconds?}: how long the node stays away where nothing wakes it.
Result<milliseconds> parse_time(const json::object& body) {
  if (!body.contains("seconds")) return std::chrono::seconds(default_s);
  const auto seconds = json::get_int(body, "seconds");
  if (!seconds || *seconds < 1 || *seconds > longest_s)
    return fail(Code::invalid_argument, fmt::format("\"seconds\" is a whole number from 1 to {}", longest_s));
  return std::chrono::seconds(*seconds);
}

}  // namespace

Awaitable<void> suspend_node(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  const auto time = parse_time(*body);
  if (!time) co_return co_await respond_error(request.call, time.error());
  auto node = co_await look_at(request);
  Error refused(Code::not_found, fmt::format("no node '{}'", request.captures.at(0)), "see `flotte node ls`");
  if (node && node->home) refused = Error(Code::conflict, "'home' is the hub's own node: it sleeps when the hub does");
  if (!node || node->home) co_return co_await respond_error(request.call, refused);
  auto told = co_await request.hub.fleet().suspend_node(node->name, *time);
  if (!told) co_return co_await respond_error(request.call, told.error());
  for (int i = 0; i < looks && node && node->state != "suspended"; ++i) {
    const bool rested = co_await sleep_for(look_gap);
    if (!rested) co_return;
    node = co_await look_at(request);
  }
  if (!node || node->state != "suspended") {
    const Error late(Code::deadline, "the node was told and has not said goodbye yet", "look at it with `flotte node ls`");
    co_return co_await respond_error(request.call, late);
  }
  co_await respond_json(request.call, 200, node->to_json());
}

}  // namespace flotte::hub
