// What a node says about its runs: each record is applied once, and only under the fence of its lease.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/failpoint.hpp"
#include "fleet/batches.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/leases.hpp"
#include "fleet/task_budgets.hpp"
#include "fleet/tasks.hpp"

namespace flotte::fleet {
namespace {

/// At most `limit` bytes, cut between characters.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
  return text.substr(0, limit);
}

void store_output(Ledger& ledger, const Lease& lease, const wire::Record& record) {
  const auto text = json::get_string(record.body, "text").value_or("");
  if (text.size() <= ledger.policy.event_text) return add_event(ledger, lease.task, lease.fence, "output", record.body);
  json::object body = record.body;
  body["text"] = cut(text, ledger.policy.event_text);
  body["cut_bytes"] = text.size() - cut(text, ledger.policy.event_text).size();
  add_event(ledger, lease.task, lease.fence, "output", body);
}

/// An attempt that failed and is not the last one.
void try_again(Ledger& ledger, const Lease& lease, const std::string& node, const wire::Finished& f) {
  ledger.rows.execute(
      "UPDATE task SET attempt = ?, node = ?, worker = ?, target = ?, started_at = ?, input_tokens = input_tokens + ?, "
      "cached_tokens = cached_tokens + ?, output_tokens = output_tokens + ?, error_code = ?, "
      "error_message = ?, error_hint = ? WHERE id = ?",
      lease.attempt, node, lease.worker, f.target, lease.started_at, f.usage.input_tokens, f.usage.cached_tokens, f.usage.output_tokens,
      to_string(f.error->code), f.error->message, f.error->hint, lease.task);
  if (lease.batch > 0) count_usage(ledger, lease.batch, f.usage);
  back_off(ledger, lease);
}

/// Nobody could answer now: no attempt is used. Its flow waits, and the task itself a little longer each time, so that one which is refused
/// for its own sake does not hold up those behind it.
void come_back_later(Ledger& ledger, const Lease& lease, const wire::Finished& f) {
  const auto row = ledger.rows.one(
      "UPDATE task SET later = later + 1, target = ?, error_code = ?, error_message = ?, error_hint = ? WHERE id = ? RETURNING flow, later",
      f.target, to_string(f.error->code), f.error->message, f.error->hint, lease.task);
  const std::int64_t times = std::min<std::int64_t>(row->integer(1) - 1, 8);
  const auto longer = milliseconds(static_cast<std::int64_t>(ledger.random.unit() * 1000.0 * std::pow(2.0, static_cast<double>(times))));
  ledger.changes.later[row->integer(0)] = {*f.later, f.error->code == Code::unavailable};
  defer(ledger, lease.task, ledger.rows.now() + *f.later + (times > 0 ? longer : milliseconds(0)), wire::Reason::quota);
}

void finish(Ledger& ledger, const Lease& lease, const std::string& node, wire::Finished f) {
  if (f.outcome != "succeeded" && f.outcome != "cancelled") f.outcome = "failed";
  if (f.outcome == "failed" && !f.error) f.error = Error(Code::internal, "the run failed and did not say why");
  drop_lease(ledger, lease);
  const bool later = f.outcome == "failed" && f.later && lease.cancel == 0;
  if (later) f.outcome = "later";
  wire::Usage whole = f.usage;  // tokens as the node counted them, money as the gateway did
  whole.cost_pico_usd = lease.cost_pico_usd;
  whole.unpriced_calls = lease.unpriced_calls;
  detail::write_attempt(ledger, {lease.task, lease.fence, lease.attempt, node, lease.worker, f.outcome, f.error ? f.error->text() : "",
                                 lease.started_at, whole});
  if (later) return come_back_later(ledger, lease, f);
  Ending ending;
  ending.attempt = lease.attempt;
  ending.node = node;
  ending.worker = lease.worker;
  ending.target = f.target;
  ending.started_at = lease.started_at;
  ending.usage = f.usage;
  if (f.outcome == "succeeded") {
    ending.result = std::move(f.result);
  } else if (lease.cancel == 2) {
    ending.state = wire::TaskState::failed;
    ending.error = Error(Code::deadline, "its deadline passed before it was done");
  } else if (lease.cancel == cancel_by_budget) {
    set_budget_end(ledger, lease.task, lease.fence, std::move(f.result), ending);
  } else if (lease.cancel == 1) {
    ending.state = wire::TaskState::cancelled;
  } else if (f.outcome == "cancelled") {
    // Nobody asked for it here: the node ended it by itself. The task is still wanted.
    ledger.rows.execute("UPDATE task SET attempt = ?, node = ?, worker = ?, started_at = ? WHERE id = ?", lease.attempt, node, lease.worker,
                        lease.started_at, lease.task);
    if (lease.batch > 0) count_usage(ledger, lease.batch, f.usage);
    return make_ready(ledger, lease.task);
  } else {
    const std::int64_t most = ledger.rows.one("SELECT max_attempts FROM task WHERE id = ?", lease.task)->integer(0);
    if (f.retryable && lease.attempt < most) return try_again(ledger, lease, node, f);
    ending.state = wire::TaskState::failed;
    ending.attempts_exhausted = f.retryable;
    ending.error = f.retryable ? f.error->within(fmt::format("attempt {} of {}", lease.attempt, most)) : *f.error;
  }
  end_task(ledger, lease.task, ending);
}

}  // namespace

Applied apply_records(Ledger& ledger, const Session& session, const std::vector<wire::Record>& records, std::int64_t previous) {
  Applied out;
  const auto row = ledger.rows.one("SELECT applied, name FROM node WHERE id = ? AND epoch = ?", session.node, session.epoch);
  if (!row) return out;  // another epoch began: nothing is acknowledged, it will be sent again there
  out.acknowledged = row->integer(0);
  if (previous > out.acknowledged) return out;
  for (const wire::Record& record : records) {
    if (record.number <= out.acknowledged) continue;
    out.acknowledged = record.number;
    auto lease = find_lease(ledger.rows, detail::task_number(record.run));
    const bool planted = lease && failpoint::planted(Failpoint::plant_no_fence);
    if (!lease || (!planted && (lease->fence != record.run.fence || lease->node != session.node))) {
      if (record.kind != wire::RecordKind::finished && std::find(out.stale.begin(), out.stale.end(), record.run) == out.stale.end())
        out.stale.push_back(record.run);
      continue;
    }
    if (!lease->accepted) {  // its Accept was lost with the link; what it reports shows that it runs
      mark_accepted(ledger, *lease, session.epoch);
      lease->accepted = true;
      lease->started_at = ledger.rows.now();
    }
    switch (record.kind) {
      case wire::RecordKind::started: break;
      case wire::RecordKind::other: break;  // of a newer version
      case wire::RecordKind::output: store_output(ledger, *lease, record); break;
      case wire::RecordKind::progress: add_event(ledger, lease->task, lease->fence, "progress", record.body); break;
      case wire::RecordKind::finished: finish(ledger, *lease, row->text(1), wire::Finished::from_json(record.body)); break;
    }
  }
  if (out.acknowledged > row->integer(0)) ledger.rows.execute("UPDATE node SET applied = ? WHERE id = ?", out.acknowledged, session.node);
  return out;
}

}  // namespace flotte::fleet
