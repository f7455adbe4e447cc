// Which flow goes next, and to which worker. Pure: flows and free slots in, picks out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "fleet/detail/turns.hpp"
#include "fleet/need.hpp"
#include "fleet/shares.hpp"

namespace flotte::fleet {

/// A sub-queue with ready work.
struct Flow {
  std::int64_t id = 0;
  Need need;
  double weight = 1;  // against the other flows of its owner and project
  std::string owner{}, project{};
  std::vector<std::int64_t> gates{};  // what else must allow a start: each has a number of free places
};

/// A worker of a node that is linked and takes work. `place` must outlive the call.
struct Slots {
  std::int64_t node = 0;
  const Place* place = nullptr;
  int slots = 1, busy = 0;
  bool exclusive = false;  // nothing else runs on its node while it works
  bool resting = false;    // refused a moment ago
};

/// What a node does as a whole.
struct NodeLoad {
  int busy = 0;
  bool alone = false;  // somebody has the machine for itself
};

/// One task of that flow for that worker (an index into the given workers).
struct Pick {
  std::int64_t flow = 0;
  std::size_t worker = 0;
};

/// A flow whose turn came while a gate of it had no free place.
struct Shut {
  std::int64_t flow = 0, gate = 0;
};

struct Plan {
  std::vector<Pick> picks;
  std::vector<Shut> shut;  // each flow at most once
};

/// How many more may start through a gate now. Asked once for each gate and plan.
using Gates = std::function<int(std::int64_t gate)>;

/// Start-time fairness on three levels: owners share the starts by their weights, within an owner its projects, within a project its flows.
/// On each level everybody has a virtual time that grows by 1/weight with each start; the lowest goes next, and who was idle begins at the
/// clock of those that were not, so it can neither save up turns nor be starved. How many flows or tasks somebody has does not matter.
/// A flow (or worker) that wants a machine for itself keeps that machine from new work until it is empty, when it is its turn.
/// A plan costs what its turns are many; how many others wait, and how many tasks they have, counts hardly at all.
class Scheduler {
 public:
  /// Counts from the next start on.
  void use(Shares shares) { shares_ = std::move(shares); }
  const Shares& shares() const noexcept { return shares_; }

  /// It has work that may start. One that is there already is replaced.
  void put(Flow flow);
  void remove(std::int64_t flow);
  /// No flow has work. What was used up stays.
  void clear();
  const Flow* find(std::int64_t flow) const;
  std::size_t size() const noexcept { return paths_.size(); }

  /// At most `limit` picks.
  Plan plan(std::vector<Slots> workers, std::map<std::int64_t, NodeLoad> loads, std::size_t limit, const Gates& gates = {}) const;
  /// A task of that flow, which is still there, was started.
  void started(std::int64_t flow);

 private:
  struct Tag {
    double finish = 0;          // virtual time at which its last start is paid for
    std::uint64_t started = 0;  // order of starts; among equals the one that waited longer goes first
  };
  struct Leaf {
    Flow flow;
    std::string need;  // equal needs have equal texts
    Tag tag{};
  };
  using Leaves = std::map<std::int64_t, Leaf>;
  struct Project {
    Tag tag{};
    double now = 0;  // virtual time of the last start among its flows
    Leaves flows{};
    detail::Ranks<Leaves::value_type> ranks{};  // of its flows
    std::map<std::int64_t, Tag> tags{};         // of flows that are not there
  };
  using Projects = std::map<std::string, Project>;
  struct Owner {
    Tag tag{};
    double now = 0;
    Projects projects{};
    detail::Ranks<Projects::value_type> ranks{};  // of its projects that have flows
  };
  using Owners = std::map<std::string, Owner>;
  struct Path {
    Owners::iterator owner;
    Projects::iterator project;
  };
  class Planning;
  static Tag paid(const Tag& tag, double& now, double weight, std::uint64_t order);
  void forget_old();

  Shares shares_;
  Owners owners_;
  detail::Ranks<Owners::value_type> ranks_;       // of owners that have flows
  std::unordered_map<std::int64_t, Path> paths_;  // of flows that are there
  double now_ = 0;                                // virtual time of the last start among owners
  std::uint64_t starts_ = 0;
};

/// The head of one priority class of a flow.
struct Waiting {
  std::int64_t task = 0;
  int priority = 2;
  WallTime since;
};
/// The order within a flow: the priority first, but one step of it is worth `step` of waiting; then the older task.
std::vector<Waiting> order_by_age(std::vector<Waiting> heads, milliseconds step);

}  // namespace flotte::fleet
