// Batches in rows.
#include "fleet/batches.hpp"

#include <fmt/format.h>

#include "base/money.hpp"
#include "fleet/cancel_waiting.hpp"
#include "fleet/dependencies.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/leases.hpp"
#include "fleet/pauses.hpp"
#include "fleet/views.hpp"

namespace flotte::fleet {
namespace {

struct BatchRow {
  std::string owner;
  bool sealed = false, paused = false, cancelled = false, ended = false;
  wire::Reason cancel_reason = wire::Reason::none;
  std::int64_t cost_pico_usd = 0;
  std::optional<std::int64_t> max_cost_pico_usd;
  bool spent() const noexcept { return max_cost_pico_usd && cost_pico_usd >= *max_cost_pico_usd; }
};

Result<BatchRow> need_batch(Ledger& ledger, std::int64_t batch) {
  const auto row = ledger.rows.one(
      "SELECT owner, sealed, paused, cancelled, ended_at, cancel_reason, cost_pico_usd, max_cost_pico_usd FROM batch WHERE id = ?", batch);
  if (!row) return fail(Code::not_found, fmt::format("no batch {}", wire::format_id('b', batch)));
  return BatchRow{row->text(0),    row->flag(1),         row->flag(2),
                  row->flag(3),    !row->is_null(4),     static_cast<wire::Reason>(row->integer(5)),
                  row->integer(6), row->maybe_integer(7)};
}

Failure ended(std::int64_t batch, const BatchRow& row) {
  return fail(Code::conflict, fmt::format("{} {}", wire::format_id('b', batch), row.cancelled ? "was cancelled" : "is done"));
}

/// Its flows start nothing / may start again.
void pause_flows(Ledger& ledger, std::int64_t batch, Paused paused) {
  const store::Rows flows = ledger.rows.query("SELECT id FROM flow WHERE batch = ?", batch);
  for (const store::Row& row : flows) set_paused(ledger, row.integer(0), paused_by_batch, paused);
  ledger.changes.batches.insert(batch);
}

/// Whether an item that is sent again is the one that is stored. Its model was resolved when it came, and a retry drops the deadline.
bool same_work(store::Transaction& rows, std::int64_t task, wire::TaskSpec again) {
  auto stored = task_spec(rows, task);
  if (!stored) return true;  // it cannot be read any more: nothing to compare with
  for (wire::TaskSpec* spec : {&*stored, &again}) {
    spec->model.clear();
    spec->deadline.reset();
    spec->depends_on.clear();  // what it waited for may have been tried again since
  }
  return stored->to_json() == again.to_json();
}

void end_if_complete(Ledger& ledger, std::int64_t batch) {
  ledger.rows.execute(
      "UPDATE batch SET ended_at = ? WHERE id = ? AND ended_at IS NULL AND (sealed = 1 OR cancelled = 1) "
      "AND succeeded + failed + ended_cancelled = total",
      ledger.rows.now(), batch);
  note_batch_end(ledger, batch);
}

}  // namespace

Result<std::int64_t> make_batch(Ledger& ledger, const NewBatch& batch) {
  if (batch.idempotency) {
    const auto before = detail::find_key(ledger, batch.owner, batch_word, *batch.idempotency);
    if (!before) return Failure(before.error());
    if (*before) return **before;
  }
  ledger.rows.execute("INSERT INTO batch (owner, title, created_at, max_cost_pico_usd) VALUES (?, ?, ?, ?)", batch.owner, batch.title,
                      ledger.rows.now(), batch.max_cost_pico_usd);
  const std::int64_t id = ledger.rows.last_id();
  if (batch.idempotency) detail::remember_key(ledger, batch.owner, batch_word, *batch.idempotency, id);
  ledger.changes.batches.insert(id);
  return id;
}

Result<Added> submit_many(Ledger& ledger, std::int64_t batch, const std::vector<BatchItem>& items) {
  const auto row = need_batch(ledger, batch);
  if (!row) return Failure(row.error());
  Added added;
  KnownToBeFree free;
  for (const BatchItem& item : items) {
    wire::TaskSpec spec = item.spec;
    if (auto good = resolve_dependencies(ledger, spec, batch, free); !good) return pass(good, fmt::format("item {}", item.index));
    if (const auto known = ledger.rows.one("SELECT task FROM batch_item WHERE batch = ? AND item = ?", batch, item.index)) {
      if (!same_work(ledger.rows, known->integer(0), spec))
        return fail(Code::unprocessable,
                    fmt::format("item {} of {} is stored already, with another task", item.index, wire::format_id('b', batch)),
                    "an item is stored once and for all: use another index or a new batch");
      ++added.known;
      continue;
    }
    if (!spec.unique.empty())
      return fail(Code::unprocessable, fmt::format("item {}: \"unique\" is for single tasks", item.index),
                  "an item is unique by its index already");
    const bool spent = row->cancelled && row->cancel_reason == wire::Reason::budget;
    if (row->cancelled && !spent) return ended(batch, *row);
    if (row->sealed)
      return fail(Code::conflict, fmt::format("{} is sealed and has no item {}", wire::format_id('b', batch), item.index),
                  "make a new batch");
    if (row->max_cost_pico_usd && !item.priced)
      return fail(
          Code::unprocessable,
          fmt::format("item {}: what the model \"{}\" costs is not known, so a limit of cost cannot be kept", item.index, item.spec.model),
          "write its price into models.toml, or leave max_cost_usd out");
    NewTask facts;
    facts.owner = row->owner;
    facts.batch = batch;
    facts.item = item.index;
    const std::int64_t task = insert_task(ledger, facts, spec);
    ledger.rows.execute("INSERT INTO batch_item (batch, item, task, name) VALUES (?, ?, ?, ?)", batch, item.index, task, item.name);
    ledger.rows.execute("UPDATE batch SET total = total + 1 WHERE id = ?", batch);
    if (spent) (void)cancel_task(ledger, task, wire::Reason::budget);
    ++added.added;
  }
  return added;
}

Result<void> seal_batch(Ledger& ledger, std::int64_t batch) {
  const auto row = need_batch(ledger, batch);
  if (!row) return Failure(row.error());
  if (row->sealed) return {};
  ledger.rows.execute("UPDATE batch SET sealed = 1 WHERE id = ?", batch);
  end_if_complete(ledger, batch);
  ledger.changes.batches.insert(batch);
  return {};
}

void count_end(Ledger& ledger, std::int64_t batch, wire::TaskState state, const wire::Usage& usage) {
  ledger.rows.execute(
      "UPDATE batch SET succeeded = succeeded + ?, failed = failed + ?, ended_cancelled = ended_cancelled + ?, "
      "ended_at = CASE WHEN (sealed = 1 OR cancelled = 1) AND succeeded + failed + ended_cancelled + 1 = total THEN ? ELSE ended_at END, "
      "input_tokens = input_tokens + ?, cached_tokens = cached_tokens + ?, output_tokens = output_tokens + ? WHERE id = ?",
      state == wire::TaskState::succeeded, state == wire::TaskState::failed, state == wire::TaskState::cancelled, ledger.rows.now(),
      usage.input_tokens, usage.cached_tokens, usage.output_tokens, batch);
  note_batch_end(ledger, batch);
  ledger.changes.batches.insert(batch);
}

void count_usage(Ledger& ledger, std::int64_t batch, const wire::Usage& usage) {
  ledger.rows.execute(
      "UPDATE batch SET input_tokens = input_tokens + ?, cached_tokens = cached_tokens + ?, output_tokens = output_tokens + ? WHERE id = ?",
      usage.input_tokens, usage.cached_tokens, usage.output_tokens, batch);
  ledger.changes.batches.insert(batch);
}

Result<void> cancel_batch(Ledger& ledger, std::int64_t batch, wire::Reason reason) {
  const auto row = need_batch(ledger, batch);
  if (!row) return Failure(row.error());
  if (row->ended && row->cancelled) return {};
  if (row->ended) return ended(batch, *row);
  // One that has spent its limit is cancelled already, but what runs of it was left to run.
  if (!row->cancelled)
    ledger.rows.execute("UPDATE batch SET cancelled = 1, paused = 0, cancel_reason = ? WHERE id = ?", code(reason), batch);
  pause_flows(ledger, batch, Paused::yes);
  // What runs is told at once; what waits is ended in pieces by cancel_some.
  for (const store::Row& lease : ledger.rows.query("SELECT task FROM lease WHERE batch = ?", batch))
    (void)cancel_task(ledger, lease.integer(0), reason);
  end_if_complete(ledger, batch);
  return {};
}

namespace {
/// Nothing of it starts any more. What runs has been paid for in part and ends by itself.
void stop_spending(Ledger& ledger, std::int64_t batch) {
  ledger.rows.execute("UPDATE batch SET cancelled = 1, paused = 0, cancel_reason = ? WHERE id = ?", code(wire::Reason::budget), batch);
  pause_flows(ledger, batch, Paused::yes);
  for (const store::Row& lease : ledger.rows.query("SELECT task FROM lease WHERE batch = ? AND accepted = 0", batch))
    (void)cancel_task(ledger, lease.integer(0), wire::Reason::budget);
  ledger.changes.due = ledger.rows.now();  // the rest of it, in pieces
  end_if_complete(ledger, batch);
}
}  // namespace

void count_cost(Ledger& ledger, std::int64_t batch, std::int64_t cost_pico_usd, std::int64_t unpriced_calls) {
  ledger.rows.execute("UPDATE batch SET cost_pico_usd = cost_pico_usd + ?, unpriced = unpriced + ? WHERE id = ?", cost_pico_usd,
                      unpriced_calls, batch);
  ledger.changes.batches.insert(batch);
  const auto row = need_batch(ledger, batch);
  if (row && row->spent() && !row->cancelled && !row->ended) stop_spending(ledger, batch);
}

void spend_batch(Ledger& ledger, std::int64_t batch) {
  const auto row = need_batch(ledger, batch);
  if (row && !row->cancelled && !row->ended) stop_spending(ledger, batch);
}

bool cancel_some(Ledger& ledger, std::int64_t limit) {
  const store::Rows batches = ledger.rows.query("SELECT id, cancel_reason FROM batch WHERE cancelled = 1 AND ended_at IS NULL");
  for (const store::Row& row : batches) {
    limit -= cancel_waiting(ledger, row.integer(0), static_cast<wire::Reason>(row.integer(1)), limit);
    if (limit <= 0) return true;
  }
  return false;
}

Result<void> pause_batch(Ledger& ledger, std::int64_t batch) {
  const auto row = need_batch(ledger, batch);
  if (!row) return Failure(row.error());
  if (row->ended || row->cancelled) return ended(batch, *row);
  ledger.rows.execute("UPDATE batch SET paused = 1 WHERE id = ?", batch);
  pause_flows(ledger, batch, Paused::yes);
  return {};
}

Result<void> resume_batch(Ledger& ledger, std::int64_t batch) {
  const auto row = need_batch(ledger, batch);
  if (!row) return Failure(row.error());
  if (row->ended || row->cancelled) return ended(batch, *row);
  ledger.rows.execute("UPDATE batch SET paused = 0 WHERE id = ?", batch);
  pause_flows(ledger, batch, Paused::no);
  return {};
}

Result<void> reopen_batch(Ledger& ledger, std::int64_t batch, wire::TaskState leaving) {
  const auto row = need_batch(ledger, batch);
  if (!row) return Failure(row.error());
  if (row->cancelled && !row->ended)
    return fail(Code::conflict, fmt::format("{} is being cancelled", wire::format_id('b', batch)), "wait until it has ended");
  if (row->spent())
    return fail(Code::exhausted,
                fmt::format("{} has spent its limit of ${}", wire::format_id('b', batch), format_usd(*row->max_cost_pico_usd)),
                "make a new batch of what is left");
  ledger.rows.execute(
      "UPDATE batch SET cancelled = 0, cancel_reason = 0, ended_at = NULL, sealed = CASE WHEN cancelled = 1 THEN 1 ELSE sealed END, "
      "failed = failed - ?, ended_cancelled = ended_cancelled - ? WHERE id = ?",
      leaving == wire::TaskState::failed, leaving == wire::TaskState::cancelled, batch);
  if (row->cancelled) pause_flows(ledger, batch, Paused::no);
  ledger.changes.batches.insert(batch);
  return {};
}

Result<std::int64_t> retry_batch(Ledger& ledger, std::int64_t batch) {
  const auto row = need_batch(ledger, batch);
  if (!row) return Failure(row.error());
  if (!row->ended)
    return fail(Code::conflict, fmt::format("{} still runs", wire::format_id('b', batch)),
                "retry single tasks, or wait until it has ended");
  const store::Rows failed = ledger.rows.query(
      "SELECT b.task FROM batch_item b JOIN task t ON t.id = b.task WHERE b.batch = ? AND t.state IN (5, 6) ORDER BY b.item", batch);
  for (const store::Row& task : failed)
    if (const auto again = retry_task(ledger, task.integer(0)); !again) return Failure(again.error());
  return static_cast<std::int64_t>(failed.size());
}

}  // namespace flotte::fleet
