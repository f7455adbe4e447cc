// Workers that people define at the hub, and what each is.
#include <fmt/format.h>

#include "base/async/run_on.hpp"
#include "base/nearest.hpp"
#include "fleet/definitions.hpp"
#include "hub/api.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

/// "reader@box".
struct WorkerName {
  std::string name, node;
  std::string id() const { return name + "@" + node; }
};

WorkerName name_of(const std::string& id) {
  const std::size_t at = id.rfind('@');
  return at == std::string::npos ? WorkerName{id, "home"} : WorkerName{id.substr(0, at), id.substr(at + 1)};
}

Failure no_worker(const WorkerName& worker) {
  return fail(Code::not_found, fmt::format("no worker '{}'", worker.id()), "see `flotte worker ls`");
}

Awaitable<std::optional<wire::WorkerView>> find_worker(Hub& hub, WorkerName worker) {
  fleet::Fleet& fleet = hub.fleet();
  std::function<std::optional<wire::WorkerView>()> find = [&fleet, id = worker.id()] { return fleet.worker(id); };
  co_return co_await run_on<std::optional<wire::WorkerView>>(hub.fleet_executor(), std::move(find));
}

Failure wrong_type(std::string_view key, std::string_view type) {
  return fail(Code::invalid_argument, fmt::format("\"{}\" must be {}", key, type));
}

Result<void> read_member(std::string_view key, const json::value& value, wire::WorkerInfo& into) {
  if (key == "kind" || key == "model") {
    if (!value.is_string()) return wrong_type(key, "a text");
    (key == "kind" ? into.kind : into.model) = std::string(value.get_string());
  } else if (key == "slots") {
    if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > 10'000) return wrong_type(key, "a whole number from 1 to 10000");
    into.slots = static_cast<int>(value.get_int64());
  } else if (key == "exclusive") {
    if (!value.is_bool()) return wrong_type(key, "true or false");
    into.exclusive = value.get_bool();
  } else if (key == "labels") {
    const json::array* list = value.if_array();
    if (!list || !std::all_of(list->begin(), list->end(), [](const json::value& v) { return v.is_string(); }))
      return wrong_type(key, "a list of texts");
    into.labels.clear();
    for (const json::value& label : *list) into.labels.emplace_back(label.get_string());
  } else {
    static const std::vector<std::string_view> known{"name", "node", "kind", "model", "slots", "labels", "exclusive"};
    const auto nearest = find_nearest(key, known);
    return fail(Code::invalid_argument, fmt::format("\"{}\" is nothing that can be said of a worker", key),
                nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "name, node, model, slots, labels, exclusive");
  }
  return {};
}

/// What `body` says over what is there; `name` and `node` are read elsewhere.
Result<wire::WorkerInfo> read_definition(const json::object& body, wire::WorkerInfo worker) {
  for (const auto& [key, value] : body) {
    if (key == "name" || key == "node") continue;
    if (auto good = read_member(key, value, worker); !good) return pass(good);
  }
  return worker;
}

/// Aliases become what they stand for, as they do in tasks. A name that stands for nothing now is kept: its model may come later.
std::string resolve_model(const Request& request, wire::WorkerInfo& worker) {
  const auto* table = request.loop.table.get();
  if (!table || worker.model.empty()) return {};
  if (auto name = table->canonical(worker.model)) {
    worker.model = std::move(*name);
    return {};
  }
  if (worker.model.find('/') != std::string::npos) return {};
  return fmt::format("nothing answers for model '{}' now; what this worker is given waits until something does", worker.model);
}

Awaitable<void> respond_worker(Request& request, int status, WorkerName worker, std::string note) {
  auto view = co_await find_worker(request.hub, worker);
  if (!view) {
    const Error gone = no_worker(worker).error();
    co_return co_await respond_error(request.call, gone);
  }
  if (!note.empty()) view->message = std::move(note);
  co_await respond_json(request.call, status, view->to_json());
}

Awaitable<Result<std::optional<wire::WorkerInfo>>> read_stored(Hub& hub, WorkerName worker) {
  std::function<Result<std::optional<wire::WorkerInfo>>(store::Transaction&)> read =
      [worker](store::Transaction& rows) -> Result<std::optional<wire::WorkerInfo>> {
    return fleet::find_definition(rows, worker.node, worker.name);
  };
  return hub.database().read<std::optional<wire::WorkerInfo>>(std::move(read));
}

}  // namespace

Awaitable<void> show_worker(Request& request) {
  const WorkerName name = name_of(request.captures.at(0));
  std::string note;
  co_await respond_worker(request, 200, name, std::move(note));
}

Awaitable<void> add_worker(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  wire::WorkerInfo start;
  start.kind = "model";
  start.name = json::string_or(*body, "name", "");
  auto worker = read_definition(*body, std::move(start));
  if (!worker) co_return co_await respond_error(request.call, worker.error());
  WorkerName name{worker->name, json::string_or(*body, "node", "home")};
  // One that stands in a file keeps its name.
  auto there = co_await find_worker(request.hub, name);
  if (there && there->origin != "hub") {
    const Error taken(Code::conflict, fmt::format("{} has a worker '{}' of its own", name.node, name.name), "choose another name");
    co_return co_await respond_error(request.call, taken);
  }
  std::string note = resolve_model(request, *worker);
  auto defined = co_await request.hub.fleet().define_worker(fleet::DefinitionAction::add, name.node, std::move(*worker));
  if (!defined) co_return co_await respond_error(request.call, defined.error());
  co_await respond_worker(request, 201, name, std::move(note));
}

Awaitable<void> set_worker(Request& request) {
  auto body = co_await read_object(request.call);
  if (!body) co_return co_await respond_error(request.call, body.error());
  const WorkerName name = name_of(request.captures.at(0));
  if (json::string_or(*body, "name", name.name) != name.name || json::string_or(*body, "node", name.node) != name.node) {
    const Error moved(Code::invalid_argument, "a worker keeps its name and its node", "add another one and remove this");
    co_return co_await respond_error(request.call, moved);
  }
  auto stored = co_await read_stored(request.hub, name);
  if (!stored) co_return co_await respond_error(request.call, stored.error());
  if (!*stored) {
    auto there = co_await find_worker(request.hub, name);
    const Error own(Code::conflict, fmt::format("{} was not defined at this hub", name.id()), "it is changed in the file of its node");
    const Error unknown = no_worker(name).error();
    co_return co_await respond_error(request.call, there ? own : unknown);
  }
  auto worker = read_definition(*body, std::move(**stored));
  if (!worker) co_return co_await respond_error(request.call, worker.error());
  std::string note = resolve_model(request, *worker);
  auto defined = co_await request.hub.fleet().define_worker(fleet::DefinitionAction::set, name.node, std::move(*worker));
  if (!defined) co_return co_await respond_error(request.call, defined.error());
  co_await respond_worker(request, 200, name, std::move(note));
}

Awaitable<void> remove_worker(Request& request) {
  const WorkerName name = name_of(request.captures.at(0));
  auto view = co_await find_worker(request.hub, name);
  wire::WorkerInfo worker;
  worker.name = name.name;
  auto removed = co_await request.hub.fleet().define_worker(fleet::DefinitionAction::remove, name.node, std::move(worker));
  if (!removed) co_return co_await respond_error(request.call, removed.error());
  if (!view) view.emplace();
  view->id = name.id();
  view->state = "away";
  view->activities.clear();
  co_await respond_json(request.call, 200, view->to_json());
}

}  // namespace flotte::hub
