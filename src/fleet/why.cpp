// Why a task does not run.
#include "fleet/why.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/money.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/ledger.hpp"
#include "fleet/pauses.hpp"
#include "fleet/size_texts.hpp"
#include "fleet/version_texts.hpp"
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
  for (const std::string& label : need.labels)
    if (const std::string version = version_wish(label); !version.empty()) out += " " + version;
    else if (const std::string size = size_wish(label); !size.empty()) out += " with " + size;
    else out += fmt::format(" with label {}", label);
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
        if (!has_label(place.labels, label)) {
          if (const std::string version = version_miss(place.labels, label); !version.empty()) return name_of(place) + " " + version;
          if (const std::string size = size_miss(place.labels, label); !size.empty()) return name_of(place) + " " + size;
          return fmt::format("{} has no label {}", name_of(place), label);
        }
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

/// Its concurrency key has no free seat; empty where it has, or where there is none.
std::string why_no_seat(const WhyFacts& facts, json::object& out) {
  if (!facts.key) return {};
  const KeyUse& key = *facts.key;
  json::array holders;
  std::string list;
  for (const std::string& holder : key.holders) {
    holders.emplace_back(holder);
    list += (list.empty() ? "" : ", ") + holder;
  }
  out["concurrency"] = json::object{{"key", key.key}, {"limit", key.limit}, {"used", key.used}, {"holders", std::move(holders)}};
  if (key.used < key.limit) return {};
  return fmt::format("its concurrency key {} lets {} run at a time, and {} {}", key.key, key.limit, list, key.used == 1 ? "does" : "do");
}

std::string why_paused(const WhyFacts& facts) {
  if ((facts.paused & paused_by_project) != 0) return fmt::format("its project {} is paused", facts.project);
  if ((facts.paused & paused_by_batch) != 0) return fmt::format("its batch {} is paused", facts.task.batch);
  return fmt::format("its flow {} is paused", facts.task.flow);
}

/// Why nobody is asked for its model now.
std::string why_out(const WhyFacts& facts, const std::string& in, json::object& out) {
  const std::string model = facts.need.model.empty() ? "its model" : facts.need.model;
  if (facts.out_reset) out["reset_at"] = to_rfc3339(*facts.out_reset);
  const std::string over = facts.out_reset ? fmt::format(" (it should be over at {})", to_rfc3339(*facts.out_reset)) : "";
  switch (facts.out_why) {
    case OutWhy::quota:
      return fmt::format("everybody who answers for {} has used up a quota or asked to be called later{}; it is looked at again in {}", model,
                         over, in);
    case OutWhy::outage: return fmt::format("nobody who answers for {} can be reached; it is looked at again in {}", model, in);
    case OutWhy::limits:
      return fmt::format("the limits of those who answer for {} are used up by others before it, {} of them of its kind; it is looked at again in {}",
                         model, facts.ahead, in);
    case OutWhy::ramp: return fmt::format("{} can be asked again since a moment ago, and its tasks start slowly; {} are before it", model, facts.ahead);
  }
  return {};
}

/// "waking box, which is away: called 2 times by home, the last time 5 s ago".
std::string why_waking(const std::string& node, const wire::Waking& waking, WallTime now) {
  if (waking.packets == 0) return fmt::format("the node {} is away and cannot be woken: {}", node, waking.why);
  const std::string often = waking.packets == 1 ? "once" : fmt::format("{} times", waking.packets);
  return fmt::format("waking {}, which is away: called {} by {}, last {} s ago{}", node, often, waking.by,
                     std::max<std::int64_t>(0, (now - waking.last).count() / 1000), waking.why.empty() ? "" : "; now " + waking.why);
}

/// Adds a name to a list of few.
void name_one(std::string& list, const std::string& name) {
  constexpr std::size_t long_enough = 100;
  if (list.size() > long_enough || (", " + list + ",").find(", " + name + ",") != std::string::npos) return;
  list += (list.empty() ? "" : ", ") + name;
}

