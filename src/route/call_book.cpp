// Which call repeats which.
#include "route/call_book.hpp"

#include <algorithm>
#include <set>

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
    add(std::move(ask));
  }
}

void CallBook::count(Step& step, const KnownCall& ask, Count how) {
  const auto by_one = [how](auto& map, const auto& key) {
    if (how == Count::in)
      ++map[key];
    else if (const auto it = map.find(key); --it->second == 0)
      map.erase(it);
  };
  const bool brought = ask.state != CallState::free && ask.state != CallState::lost;
  Times& times = step.same[ask.request].times[ask.fence];
  const int by = how == Count::in ? 1 : -1;
  times.all += by;
  if (brought) times.brought += by;
  by_one(step.runs, ask.fence);
  if (ask.told != 0 || ask.state == CallState::replayed) by_one(step.has, std::pair(ask.fence, ask.answer));
  if (ask.repeats != 0) by_one(step.repeated, ask.repeats);
}

/// With a place behind all others.
void CallBook::add(KnownCall ask) {
  Step& step = steps_[ask.step];
  count(step, ask, Count::in);
  step.same[ask.request].places.push_back(ask.place);
  step_of_.emplace(ask.place, ask.step);
  step.asks.push_back(std::move(ask));
}

/// The one at `place`, which is known.
template <class F>
void CallBook::change(std::int64_t place, F change) {
  Step& step = steps_.find(step_of_.find(place)->second)->second;
  KnownCall& ask = step.asks[static_cast<std::size_t>(at(step, place) - step.asks.data())];
  count(step, ask, Count::out);
  change(ask);
  count(step, ask, Count::in);
}

const KnownCall* CallBook::at(const Step& step, std::int64_t place) {
  const auto it =
      std::lower_bound(step.asks.begin(), step.asks.end(), place, [](const KnownCall& ask, std::int64_t p) { return ask.place < p; });
  return it != step.asks.end() && it->place == place ? &*it : nullptr;
}

const KnownCall* CallBook::find(std::int64_t place) const {
  const auto step = step_of_.find(place);
  return step == step_of_.end() ? nullptr : at(steps_.find(step->second)->second, place);
}

/// Whether that run has that answer, or is being given it.
bool CallBook::has(const Step& step, std::int64_t fence, std::int64_t answer) { return step.has.contains({fence, answer}); }

/// A run differs where it asks something more often than any run before it; a call that brought it nothing may be made again. The first
/// run of a step has nothing to differ from.
bool CallBook::differs(const Step& step, std::int64_t fence, const std::string& request) {
  if (step.runs.empty() || step.runs.begin()->first >= fence) return false;
  const auto same = step.same.find(request);
  if (same == step.same.end()) return true;
  const auto& times = same->second.times;
  const auto own = times.find(fence);
  const std::int64_t asked = own == times.end() ? 0 : own->second.brought;
  return std::none_of(times.begin(), times.lower_bound(fence), [&](const auto& run) { return run.second.all > asked; });
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
  return std::any_of(differing->second.begin(), differing->second.end(), [&](std::int64_t place) {
    const KnownCall* ask = at(step, place);
    return ask && ask->told != 0;
  });
}

const KnownCall* CallBook::recorded(const Step& step, std::int64_t fence, const std::string& request) const {
  const auto same = step.same.find(request);
  if (same == step.same.end()) return nullptr;
  const bool follows = !step.differing.contains(fence);
  const bool own_only = !follows && gets_nothing_older(step, fence);
  std::set<std::int64_t> knew_more;  // runs that had been told something when they asked this: what they asked later, they knew more
  for (const std::int64_t place : same->second.places) {
    const KnownCall& ask = *at(step, place);
    if (ask.state != CallState::bought || has(step, fence, ask.place)) continue;
    if (follows || ask.fence == fence) return &ask;
    if (own_only || knew_more.contains(ask.fence)) continue;
    if (told_all_before(step, fence, ask)) return &ask;
    knew_more.insert(ask.fence);
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
    static const std::vector<std::int64_t> none;
    const auto same = step.same.find(request);
    const std::vector<std::int64_t>& others = same == step.same.end() ? none : same->second.places;
    const auto of_nobody = [&](const KnownCall& other) { return other.state == CallState::open && (other.fence != fence || other.left); };
    for (const std::int64_t place : others) {
      if (patience == Patience::none || !of_nobody(*at(step, place))) continue;
      opened.wait_for = place;
      return opened;
    }
    for (const std::int64_t place : others) {
      const KnownCall& other = *at(step, place);
      const bool perhaps_paid = other.state == CallState::lost || of_nobody(other);
      if (!perhaps_paid || step.repeated.contains(place)) continue;
      ask.repeats = opened.repeats = place;
      break;
    }
    if (differs(step, fence, request)) step.differing[fence].push_back(next_);
  }
  opened.place = next_++;
  ++under_way_;
  add(std::move(ask));
  return opened;
}

std::int64_t CallBook::bought(std::int64_t place) {
  const KnownCall* ask = find(place);
  FLOTTE_ASSERT(ask && ask->state == CallState::open);
  --under_way_;
  change(place, [&](KnownCall& known) {
    known.state = CallState::bought;
    known.answer = place;
    known.told = next_;
  });
  return next_++;
}

std::int64_t CallBook::told(std::int64_t place) {
  const KnownCall* ask = find(place);
  FLOTTE_ASSERT(ask && ask->state == CallState::replayed);
  if (ask->told != 0) return ask->told;
  --under_way_;
  change(place, [&](KnownCall& known) { known.told = next_; });
  return next_++;
}

/// What was to be given again counts as not asked: only the answers of runs are known, not how often a client has gone.
void CallBook::untold(std::int64_t place) {
  const KnownCall* ask = find(place);
  if (!ask) return;
  if (ask->state == CallState::replayed) return withdrawn(place);
  change(place, [](KnownCall& known) { known.told = 0; });
}

void CallBook::ended(std::int64_t place, CallState state) {
  const KnownCall* ask = find(place);
  FLOTTE_ASSERT(ask && ask->state == CallState::open);
  --under_way_;
  change(place, [state](KnownCall& known) { known.state = state; });
}

void CallBook::left(std::int64_t place) {
  if (find(place)) change(place, [](KnownCall& known) { known.left = true; });
}

void CallBook::withdrawn(std::int64_t place) {
  const KnownCall* ask = find(place);
  if (!ask) return;
  if (ask->told == 0 && (ask->state == CallState::open || ask->state == CallState::replayed)) --under_way_;
  Step& step = steps_.find(ask->step)->second;
  count(step, *ask, Count::out);
  const auto same = step.same.find(ask->request);
  std::erase(same->second.places, place);
  if (same->second.places.empty()) step.same.erase(same);
  step_of_.erase(place);
  step.asks.erase(step.asks.begin() + (ask - step.asks.data()));
}

void CallBook::forgotten(std::int64_t answer) {
  const KnownCall* ask = find(answer);
  if (ask && ask->state == CallState::bought) change(answer, [](KnownCall& known) { known.state = CallState::lost; });
}

}  // namespace flotte::route
