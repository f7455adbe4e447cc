// Who fits, and what speaks against them.
#include "fleet/detail/why_queued.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fleet/size_texts.hpp"
#include "fleet/version_texts.hpp"

namespace flotte::fleet::detail {
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

}  // namespace

std::string wish(const Need& need) {
  std::string out = fmt::format("a {} worker", worker_kind(need.kind));
  if (!need.worker.empty()) out += fmt::format(" named {}", need.worker);
  if (!need.node.empty()) out += fmt::format(" on {}", need.node);
  if (!need.model.empty() && worker_kind(need.kind) == "model") out += fmt::format(" with model {}", need.model);
  for (const std::string& label : need.labels)
    if (const std::string version = version_wish(label); !version.empty())
      out += " " + version;
    else if (const std::string size = size_wish(label); !size.empty())
      out += " with " + size;
    else
      out += fmt::format(" with label {}", label);
  return out;
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

}  // namespace flotte::fleet::detail
