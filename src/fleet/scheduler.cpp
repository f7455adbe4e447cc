// Which flow goes next, and to which worker.
#include "fleet/scheduler.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "fleet/detail/seating.hpp"

namespace flotte::fleet {
namespace {

constexpr std::size_t many_tags = 4096;

/// Somebody in the order of turns; `index` is the place among those of its level.
struct Turn {
  double start = 0;
  std::uint64_t started = 0;
  std::size_t index = 0;
  bool operator>(const Turn& other) const {
    return std::tie(start, started, index) > std::tie(other.start, other.started, other.index);
  }
};

/// Turns of one level; the first is at the front.
class Turns {
 public:
  void add(const Turn& turn) { heap_.push_back(turn); }
  void order() { std::make_heap(heap_.begin(), heap_.end(), std::greater<>()); }
  bool empty() const noexcept { return heap_.empty(); }
  const Turn& first() const { return heap_.front(); }
  /// The first has had its turn: the next one is `cost` later.
  void serve(double cost, std::uint64_t order) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.back().start += cost;
    heap_.back().started = order;
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  void drop() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
  }

 private:
  std::vector<Turn> heap_;
};

}  // namespace

/// One planning. Projects and flows are looked at only where their owner's turn comes.
class Scheduler::Planning {
 public:
  Planning(const Scheduler& scheduler, detail::Seating seating, const Gates& gates)
      : scheduler_(scheduler), seating_(std::move(seating)), gates_(gates), starts_(scheduler.starts_) {
    for (const auto& [name, owner] : scheduler_.owners_) {
      if (owner.flows == 0) continue;
      turns_.add({std::max(scheduler_.now_, owner.tag.finish), owner.tag.started, owners_.size()});
      owners_.push_back({&owner, 1 / weight_of(scheduler_.shares_.owners, name), {}, {}});
    }
    turns_.order();
  }

  Plan run(std::size_t limit) {
    while (!turns_.empty() && plan_.picks.size() < limit) {
      OpenOwner& owner = owners_[turns_.first().index];
      open(owner);
      if (try_project(owner)) turns_.serve(owner.cost, starts_);
      if (owner.turns.empty()) turns_.drop();
      if (seating_.full()) break;
    }
    return std::move(plan_);
  }

 private:
  struct OpenProject {
    const Project* project = nullptr;
    double cost = 1;
    std::vector<const Leaf*> flows{};
    Turns turns{};
  };
  struct OpenOwner {
    const Owner* owner = nullptr;
    double cost = 1;
    std::vector<OpenProject> projects;
    Turns turns;
  };

  void open(OpenOwner& open) {
    if (!open.projects.empty()) return;
    for (const auto& [name, project] : open.owner->projects) {
      if (project.flows.empty()) continue;
      open.turns.add({std::max(open.owner->now, project.tag.finish), project.tag.started, open.projects.size()});
      open.projects.push_back({&project, 1 / weight_of(scheduler_.shares_.projects, name)});
    }
    open.turns.order();
  }

  void open(OpenProject& open) {
    if (!open.flows.empty()) return;
    for (const auto& [id, leaf] : open.project->flows) {
      const auto it = open.project->tags.find(id);
      const Tag tag = it == open.project->tags.end() ? Tag{} : it->second;
      open.turns.add({std::max(open.project->now, tag.finish), tag.started, open.flows.size()});
      open.flows.push_back(&leaf);
    }
    open.turns.order();
  }

  /// One step in the project whose turn it is: true where a task was picked.
  bool try_project(OpenOwner& owner) {
    OpenProject& project = owner.projects[owner.turns.first().index];
    open(project);
    const Leaf& leaf = *project.flows[project.turns.first().index];
    const bool picked = pick(leaf);
    if (picked) {
      project.turns.serve(1 / leaf.flow.weight, ++starts_);
      owner.turns.serve(project.cost, starts_);
    } else {
      project.turns.drop();  // slots and places only become fewer: it has had its chance in this planning
      if (project.turns.empty()) owner.turns.drop();
    }
    return picked;
  }

