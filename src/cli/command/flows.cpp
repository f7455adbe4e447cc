// Flows, projects and shares for people.
#include "cli/command/flows.hpp"

#include "base/clock.hpp"
#include "cli/command/listing.hpp"
#include "cli/screen/member.hpp"
#include "cli/screen/screen.hpp"
#include "cli/screen/table.hpp"

namespace flotte::cli {
namespace {

using Align = Table::Align;

std::string dash(std::string value) { return value.empty() ? "-" : value; }
std::string weight_of(const json::object& o, std::string_view key) {
  const auto it = o.find(key);
  return it != o.end() && it->value().is_number() ? fmt::format("{:g}", it->value().to_number<double>()) : "1";
}

/// "paused (project)", "waiting (quota)", "3 of 2 seats"
std::string state_of(const json::object& flow) {
  std::string state = text(flow, "state");
  if (state == "paused") state += fmt::format(" ({})", fmt::join(json::strings(flow, "paused_by"), ", "));
  if (state == "waiting") state += fmt::format(" ({})", text(flow, "out_why"));
  return state;
}

/// "reader@box gpu exclusive": what its tasks ask of a worker.
std::string needs_of(const json::object& flow) {
  std::string out = text(flow, "worker");
  if (const std::string node = text(flow, "node"); !node.empty()) out += "@" + node;
  for (const std::string& label : json::strings(flow, "labels")) out += (out.empty() ? "" : " ") + label;
  return out;
}

std::string seats_of(const json::object& flow) {
  const json::object* key = json::get_object(flow, "concurrency");
  return key ? fmt::format("{} {}/{}", text(*key, "key"), json::int_or(*key, "used", 0), json::int_or(*key, "limit", 0)) : "-";
}

/// "12 s", "3 min", "2 h": since then.
std::string age_of(const json::object& flow) {
  const auto since = parse_rfc3339(text(flow, "oldest_ready_at"));
  if (!since) return "-";
  const std::int64_t whole = std::max<std::int64_t>(0, (system_clock().wall() - *since).count() / 1'000);
  return whole < 120 ? fmt::format("{} s", whole) : whole < 7'200 ? fmt::format("{} min", whole / 60) : fmt::format("{} h", whole / 3'600);
}

std::string render_flows(const Items& items, int columns) {
  Table table({{"FLOW"},
               {"OWNER"},
               {"PROJECT"},
               {"KIND"},
               {"MODEL"},
               {"NEEDS"},
               {"STATE"},
               {"READY", Align::right},
               {"RUNNING", Align::right},
               {"OLDEST", Align::right},
               {"SHARE", Align::right},
               {"SEATS"},
               {"BATCH"}});
  for (const json::object& o : items)
    table.add({text(o, "id"), text(o, "owner"), dash(text(o, "project")), text(o, "kind"), dash(text(o, "model")), dash(needs_of(o)),
               state_of(o), fmt::format("{}", json::int_or(o, "ready", 0)), fmt::format("{}", json::int_or(o, "running", 0)), age_of(o),
               weight_of(o, "owner_weight") + "/" + weight_of(o, "project_weight"), seats_of(o), dash(text(o, "batch"))});
  return table.empty() ? "no flow has work\n" : table.render(columns);
}

std::string render_projects(const Items& items, int columns) {
  Table table(
      {{"PROJECT"}, {"WEIGHT", Align::right}, {"STATE"}, {"READY", Align::right}, {"RUNNING", Align::right}, {"FLOWS", Align::right}});
  for (const json::object& o : items)
    table.add({text(o, "name"), weight_of(o, "weight"), json::get_bool(o, "paused").value_or(false) ? "paused" : "-",
               fmt::format("{}", json::int_or(o, "ready", 0)), fmt::format("{}", json::int_or(o, "running", 0)),
               fmt::format("{}", json::int_or(o, "flows", 0))});
  return table.empty() ? "no project has work, a weight or a pause\n" : table.render(columns);
}

struct Change {
  std::string path;
  json::object body;
  bool patch = false;
  std::string said;
  std::string said_of_nothing = {};  // where the answer counts no work; empty: the same
};

bool has_work(const json::object& answer) {
  return json::int_or(answer, "flows", 0) + json::int_or(answer, "ready", 0) + json::int_or(answer, "running", 0) > 0;
}

Awaitable<Result<int>> perform(Session& session, Change change) {
  Result<json::object> answer = json::object{};
  if (change.patch)
    answer = co_await session.fleet().patch(change.path, std::move(change.body));
  else
    answer = co_await session.fleet().post(change.path, std::move(change.body));
  if (!answer) co_return pass(answer);
  if (session.common().json())
    print_json(json::value(*answer));
  else
    print(change.said_of_nothing.empty() || has_work(*answer) ? change.said : change.said_of_nothing);
  co_return status::done;
}

int run(const Common& common, const Change& change) {
  Session session(common);
  return session.run([&](Session& s) { return perform(s, change); });
}

}  // namespace

int run_flow_ls(const Common& common, const FlowListOptions& options) {
  return run_listing(
      common, {client::make_path("flows"), {{"owner", options.owner}, {"project", options.project}, {"limit", "1000"}}, 0, render_flows});
}

int run_project_ls(const Common& common) { return run_listing(common, {client::make_path("projects"), {}, 0, render_projects}); }

int run_hold(const Common& common, const std::string& kind, const std::string& id, const std::string& what) {
  const std::string said = what == "pause" ? "starts nothing new; what runs, runs to its end" : "may start again";
  Change change{client::make_path(kind, id, what), {}, false, fmt::format("{} {}\n", id, said)};
  // A project needs nobody to make it, so that a mistyped name is one, too.
  if (kind == "projects" && what == "pause")
    change.said_of_nothing = fmt::format("{} {}; nothing of that project is queued or runs now (`flotte project ls`)\n", id, said);
  return run(common, change);
}

int run_key_weight(const Common& common, const std::string& key, double weight) {
  json::object body;
  body["weight"] = weight;
  return run(common, {client::make_path("keys", key), std::move(body), true, fmt::format("{} has weight {:g} from now on\n", key, weight)});
}

}  // namespace flotte::cli
