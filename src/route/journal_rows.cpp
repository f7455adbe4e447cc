// SQL of the call journal.
#include "route/journal_rows.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace flotte::route {
namespace {

std::optional<std::int64_t> told(std::int64_t tokens) { return tokens < 0 ? std::nullopt : std::optional(tokens); }
std::int64_t number(CallState state) { return static_cast<std::int64_t>(state); }

/// step, request, fence, state, answer, told, repeats from that column on.
KnownCall call_of(const store::Row& row, std::size_t at) {
  KnownCall ask;
  ask.place = row.integer(at);
  ask.step = row.text(at + 1);
  ask.request = row.text(at + 2);
  ask.fence = row.integer(at + 3);
  ask.state = static_cast<CallState>(row.integer(at + 4));
  ask.answer = row.integer(at + 5);
  ask.told = row.integer(at + 6);
  ask.repeats = row.integer(at + 7);
  return ask;
}

/// content_type, target, input, cached, output, cost from that column on.
Recorded answer_of(const store::Row& row, std::size_t at) {
  Recorded answer;
  answer.content_type = row.text(at);
  answer.target = row.text(at + 1);
  answer.usage = {row.maybe_integer(at + 2).value_or(-1), row.maybe_integer(at + 3).value_or(-1), row.maybe_integer(at + 4).value_or(-1)};
  answer.cost_pico_usd = row.maybe_integer(at + 5);
  return answer;
}

}  // namespace

KnownCalls load_calls(store::Transaction& rows, std::int64_t task) {
  KnownCalls known;
  for (const store::Row& row :
       rows.query("SELECT place, step, request, fence, state, answer, told, repeats FROM call_ask WHERE task = ?", task))
    known.asks.push_back(call_of(row, 0));
  if (!known.asks.empty()) known.bytes = rows.one("SELECT coalesce(sum(bytes), 0) FROM call_answer WHERE task = ?", task)->integer(0);
  return known;
}

std::optional<KeptAnswer> load_answer(store::Transaction& rows, std::int64_t task, std::int64_t place) {
  const auto row = rows.one(
      "SELECT content_type, target, input_tokens, cached_tokens, output_tokens, cost_pico_usd, packed, body FROM call_answer "
      "WHERE task = ? AND place = ?",
      task, place);
  if (!row) return std::nullopt;
  return KeptAnswer{answer_of(*row, 0), Packed{row->text(7), row->flag(6)}};
}

void insert_ask(store::Transaction& rows, std::int64_t task, const KnownCall& ask) {
  rows.execute(
      "INSERT INTO call_ask (task, place, step, request, fence, state, answer, told, repeats, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT DO NOTHING",
      task, ask.place, ask.step, ask.request, ask.fence, number(ask.state), ask.answer, ask.told, ask.repeats, rows.now());
}

bool insert_answer(store::Transaction& rows, std::int64_t task, const KnownCall& ask, const KeptAnswer& kept) {
  insert_ask(rows, task, ask);
  rows.execute("UPDATE call_ask SET state = ?, answer = place WHERE task = ? AND place = ?", number(CallState::bought), task, ask.place);
  const Recorded& answer = kept.answer;
  return rows.execute(
             "INSERT INTO call_answer (task, place, content_type, target, input_tokens, cached_tokens, output_tokens, cost_pico_usd, "
             "packed, bytes, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
             task, ask.place, answer.content_type, answer.target, told(answer.usage.input_tokens), told(answer.usage.cached_tokens),
             told(answer.usage.output_tokens), answer.cost_pico_usd, kept.body.compressed, kept.body.bytes.size(), kept.body.bytes) == 1;
}

void set_told(store::Transaction& rows, std::int64_t task, std::int64_t place, std::int64_t told) {
  rows.execute("UPDATE call_ask SET told = ? WHERE task = ? AND place = ?", told, task, place);
}

void set_state(store::Transaction& rows, std::int64_t task, std::int64_t place, CallState state) {
  rows.execute("UPDATE call_ask SET state = ? WHERE task = ? AND place = ?", number(state), task, place);
}

