// Which sleeping machine is called, by whom, and how often. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "fleet/need.hpp"
#include "wire/fleet.hpp"

namespace flotte::fleet {

/// A node as waking looks at it.
struct Sleeper {
  std::int64_t node = 0;
  std::string name;
  bool linked = false;    // else it is asleep or away
  bool wakeable = false;  // its file says `wake = true`
  std::vector<wire::NetworkCard> cards;
  std::vector<Place> places;  // its workers
};

/// The wired cards that listen: those with an address and a subnet.
std::vector<wire::NetworkCard> listening_cards(const std::vector<wire::NetworkCard>& cards);
/// Linked nodes with a card in one of the sleeper's subnets, by name, at most two.
std::vector<const Sleeper*> helpers_for(const Sleeper& asleep, const std::vector<Sleeper>& nodes);

class Waking {
 public:
  struct Pace {
    milliseconds between{20'000};  // packets are lost, and a machine may just be going to sleep
    int eager = 10;                // so often
    milliseconds later{600'000};   // and then so rarely
  };
  explicit Waking(Pace pace) : pace_(pace) {}
  Waking() : Waking(Pace{}) {}

  struct Call {
    std::int64_t node = 0;
    std::vector<std::int64_t> helpers;  // who sends; empty: nobody can
  };
  /// `unmet`: needs of waiting tasks that no linked node can meet. Those asleep that could are called; of several equal ones the first
  /// by name only.
  std::vector<Call> plan(const std::vector<Need>& unmet, const std::vector<Sleeper>& nodes, WallTime now);
  /// A person's wish: at once, whatever its file says.
  Call call(const Sleeper& asleep, const std::vector<Sleeper>& nodes, WallTime now);
  /// What became of calls; nothing where it is not being called.
  std::optional<wire::Waking> state(std::int64_t node) const;
  /// It is linked, removed, or nobody needs it any more.
  void forget(std::int64_t node) { calls_.erase(node); }
  bool any() const noexcept { return !calls_.empty(); }
  /// When `plan` may have something to send next, of those that are being called.
  std::optional<WallTime> next() const;

 private:
  struct State {
    wire::Waking told;
    WallTime due{};
    bool wished = false;  // by a person: it stands for a while although no task asks for it
  };
  Call send(State& state, const Sleeper& asleep, const std::vector<Sleeper>& nodes, WallTime now);
  Pace pace_;
  std::map<std::int64_t, State> calls_;
};

}  // namespace flotte::fleet
