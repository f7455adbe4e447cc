// Submitting tasks, and their ends.
#include "fleet/tasks.hpp"

#include <fmt/format.h>

#include "fleet/batches.hpp"
#include "fleet/dependencies.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/leases.hpp"
#include "fleet/need.hpp"
#include "fleet/pauses.hpp"
#include "fleet/seats.hpp"
#include "fleet/suspended.hpp"
#include "fleet/unique.hpp"
#include "fleet/views.hpp"

namespace flotte::fleet {
namespace {

std::int64_t flow_of(Ledger& ledger, const NewTask& facts, const wire::TaskSpec& spec) {
  const Need need = need_of(spec);
  const std::int64_t limited = spec.concurrency ? use_key(ledger, facts.owner, *spec.concurrency) : 0;
  const std::string key = flow_key(facts.owner, spec.project, need, facts.batch, limited);
  if (const auto row = ledger.rows.one("SELECT id FROM flow WHERE key = ?", key)) return row->integer(0);
  ledger.rows.execute(
      "INSERT INTO flow (key, kind, model, node, worker, labels, exclusive, batch, owner, project, limited, paused) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce((SELECT paused FROM batch WHERE id = ?), 0) + ?)",
      key, code(need.kind), need.model, need.node, need.worker, detail::labels_text(need.labels), need.exclusive,
      detail::or_null(facts.batch), facts.owner, spec.project, detail::or_null(limited), facts.batch,
      project_paused(ledger.rows, spec.project) ? paused_by_project : 0);
  return ledger.rows.last_id();
}

/// The result as it is stored: a long text becomes a blob.
std::string stored_result(Ledger& ledger, const json::value& result) {
  const json::object* whole = result.if_object();
  const auto text = whole ? json::get_string(*whole, "text") : std::nullopt;
  if (!text || text->size() <= ledger.policy.inline_result || !ledger.keep_text) return json::dump(result);
  const auto blob = ledger.keep_text(*text);
  if (!blob) throw store::SqlError(blob.error().code, blob.error().message);
  json::object kept = *whole;
  kept.erase("text");
  kept["blob"] = *blob;
  kept["bytes"] = text->size();
  return json::dump(std::move(kept));
}

}  // namespace

Failure no_task(std::int64_t task) { return fail(Code::not_found, fmt::format("no task {}", wire::format_id('t', task))); }

std::int64_t insert_task(Ledger& ledger, const NewTask& facts, const wire::TaskSpec& spec) {
  const std::int64_t flow = flow_of(ledger, facts, spec);
  const WallTime now = ledger.rows.now();
  ledger.rows.execute(
      "INSERT INTO task (kind, title, owner, project, flow, batch, item, priority, labels, model, max_attempts, deadline, retry_of, "
      "budget_pico_usd, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      code(spec.kind), title_of(spec), facts.owner, spec.project, flow, detail::or_null(facts.batch),
      facts.item < 0 ? std::optional<std::int64_t>() : std::optional(facts.item), spec.priority, detail::labels_text(spec.labels),
      spec.model, spec.max_attempts, spec.deadline, detail::or_null(facts.retry_of), spec.budget_pico_usd, now);
  const std::int64_t task = ledger.rows.last_id();
  ledger.rows.execute("INSERT INTO task_input (task, spec) VALUES (?, ?)", task, json::dump(spec.to_json()));
  if (!spec.depends_on.empty() && hold_for_dependencies(ledger, task, facts.batch, spec)) {
    // the tick that finds nothing left to wait for makes it ready
  } else if (spec.not_before && *spec.not_before > now)
    detail::put_deferred(ledger, task, *spec.not_before, wire::Reason::time, detail::or_null(facts.batch));
  else
    detail::put_ready(ledger, flow, spec.priority, task);
  if (facts.batch > 0)
    ledger.changes.batches.insert(facts.batch);
  else
    ledger.changes.tasks.insert(task);
  return task;
}

Result<Submitted> submit(Ledger& ledger, const Submission& submission) {
  if (submission.idempotency) {
    const auto before = detail::find_key(ledger, submission.owner, task_word, *submission.idempotency);
    if (!before) return Failure(before.error());
    if (*before) return Submitted{**before, true};
  }
  if (!submission.spec.unique.empty())
    if (const auto active = find_unique(ledger.rows, submission.owner, submission.spec.unique)) {
      // Also after its end: who sends this again has not heard our answer.
      if (submission.idempotency) detail::remember_key(ledger, submission.owner, task_word, *submission.idempotency, *active);
      return Submitted{*active, true};
    }
  NewTask facts;
  facts.owner = submission.owner;
  wire::TaskSpec spec = submission.spec;
  KnownToBeFree free;
  if (auto good = resolve_dependencies(ledger, spec, 0, free); !good) return pass(good);
  const std::int64_t task = insert_task(ledger, facts, spec);
  if (!spec.unique.empty()) remember_unique(ledger, submission.owner, spec.unique, task);
  if (submission.idempotency) detail::remember_key(ledger, submission.owner, task_word, *submission.idempotency, task);
  return Submitted{task, false};
}

void change_need(Ledger& ledger, std::int64_t task, const wire::TaskSpec& spec) {
  const auto row = ledger.rows.one("SELECT owner, batch FROM task WHERE id = ?", task);
  const std::string owner = row->text(0);
  NewTask facts;
  facts.owner = owner;
  facts.batch = row->maybe_integer(1).value_or(0);
  ledger.rows.execute("UPDATE task_input SET spec = ? WHERE task = ?", json::dump(spec.to_json()), task);
  ledger.rows.execute("UPDATE task SET flow = ? WHERE id = ?", flow_of(ledger, facts, spec), task);
}

void make_ready(Ledger& ledger, std::int64_t task) {
  const auto row = ledger.rows.one("SELECT flow, priority FROM task WHERE id = ?", task);
  detail::put_ready(ledger, row->integer(0), row->integer(1), task);
  ledger.changes.tasks.insert(task);
}

void defer(Ledger& ledger, std::int64_t task, WallTime until, wire::Reason reason) {
  const auto row = ledger.rows.one("SELECT batch FROM task WHERE id = ?", task);
  detail::put_deferred(ledger, task, until, reason, row->maybe_integer(0));
  ledger.changes.tasks.insert(task);
  if (const auto batch = row->maybe_integer(0)) ledger.changes.batches.insert(*batch);
}

std::optional<WallTime> promote_due(Ledger& ledger, std::int64_t limit) {
  const store::Rows due =
      ledger.rows.query("SELECT task FROM deferred WHERE run_at <= ? ORDER BY run_at LIMIT ?", ledger.rows.now(), limit);
  for (const store::Row& row : due) {
    ledger.rows.execute("DELETE FROM deferred WHERE task = ?", row.integer(0));
    make_ready(ledger, row.integer(0));
  }
  const auto next = ledger.rows.one("SELECT min(run_at) FROM deferred");
  return next->maybe_time(0);
}

bool end_task(Ledger& ledger, std::int64_t task, const Ending& ending) {
  const bool shown = ending.state == wire::TaskState::succeeded || (ending.reason == wire::Reason::budget && !ending.result.is_null());
  const auto row = ledger.rows.one(
      "UPDATE task SET state = ?, reason = ?, attempt = ?, node = ?, worker = ?, target = ?, started_at = coalesce(?, started_at), "
      "ended_at = ?, input_tokens = input_tokens + ?, cached_tokens = cached_tokens + ?, output_tokens = output_tokens + ?, "
      "error_code = ?, error_message = ?, error_hint = ?, exhausted = ?, result = ? "
      "WHERE id = ? AND state = 0 RETURNING batch, item",
      code(ending.state), code(ending.reason), ending.attempt, ending.node, ending.worker, ending.target, ending.started_at,
      ledger.rows.now(), ending.usage.input_tokens, ending.usage.cached_tokens, ending.usage.output_tokens,
      ending.error ? std::optional(std::string(to_string(ending.error->code))) : std::nullopt,
      ending.error ? std::optional(ending.error->message) : std::nullopt, ending.error ? std::optional(ending.error->hint) : std::nullopt,
      ending.attempts_exhausted, shown ? std::optional(stored_result(ledger, ending.result)) : std::nullopt, task);
  if (!row) return false;
  ledger.changes.ended.push_back({task, ending.state, ending.node, ending.worker});
  ledger.changes.tasks.insert(task);
  if (const auto batch = row->maybe_integer(0)) {
    count_end(ledger, *batch, ending.state, ending.usage);
    ledger.rows.execute("INSERT INTO batch_end (batch, item, task) VALUES (?, ?, ?)", *batch, row->maybe_integer(1).value_or(-1), task);
  }
  note_task_end(ledger, task);
  return true;
}

namespace {
/// Ends a task that has not been accepted by anybody.
void end_unstarted(Ledger& ledger, std::int64_t task, Ending ending) {
  const auto row = ledger.rows.one("SELECT attempt, node, worker, target FROM task WHERE id = ?", task);
  ending.attempt = static_cast<int>(row->integer(0));
  ending.node = row->text(1);
  ending.worker = row->text(2);
  ending.target = row->text(3);
  end_task(ledger, task, ending);
}

/// Takes an unaccepted offer back, or asks a running node to end it (`how`: see Lease::cancel). True where the task is free to be ended.
bool unseat(Ledger& ledger, std::int64_t task, int how) {
  const auto lease = find_lease(ledger.rows, task);
  if (!lease) return detail::take_waiting(ledger, task);
  const wire::RunId run = detail::run_of(task, lease->fence);
  if (!lease->accepted) {
    drop_lease(ledger, *lease);
    ledger.changes.drops.push_back({lease->node, run});
    return true;
  }
  if (sleeps(ledger, *lease)) {  // it cannot be asked; when it wakes, the run is not its own any more
    Lease over = *lease;
    over.cancel = how;
    release(ledger, over, GivenUp::lost, "its node sleeps");
    return false;
  }
  ledger.rows.execute("UPDATE lease SET cancel = ? WHERE task = ? AND cancel = 0", how, task);
  ledger.changes.cancels.push_back({lease->node, run});
  ledger.changes.tasks.insert(task);
  return false;
}
}  // namespace

Result<void> cancel_task(Ledger& ledger, std::int64_t task, wire::Reason reason) {
  const auto row = ledger.rows.one("SELECT state FROM task WHERE id = ?", task);
  if (!row) return no_task(task);
  const auto state = static_cast<wire::TaskState>(row->integer(0));
  if (state == wire::TaskState::cancelled) return {};
  if (wire::terminal(state))
    return fail(Code::conflict, fmt::format("{} has ended: {}", wire::format_id('t', task), wire::to_string(state)));
  if (!unseat(ledger, task, 1)) return {};
  Ending ending;
  ending.state = wire::TaskState::cancelled;
  ending.reason = reason;
  end_unstarted(ledger, task, ending);
  return {};
}

std::int64_t expire_tasks(Ledger& ledger, std::int64_t limit) {
  const store::Rows late = ledger.rows.query(
      "SELECT t.id FROM task t LEFT JOIN lease l ON l.task = t.id WHERE t.state = 0 AND t.deadline IS NOT NULL AND t.deadline <= ? "
      "AND coalesce(l.cancel, 0) = 0 ORDER BY t.deadline LIMIT ?",
      ledger.rows.now(), limit);
  for (const store::Row& row : late) {
    if (!unseat(ledger, row.integer(0), 2)) continue;
    Ending ending;
    ending.state = wire::TaskState::failed;
    ending.error = Error(Code::deadline, "its deadline passed before it was done");
    end_unstarted(ledger, row.integer(0), ending);
  }
  return static_cast<std::int64_t>(late.size());
}

Result<std::int64_t> retry_task(Ledger& ledger, std::int64_t task) {
  const auto row = ledger.rows.one("SELECT state, owner, batch, item FROM task WHERE id = ?", task);
  if (!row) return no_task(task);
  const auto state = static_cast<wire::TaskState>(row->integer(0));
  const std::string id = wire::format_id('t', task);
  if (state != wire::TaskState::failed && state != wire::TaskState::cancelled)
    return fail(Code::conflict, fmt::format("{} has not failed", id), "only a failed or cancelled task can be tried again");
  auto spec = task_spec(ledger.rows, task);
  if (!spec) return fail(Code::corrupt, fmt::format("{}'s specification cannot be read", id));
  spec->deadline.reset();  // its time is over; the work is wanted all the same
  KnownToBeFree free;
  if (auto good = resolve_dependencies(ledger, *spec, row->maybe_integer(2).value_or(0), free); !good) return pass(good);
  NewTask facts;
  const std::string owner = row->text(1);
  facts.owner = owner;
  facts.batch = row->maybe_integer(2).value_or(0);
  facts.item = row->maybe_integer(3).value_or(-1);
  facts.retry_of = task;
  if (facts.batch == 0) {
    if (!spec->unique.empty())
      if (const auto active = find_unique(ledger.rows, owner, spec->unique))
        return fail(Code::conflict, fmt::format("{} has the same unique name and has not ended", wire::format_id('t', *active)),
                    "cancel it, or wait for its end");
    const std::int64_t again = insert_task(ledger, facts, *spec);
    if (!spec->unique.empty()) remember_unique(ledger, owner, spec->unique, again);
    return again;
  }

  const auto newest = ledger.rows.one("SELECT task FROM batch_item WHERE batch = ? AND item = ?", facts.batch, facts.item);
  if (newest && newest->integer(0) != task)
    return fail(Code::conflict, fmt::format("{} was tried again as {}", id, wire::format_id('t', newest->integer(0))));
  if (auto open = reopen_batch(ledger, facts.batch, state); !open) return pass(open);
  const std::int64_t again = insert_task(ledger, facts, *spec);
  ledger.rows.execute("UPDATE batch_item SET task = ? WHERE batch = ? AND item = ?", again, facts.batch, facts.item);
  return again;
}

void add_event(Ledger& ledger, std::int64_t task, std::int64_t fence, std::string_view kind, const json::object& body) {
  const std::int64_t number = ledger.rows.one("SELECT coalesce(max(number), 0) + 1 FROM event WHERE task = ?", task)->integer(0);
  ledger.rows.execute("INSERT INTO event (task, number, at, fence, kind, body) VALUES (?, ?, ?, ?, ?, ?)", task, number, ledger.rows.now(),
                      fence, kind, json::dump(body));
  const auto bound = static_cast<std::int64_t>(ledger.policy.events);
  if (number > bound) ledger.rows.execute("DELETE FROM event WHERE task = ? AND number <= ?", task, number - bound);
  ledger.changes.tasks.insert(task);
}

std::int64_t forget_keys(Ledger& ledger, std::int64_t limit) {
  forget_unique(ledger, limit);
  return ledger.rows.execute(
      "DELETE FROM idem WHERE (owner, kind, key) IN (SELECT owner, kind, key FROM idem WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
      ledger.rows.now(), limit);
}

}  // namespace flotte::fleet
