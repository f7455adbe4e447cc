// Who shares the fleet over HTTP: flows, projects, and what people hold and let go.
#include <fmt/format.h>

#include "base/async/run_on.hpp"
#include "fleet/flows.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

using fleet::Paused;

Awaitable<void> set_flow(Request& request, Paused paused) {
  const std::string& id = request.captures.at(0);
  const auto number = wire::parse_id('f', id);
  if (!number) {
    const Error unknown(Code::not_found, fmt::format("no flow '{}'", id), "see `flotte flow ls`");
    co_return co_await respond_error(request.call, unknown);
  }
  auto flow = co_await request.hub.fleet().pause_flow(*number, paused);
  if (!flow) co_return co_await respond_error(request.call, flow.error());
  co_await respond_json(request.call, 200, flow->to_json());
}

Awaitable<void> set_project(Request& request, Paused paused) {
  const std::string name = request.captures.at(0);
  auto set = co_await request.hub.fleet().pause_project(name, paused);
  if (!set) co_return co_await respond_error(request.call, set.error());
  auto projects = co_await request.hub.fleet().list_projects();
  if (!projects) co_return co_await respond_error(request.call, projects.error());
  fleet::ProjectView shown;
  shown.name = name;
  shown.paused = paused == Paused::yes;
  for (const fleet::ProjectView& project : *projects)
    if (project.name == name) shown = project;
  co_await respond_json(request.call, 200, shown.to_json());
}

Awaitable<void> set_worker(Request& request, Paused paused) {
  std::string id = request.captures.at(0);
  if (id.find('@') == std::string::npos) id += "@home";
  fleet::Fleet& fleet = request.hub.fleet();
  std::function<std::optional<wire::WorkerView>()> find = [&fleet, id] { return fleet.worker(id); };
  auto worker = co_await run_on<std::optional<wire::WorkerView>>(request.hub.fleet_executor(), find);
  if (!worker) {
    const Error unknown(Code::not_found, fmt::format("no worker '{}'", id), "see `flotte worker ls`");
    co_return co_await respond_error(request.call, unknown);
  }
  auto set = co_await fleet.pause_worker(worker->node, worker->info.name, paused);
  if (!set) co_return co_await respond_error(request.call, set.error());
  worker = co_await run_on<std::optional<wire::WorkerView>>(request.hub.fleet_executor(), std::move(find));
  const json::object shown = worker ? worker->to_json() : json::object{};
  co_await respond_json(request.call, 200, shown);
}

}  // namespace

Awaitable<void> list_flows(Request& request) {
  fleet::FlowFilter filter;
  auto limit = limit_of(request.call.head());
  if (!limit) co_return co_await respond_error(request.call, limit.error());
  filter.limit = *limit;
  filter.owner = request.call.head().query("owner").value_or("");
  filter.project = request.call.head().query("project").value_or("");
  if (const auto cursor = request.call.head().query("cursor"); cursor && !cursor->empty()) {
    const auto place = fleet::FlowPlace::parse(*cursor);
    const Error unknown(Code::invalid_argument, fmt::format("cursor = '{}' is no place in this list", *cursor),
                        "take \"next\" of a page before");
    if (!place) co_return co_await respond_error(request.call, unknown);
    filter.after = *place;
  }
  auto flows = co_await request.hub.fleet().list_flows(std::move(filter));
  if (!flows) co_return co_await respond_error(request.call, flows.error());
  json::array items;
  for (const fleet::FlowView& flow : flows->items) items.emplace_back(flow.to_json());
  const json::value next = flows->next ? json::value(flows->next->text()) : json::value(nullptr);
  co_await respond_json(request.call, 200, page_of(std::move(items), next));
}

Awaitable<void> list_projects(Request& request) {
  auto projects = co_await request.hub.fleet().list_projects();
  if (!projects) co_return co_await respond_error(request.call, projects.error());
  json::array items;
  for (const fleet::ProjectView& project : *projects) items.emplace_back(project.to_json());
  co_await respond_json(request.call, 200, page_of(std::move(items), nullptr));
}

Awaitable<void> pause_flow(Request& request) { return set_flow(request, Paused::yes); }
Awaitable<void> resume_flow(Request& request) { return set_flow(request, Paused::no); }
Awaitable<void> pause_project(Request& request) { return set_project(request, Paused::yes); }
Awaitable<void> resume_project(Request& request) { return set_project(request, Paused::no); }
Awaitable<void> pause_worker(Request& request) { return set_worker(request, Paused::yes); }
Awaitable<void> resume_worker(Request& request) { return set_worker(request, Paused::no); }

}  // namespace flotte::hub
