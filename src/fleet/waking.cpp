// Calling sleeping machines.
#include "fleet/waking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace flotte::fleet {
namespace {

constexpr std::size_t most_helpers = 2;

bool can(const Sleeper& node, const Need& need) {
  return std::any_of(node.places.begin(), node.places.end(), [&](const Place& p) { return compare(need, p) == Mismatch::none; });
}

std::string why_nobody(const Sleeper& asleep) {
  const auto cards = listening_cards(asleep.cards);
  if (cards.empty()) return "it has told of no wired network card";
  return fmt::format("no node that is linked has a card in its network ({})", cards.front().subnet);
}

}  // namespace

std::vector<wire::NetworkCard> listening_cards(const std::vector<wire::NetworkCard>& cards) {
  std::vector<wire::NetworkCard> out;
  for (const wire::NetworkCard& card : cards)
    if (card.wired && !card.mac.empty() && !card.subnet.empty()) out.push_back(card);
  return out;
}

std::vector<const Sleeper*> helpers_for(const Sleeper& asleep, const std::vector<Sleeper>& nodes) {
  std::vector<const Sleeper*> out;
  const auto cards = listening_cards(asleep.cards);
  for (const Sleeper& node : nodes) {
    if (!node.linked || node.node == asleep.node) continue;
    const bool near = std::any_of(node.cards.begin(), node.cards.end(), [&](const wire::NetworkCard& own) {
      return std::any_of(cards.begin(), cards.end(), [&](const wire::NetworkCard& theirs) { return theirs.subnet == own.subnet; });
    });
    if (near) out.push_back(&node);
  }
  std::sort(out.begin(), out.end(), [](const Sleeper* a, const Sleeper* b) { return a->name < b->name; });
  if (out.size() > most_helpers) out.resize(most_helpers);
  return out;
}

Waking::Call Waking::send(State& state, const Sleeper& asleep, const std::vector<Sleeper>& nodes, WallTime now) {
  Call out{asleep.node, {}};
  std::string names;
  for (const Sleeper* helper : helpers_for(asleep, nodes)) {
    out.helpers.push_back(helper->node);
    names += (names.empty() ? "" : ", ") + helper->name;
  }
  state.told.last = now;
  state.told.by = names;
  state.told.why = out.helpers.empty() ? why_nobody(asleep) : std::string();
  if (!out.helpers.empty()) ++state.told.packets;
  state.due = now + (state.told.packets < pace_.eager ? pace_.between : pace_.later);
  return out;
}

std::vector<Waking::Call> Waking::plan(const std::vector<Need>& unmet, const std::vector<Sleeper>& nodes, WallTime now) {
  std::vector<const Sleeper*> asleep;
  for (const Sleeper& node : nodes)
    if (!node.linked && node.wakeable) asleep.push_back(&node);
  // One that is called already before one that is not, so that a wish stays with it.
  std::sort(asleep.begin(), asleep.end(), [this](const Sleeper* a, const Sleeper* b) {
    const bool first = calls_.contains(a->node), second = calls_.contains(b->node);
    return first != second ? first : a->name < b->name;
  });
  std::set<std::int64_t> wanted;
  for (const Need& need : unmet)
    for (const Sleeper* node : asleep)
      if (can(*node, need)) {
        wanted.insert(node->node);
        break;
      }
  std::erase_if(calls_, [&](const auto& entry) {
    const State& state = entry.second;
    const bool stands = state.wished && now - state.told.since < pace_.between * pace_.eager;
    return !wanted.contains(entry.first) && !stands;
  });
  std::vector<Call> out;
  for (const Sleeper* node : asleep) {
    if (!wanted.contains(node->node)) continue;
    State& state = calls_[node->node];
    if (state.told.since == WallTime{}) state.told.since = now;
    if (state.due <= now) out.push_back(send(state, *node, nodes, now));
  }
  return out;
}

Waking::Call Waking::call(const Sleeper& asleep, const std::vector<Sleeper>& nodes, WallTime now) {
  State& state = calls_[asleep.node];
  if (state.told.since == WallTime{}) state.told.since = now;
  state.wished = true;
  return send(state, asleep, nodes, now);
}

std::optional<wire::Waking> Waking::state(std::int64_t node) const {
  const auto it = calls_.find(node);
  return it == calls_.end() ? std::nullopt : std::optional(it->second.told);
}

std::optional<WallTime> Waking::next() const {
  std::optional<WallTime> first;
  for (const auto& [node, state] : calls_)
    if (!first || state.due < *first) first = state.due;
  return first;
}

}  // namespace flotte::fleet