/// What speaks against a worker that fits; "free" where nothing does.
std::string_view state_of(const WhyFacts::Worker& w) {
  if (w.away) return "away";
  if (w.draining) return "draining";
  if (w.paused) return "paused";
  if (w.unanswered) return "unusable";
  return w.busy >= w.slots ? "busy" : "free";
}

std::string why_queued(const WhyFacts& facts, WallTime now, json::object& out) {
  json::array matching, nearest;
  int busy = 0, free = 0;
  std::string away_name, paused, drained, unusable;
  std::optional<WallTime> asleep_until;
  std::optional<wire::Waking> waking;
  for (const auto& w : facts.workers) {
    if (compare(facts.need, w.place) != Mismatch::none) continue;
    const std::string state(state_of(w));
    matching.push_back(json::object{{"worker", name_of(w.place)}, {"state", state}, {"busy", w.busy}, {"slots", w.slots}});
    if (w.away && (!waking || w.waking)) away_name = w.place.node;
    if (w.away && w.waking) waking = w.waking;
    if (w.away && w.asleep_until) asleep_until = w.asleep_until;
    if (state == "draining") name_one(drained, w.place.node);
    if (state == "paused") name_one(paused, name_of(w.place));
    if (state == "unusable") name_one(unusable, fmt::format("{} ({})", name_of(w.place), w.place.model));
    busy += state == "busy";
    free += state == "free";
  }
  std::string said;
  if (!facts.node_known)
    said = fmt::format("there is no node '{}', and it is to be done there only", facts.need.node);
  else if (matching.empty())
    said = why_nobody_fits(facts, nearest);
  else if (const std::string seats = free > 0 ? why_no_seat(facts, out) : ""; !seats.empty())
    said = seats;
  else if (free > 0 && facts.need.exclusive)
    said = "it wants a machine for itself, and the ones that fit still do other work";
  else if (free > 0)
    said = facts.ahead > 0 ? fmt::format("it is next in turn, after {} of the same kind", facts.ahead) : "it is being handed out";
  else if (busy > 0)
    said =
        fmt::format("all slots of the {} worker{} that fit{} are busy; {} task{} of the same kind {} before it", busy, busy == 1 ? "" : "s",
                    busy == 1 ? "s" : "", facts.ahead, facts.ahead == 1 ? "" : "s", facts.ahead == 1 ? "is" : "are");
  else if (!paused.empty())
    said = fmt::format("who fits is paused: {}", paused);
  else if (!drained.empty())
    said = fmt::format("{} takes no new work (it is drained), and no other worker fits", drained);
  else if (!unusable.empty())
    said = fmt::format("nothing answers now for the model of who fits: {}; it waits until something does", unusable);
  else if (asleep_until && !waking)
    said = fmt::format("the node {} sleeps, and no other worker fits", away_name);
  else
    said = waking ? why_waking(away_name, *waking, now) : fmt::format("the node {} is away, and no other worker fits", away_name);
  out["matching"] = std::move(matching);
  if (!nearest.empty()) out["nearest"] = std::move(nearest);
  out["ahead"] = facts.ahead;
  return said;
}

/// "it waits for t3 (running), t4 (queued) and 8 more".
std::string why_dependency(const OpenDependencies& dependencies, json::object& out) {
  std::string list;
  json::array names;
  for (const DependencyState& one : dependencies.first) {
    names.emplace_back(one.id);
    list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", one.id, one.state);
  }
  out["waits_for"] = std::move(names);
  out["open_dependencies"] = dependencies.count;
  if (list.empty()) return "what it waited for has ended; it is its turn now";
  const auto more = dependencies.count - static_cast<std::int64_t>(dependencies.first.size());
  return more > 0 ? fmt::format("it waits for {} and {} more", list, more) : fmt::format("it waits for {}", list);
}