void settle_open_calls(store::Transaction& rows) { rows.execute("UPDATE call_ask SET state = ? WHERE state = 0", number(CallState::lost)); }

json::object CallCounts::to_json() const {
  json::object o;
  o["bought"] = bought;
  o["replayed"] = replayed;
  o["lost"] = lost;
  o["maybe_bought_twice"] = maybe_bought_twice;
  return o;
}

CallCounts count_calls(store::Transaction& rows, std::int64_t task) {
  CallCounts counts;
  if (const auto kept = rows.one("SELECT bought, replayed, lost, maybe_twice FROM call_total WHERE task = ?", task))
    counts = {kept->integer(0), kept->integer(1), kept->integer(2), kept->integer(3)};
  for (const store::Row& row : rows.query("SELECT state, count(*), sum(repeats <> 0) FROM call_ask WHERE task = ? GROUP BY state", task)) {
    const std::int64_t count = row.integer(1);
    switch (static_cast<CallState>(row.integer(0))) {
      case CallState::bought: counts.bought += count; break;
      case CallState::replayed: counts.replayed += count; break;
      case CallState::lost: counts.lost += count; break;
      case CallState::open:
      case CallState::free: continue;
    }
    counts.maybe_bought_twice += row.integer(2);
  }
  return counts;
}

std::vector<CallLine> list_calls(store::Transaction& rows, std::int64_t task, std::int64_t after, std::size_t limit) {
  std::vector<CallLine> out;
  for (const store::Row& row : rows.query(
           "SELECT a.place, a.step, a.request, a.fence, a.state, a.answer, a.told, a.repeats, a.at, r.content_type, r.target, "
           "r.input_tokens, r.cached_tokens, r.output_tokens, r.cost_pico_usd, coalesce(r.bytes, 0) FROM call_ask a "
           "LEFT JOIN call_answer r ON r.task = a.task AND r.place = a.answer WHERE a.task = ? AND a.place > ? ORDER BY a.place LIMIT ?",
           task, after, std::min<std::size_t>(limit, 1000))) {
    CallLine line{call_of(row, 0), row.time(8), std::nullopt, row.integer(15)};
    if (!row.is_null(9)) line.answer = answer_of(row, 9);
    out.push_back(std::move(line));
  }
  return out;
}

std::vector<std::int64_t> journalled_tasks(store::Transaction& rows, std::int64_t after, std::size_t limit) {
  std::vector<std::int64_t> out;
  // One step of the index per task, however many calls each has.
  while (out.size() < limit) {
    const auto row = rows.one("SELECT min(task) FROM call_ask WHERE task > ?", out.empty() ? after : out.back());
    if (!row || row->is_null(0)) break;
    out.push_back(row->integer(0));
  }
  return out;
}

std::int64_t journal_bytes(store::Transaction& rows) { return rows.one("SELECT coalesce(sum(bytes), 0) FROM call_answer")->integer(0); }

std::int64_t forget_calls(store::Transaction& rows, std::int64_t task) {
  const CallCounts counts = count_calls(rows, task);
  const std::int64_t bytes = rows.one("SELECT coalesce(sum(bytes), 0) FROM call_answer WHERE task = ?", task)->integer(0);
  if (counts.replayed + counts.lost + counts.maybe_bought_twice > 0)
    rows.execute(
        "INSERT INTO call_total (task, bought, replayed, lost, maybe_twice) VALUES (?, ?, ?, ?, ?) ON CONFLICT (task) DO UPDATE SET "
        "bought = excluded.bought, replayed = excluded.replayed, lost = excluded.lost, maybe_twice = excluded.maybe_twice",
        task, counts.bought, counts.replayed, counts.lost, counts.maybe_bought_twice);
  rows.execute("DELETE FROM call_ask WHERE task = ?", task);
  rows.execute("DELETE FROM call_answer WHERE task = ?", task);
  return bytes;
}

}  // namespace flotte::route
