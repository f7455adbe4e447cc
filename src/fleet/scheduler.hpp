// Which flow goes next, and to which worker. Pure: flows and free slots in, picks out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "fleet/need.hpp"

namespace flotte::fleet {

/// A sub-queue with ready work.
struct Flow {
  std::int64_t id = 0;
  Need need;
  double weight = 1;
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

/// Start-time fairness: each flow has a virtual time that grows by 1/weight with each start; the lowest goes next, and a flow that was
/// idle begins at the clock of those that were not, so it can neither save up turns nor be starved.
/// A flow (or worker) that wants a machine for itself keeps that machine from new work until it is empty, when it is its turn.
class Scheduler {
 public:
  /// At most `limit` picks for flows that all have work and are not paused.
  std::vector<Pick> plan(const std::map<std::int64_t, Flow>& flows, std::vector<Slots> workers, std::map<std::int64_t, NodeLoad> loads,
                         std::size_t limit) const;
  /// A task of that flow was started.
  void started(std::int64_t flow, double weight);
  /// Where it stands: the virtual time of its next start.
  double next_start(std::int64_t flow) const;

 private:
  struct Tag {
    double finish = 0;          // virtual time at which its last start is paid for
    std::uint64_t started = 0;  // order of starts; among equals the one that waited longer goes first
  };
  void forget_old();
  std::map<std::int64_t, Tag> tags_;
  double now_ = 0;  // virtual time of the last start
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