std::string why_waiting(const WhyFacts& facts, WallTime now, json::object& out) {
  const auto until = facts.waits_until;
  const std::string in = until ? fmt::format("{} s", std::max<std::int64_t>(0, (*until - now).count() + 999) / 1000) : "a while";
  switch (facts.task.reason) {
    case wire::Reason::time: return fmt::format("it waits for its time, {}", until ? to_rfc3339(*until) : "later");
    case wire::Reason::backoff: {
      const std::string last = facts.task.error ? facts.task.error->message : facts.node_message;
      return fmt::format("attempt {} did not succeed{}; the next one comes in {}", facts.task.attempt,
                         last.empty() ? "" : " (" + last + ")", in);
    }
    case wire::Reason::paused:
      return why_paused(facts);
    case wire::Reason::dependency: return why_dependency(facts.dependencies, out);
    case wire::Reason::quota:
      if (!facts.deferred) return why_out(facts, in, out);
      return fmt::format("nobody could answer it just now{}; it is tried again in {}, and no attempt was used",
                         facts.task.error ? " (" + facts.task.error->message + ")" : "", in);
    case wire::Reason::approval: return "it waits until a person has answered";
    case wire::Reason::budget:
      return fmt::format("its budget{} is spent", facts.task.budget_pico_usd ? " of $" + format_usd(*facts.task.budget_pico_usd) : "");
    case wire::Reason::none: return "it waits, and nobody has said why";
  }
  return {};
}

