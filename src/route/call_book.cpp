// Which call repeats which.
#include "route/call_book.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace flotte::route {

CallBook::CallBook(std::vector<KnownCall> asks) {
  std::sort(asks.begin(), asks.end(), [](const KnownCall& a, const KnownCall& b) { return a.place < b.place; });
  for (KnownCall& ask : asks) {
    next_ = std::max({next_, ask.place + 1, ask.told + 1});
    // Nobody of this process has begun it: whoever did is gone.
    if (ask.state == CallState::open) ask.state = CallState::lost;
    Step& step = steps_[ask.step];
    if (ask.state != CallState::replayed && differs(step, ask.fence, ask.request)) step.differing[ask.fence].push_back(ask.place);
    step_of_.emplace(ask.place, ask.step);
    step.asks.push_back(std::move(ask));
  }
}

const KnownCall* CallBook::find(std::int64_t place) const {
  const auto step = step_of_.find(place);
  if (step == step_of_.end()) return nullptr;
  const auto& asks = steps_.find(step->second)->second.asks;
  const auto it = std::lower_bound(asks.begin(), asks.end(), place, [](const KnownCall& ask, std::int64_t p) { return ask.place < p; });
  return it != asks.end() && it->place == place ? &*it : nullptr;
}

KnownCall* CallBook::ask_at(std::int64_t place) { return const_cast<KnownCall*>(find(place)); }

/// Whether that run has that answer, or is being given it.
bool CallBook::has(const Step& step, std::int64_t fence, std::int64_t answer) {
  return std::any_of(step.asks.begin(), step.asks.end(), [&](const KnownCall& ask) {
    return ask.fence == fence && ask.answer == answer && (ask.told != 0 || ask.state == CallState::replayed);
  });
}

/// A run differs where it asks something more often than any run before it; a call that brought it nothing may be made again. The first
/// run of a step has nothing to differ from.
bool CallBook::differs(const Step& step, std::int64_t fence, const std::string& request) {
  std::map<std::int64_t, int> times;
  bool others = false;
  for (const KnownCall& ask : step.asks) {
    const bool brought_nothing = ask.state == CallState::free || ask.state == CallState::lost;
    if (ask.fence < fence) others = true;
    if (ask.request == request && (ask.fence < fence || !brought_nothing)) ++times[ask.fence];
  }
  if (!others) return false;
  const int own = times[fence];
  return std::none_of(times.begin(), times.end(), [&](const auto& run) { return run.first < fence && run.second > own; });
}

/// Everything that the run of `recorded` knew of this step when it asked, `fence` knows too.
bool CallBook::told_all_before(const Step& step, std::int64_t fence, const KnownCall& recorded) const {
  return std::all_of(step.asks.begin(), step.asks.end(), [&](const KnownCall& known) {
    const bool before = known.fence == recorded.fence && known.told != 0 && known.told < recorded.place;
    return !before || has(step, fence, known.answer);
  });
}

/// It has been told an answer that no run before it could have been told.
bool CallBook::gets_nothing_older(const Step& step, std::int64_t fence) const {
  const auto differing = step.differing.find(fence);
  if (differing == step.differing.end()) return false;
  return std::any_of(differing->second.begin(), differing->second.end(), [this](std::int64_t place) {
    const KnownCall* ask = find(place);
    return ask && ask->told != 0;
  });
}

const KnownCall* CallBook::recorded(const Step& step, std::int64_t fence, const std::string& request) const {
  const bool follows = !step.differing.contains(fence);
  const bool own_only = !follows && gets_nothing_older(step, fence);
  for (const KnownCall& ask : step.asks) {
    if (ask.state != CallState::bought || ask.request != request || has(step, fence, ask.place)) continue;
    if (follows || ask.fence == fence || (!own_only && told_all_before(step, fence, ask))) return &ask;
  }
  return nullptr;
}

CallBook::Opened CallBook::open(std::int64_t fence, const std::string& step_name, const std::string& request, Patience patience) {
  Step& step = steps_[step_name];
  KnownCall ask{next_, fence, step_name, request};
  Opened opened;
  if (const KnownCall* known = recorded(step, fence, request)) {
    ask.state = CallState::replayed;
    ask.answer = opened.answer = known->place;
  } else {
    const auto of_nobody = [&](const KnownCall& other) {
      return other.state == CallState::open && other.request == request && (other.fence != fence || other.left);
    };
    const auto under_way = std::find_if(step.asks.begin(), step.asks.end(), of_nobody);
    if (under_way != step.asks.end() && patience == Patience::some) {
      opened.wait_for = under_way->place;
      return opened;
    }
    for (const KnownCall& other : step.asks) {
      const bool perhaps_paid = other.request == request && (other.state == CallState::lost || of_nobody(other));
      const bool counted = std::any_of(step.asks.begin(), step.asks.end(), [&](const KnownCall& a) { return a.repeats == other.place; });
      if (perhaps_paid && !counted) ask.repeats = opened.repeats = other.place;
      if (ask.repeats != 0) break;
    }
    if (differs(step, fence, request)) step.differing[fence].push_back(next_);
  }
  opened.place = next_++;
  ++under_way_;
  step_of_.emplace(opened.place, step_name);
  step.asks.push_back(std::move(ask));
  return opened;
}

std::int64_t CallBook::bought(std::int64_t place) {
  KnownCall* ask = ask_at(place);
  FLOTTE_ASSERT(ask && ask->state == CallState::open);
  ask->state = CallState::bought;
  ask->answer = place;
  --under_way_;
  return ask->told = next_++;
}

std::int64_t CallBook::told(std::int64_t place) {
  KnownCall* ask = ask_at(place);
  FLOTTE_ASSERT(ask && ask->state == CallState::replayed);
  if (ask->told != 0) return ask->told;
  --under_way_;
  return ask->told = next_++;
}

/// What was to be given again counts as not asked: only the answers of runs are known, not how often a client has gone.
void CallBook::untold(std::int64_t place) {
  KnownCall* ask = ask_at(place);
  if (!ask) return;
  if (ask->state == CallState::replayed) return withdrawn(place);
  ask->told = 0;
}

void CallBook::ended(std::int64_t place, CallState state) {
  KnownCall* ask = ask_at(place);
  FLOTTE_ASSERT(ask && ask->state == CallState::open);
  ask->state = state;
  --under_way_;
}

void CallBook::left(std::int64_t place) {
  if (KnownCall* ask = ask_at(place)) ask->left = true;
}

void CallBook::withdrawn(std::int64_t place) {
  const auto name = step_of_.find(place);
  if (name == step_of_.end()) return;
  auto& asks = steps_.find(name->second)->second.asks;
  const bool open = std::any_of(asks.begin(), asks.end(), [&](const KnownCall& ask) {
    return ask.place == place && ask.told == 0 && (ask.state == CallState::open || ask.state == CallState::replayed);
  });
  if (open) --under_way_;
  std::erase_if(asks, [&](const KnownCall& ask) { return ask.place == place; });
  step_of_.erase(name);
}

void CallBook::forgotten(std::int64_t answer) {
  for (auto& [name, step] : steps_)
    for (KnownCall& ask : step.asks)
      if (ask.place == answer && ask.state == CallState::bought) ask.state = CallState::lost;
}

}  // namespace flotte::route
