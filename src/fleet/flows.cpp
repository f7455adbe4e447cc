// Flows and projects as they are shown.
#include "fleet/flows.hpp"

#include <algorithm>
#include <map>

#include "fleet/detail/rows.hpp"
#include "fleet/pauses.hpp"

namespace flotte::fleet {
namespace {

constexpr std::string_view select_flows =
    "SELECT f.id, f.owner, f.project, f.batch, f.kind, f.model, f.node, f.worker, f.labels, f.exclusive, f.weight, f.paused, f.out_until, "
    "f.out_why, k.key, k.most, (SELECT count(*) FROM lease l WHERE l.limited = f.limited), "
    "(SELECT count(*) FROM (SELECT 1 FROM ready r WHERE r.flow = f.id LIMIT 10000)), "
    "(SELECT min(since) FROM (SELECT since FROM ready r WHERE r.flow = f.id ORDER BY priority, task LIMIT 100)) "
    "FROM flow f LEFT JOIN concurrency_key k ON k.id = f.limited ";
constexpr std::array<std::string_view, 4> out_words{"quota", "outage", "limits", "ramp"};

std::map<std::int64_t, std::int64_t> running_by_flow(store::Transaction& rows) {
  std::map<std::int64_t, std::int64_t> out;
  for (const store::Row& row : rows.query("SELECT t.flow, count(*) FROM lease l JOIN task t ON t.id = l.task GROUP BY t.flow"))
    out[row.integer(0)] = row.integer(1);
  return out;
}

FlowView flow_of(const store::Row& row, const Shares& shares) {
  FlowView v;
  v.id = wire::format_id('f', row.integer(0));
  v.owner = row.text(1);
  v.project = row.text(2);
  if (const auto batch = row.maybe_integer(3)) v.batch = wire::format_id('b', *batch);
  v.need = {
      static_cast<wire::TaskKind>(row.integer(4)), row.text(5), row.text(6), row.text(7), detail::labels_of(row.text(8)), row.flag(9)};
  v.weight = row.real(10);
  v.owner_weight = weight_of(shares.owners, v.owner);
  v.project_weight = weight_of(shares.projects, v.project);
  const std::int64_t paused = row.integer(11);
  v.paused = paused != 0;
  if ((paused & paused_by_batch) != 0) v.paused_by.emplace_back("batch");
  if ((paused & paused_by_person) != 0) v.paused_by.emplace_back("person");
  if ((paused & paused_by_project) != 0) v.paused_by.emplace_back("project");
  if (row.integer(12) > 0) {
    v.out_until = row.time(12);
    v.out_why = out_words[static_cast<std::size_t>(std::clamp<std::int64_t>(row.integer(13), 0, 3))];
  }
  v.concurrency = row.text_or_empty(14);
  v.limit = static_cast<int>(row.maybe_integer(15).value_or(0));
  if (v.limit > 0) v.used = static_cast<int>(row.integer(16));
  v.ready = row.integer(17);
  v.oldest = row.maybe_time(18);
  return v;
}

}  // namespace

std::string FlowView::state() const {
  if (paused) return "paused";
  if (out_until && ready > 0) return "waiting";
  if (running > 0) return "running";
  return ready > 0 ? "ready" : "idle";
}

json::object FlowView::to_json() const {
  const auto text = [](const std::string& t) { return t.empty() ? json::value(nullptr) : json::value(t); };
  const auto time = [](const std::optional<WallTime>& t) { return t ? json::value(to_rfc3339(*t)) : json::value(nullptr); };
  json::array labels, reasons;
  for (const std::string& label : need.labels) labels.emplace_back(label);
  for (const std::string& reason : paused_by) reasons.emplace_back(reason);
  json::object o{{"id", id},
                 {"owner", owner},
                 {"project", text(project)},
                 {"batch", text(batch)},
                 {"kind", wire::to_string(need.kind)},
                 {"model", text(need.model)},
                 {"node", text(need.node)},
                 {"worker", text(need.worker)},
                 {"labels", std::move(labels)},
                 {"state", state()},
                 {"ready", ready},
                 {"running", running},
                 {"oldest_ready_at", time(oldest)},
                 {"weight", weight},
                 {"owner_weight", owner_weight},
                 {"project_weight", project_weight},
                 {"paused_by", std::move(reasons)},
                 {"out_until", time(out_until)},
                 {"out_why", text(out_why)},
                 {"concurrency", nullptr}};
  if (limit > 0) o["concurrency"] = json::object{{"key", concurrency}, {"limit", limit}, {"used", used}};
  return o;
}

std::vector<FlowView> list_flows(store::Transaction& rows, const FlowFilter& filter, const Shares& shares) {
  const std::map<std::int64_t, std::int64_t> running = running_by_flow(rows);
  static const std::string sql =
      std::string(select_flows) +
      "WHERE (f.paused & 2 <> 0 OR EXISTS (SELECT 1 FROM ready r WHERE r.flow = f.id) OR EXISTS (SELECT 1 FROM lease l JOIN task t ON t.id "
      "= "
      "l.task WHERE t.flow = f.id)) AND (? = '' OR f.owner = ?) AND (? = '' OR f.project = ?) ORDER BY f.id LIMIT 5000";
  std::vector<FlowView> out;
  for (const store::Row& row : rows.query(sql, filter.owner, filter.owner, filter.project, filter.project)) {
    out.push_back(flow_of(row, shares));
    if (const auto it = running.find(row.integer(0)); it != running.end()) out.back().running = it->second;
  }
  std::stable_sort(out.begin(), out.end(), [](const FlowView& a, const FlowView& b) {
    return a.oldest.value_or(WallTime::max()) < b.oldest.value_or(WallTime::max());
  });
  if (const std::size_t most = std::clamp<std::size_t>(filter.limit, 1, 1000); out.size() > most) out.resize(most);
  return out;
}

std::optional<FlowView> show_flow(store::Transaction& rows, std::int64_t flow, const Shares& shares) {
  static const std::string sql = std::string(select_flows) + "WHERE f.id = ?";
  const auto row = rows.one(sql, flow);
  if (!row) return std::nullopt;
  FlowView v = flow_of(*row, shares);
  v.running = rows.one("SELECT count(*) FROM lease l JOIN task t ON t.id = l.task WHERE t.flow = ?", flow)->integer(0);
  return v;
}

json::object ProjectView::to_json() const {
  return {{"name", name}, {"weight", weight}, {"paused", paused}, {"flows", flows}, {"ready", ready}, {"running", running}};
}

std::vector<ProjectView> list_projects(store::Transaction& rows, const Shares& shares) {
  std::map<std::string, ProjectView> found;
  for (const auto& [name, weight] : shares.projects) found[name].weight = weight;
  for (const store::Row& row : rows.query("SELECT name FROM pause WHERE kind = 'project'")) found[row.text(0)].paused = true;
  for (const store::Row& row : rows.query(
           "SELECT f.project, count(*), sum((SELECT count(*) FROM ready r WHERE r.flow = f.id)) FROM flow f WHERE f.project <> '' AND "
           "EXISTS (SELECT 1 FROM ready r WHERE r.flow = f.id) GROUP BY f.project")) {
    ProjectView& v = found[row.text(0)];
    v.flows = row.integer(1);
    v.ready = row.integer(2);
  }
  for (const store::Row& row :
       rows.query("SELECT t.project, count(*) FROM lease l JOIN task t ON t.id = l.task WHERE t.project <> '' GROUP BY t.project"))
    found[row.text(0)].running = row.integer(1);
  std::vector<ProjectView> out;
  for (auto& [name, view] : found) {
    view.name = name;
    out.push_back(std::move(view));
  }
  return out;
}

std::array<std::optional<WallTime>, 10> oldest_ready(store::Transaction& rows) {
  std::array<std::optional<WallTime>, 10> out;
  // Seeks, not a scan: the first task of each flow and priority has as a rule waited longest.
  for (const store::Row& row :
       rows.query("WITH RECURSIVE head (flow, priority, task, since) AS ("
                  "SELECT * FROM (SELECT flow, priority, task, since FROM ready ORDER BY flow, priority, task LIMIT 1) UNION ALL "
                  "SELECT n.flow, n.priority, n.task, n.since FROM head h JOIN ready n ON (n.flow, n.priority, n.task) = "
                  "(SELECT r.flow, r.priority, r.task FROM ready r WHERE (r.flow, r.priority) > (h.flow, h.priority) "
                  "ORDER BY r.flow, r.priority, r.task LIMIT 1)) SELECT priority, min(since) FROM head GROUP BY priority")) {
    const auto priority = static_cast<std::size_t>(std::clamp<std::int64_t>(row.integer(0), 0, 9));
    out[priority] = row.time(1);
  }
  return out;
}

}  // namespace flotte::fleet