/// What a person would do next.
std::string queued_hint(const WhyFacts& facts, const json::object& said) {
  if (!facts.node_known) return "`flotte node ls` shows the nodes; cancel it and submit it for one of them, or let that one join";
  if (said.contains("nearest") || facts.workers.empty()) return "start a worker that fits, or change the task; see `flotte worker ls`";
  std::string hint;
  for (const WhyFacts::Worker& w : facts.workers) {
    if (compare(facts.need, w.place) != Mismatch::none) continue;
    const std::string_view state = state_of(w);
    if (state == "free" || state == "busy" || state == "away") return {};  // it has its turn by itself
    if (!hint.empty() && state != "paused") continue;
    hint = state == "draining"   ? fmt::format("flotte node resume {}", w.place.node)
           : state == "paused"   ? fmt::format("flotte worker resume {}", name_of(w.place))
           : state == "unusable" ? fmt::format("`flotte model ls` shows what answers; flotte worker set {} -m MODEL", name_of(w.place))
                                 : std::string();
  }
  return hint;
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
      because = w.away         ? "its node is away"
                : w.draining   ? fmt::format("{} is drained: it takes no new work", w.place.node)
                : w.paused     ? "it is paused"
                : w.unanswered ? fmt::format("nothing answers for model {} now", w.place.model)
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
      // The flow of an ended task may be forgotten.
      "SELECT coalesce(f.id, 0), t.kind, coalesce(f.model, t.model), coalesce(f.node, ''), coalesce(f.worker, ''), "
      "coalesce(f.labels, t.labels), coalesce(f.exclusive, 0), coalesce(f.paused, 0), t.priority, coalesce(f.out_until, 0), "
      "coalesce(f.out_why, 0), coalesce(f.out_reset, 0), f.limited, t.project FROM task t LEFT JOIN flow f ON f.id = t.flow WHERE t.id = ?",
      task);
  facts.need = {static_cast<wire::TaskKind>(flow->integer(1)),
                flow->text(2),
                flow->text(3),
                flow->text(4),
                detail::labels_of(flow->text(5)),
                flow->flag(6)};
  facts.paused = flow->integer(7);
  facts.project = flow->text(13);
  if (!facts.need.node.empty())
    facts.node_known = rows.one("SELECT 1 FROM node WHERE name = ? AND state <> 'revoked'", facts.need.node).has_value();
  if (const auto key = flow->maybe_integer(12)) facts.key = show_key(rows, *key);
  if (flow->integer(9) > 0) {
    facts.out_why = static_cast<OutWhy>(std::clamp<std::int64_t>(flow->integer(10), 0, 3));
    if (flow->integer(11) > 0) facts.out_reset = flow->time(11);
  }
  if (const auto row = rows.one("SELECT b.max_cost_pico_usd FROM task t JOIN batch b ON b.id = t.batch WHERE t.id = ?", task))
    facts.limit_pico_usd = row->maybe_integer(0);
  if (const auto row = rows.one("SELECT b.cancel_reason FROM task t JOIN batch b ON b.id = t.batch WHERE t.id = ? AND b.cancelled = 1", task))
    facts.batch_spent = static_cast<wire::Reason>(row->integer(0)) == wire::Reason::budget;
  if (const auto row = rows.one("SELECT cancel FROM lease WHERE task = ?", task)) facts.stopping = static_cast<int>(row->integer(0));
  if (const auto row = rows.one("SELECT run_at, reason FROM deferred WHERE task = ?", task);
      row && static_cast<wire::Reason>(row->integer(1)) != wire::Reason::dependency)
    facts.waits_until = row->time(0);
  facts.deferred = facts.waits_until.has_value();
  if (!facts.waits_until && flow->integer(9) > 0) facts.waits_until = flow->time(9);
  facts.ahead = rows.one("SELECT count(*) FROM (SELECT 1 FROM ready WHERE flow = ? AND (priority, task) < (?, ?) LIMIT 1000)",
                         flow->integer(0), flow->integer(8), task)
                    ->integer(0);
  if (facts.task.reason == wire::Reason::dependency) {
    if (facts.task.state == wire::TaskState::waiting) facts.dependencies = open_dependencies(rows, task);
    if (facts.task.state == wire::TaskState::cancelled) facts.failed = failed_dependency(rows, task);
  }
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
               {"workers", wire::terminal(facts.task.state) ? json::array{} : judge_workers(facts)}};
  switch (facts.task.state) {
    case wire::TaskState::queued:
      why.sentence = why_queued(facts, now, why.facts);
      why.hint = queued_hint(facts, why.facts);
      break;
    case wire::TaskState::waiting: why.sentence = why_waiting(facts, now, why.facts); break;
    case wire::TaskState::offered:
      why.sentence = fmt::format("it was offered to {}@{}, which has not answered yet", facts.task.worker, facts.task.node);
      break;
    case wire::TaskState::running:
      why.sentence = fmt::format("it runs on {}@{}, attempt {}", facts.task.worker, facts.task.node, facts.task.attempt);
      if (facts.stopping > 0)
        why.sentence += fmt::format(", and is being stopped: {}", facts.stopping == 1   ? "somebody cancelled it"
                                                                  : facts.stopping == 2 ? "its deadline has passed"
                                                                                        : "its budget is spent");
      for (const WhyFacts::Worker& w : facts.workers)
        if (w.place.node == facts.task.node && w.asleep_until)
          why.sentence = fmt::format("its node {} sleeps; it goes on when that wakes, and is given to another at {}", w.place.node,
                                     to_rfc3339(*w.asleep_until));
      break;
    case wire::TaskState::succeeded: why.sentence = fmt::format("it is done, by {}@{}", facts.task.worker, facts.task.node); break;
    case wire::TaskState::cancelled:
      why.sentence = "it was cancelled";
      if (facts.task.reason == wire::Reason::dependency) {
        const std::string id = facts.failed ? facts.failed->id : std::string();
        why.sentence = facts.failed ? fmt::format("it was cancelled: {}, which it depends on, has not succeeded ({})", id, facts.failed->state)
                                    : "it was cancelled: something that it depends on had not succeeded";
        why.hint = facts.failed ? fmt::format("flotte {0} retry {1}, then flotte task retry {2}; or submit with if_dependency_fails = run",
                                              id.starts_with('b') ? "batch" : "task", id, facts.task.id)
                                : fmt::format("flotte task retry {}", facts.task.id);
      }
      if (facts.task.reason != wire::Reason::budget) break;
      if (facts.task.budget_pico_usd && !facts.batch_spent) {
        why.sentence = fmt::format("it was cancelled: its calls had cost ${} of its budget of ${}, and the next one might have cost more than was left",
                                   format_usd(facts.task.usage.cost_pico_usd), format_usd(*facts.task.budget_pico_usd));
        why.hint = "what it wrote until then is its result; `flotte task retry` gives it the same budget again";
        break;
      }
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
