// Small pieces of SQL that several functions share.
#include "fleet/detail/rows.hpp"

#include <fmt/format.h>

namespace flotte::fleet::detail {

Result<std::optional<std::int64_t>> find_key(Ledger& ledger, std::string_view owner, std::string_view kind, const Idempotency& key) {
  const auto row =
      ledger.rows.one("SELECT body_hash, id, expires_at FROM idem WHERE owner = ? AND kind = ? AND key = ?", owner, kind, key.key);
  if (!row || row->time(2) <= ledger.rows.now()) return std::optional<std::int64_t>();
  if (row->text(0) != key.body_hash)
    return fail(Code::unprocessable, "this idempotency key was used with another body", "use a new key for a new submission");
  return std::optional(row->integer(1));
}

void remember_key(Ledger& ledger, std::string_view owner, std::string_view kind, const Idempotency& key, std::int64_t id) {
  ledger.rows.execute(
      "INSERT INTO idem (owner, kind, key, body_hash, id, expires_at) VALUES (?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (owner, kind, key) DO UPDATE SET body_hash = excluded.body_hash, id = excluded.id, expires_at = excluded.expires_at",
      owner, kind, key.key, key.body_hash, id, ledger.rows.now() + ledger.policy.idempotency);
}

void put_ready(Ledger& ledger, std::int64_t flow, std::int64_t priority, std::int64_t task) {
  ledger.rows.execute("INSERT INTO ready (flow, priority, task, since) VALUES (?, ?, ?, ?)", flow, priority, task, ledger.rows.now());
  ledger.changes.flows.insert(flow);
}

void put_deferred(Ledger& ledger, std::int64_t task, WallTime until, wire::Reason reason, std::optional<std::int64_t> batch) {
  ledger.rows.execute("INSERT INTO deferred (task, run_at, reason, batch) VALUES (?, ?, ?, ?)", task, until, code(reason), batch);
  if (!ledger.changes.due || until < *ledger.changes.due) ledger.changes.due = until;
}

bool take_waiting(Ledger& ledger, std::int64_t task) {
  const auto row = ledger.rows.one("SELECT flow, priority FROM task WHERE id = ?", task);
  if (!row) return false;
  return ledger.rows.execute("DELETE FROM ready WHERE flow = ? AND priority = ? AND task = ?", row->integer(0), row->integer(1), task) ==
             1 ||
         ledger.rows.execute("DELETE FROM deferred WHERE task = ?", task) == 1;
}

std::int64_t next_number(store::Transaction& rows, std::string_view counter, std::int64_t count) {
  return rows.one("UPDATE counter SET value = value + ? WHERE name = ? RETURNING value", count, counter)->integer(0);
}

std::int64_t task_number(const wire::RunId& run) { return wire::parse_id('t', run.task).value_or(0); }
wire::RunId run_of(std::int64_t task, std::int64_t fence) { return {wire::format_id('t', task), fence}; }

std::optional<std::int64_t> or_null(std::int64_t id) { return id > 0 ? std::optional(id) : std::nullopt; }

std::string labels_text(const std::vector<std::string>& labels) {
  if (labels.empty()) return "[]";
  json::array list;
  for (const std::string& label : labels) list.emplace_back(label);
  return json::dump(std::move(list));
}

std::vector<std::string> labels_of(const std::string& text) {
  std::vector<std::string> labels;
  if (text == "[]") return labels;
  const auto list = json::parse(text);
  if (!list || !list->is_array()) return labels;
  for (const json::value& label : list->get_array())
    if (label.is_string()) labels.emplace_back(label.get_string().data(), label.get_string().size());
  return labels;
}

void write_attempt(Ledger& ledger, const AttemptEnd& end) {
  ledger.rows.execute(
      "INSERT INTO attempt (task, fence, attempt, node, worker, started_at, ended_at, outcome, message, input_tokens, cached_tokens, "
      "output_tokens, cost_pico_usd, unpriced) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      end.task, end.fence, end.attempt, end.node, end.worker, end.started_at, ledger.rows.now(), end.outcome, end.message,
      end.usage.input_tokens, end.usage.cached_tokens, end.usage.output_tokens, end.usage.cost_pico_usd, end.usage.unpriced_calls);
}

std::string node_name(store::Transaction& rows, std::int64_t node) {
  const auto row = rows.one("SELECT name FROM node WHERE id = ?", node);
  return row ? row->text(0) : std::string();
}

}  // namespace flotte::fleet::detail
