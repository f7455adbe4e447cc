// Why a task does not run.
#include "fleet/why.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/money.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/ledger.hpp"
#include "fleet/views.hpp"

namespace flotte::fleet {
namespace {

std::string name_of(const Place& place) { return place.worker + "@" + place.node; }

std::string_view worker_kind(wire::TaskKind kind) {
  switch (kind) {
    case wire::TaskKind::prompt:
    case wire::TaskKind::document: return "model";
    case wire::TaskKind::command: return "command";
    case wire::TaskKind::agent: return "agent";
  }
  return "";
}

/// "model tiny, label gpu, on box": what the task asks for, in words.
std::string wish(const Need& need) {
  std::string out = fmt::format("a {} worker", worker_kind(need.kind));
  if (!need.worker.empty()) out += fmt::format(" named {}", need.worker);
  if (!need.node.empty()) out += fmt::format(" on {}", need.node);
  if (!need.model.empty() && worker_kind(need.kind) == "model") out += fmt::format(" with model {}", need.model);
  for (const std::string& label : need.labels) out += fmt::format(" with label {}", label);
  return out;
}

std::string miss(const Need& need, const Place& place, Mismatch what) {
  switch (what) {
    case Mismatch::none: return fmt::format("{} fits", name_of(place));
    case Mismatch::kind: return fmt::format("{} is a {} worker", name_of(place), place.kind);
    case Mismatch::worker: return fmt::format("{} has another name", name_of(place));
    case Mismatch::node: return fmt::format("{} is on {}, not on {}", name_of(place), place.node, need.node);
    case Mismatch::model: return fmt::format("{} has model {}", name_of(place), place.model);
    case Mismatch::label:
      for (const std::string& label : need.labels)
        if (std::find(place.labels.begin(), place.labels.end(), label) == place.labels.end())
          return fmt::format("{} has no label {}", name_of(place), label);
  }
  return name_of(place);
}

std::string why_nobody_fits(const WhyFacts& facts, json::array& nearest) {
  std::vector<std::pair<Mismatch, const WhyFacts::Worker*>> misses;
  for (const auto& w : facts.workers) misses.emplace_back(compare(facts.need, w.place), &w);
  std::stable_sort(misses.begin(), misses.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  if (misses.size() > 3) misses.resize(3);
  std::string list;
  for (const auto& [what, w] : misses) {
    const std::string said = miss(facts.need, w->place, what);
    nearest.emplace_back(said);
    list += (list.empty() ? "" : "; ") + said;
  }
  return fmt::format("no worker matches: it needs {}{}", wish(facts.need),
                     list.empty() ? ", and no worker is known" : fmt::format(". Nearest: {}", list));
}

std::string why_queued(const WhyFacts& facts, json::object& out) {
  json::array matching, nearest;
  int draining = 0, busy = 0, free = 0;
  std::string away_name;
  for (const auto& w : facts.workers) {
    if (compare(facts.need, w.place) != Mismatch::none) continue;
    const std::string state = w.away ? "away" : w.draining ? "draining" : w.busy >= w.slots ? "busy" : "free";
    matching.push_back(json::object{{"worker", name_of(w.place)}, {"state", state}, {"busy", w.busy}, {"slots", w.slots}});
    if (w.away) away_name = w.place.node;
    draining += !w.away && w.draining;
    busy += state == "busy";
    free += state == "free";
  }
  std::string said;
  if (matching.empty())
    said = why_nobody_fits(facts, nearest);
  else if (free > 0 && facts.need.exclusive)
    said = "it wants a machine for itself, and the ones that fit still do other work";
  else if (free > 0)
    said = facts.ahead > 0 ? fmt::format("it is next in turn, after {} of the same kind", facts.ahead) : "it is being handed out";
  else if (busy > 0)
    said =
        fmt::format("all slots of the {} worker{} that fit{} are busy; {} task{} of the same kind {} before it", busy, busy == 1 ? "" : "s",
                    busy == 1 ? "s" : "", facts.ahead, facts.ahead == 1 ? "" : "s", facts.ahead == 1 ? "is" : "are");
  else if (draining > 0)
    said = "the workers that fit are on nodes that take no new work";
  else
    said = fmt::format("the node {} is away, and no other worker fits", away_name);
  out["matching"] = std::move(matching);
  if (!nearest.empty()) out["nearest"] = std::move(nearest);
  out["ahead"] = facts.ahead;
  return said;
}

std::string why_waiting(const WhyFacts& facts, WallTime now, json::object& out) {
  const auto until = facts.waits_until;
  if (until) out["until"] = to_rfc3339(*until);
  const std::string in = until ? fmt::format("{} s", std::max<std::int64_t>(0, (*until - now).count() + 999) / 1000) : "a while";
  switch (facts.task.reason) {
    case wire::Reason::time: return fmt::format("it waits for its time, {}", until ? to_rfc3339(*until) : "later");
    case wire::Reason::backoff: {
      const std::string last = facts.task.error ? facts.task.error->message : facts.node_message;
      return fmt::format("attempt {} did not succeed{}; the next one comes in {}", facts.task.attempt,
                         last.empty() ? "" : " (" + last + ")", in);
    }
    case wire::Reason::paused:
      return facts.task.batch.empty() ? "its flow is paused" : fmt::format("its batch {} is paused", facts.task.batch);
    case wire::Reason::quota:
      return fmt::format("everybody who answers for {} has used up a quota; it is looked at again in {}",
                         facts.need.model.empty() ? "its model" : facts.need.model, in);
    default: return fmt::format("it waits: {}", wire::to_string(facts.task.reason));
  }
}

}  // namespace

json::object Why::to_json() const {
  json::object o = facts;
  o["text"] = sentence;
  o["hint"] = hint.empty() ? json::value(nullptr) : json::value(hint);
  return o;
}

namespace {

/// Each worker, whether it could take the task, and what speaks for or against it.
json::array judge_workers(const WhyFacts& facts) {
  json::array out;
  for (const WhyFacts::Worker& w : facts.workers) {
    const Mismatch what = compare(facts.need, w.place);
    std::string because = miss(facts.need, w.place, what);
    if (what == Mismatch::none)
      because = w.away       ? "its node is away"
                : w.draining ? "its node takes no new work"
                             : fmt::format("{} of {} slots are busy", w.busy, w.slots);
    out.push_back(json::object{{"worker", name_of(w.place)}, {"fits", what == Mismatch::none}, {"because", std::move(because)}});
  }
  return out;
}

}  // namespace

std::optional<WhyFacts> gather_why(store::Transaction& rows, std::int64_t task) {
  auto view = show_task(rows, task);
  if (!view) return std::nullopt;
  WhyFacts facts;
  facts.task = std::move(*view);
  const auto flow = rows.one(
      "SELECT f.id, f.kind, f.model, f.node, f.worker, f.labels, f.exclusive, f.paused, t.priority, f.out_until FROM task t JOIN flow f ON "
      "f.id = "
      "t.flow "
      "WHERE t.id = ?",
      task);
  facts.need = {static_cast<wire::TaskKind>(flow->integer(1)),
                flow->text(2),
                flow->text(3),
                flow->text(4),
                detail::labels_of(flow->text(5)),
                flow->flag(6)};
  facts.batch_paused = flow->flag(7);
  if (const auto row = rows.one("SELECT b.max_cost_pico_usd FROM task t JOIN batch b ON b.id = t.batch WHERE t.id = ?", task))
    facts.limit_pico_usd = row->maybe_integer(0);
  if (const auto row = rows.one("SELECT run_at FROM deferred WHERE task = ?", task)) facts.waits_until = row->time(0);
  if (!facts.waits_until && flow->integer(9) > 0) facts.waits_until = flow->time(9);
  facts.ahead = rows.one("SELECT count(*) FROM (SELECT 1 FROM ready WHERE flow = ? AND (priority, task) < (?, ?) LIMIT 1000)",
                         flow->integer(0), flow->integer(8), task)
                    ->integer(0);
  for (const store::Row& row :
       rows.query("SELECT n.name, l.worker, count(*) FROM lease l JOIN node n ON n.id = l.node GROUP BY n.name, l.worker"))
    facts.leases[{row.text(0), row.text(1)}] = static_cast<int>(row.integer(2));
  if (const auto row = rows.one("SELECT message FROM attempt WHERE task = ? ORDER BY fence DESC LIMIT 1", task))
    facts.node_message = row->text(0);
  return facts;
}

Why explain(const WhyFacts& facts, WallTime now) {
  Why why;
  why.facts = {{"id", facts.task.id},
               {"state", wire::to_string(facts.task.state)},
               {"reason", facts.task.reason == wire::Reason::none ? json::value(nullptr) : json::value(wire::to_string(facts.task.reason))},
               {"needs", wish(facts.need)},
               {"due_at", facts.waits_until ? json::value(to_rfc3339(*facts.waits_until)) : json::value(nullptr)},
               {"workers", judge_workers(facts)}};
  switch (facts.task.state) {
    case wire::TaskState::queued:
      why.sentence = why_queued(facts, why.facts);
      if (why.facts.contains("nearest") || facts.workers.empty())
        why.hint = "start a worker that fits, or change the task; see `flotte worker ls`";
      break;
    case wire::TaskState::waiting: why.sentence = why_waiting(facts, now, why.facts); break;
    case wire::TaskState::offered:
      why.sentence = fmt::format("it was offered to {}@{}, which has not answered yet", facts.task.worker, facts.task.node);
      break;
    case wire::TaskState::running:
      why.sentence = fmt::format("it runs on {}@{}, attempt {}", facts.task.worker, facts.task.node, facts.task.attempt);
      break;
    case wire::TaskState::succeeded: why.sentence = fmt::format("it is done, by {}@{}", facts.task.worker, facts.task.node); break;
    case wire::TaskState::cancelled:
      why.sentence = "it was cancelled";
      if (facts.task.reason != wire::Reason::budget) break;
      why.sentence = fmt::format("it was cancelled: its batch {} had spent its limit{}", facts.task.batch,
                                 facts.limit_pico_usd ? " of $" + format_usd(*facts.limit_pico_usd) : "");
      why.hint = "submit what is left as a new batch, with a new limit";
      break;
    case wire::TaskState::failed:
      why.hint = fmt::format("flotte task retry {}", facts.task.id);
      why.sentence = fmt::format("it failed: {}", facts.task.error ? facts.task.error->text() : "nobody said why");
      break;
  }
  return why;
}

}  // namespace flotte::fleet
