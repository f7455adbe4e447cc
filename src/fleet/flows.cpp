// Flows and projects as they are shown.
#include "fleet/flows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "fleet/detail/ready_flows.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/pauses.hpp"

namespace flotte::fleet {
namespace {

/// Of a flow `f` and its key `k`. Behind them: since when the first of it is ready.
constexpr std::string_view columns =
    "f.id, f.owner, f.project, f.batch, f.kind, f.model, f.node, f.worker, f.labels, f.exclusive, f.weight, f.paused, f.out_until, "
    "f.out_why, k.key, k.most, f.limited, (SELECT count(*) FROM (SELECT 1 FROM ready r WHERE r.flow = f.id LIMIT 10000)), ";
constexpr std::string_view oldest =
    "(SELECT min(since) FROM (SELECT since FROM ready r WHERE r.flow = f.id ORDER BY priority, task LIMIT 100))";
constexpr std::int64_t nothing_waits = INT64_MAX;  // sorts behind all ages
constexpr std::array<std::string_view, 4> out_words{"quota", "outage", "limits", "ramp"};

std::map<std::int64_t, std::int64_t> counts(store::Transaction& rows, std::string_view sql) {
  std::map<std::int64_t, std::int64_t> out;
  for (const store::Row& row : rows.query(sql)) out[row.integer(0)] = row.integer(1);
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

std::string FlowPlace::text() const { return fmt::format("{}.{}", since_ms, flow); }

std::optional<FlowPlace> FlowPlace::parse(std::string_view text) {
  FlowPlace place;
  const char* end = text.data() + text.size();
  const auto since = std::from_chars(text.data(), end, place.since_ms);
  if (since.ec != std::errc() || since.ptr == end || *since.ptr != '.') return std::nullopt;
  const auto flow = std::from_chars(since.ptr + 1, end, place.flow);
  return flow.ec == std::errc() && flow.ptr == end ? std::optional(place) : std::nullopt;
}

FlowPage list_flows(store::Transaction& rows, const FlowFilter& filter, const Shares& shares) {
  // Only what has work is looked at, however many flows there were; only what is shown is counted.
  static const std::string sql = detail::of_ready_flows(
      fmt::format(", busy (flow) AS (SELECT flow FROM ready_flow UNION SELECT t.flow FROM lease l JOIN task t ON t.id = l.task "
                  "UNION SELECT id FROM flow WHERE paused & 2 <> 0), "
                  "aged (id, since) AS (SELECT f.id, coalesce({1}, {2}) FROM busy b JOIN flow f ON f.id = b.flow "
                  "WHERE (? = '' OR f.owner = ?) AND (? = '' OR f.project = ?)), "
                  "page (id, since) AS MATERIALIZED (SELECT id, since FROM aged WHERE (since, id) > (?, ?) ORDER BY since, id LIMIT ?) "
                  "SELECT {0} nullif(p.since, {2}) FROM page p JOIN flow f ON f.id = p.id LEFT JOIN concurrency_key k ON k.id = f.limited "
                  "ORDER BY p.since, p.id",
                  columns, oldest, nothing_waits));
  const auto running = counts(rows, "SELECT t.flow, count(*) FROM lease l JOIN task t ON t.id = l.task GROUP BY t.flow");
  const auto used = counts(rows, "SELECT limited, count(*) FROM lease WHERE limited IS NOT NULL GROUP BY limited");
  const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, 1000);
  FlowPage page;
  FlowPlace last;
  for (const store::Row& row :
       rows.query(sql, filter.owner, filter.owner, filter.project, filter.project, filter.after.since_ms, filter.after.flow, limit + 1)) {
    if (page.items.size() == limit) {
      page.next = last;
      break;
    }
    FlowView& v = page.items.emplace_back(flow_of(row, shares));
    if (const auto it = running.find(row.integer(0)); it != running.end()) v.running = it->second;
    if (const auto it = used.find(row.maybe_integer(16).value_or(0)); it != used.end()) v.used = static_cast<int>(it->second);
    last = {row.maybe_integer(18).value_or(nothing_waits), row.integer(0)};
  }
  return page;
}

std::optional<FlowView> show_flow(store::Transaction& rows, std::int64_t flow, const Shares& shares) {
  static const std::string sql =
      fmt::format("SELECT {} {} FROM flow f LEFT JOIN concurrency_key k ON k.id = f.limited WHERE f.id = ?", columns, oldest);
  const auto row = rows.one(sql, flow);
  if (!row) return std::nullopt;
  FlowView v = flow_of(*row, shares);
  v.running = rows.one("SELECT count(*) FROM lease l JOIN task t ON t.id = l.task WHERE t.flow = ?", flow)->integer(0);
  if (const auto key = row->maybe_integer(16))
    v.used = static_cast<int>(rows.one("SELECT count(*) FROM lease WHERE limited = ?", *key)->integer(0));
  return v;
}

json::object ProjectView::to_json() const {
  return {{"name", name}, {"weight", weight}, {"paused", paused}, {"flows", flows}, {"ready", ready}, {"running", running}};
}

std::vector<ProjectView> list_projects(store::Transaction& rows, const Shares& shares) {
  std::map<std::string, ProjectView> found;
  for (const auto& [name, weight] : shares.projects) found[name].weight = weight;
  for (const store::Row& row : rows.query("SELECT name FROM pause WHERE kind = 'project'")) found[row.text(0)].paused = true;
  static const std::string waiting = detail::of_ready_flows(
      "SELECT f.project, count(*), sum((SELECT count(*) FROM ready r WHERE r.flow = f.id)) FROM ready_flow b JOIN flow f ON f.id = b.flow "
      "WHERE f.project <> '' GROUP BY f.project");
  for (const store::Row& row : rows.query(waiting)) {
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
