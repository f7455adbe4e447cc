// Which flow goes next, and to which worker.
#include "fleet/scheduler.hpp"

#include <algorithm>
#include <optional>
#include <queue>
#include <set>
#include <tuple>

namespace flotte::fleet {
namespace {

/// A flow in the order of its turns.
struct Turn {
  double start = 0;
  std::uint64_t started = 0;
  const Flow* flow = nullptr;
  bool operator>(const Turn& other) const {
    return std::tie(start, started, flow->id) > std::tie(other.start, other.started, other.flow->id);
  }
};

/// One planning: the slots as they would be after the picks so far.
class Table {
 public:
  Table(std::vector<Slots> workers, std::map<std::int64_t, NodeLoad> loads) : workers_(std::move(workers)), loads_(std::move(loads)) {}

  /// The worker that is least busy; the machine is kept free for who wants it alone and cannot have it yet.
  std::optional<std::size_t> seat(const Need& need) {
    std::optional<std::size_t> best;
    std::optional<std::int64_t> wanted;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      const Slots& w = workers_[i];
      if (w.busy >= w.slots || w.resting || reserved_.contains(w.node) || compare(need, *w.place) != Mismatch::none) continue;
      const NodeLoad& load = loads_[w.node];
      const bool alone = need.exclusive || w.exclusive;
      if (load.alone || (alone && load.busy > 0)) {
        if (alone && (!wanted || load.busy < loads_[*wanted].busy)) wanted = w.node;
        continue;
      }
      if (!best || less_busy(w, workers_[*best])) best = i;
    }
    if (!best) {
      if (wanted) reserved_.insert(*wanted);
      return std::nullopt;
    }
    Slots& taken = workers_[*best];
    ++taken.busy;
    ++loads_[taken.node].busy;
    if (need.exclusive || taken.exclusive) loads_[taken.node].alone = true;
    return best;
  }

 private:
  bool less_busy(const Slots& a, const Slots& b) {
    // Shares of their slots, compared without division; then the quieter machine.
    const int left = a.busy * b.slots, right = b.busy * a.slots;
    return left != right ? left < right : loads_[a.node].busy < loads_[b.node].busy;
  }
  std::vector<Slots> workers_;
  std::map<std::int64_t, NodeLoad> loads_;
  std::set<std::int64_t> reserved_;
};

}  // namespace

double Scheduler::next_start(std::int64_t flow) const {
  const auto it = tags_.find(flow);
  return it == tags_.end() ? now_ : std::max(now_, it->second.finish);
}

std::vector<Pick> Scheduler::plan(const std::map<std::int64_t, Flow>& flows, std::vector<Slots> workers,
                                  std::map<std::int64_t, NodeLoad> loads, std::size_t limit) const {
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns;
  for (const auto& [id, flow] : flows) {
    const auto it = tags_.find(id);
    turns.push({next_start(id), it == tags_.end() ? 0 : it->second.started, &flow});
  }
  Table table(std::move(workers), std::move(loads));
  std::vector<Pick> picks;
  std::uint64_t starts = starts_;
  while (!turns.empty() && picks.size() < limit) {
    Turn turn = turns.top();
    turns.pop();
    const auto worker = table.seat(turn.flow->need);
    if (!worker) continue;  // slots only become fewer: it has had its chance in this planning
    picks.push_back({turn.flow->id, *worker});
    turn.start += 1 / turn.flow->weight;
    turn.started = ++starts;
    turns.push(turn);
  }
  return picks;
}

void Scheduler::started(std::int64_t flow, double weight) {
  const double start = next_start(flow);
  now_ = std::max(now_, start);
  tags_[flow] = {start + 1 / weight, ++starts_};
  if (tags_.size() > 4096) forget_old();
}

void Scheduler::forget_old() {
  // What has been paid for is no longer of interest: such a flow begins at the clock anyway.
  std::erase_if(tags_, [this](const auto& tag) { return tag.second.finish <= now_; });
}

std::vector<Waiting> order_by_age(std::vector<Waiting> heads, milliseconds step) {
  const auto turn = [step](const Waiting& w) { return w.since + w.priority * step; };
  std::stable_sort(heads.begin(), heads.end(), [&](const Waiting& a, const Waiting& b) {
    const WallTime left = turn(a), right = turn(b);
    return left != right ? left < right : a.task < b.task;
  });
  return heads;
}

}  // namespace flotte::fleet
