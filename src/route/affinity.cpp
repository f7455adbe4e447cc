// A small cache: four places for each value of the hash's last bits.
#include "route/affinity.hpp"

#include <algorithm>

namespace flotte::route {
namespace {

constexpr std::size_t sets = Affinity::entries / 4;

int place_of(const Route& route, const Health* who) noexcept {
  for (std::size_t i = 0; i < route.targets.size(); ++i)
    if (route.targets[i].health.get() == who) return static_cast<int>(i);
  return -1;
}

/// The same for all loops and for as long as the targets stay the same; one that goes takes only its own share along.
int first_choice(std::uint64_t prefix, const Route& route) noexcept {
  int best = -1;
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < route.targets.size(); ++i) {
    const std::uint64_t draw = hash_bytes(route.targets[i].name, prefix);
    if (best >= 0 && draw <= most) continue;
    best = static_cast<int>(i);
    most = draw;
  }
  return best;
}

}  // namespace

void Affinity::remember(const Prefixes& prefixes, const Target& target, SteadyTime now) {
  if (!target.health || prefixes.empty()) return;
  if (!sets_) sets_ = std::make_unique<Set[]>(sets);
  prefixes.each([&](std::uint64_t hash) {
    Set& set = sets_[hash % sets];
    Entry* place = std::find_if(std::begin(set.of), std::end(set.of), [hash](const Entry& e) { return e.hash == hash; });
    if (place == std::end(set.of))
      place = std::min_element(std::begin(set.of), std::end(set.of), [](const Entry& a, const Entry& b) { return a.at_ms < b.at_ms; });
    *place = {hash, target.health.get(), now.time_since_epoch().count()};
    return true;
  });
}

Affinity::Found Affinity::find(const Prefixes& prefixes, const Route& route, SteadyTime now) const noexcept {
  if (prefixes.empty()) return {};
  Found found;
  const std::int64_t oldest = (now - memory_).time_since_epoch().count();
  if (sets_) {
    prefixes.each([&](std::uint64_t hash) {
      for (const Entry& entry : sets_[hash % sets].of) {
        if (entry.hash != hash || !entry.who || entry.at_ms < oldest) continue;
        found = {place_of(route, entry.who), true};
        return found.place < 0;
      }
      return true;
    });
  }
  if (found.place < 0) found = {first_choice(prefixes.first(), route), false};
  return found;
}

}  // namespace flotte::route
