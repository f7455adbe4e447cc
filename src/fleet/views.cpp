// Tasks and batches as they are shown.
#include "fleet/views.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fleet/detail/rows.hpp"
#include "fleet/ledger.hpp"
#include "fleet/queued.hpp"

namespace flotte::fleet {
namespace {

constexpr std::string_view task_columns =
    "t.id, t.kind, t.title, t.state, t.reason, t.batch, t.item, t.project, t.owner, t.flow, t.priority, t.labels, t.attempt, t.node, "
    "t.worker, t.model, t.target, t.retry_of, t.created_at, t.started_at, t.ended_at, t.input_tokens, t.cached_tokens, t.output_tokens, "
    "t.cost_pico_usd, t.error_code, t.error_message, t.error_hint, t.exhausted, t.result, l.accepted, l.attempt, l.worker, n.name, "
    "l.started_at, d.reason, f.paused, t.unpriced, f.out_until, t.budget_pico_usd";
constexpr std::string_view task_joins =
    "LEFT JOIN lease l ON l.task = t.id LEFT JOIN node n ON n.id = l.node LEFT JOIN deferred d ON d.task = t.id "
    "LEFT JOIN flow f ON f.id = t.flow";
constexpr std::size_t page_bytes = 4 * 1024 * 1024;  // results in one page at most

std::string id_or_empty(char prefix, const std::optional<std::int64_t>& id) { return id ? wire::format_id(prefix, *id) : std::string(); }

/// Where an active task stands: its lease, its wait, or the queue.
void fill_active(wire::TaskView& v, const store::Row& row) {
  if (!row.is_null(30)) {
    v.state = row.flag(30) ? wire::TaskState::running : wire::TaskState::offered;
    v.worker = row.text(32);
    v.node = row.text_or_empty(33);
    if (row.flag(30)) {
      v.attempt = static_cast<int>(row.integer(31));
      v.started_at = row.maybe_time(34);
    }
  } else if (!row.is_null(35)) {
    v.state = wire::TaskState::waiting;
    v.reason = static_cast<wire::Reason>(row.integer(35));
  } else if (!row.is_null(36) && row.flag(36)) {
    v.state = wire::TaskState::waiting;
    v.reason = wire::Reason::paused;
  } else if (!row.is_null(38) && row.integer(38) > 0) {
    v.state = wire::TaskState::waiting;
    v.reason = wire::Reason::quota;
  } else {
    v.state = wire::TaskState::queued;
  }
}

wire::TaskView task_of(const store::Row& row) {
  wire::TaskView v;
  v.id = wire::format_id('t', row.integer(0));
  v.kind = static_cast<wire::TaskKind>(row.integer(1));
  v.title = row.text(2);
  v.state = static_cast<wire::TaskState>(row.integer(3));
  v.reason = static_cast<wire::Reason>(row.integer(4));
  v.batch = id_or_empty('b', row.maybe_integer(5));
  v.item = row.maybe_integer(6).value_or(-1);
  v.project = row.text(7);
  v.owner = row.text(8);
  v.flow = wire::format_id('f', row.integer(9));
  v.priority = static_cast<int>(row.integer(10));
  v.labels = detail::labels_of(row.text(11));
  v.attempt = static_cast<int>(row.integer(12));
  v.node = row.text(13);
  v.worker = row.text(14);
  v.model = row.text(15);
  v.target = row.text(16);
  v.retry_of = id_or_empty('t', row.maybe_integer(17));
  v.created_at = row.time(18);
  v.started_at = row.maybe_time(19);
  v.ended_at = row.maybe_time(20);
  v.usage = {row.integer(21), row.integer(22), row.integer(23), row.integer(24), row.integer(37)};
  if (!row.is_null(25)) v.error = Error(parse_code(row.text(25)), row.text_or_empty(26), row.text_or_empty(27));
  v.attempts_exhausted = row.flag(28);
  v.budget_pico_usd = row.maybe_integer(39);
  if (!row.is_null(29))
    if (auto result = json::parse(row.text(29))) v.result = std::move(*result);
  if (row.integer(3) == 0) fill_active(v, row);
  return v;
}

/// The WHERE of a list: fragments from a fixed set, so that the statements stay few.
struct Query {
  std::string sql;
  std::vector<store::Argument> arguments;
};

std::string_view state_condition(wire::TaskState state) {
  switch (state) {
    case wire::TaskState::queued:
      return " AND t.state = 0 AND l.task IS NULL AND d.task IS NULL AND coalesce(f.paused, 0) = 0 AND coalesce(f.out_until, 0) = 0";
    case wire::TaskState::waiting:
      return " AND t.state = 0 AND l.task IS NULL AND (d.task IS NOT NULL OR f.paused <> 0 OR f.out_until > 0)";
    case wire::TaskState::offered: return " AND l.accepted = 0";
    case wire::TaskState::running: return " AND l.accepted = 1";
    case wire::TaskState::succeeded: return " AND t.state = 4";
    case wire::TaskState::failed: return " AND t.state = 5";
    case wire::TaskState::cancelled: return " AND t.state = 6";
  }
  return "";
}

/// What to walk along: the narrow table where the state lives in one, because `task` may hold millions that have ended.
std::string_view state_source(const TaskFilter& filter) {
  if (filter.batch > 0) return "FROM batch_item b CROSS JOIN task t ON t.id = b.task";
  const auto only = filter.states.size() == 1 ? std::optional(filter.states.front()) : std::nullopt;
  if (only == wire::TaskState::running || only == wire::TaskState::offered) return "FROM lease a CROSS JOIN task t ON t.id = a.task";
  if (only == wire::TaskState::queued) return "FROM ready a CROSS JOIN task t ON t.id = a.task";
  return "FROM task t";
}

/// What waits may be millions: their numbers are found by a walk, and the list's query is asked about one after the other.
bool walks_queue(const TaskFilter& filter) {
  return filter.batch == 0 && filter.states == std::vector{wire::TaskState::queued} && filter.worker.empty() && filter.node.empty();
}

Query query_of(const TaskFilter& filter, const std::optional<std::int64_t>& kind) {
  Query q;
  const bool by_batch = filter.batch > 0, one_by_one = walks_queue(filter);
  q.sql = fmt::format("SELECT {}, {} {} {} WHERE ", task_columns, by_batch ? "b.item" : "t.id",
                      one_by_one ? "FROM task t" : state_source(filter), task_joins);
  if (one_by_one) {
    q.sql += "t.id = ?";
    q.arguments.emplace_back(std::int64_t{0});
  } else if (by_batch) {
    q.sql += "b.batch = ? AND b.item > ?";
    q.arguments.emplace_back(filter.batch);
    q.arguments.emplace_back(filter.after);
  } else {
    q.sql += "t.id < ?";
    q.arguments.emplace_back(filter.after < 0 ? INT64_MAX : filter.after);
  }
  std::string any;
  for (const wire::TaskState state : filter.states) any += fmt::format("{}(1{})", any.empty() ? "" : " OR ", state_condition(state));
  if (!any.empty()) q.sql += fmt::format(" AND ({})", any);
  const auto equals = [&](std::string_view condition, const std::string& value) {
    if (value.empty()) return;
    q.sql += condition;
    q.arguments.emplace_back(value);
  };
  equals(" AND t.owner = ?", filter.owner);
  equals(" AND t.project = ?", filter.project);
  equals(" AND coalesce(l.worker, t.worker) = ?", filter.worker);
  equals(" AND coalesce(n.name, t.node) = ?", filter.node);
  if (kind) {
    q.sql += " AND t.kind = ?";
    q.arguments.emplace_back(*kind);
  }
  q.sql += one_by_one ? " LIMIT ?" : by_batch ? " ORDER BY b.item LIMIT ?" : " ORDER BY t.id DESC LIMIT ?";
  return q;
}

/// Rows of the list, `limit` and one more.
store::Rows rows_of(store::Transaction& rows, const TaskFilter& filter, const std::optional<std::int64_t>& kind, std::size_t limit) {
  Query q = query_of(filter, kind);
  q.arguments.emplace_back(limit + 1);
  if (!walks_queue(filter)) return rows.fetch(q.sql, q.arguments);
  store::Rows out;
  QueuedWalk walk(rows, {filter.owner, filter.project, kind}, filter.after < 0 ? INT64_MAX : filter.after);
  for (auto task = walk.next(); task && out.size() <= limit; task = walk.next()) {
    q.arguments.front() = store::Argument(*task);
    for (store::Row& row : rows.fetch(q.sql, q.arguments)) out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

std::optional<wire::TaskView> show_task(store::Transaction& rows, std::int64_t task) {
  static const std::string sql = fmt::format("SELECT {} FROM task t {} WHERE t.id = ?", task_columns, task_joins);
  const auto row = rows.one(sql, task);
  return row ? std::optional(task_of(*row)) : std::nullopt;
}

std::optional<wire::TaskSpec> task_spec(store::Transaction& rows, std::int64_t task) {
  const auto row = rows.one("SELECT spec FROM task_input WHERE task = ?", task);
  const auto body = row ? json::parse_object(row->text(0)) : Result<json::object>(fail(Code::not_found, ""));
  auto spec = body ? wire::TaskSpec::from_json(*body) : Result<wire::TaskSpec>(fail(Code::not_found, ""));
  return spec ? std::optional(std::move(*spec)) : std::nullopt;
}

std::vector<wire::AttemptView> list_attempts(store::Transaction& rows, std::int64_t task) {
  std::vector<wire::AttemptView> out;
  for (const store::Row& row : rows.query("SELECT attempt, node, worker, outcome, message, started_at, ended_at, input_tokens, "
                                          "cached_tokens, output_tokens, cost_pico_usd, unpriced "
                                          "FROM attempt WHERE task = ? ORDER BY fence LIMIT 1000",
                                          task)) {
    wire::AttemptView v{static_cast<int>(row.integer(0)),
                        row.text(1),
                        row.text(2),
                        row.text(3),
                        row.text(4),
                        row.maybe_time(5),
                        row.time(6),
                        {row.integer(7), row.integer(8), row.integer(9), row.integer(10), row.integer(11)}};
    out.push_back(std::move(v));
  }
  if (const auto row = rows.one("SELECT l.attempt, n.name, l.worker, l.started_at, l.cancel, l.cost_pico_usd, l.unpriced FROM lease l JOIN "
                                "node n ON n.id = l.node "
                                "WHERE l.task = ? AND l.accepted = 1",
                                task)) {
    wire::AttemptView v;
    v.attempt = static_cast<int>(row->integer(0));
    v.node = row->text(1);
    v.worker = row->text(2);
    v.outcome = "running";
    v.started_at = row->maybe_time(3);
    if (row->integer(4) != 0) v.message = "asked to stop";
    v.usage.cost_pico_usd = row->integer(5);
    v.usage.unpriced_calls = row->integer(6);
    out.push_back(std::move(v));
  }
  return out;
}

std::optional<std::int64_t> fence_of(store::Transaction& rows, std::int64_t task, std::int64_t attempt) {
  const auto row = rows.one(
      "SELECT max(fence) FROM (SELECT fence, attempt FROM attempt WHERE task = ? AND attempt > 0 UNION ALL "
      "SELECT fence, attempt FROM lease WHERE task = ? AND accepted = 1) WHERE ? IN (0, attempt)",
      task, task, attempt);
  return row ? row->maybe_integer(0) : std::nullopt;
}

TaskPage list_tasks(store::Transaction& rows, const TaskFilter& filter) {
  TaskPage page;
  std::optional<std::int64_t> kind;
  if (!filter.kind.empty()) {
    const auto known = wire::parse_task_kind(filter.kind);
    if (!known) return page;
    kind = code(*known);
  }
  const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, 1000);
  std::size_t bytes = 0;
  std::int64_t last = 0;
  for (const store::Row& row : rows_of(rows, filter, kind, limit)) {
    bytes += row.text_or_empty(29).size();
    if (page.items.size() == limit || (bytes > page_bytes && !page.items.empty())) {
      page.next = last;
      break;
    }
    last = row.integer(row.size() - 1);
    page.items.push_back(task_of(row));
  }
  return page;
}

json::object LogEntry::to_json() const {
  return {{"number", number}, {"fence", fence}, {"at", to_rfc3339(at)}, {"kind", kind}, {"body", body}};
}

std::vector<LogEntry> read_log(store::Transaction& rows, std::int64_t task, std::int64_t after, std::size_t limit) {
  std::vector<LogEntry> out;
  for (const store::Row& row :
       rows.query("SELECT number, fence, at, kind, body FROM event WHERE task = ? AND number > ? ORDER BY number LIMIT ?", task, after,
                  std::min<std::size_t>(limit, 1000))) {
    LogEntry entry{row.integer(0), row.integer(1), row.time(2), row.text(3), {}};
    if (auto body = json::parse_object(row.text(4))) entry.body = std::move(*body);
    out.push_back(std::move(entry));
  }
  return out;
}

namespace {
constexpr std::string_view batch_columns =
    "id, title, created_at, ended_at, sealed, paused, cancelled, total, succeeded, failed, ended_cancelled, input_tokens, cached_tokens, "
    "output_tokens, cost_pico_usd, unpriced, cancel_reason, max_cost_pico_usd";

wire::BatchView batch_of(store::Transaction& rows, const store::Row& row) {
  wire::BatchView v;
  const std::int64_t id = row.integer(0);
  v.id = wire::format_id('b', id);
  v.title = row.text(1);
  v.created_at = row.time(2);
  v.ended_at = row.maybe_time(3);
  v.state = row.flag(6) ? "cancelled" : v.ended_at ? "done" : row.flag(5) ? "paused" : row.flag(4) ? "running" : "open";
  v.total = row.integer(7);
  v.succeeded = row.integer(8);
  v.failed = row.integer(9);
  v.cancelled = row.integer(10);
  v.usage = {row.integer(11), row.integer(12), row.integer(13), row.integer(14), row.integer(15)};
  if (row.flag(6)) v.reason = static_cast<wire::Reason>(row.integer(16));
  v.max_cost_pico_usd = row.maybe_integer(17);
  if (v.ended_at) return v;
  // What is under way stands in narrow tables; the large numbers are counted as they change.
  for (const store::Row& lease : rows.query("SELECT accepted, count(*) FROM lease WHERE batch = ? GROUP BY accepted", id))
    (lease.flag(0) ? v.running : v.offered) = lease.integer(1);
  v.waiting = rows.one("SELECT count(*) FROM deferred WHERE batch = ?", id)->integer(0);
  v.queued = v.total - v.succeeded - v.failed - v.cancelled - v.running - v.offered - v.waiting;
  if (row.flag(5)) v.waiting += std::exchange(v.queued, 0);
  return v;
}
}  // namespace

std::optional<wire::BatchView> show_batch(store::Transaction& rows, std::int64_t batch) {
  static const std::string sql = fmt::format("SELECT {} FROM batch WHERE id = ?", batch_columns);
  const auto row = rows.one(sql, batch);
  return row ? std::optional(batch_of(rows, *row)) : std::nullopt;
}

BatchPage list_batches(store::Transaction& rows, std::int64_t after, std::size_t limit) {
  static const std::string sql = fmt::format("SELECT {} FROM batch WHERE id < ? ORDER BY id DESC LIMIT ?", batch_columns);
  limit = std::clamp<std::size_t>(limit, 1, 1000);
  BatchPage page;
  for (const store::Row& row : rows.query(sql, after < 0 ? INT64_MAX : after, limit + 1)) {
    if (page.items.size() == limit) {
      page.next = wire::parse_id('b', page.items.back().id);
      break;
    }
    page.items.push_back(batch_of(rows, row));
  }
  return page;
}

json::object Counts::to_json() const { return {{"queued", queued}, {"offered", offered}, {"running", running}, {"waiting", waiting}}; }

Counts count_active(store::Transaction& rows) {
  Counts c;
  const std::int64_t paused =
      rows.one("SELECT count(*) FROM ready WHERE flow IN (SELECT id FROM flow WHERE paused <> 0 OR out_until > 0)")->integer(0);
  c.queued = rows.one("SELECT count(*) FROM ready")->integer(0) - paused;
  c.waiting = rows.one("SELECT count(*) FROM deferred")->integer(0) + paused;
  for (const store::Row& row : rows.query("SELECT accepted, count(*) FROM lease GROUP BY accepted"))
    (row.flag(0) ? c.running : c.offered) = row.integer(1);
  return c;
}

}  // namespace flotte::fleet