  bool pick(const Leaf& leaf) {
    for (const std::int64_t gate : leaf.flow.gates) {
      if (places(gate) > 0) continue;
      plan_.shut.push_back({leaf.flow.id, gate});
      return false;
    }
    const auto worker = seating_.seat(leaf.flow.need, leaf.need);
    if (!worker) return false;
    for (const std::int64_t gate : leaf.flow.gates) --places(gate);
    plan_.picks.push_back({leaf.flow.id, *worker});
    return true;
  }

  int& places(std::int64_t gate) {
    const auto [it, fresh] = places_.try_emplace(gate, 0);
    if (fresh) it->second = gates_(gate);
    return it->second;
  }

  const Scheduler& scheduler_;
  detail::Seating seating_;
  const Gates& gates_;
  std::uint64_t starts_;
  std::vector<OpenOwner> owners_;
  Turns turns_;
  std::unordered_map<std::int64_t, int> places_;
  Plan plan_;
};

void Scheduler::put(Flow flow) {
  remove(flow.id);
  const std::int64_t id = flow.id;
  const auto owner = owners_.try_emplace(flow.owner).first;
  const auto project = owner->second.projects.try_emplace(flow.project).first;
  std::string need = flow_key({}, {}, flow.need, 0);
  project->second.flows.emplace(id, Leaf{std::move(flow), std::move(need)});
  ++owner->second.flows;
  paths_[id] = {owner, project};
}

void Scheduler::remove(std::int64_t flow) {
  const auto it = paths_.find(flow);
  if (it == paths_.end()) return;
  it->second.project->second.flows.erase(flow);
  --it->second.owner->second.flows;
  paths_.erase(it);
}

void Scheduler::clear() {
  for (auto& [name, owner] : owners_) {
    owner.flows = 0;
    for (auto& [project_name, project] : owner.projects) project.flows.clear();
  }
  paths_.clear();
}

const Flow* Scheduler::find(std::int64_t flow) const {
  const auto it = paths_.find(flow);
  return it == paths_.end() ? nullptr : &it->second.project->second.flows.at(flow).flow;
}

Plan Scheduler::plan(std::vector<Slots> workers, std::map<std::int64_t, NodeLoad> loads, std::size_t limit, const Gates& gates) const {
  return Planning(*this, detail::Seating(std::move(workers), std::move(loads)), gates).run(limit);
}

Scheduler::Tag Scheduler::paid(const Tag& tag, double& now, double weight, std::uint64_t order) {
  now = std::max(now, tag.finish);
  return {now + 1 / weight, order};
}

void Scheduler::started(std::int64_t flow) {
  const Path path = paths_.at(flow);
  Owner& owner = path.owner->second;
  Project& project = path.project->second;
  ++starts_;
  owner.tag = paid(owner.tag, now_, weight_of(shares_.owners, path.owner->first), starts_);
  project.tag = paid(project.tag, owner.now, weight_of(shares_.projects, path.project->first), starts_);
  Tag& tag = project.tags[flow];
  tag = paid(tag, project.now, project.flows.at(flow).flow.weight, starts_);
  if (starts_ % many_tags == 0) forget_old();
}

void Scheduler::forget_old() {
  // What has been paid for is no longer of interest: who comes back begins at the clock anyway.
  for (auto owner = owners_.begin(); owner != owners_.end();) {
    auto& projects = owner->second.projects;
    for (auto project = projects.begin(); project != projects.end();) {
      Project& p = project->second;
      std::erase_if(p.tags, [&p](const auto& tag) { return tag.second.finish <= p.now; });
      const bool over = p.flows.empty() && p.tag.finish <= owner->second.now;
      project = over ? projects.erase(project) : std::next(project);
    }
    const bool over = owner->second.flows == 0 && owner->second.tag.finish <= now_;
    owner = over ? owners_.erase(owner) : std::next(owner);
  }
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
