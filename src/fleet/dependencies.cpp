// Edges between tasks, and their ends.
#include "fleet/dependencies.hpp"

#include <fmt/format.h>

#include <deque>
#include <map>

#include "fleet/detail/rows.hpp"
#include "fleet/tasks.hpp"
#include "fleet/views.hpp"

namespace flotte::fleet {
namespace {

/// Edges that are looked at for a cycle, in one submission.
constexpr std::size_t longest_look = 200'000;
/// When a task that waits for others is due: never by time.
constexpr WallTime never{milliseconds(253'402'300'799'000)};

Failure wrong(std::string what, std::string hint = {}) {
  return fail(Code::invalid_argument, fmt::format("\"depends_on\": {}", what), std::move(hint));
}

std::optional<Awaited> parse_awaited(std::string_view id) {
  if (const auto task = wire::parse_id('t', id)) return Awaited{false, *task};
  if (const auto batch = wire::parse_id('b', id)) return Awaited{true, *batch};
  return std::nullopt;
}

std::string name_of(const Awaited& awaited) { return wire::format_id(awaited.batch ? 'b' : 't', awaited.id); }

/// How it ended: good, bad, or nothing where it has not.
std::optional<bool> outcome_of(store::Transaction& rows, const Awaited& awaited) {
  if (awaited.batch) {
    const auto row = rows.one("SELECT ended_at, failed + ended_cancelled FROM batch WHERE id = ?", awaited.id);
    if (!row || row->is_null(0)) return std::nullopt;
    return row->integer(1) == 0;
  }
  const auto row = rows.one("SELECT state FROM task WHERE id = ?", awaited.id);
  const auto state = row ? static_cast<wire::TaskState>(row->integer(0)) : wire::TaskState::queued;
  if (!row || row->integer(0) == 0) return std::nullopt;
  return state == wire::TaskState::succeeded;
}

/// What that one waits for now.
std::vector<Awaited> next_of(store::Transaction& rows, const Awaited& awaited) {
  constexpr std::string_view of_task = "SELECT of_batch, id FROM dependency WHERE task = ?";
  constexpr std::string_view of_batch =
      "SELECT DISTINCT d.of_batch, d.id FROM deferred f JOIN dependency d ON d.task = f.task WHERE f.batch = ?";
  std::vector<Awaited> out;
  for (const store::Row& row : rows.query(awaited.batch ? of_batch : of_task, awaited.id)) out.push_back({row.flag(0), row.integer(1)});
  return out;
}

/// Whether one of these waits for that batch, however far away. Only a batch that is open can come to wait for itself: a single task is
/// known to nobody before it is stored.
Result<void> refuse_cycle(Ledger& ledger, const std::vector<Awaited>& from, std::int64_t batch, KnownToBeFree& free) {
  std::deque<Awaited> open;
  std::set<Awaited> seen;
  for (const Awaited& awaited : from)
    if (!free.contains(awaited)) open.push_back(awaited);
  while (!open.empty()) {
    const Awaited here = open.front();
    open.pop_front();
    if (here.batch && here.id == batch)
      return wrong(fmt::format("{} would wait for itself", wire::format_id('b', batch)),
                   "a circle of tasks that wait for each other never ends");
    if (free.contains(here) || !seen.insert(here).second) continue;
    if (seen.size() > longest_look)
      return wrong("too many tasks wait for each other to see whether they do so in a circle", "let the task wait for a whole batch");
    for (const Awaited& next : next_of(ledger.rows, here)) open.push_back(next);
  }
  free.insert(seen.begin(), seen.end());
  return {};
}

Result<std::int64_t> task_of_item(Ledger& ledger, std::string_view id, std::int64_t batch) {
  if (batch == 0) return wrong(fmt::format("\"{}\" is an item of a batch, and this task is in none", id));
  const std::int64_t item = id == "#0" ? 0 : wire::parse_id('#', id).value_or(-1);
  const auto row = ledger.rows.one("SELECT task FROM batch_item WHERE batch = ? AND item = ?", batch, item);
  if (!row)
    return wrong(fmt::format("{} has no item {} yet", wire::format_id('b', batch), item), "send an item after those that it waits for");
  return row->integer(0);
}

/// The task that does its work now.
std::int64_t newest_try(Ledger& ledger, std::int64_t task) {
  for (;;) {
    const auto again = ledger.rows.one("SELECT max(id) FROM task WHERE retry_of = ?", task)->maybe_integer(0);
    if (!again) return task;
    task = *again;
  }
}

Result<Awaited> resolve_one(Ledger& ledger, std::string_view id, std::int64_t batch) {
  if (id.starts_with('#')) {
    const auto task = task_of_item(ledger, id, batch);
    if (!task) return Failure(task.error());
    return Awaited{false, *task};
  }
  auto awaited = parse_awaited(id);
  if (!awaited) return wrong(fmt::format("\"{}\" is no id of a task or a batch", id));
  const bool known = awaited->batch ? ledger.rows.one("SELECT 1 FROM batch WHERE id = ?", awaited->id).has_value()
                                    : ledger.rows.one("SELECT 1 FROM task WHERE id = ?", awaited->id).has_value();
  if (!known)
    return wrong(fmt::format("there is no {} {}", awaited->batch ? "batch" : "task", id),
                 awaited->batch ? "see `flotte batch ls`" : "see `flotte task ls`");
  if (!awaited->batch) awaited->id = newest_try(ledger, awaited->id);
  return *awaited;
}

}  // namespace

Result<void> resolve_dependencies(Ledger& ledger, wire::TaskSpec& spec, std::int64_t batch, KnownToBeFree& free) {
  if (spec.depends_on.empty()) return {};
  std::vector<Awaited> all;
  all.reserve(spec.depends_on.size());
  for (std::string& id : spec.depends_on) {
    const auto awaited = resolve_one(ledger, id, batch);
    if (!awaited) return Failure(awaited.error());
    all.push_back(*awaited);
    id = name_of(*awaited);
  }
  if (batch == 0) return {};
  return refuse_cycle(ledger, all, batch, free);
}

bool hold_for_dependencies(Ledger& ledger, std::int64_t task, std::int64_t batch, const wire::TaskSpec& spec) {
  std::int64_t edges = 0;
  for (const std::string& id : spec.depends_on) {
    const auto awaited = parse_awaited(id);
    if (!awaited) continue;
    const auto good = outcome_of(ledger.rows, *awaited);
    if (good && (*good || spec.if_dependency_fails == wire::IfDependencyFails::run)) continue;
    edges += ledger.rows.execute("INSERT INTO dependency (of_batch, id, task) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", awaited->batch,
                                 awaited->id, task);
    if (!good) continue;
    // It has failed already: the next tick cancels this task, as it would have a moment ago.
    ledger.rows.execute("INSERT INTO dependency_end (of_batch, id) VALUES (?, ?)", awaited->batch, awaited->id);
  }
  if (edges == 0) return false;
  detail::put_deferred(ledger, task, never, wire::Reason::dependency, detail::or_null(batch));
  ledger.changes.due = ledger.rows.now();
  return true;
}

void note_task_end(Ledger& ledger, std::int64_t task) {
  const std::int64_t noted = ledger.rows.execute(
      "INSERT INTO dependency_end (of_batch, id) SELECT 0, ? WHERE EXISTS (SELECT 1 FROM dependency WHERE of_batch = 0 AND id = ?)", task,
      task);
  if (noted > 0) ledger.changes.due = ledger.rows.now();
}

void note_batch_end(Ledger& ledger, std::int64_t batch) {
  const std::int64_t noted = ledger.rows.execute(
      "INSERT INTO dependency_end (of_batch, id) SELECT 1, ? WHERE EXISTS (SELECT 1 FROM dependency WHERE of_batch = 1 AND id = ?) "
      "AND EXISTS (SELECT 1 FROM batch WHERE id = ? AND ended_at IS NOT NULL)",
      batch, batch, batch);
  if (noted > 0) ledger.changes.due = ledger.rows.now();
}

namespace {

/// All that it waited for has ended.
void let_go(Ledger& ledger, std::int64_t task) {
  ledger.rows.execute("DELETE FROM deferred WHERE task = ?", task);
  const auto spec = task_spec(ledger.rows, task);
  if (spec && spec->not_before && *spec->not_before > ledger.rows.now()) return defer(ledger, task, *spec->not_before, wire::Reason::time);
  make_ready(ledger, task);
}

/// One of those it waited for has ended, or several have.
void settle(Ledger& ledger, std::int64_t task, bool good) {
  const auto waits = ledger.rows.one("SELECT reason FROM deferred WHERE task = ?", task);
  if (!waits || static_cast<wire::Reason>(waits->integer(0)) != wire::Reason::dependency) return;  // it has ended, or was let go
  if (!good) {
    const auto spec = task_spec(ledger.rows, task);
    if (!spec || spec->if_dependency_fails == wire::IfDependencyFails::cancel) {
      (void)cancel_task(ledger, task, wire::Reason::dependency);
      return;
    }
  }
  if (!ledger.rows.one("SELECT 1 FROM dependency WHERE task = ? LIMIT 1", task)) let_go(ledger, task);
}

/// Takes up to `limit` edges of what has ended away; how many. `touched`: whose they were, false where it ended badly.
std::int64_t cut_edges(Ledger& ledger, std::int64_t number, const Awaited& ended, std::int64_t limit,
                       std::map<std::int64_t, bool>& touched) {
  const auto good = outcome_of(ledger.rows, ended);
  std::int64_t cut = 0;
  if (good) {  // else its batch was opened again: its next end is noted too
    const store::Rows edges =
        ledger.rows.query("SELECT task FROM dependency WHERE of_batch = ? AND id = ? ORDER BY task LIMIT ?", ended.batch, ended.id, limit);
    cut = static_cast<std::int64_t>(edges.size());
    for (const store::Row& edge : edges) {
      const auto [at, fresh] = touched.emplace(edge.integer(0), *good);
      at->second = at->second && *good;
    }
    if (cut > 0)
      ledger.rows.execute("DELETE FROM dependency WHERE of_batch = ? AND id = ? AND task <= ?", ended.batch, ended.id,
                          edges.back().integer(0));
  }
  if (cut < limit) ledger.rows.execute("DELETE FROM dependency_end WHERE number = ?", number);
  return std::max<std::int64_t>(cut, 1);
}

}  // namespace

bool fold_dependencies(Ledger& ledger, std::int64_t limit) {
  std::map<std::int64_t, bool> touched;
  for (const store::Row& row : ledger.rows.query("SELECT number, of_batch, id FROM dependency_end ORDER BY number LIMIT ?", limit)) {
    limit -= cut_edges(ledger, row.integer(0), {row.flag(1), row.integer(2)}, limit, touched);
    if (limit <= 0) break;
  }
  for (const auto& [task, good] : touched) settle(ledger, task, good);
  return ledger.rows.one("SELECT 1 FROM dependency_end LIMIT 1").has_value();
}

DependencyState dependency_state(store::Transaction& rows, std::string_view id) {
  DependencyState out{std::string(id), "", false, false};
  const auto awaited = parse_awaited(id);
  if (!awaited) return out;
  const auto good = outcome_of(rows, *awaited);
  out.ended = good.has_value();
  out.good = good.value_or(false);
  if (awaited->batch) {
    if (const auto view = show_batch(rows, awaited->id)) out.state = view->state;
  } else if (const auto view = show_task(rows, awaited->id)) {
    out.state = wire::to_string(view->state);
  }
  return out;
}

OpenDependencies open_dependencies(store::Transaction& rows, std::int64_t task) {
  OpenDependencies out;
  out.count = rows.one("SELECT count(*) FROM dependency WHERE task = ?", task)->integer(0);
  for (const store::Row& row : rows.query("SELECT of_batch, id FROM dependency WHERE task = ? ORDER BY of_batch, id LIMIT 3", task))
    out.first.push_back(dependency_state(rows, name_of({row.flag(0), row.integer(1)})));
  return out;
}

std::optional<DependencyState> failed_dependency(store::Transaction& rows, std::int64_t task) {
  const auto spec = task_spec(rows, task);
  if (!spec) return std::nullopt;
  for (const std::string& id : spec->depends_on) {
    const auto awaited = parse_awaited(id);
    if (awaited && outcome_of(rows, *awaited) == std::optional(false)) return dependency_state(rows, id);
  }
  return std::nullopt;
}

}  // namespace flotte::fleet
