// Which flow goes next, and to which worker.
#include "fleet/scheduler.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include "fleet/detail/seating.hpp"

namespace flotte::fleet {
namespace {

constexpr std::size_t many_tags = 4096;

template <class Entry, class Tag>
detail::Rank<typename std::iterator_traits<Entry>::value_type> rank_of(Entry entry, const Tag& tag) {
  return {tag.finish, tag.started, &*entry};
}

}  // namespace

/// One planning. Owners, projects and flows are looked at only where their turn comes.
class Scheduler::Planning {
 public:
  Planning(const Scheduler& scheduler, detail::Seating seating, const Gates& gates)
      : scheduler_(scheduler),
        seating_(std::move(seating)),
        gates_(gates),
        starts_(scheduler.starts_),
        turns_(scheduler.ranks_, scheduler.now_) {}

  Plan run(std::size_t limit) {
    while (!turns_.empty() && plan_.picks.size() < limit) {
      const auto& [name, owner] = turns_.first();
      ProjectTurns& projects = projects_.try_emplace(&owner, owner.ranks, owner.now).first->second;
      if (try_project(projects)) turns_.serve(1 / weight_of(scheduler_.shares_.owners, name), starts_);
      if (projects.empty()) turns_.drop();
      if (seating_.full()) break;
    }
    return std::move(plan_);
  }

 private:
  using FlowTurns = detail::Turns<Leaves::value_type>;
  using ProjectTurns = detail::Turns<Projects::value_type>;

  /// One step in the project whose turn it is: true where a task was picked.
  bool try_project(ProjectTurns& projects) {
    const auto& [name, project] = projects.first();
    FlowTurns& flows = flows_.try_emplace(&project, project.ranks, project.now).first->second;
    const Leaf& leaf = flows.first().second;
    const bool picked = pick(leaf);
    if (picked) {
      flows.serve(1 / leaf.flow.weight, ++starts_);
      projects.serve(1 / weight_of(scheduler_.shares_.projects, name), starts_);
    } else {
      flows.drop();  // slots and places only become fewer: it has had its chance in this planning
      if (flows.empty()) projects.drop();
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
  detail::Turns<Owners::value_type> turns_;
  std::unordered_map<const Owner*, ProjectTurns> projects_;
  std::unordered_map<const Project*, FlowTurns> flows_;
  std::unordered_map<std::int64_t, int> places_;
  Plan plan_;
};

void Scheduler::put(Flow flow) {
  remove(flow.id);
  const std::int64_t id = flow.id;
  const auto owner = owners_.try_emplace(flow.owner).first;
  const auto entry = owner->second.projects.try_emplace(flow.project).first;
  Project& project = entry->second;
  if (owner->second.ranks.empty()) ranks_.insert(rank_of(owner, owner->second.tag));
  if (project.flows.empty()) owner->second.ranks.insert(rank_of(entry, project.tag));
  std::string need = flow_key({}, {}, flow.need, 0);
  const auto leaf = project.flows.emplace(id, Leaf{std::move(flow), std::move(need)}).first;
  if (const auto known = project.tags.find(id); known != project.tags.end()) {
    leaf->second.tag = known->second;
    project.tags.erase(known);
  }
  project.ranks.insert(rank_of(leaf, leaf->second.tag));
  paths_[id] = {owner, entry};
}

void Scheduler::remove(std::int64_t flow) {
  const auto it = paths_.find(flow);
  if (it == paths_.end()) return;
  const auto [owner, entry] = it->second;
  Project& project = entry->second;
  const auto leaf = project.flows.find(flow);
  project.ranks.erase(rank_of(leaf, leaf->second.tag));
  project.tags[flow] = leaf->second.tag;
  project.flows.erase(leaf);
  if (project.flows.empty()) owner->second.ranks.erase(rank_of(entry, project.tag));
  if (owner->second.ranks.empty()) ranks_.erase(rank_of(owner, owner->second.tag));
  paths_.erase(it);
}

void Scheduler::clear() {
  for (auto& [name, owner] : owners_) {
    owner.ranks.clear();
    for (auto& [project_name, project] : owner.projects) {
      project.ranks.clear();
      for (const auto& [id, leaf] : project.flows) project.tags[id] = leaf.tag;
      project.flows.clear();
    }
  }
  ranks_.clear();
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
  const auto [owner, entry] = paths_.at(flow);
  Project& project = entry->second;
  const auto leaf = project.flows.find(flow);
  ++starts_;
  const auto pay = [this](auto& ranks, auto item, Tag& tag, double& now, double weight) {
    ranks.erase(rank_of(item, tag));
    tag = paid(tag, now, weight, starts_);
    ranks.insert(rank_of(item, tag));
  };
  pay(ranks_, owner, owner->second.tag, now_, weight_of(shares_.owners, owner->first));
  pay(owner->second.ranks, entry, project.tag, owner->second.now, weight_of(shares_.projects, entry->first));
  pay(project.ranks, leaf, leaf->second.tag, project.now, leaf->second.flow.weight);
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
    const bool over = owner->second.ranks.empty() && owner->second.tag.finish <= now_;
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
