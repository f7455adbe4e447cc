// Selection: one look at the targets, by the route's strategy.
#include <algorithm>
#include <limits>

#include "route/pace.hpp"
#include "route/plan.hpp"

namespace flotte::route {
namespace {

constexpr std::int64_t usual_output_tokens = 512;  // for comparing prices: nobody knows beforehand
constexpr double unknown = std::numeric_limits<double>::max();

/// Calls under way per slot. A provider has as many slots as one likes; its calls still spread.
double busyness(const Target& target) noexcept {
  const double calls = target.load ? target.load->in_flight.load(std::memory_order_relaxed) : 0;
  return target.slots > 1 ? calls / target.slots : calls;
}

/// Every slot is taken: a call would wait behind others.
bool full(const Target& target) noexcept {
  return target.slots > 0 && target.load && target.load->in_flight.load(std::memory_order_relaxed) >= target.slots;
}

/// What such a request costs there. Engines are free; an unknown price comes last.
double price(const Target& target, std::int64_t input_tokens) noexcept {
  if (target.kind == TargetKind::engine) return 0;
  if (!target.price) return unknown;
  const auto cost = target.price->cost({.input_tokens = input_tokens, .cached_tokens = 0, .output_tokens = usual_output_tokens});
  return cost ? static_cast<double>(*cost) : unknown;
}

/// Smaller is better; where both are equal the next in turn.
struct Score {
  double first = 0, then = 0;
  bool operator<(const Score& other) const noexcept { return first != other.first ? first < other.first : then < other.then; }
};

Score score(Strategy strategy, const Target& target, std::size_t place, const Ask& ask) noexcept {
  const double busy = busyness(target);
  switch (strategy) {
    case Strategy::cheapest: return {price(target, ask.input_tokens), busy};
    case Strategy::fastest: return {explores(ask.turn) ? last_measured(target) : expected_ms(target), busy};
    case Strategy::affinity: return {static_cast<int>(place) == ask.preferred && !full(target) ? 0.0 : 1.0, busy};
    default: return {busy, 0};
  }
}

bool asked(Tried tried, std::size_t place) noexcept { return (tried >> place & 1) != 0; }

bool said_later(const Health* health, SteadyTime now) noexcept {
  return health && closed(*health, now) && health->why.load(std::memory_order_relaxed) != Closed::broken;
}

/// Of the closed ones that broke, the one whose time ends first.
std::optional<std::size_t> last_resort(const Route& route, Tried tried, std::size_t count, SteadyTime now) noexcept {
  std::optional<std::size_t> found;
  std::int64_t soonest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Target& target = route.targets[i];
    if (asked(tried, i) || !target.health || said_later(target.health.get(), now) || said_later(target.place_health.get(), now)) continue;
    const std::int64_t until = target.health->closed_until_ms.load(std::memory_order_relaxed);
    if (found && until >= soonest) continue;
    found = i;
    soonest = until;
  }
  return found;
}

/// A share of the calls for each open target, spread as evenly as can be: multiples of the golden ratio fall between those before.
std::optional<std::size_t> pick_weighted(const Route& route, Tried tried, std::size_t count, SteadyTime now, std::uint32_t turn) noexcept {
  std::uint64_t sum = 0;
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < count; ++i) {
    if (asked(tried, i) || closed(route.targets[i], now)) continue;
    if (!first) first = i;
    sum += static_cast<std::uint64_t>(std::max(route.targets[i].weight, 0));
  }
  if (!first || sum == 0) return first;  // those with weight 0 only after all others
  const std::uint64_t fraction = turn * 0x9E37'79B9'7F4A'7C15ULL >> 32;
  std::uint64_t place = fraction * sum >> 32;
  for (std::size_t i = 0; i < count; ++i) {
    if (asked(tried, i) || closed(route.targets[i], now)) continue;
    const auto weight = static_cast<std::uint64_t>(std::max(route.targets[i].weight, 0));
    if (place < weight) return i;
    place -= weight;
  }
  return first;
}

std::optional<std::size_t> pick_open(const Route& route, Tried tried, std::size_t count, SteadyTime now, const Ask& ask) noexcept {
  std::optional<std::size_t> best;
  Score least;
  const bool in_turn = route.strategy != Strategy::fallback;
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t i = in_turn ? (step + ask.turn) % count : step;
    if (asked(tried, i) || closed(route.targets[i], now)) continue;
    if (!in_turn) return i;
    const Score its = score(route.strategy, route.targets[i], i, ask);
    if (best && !(its < least)) continue;
    best = i;
    least = its;
  }
  return best;
}

}  // namespace

std::optional<std::size_t> pick(const Route& route, Tried tried, SteadyTime now, const Ask& ask) noexcept {
  const std::size_t count = std::min<std::size_t>(route.targets.size(), 64);
  const auto open =
      route.strategy == Strategy::weighted ? pick_weighted(route, tried, count, now, ask.turn) : pick_open(route, tried, count, now, ask);
  return open ? open : last_resort(route, tried, count, now);
}

std::optional<Waiting> waiting(const Route& route, SteadyTime now) noexcept {
  std::optional<Waiting> soonest;
  for (const Target& target : route.targets) {
    // Both may be closed: it can be asked when both are over.
    std::optional<Waiting> its;
    for (const Health* health : {target.health.get(), target.place_health.get()}) {
      if (!health || !closed(*health, now)) continue;
      const Closed why = health->why.load(std::memory_order_relaxed);
      if (why == Closed::broken) continue;
      const milliseconds left(health->closed_until_ms.load(std::memory_order_relaxed) - now.time_since_epoch().count());
      if (!its || left > its->wait) its = Waiting{left, why, &target};
    }
    if (its && (!soonest || its->wait < soonest->wait)) soonest = its;
  }
  return soonest;
}

}  // namespace flotte::route
