// Nodes, workers and what they do.
#include "fleet/detail/live_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flotte::fleet::detail {

void LiveView::set_workers(Node& node, const std::vector<wire::WorkerInfo>& workers) {
  std::map<std::string, Worker> before = std::exchange(node.workers, {});
  for (const wire::WorkerInfo& info : workers) {
    Worker worker{info, {}};
    if (const auto old = before.find(info.name); old != before.end()) worker.activities = std::move(old->second.activities);
    node.workers[info.name] = std::move(worker);
  }
}

void LiveView::load(std::vector<StoredNode> nodes) {
  for (StoredNode& stored : nodes) {
    if (nodes_.contains(stored.id)) continue;
    Node& node = nodes_[stored.id];
    node.view = std::move(stored.view);
    node.draining = stored.draining;
    for (std::string& worker : stored.paused) paused_.emplace(stored.id, std::move(worker));
    set_workers(node, stored.workers);
    for (const wire::WorkerInfo& worker : stored.defined) node.defined[worker.name] = worker;
  }
}

void LiveView::linked(const Registered& registered, const wire::Hello& hello, WallTime now) {
  Node& node = nodes_[registered.session.node];
  node.linked = true;
  node.draining = registered.draining;
  node.view.id = registered.id;
  node.view.name = registered.name;
  node.view.state = "linked";
  node.view.epoch = registered.session.epoch;
  node.view.home = registered.name == "home";
  node.view.host = hello.host;
  node.view.labels = registered.labels;
  node.view.engines = hello.engines;
  node.view.seen_at = now;
  node.view.waking.reset();
  node.view.suspended_until.reset();
  set_workers(node, hello.workers);
  set_defined(registered.session.node, registered.workers);
}

void LiveView::away(std::int64_t id, std::string_view state) {
  const auto it = nodes_.find(id);
  if (it == nodes_.end()) return;
  it->second.linked = false;
  it->second.view.state = state;
  it->second.view.suspended_until.reset();
  for (auto& [name, worker] : it->second.workers) {
    if (state != "suspended") worker.activities.clear();
    for (wire::Activity& activity : worker.activities) activity.step = "asleep";
  }
}

void LiveView::sleeps(std::int64_t id, WallTime until) {
  if (const auto it = nodes_.find(id); it != nodes_.end() && !it->second.linked) it->second.view.suspended_until = until;
}

void LiveView::announced(std::int64_t id, const wire::Announce& what) {
  const auto it = nodes_.find(id);
  if (it == nodes_.end()) return;
  it->second.view.engines = what.engines;
  if (what.host) it->second.view.host = *what.host;
  set_workers(it->second, what.workers);
}

void LiveView::doing(std::int64_t id, const wire::Doing& what) {
  const auto it = nodes_.find(id);
  if (it == nodes_.end()) return;
  if (const auto worker = it->second.workers.find(what.worker); worker != it->second.workers.end())
    worker->second.activities = what.activities;
}

void LiveView::beat(std::int64_t id, double load, WallTime now) {
  const auto it = nodes_.find(id);
  if (it == nodes_.end()) return;
  it->second.view.load = load;
  it->second.view.seen_at = now;
}

void LiveView::draining(std::int64_t id, bool value) {
  if (const auto it = nodes_.find(id); it != nodes_.end()) it->second.draining = value;
}

bool LiveView::is_draining(std::int64_t id) const {
  const auto it = nodes_.find(id);
  return it != nodes_.end() && it->second.draining;
}

void LiveView::set_paused(std::int64_t id, const std::string& worker, bool value) {
  if (value)
    paused_.emplace(id, worker);
  else
    paused_.erase({id, worker});
}

void LiveView::rename(std::int64_t id, const std::string& name) {
  for (auto& [other, node] : nodes_)  // as its row
    if (other != id && node.view.name == name) node.view.name = removed_name(name, other);
  if (const auto it = nodes_.find(id); it != nodes_.end()) it->second.view.name = name;
}

void LiveView::set_labels(std::int64_t id, std::vector<std::string> labels) {
  if (const auto it = nodes_.find(id); it != nodes_.end()) it->second.view.labels = std::move(labels);
}

void LiveView::count(const Changes::Ended& ended) {
  if (ended.worker.empty()) return;
  Tally& tally = tallies_[{ended.node, ended.worker}];
  if (ended.state == wire::TaskState::succeeded) ++tally.done;
  if (ended.state == wire::TaskState::failed) ++tally.failed;
}

bool LiveView::unanswered(const wire::WorkerInfo& worker) const {
  return worker.kind == "model" && capacity_ && !capacity_->answers(worker.model);
}

wire::NodeView LiveView::shown(const Node& node) const {
  wire::NodeView view = node.view;
  const bool busy = std::any_of(node.workers.begin(), node.workers.end(), [](const auto& w) { return !w.second.activities.empty(); });
  if (node.linked)
    view.state = !node.draining ? "linked" : busy ? "draining" : "drained";
  else if (view.state == "linked")
    view.state = "lost";  // its lease may still live, but nobody is there to talk to
  if (!node.linked)
    for (wire::EngineInfo& engine : view.engines) engine.state = "away";
  return view;
}

std::vector<wire::NodeView> LiveView::nodes() const {
  std::vector<wire::NodeView> out;
  for (const auto& [id, node] : nodes_) out.push_back(shown(node));
  return out;
}

std::vector<wire::WorkerView> LiveView::workers() const {
  std::vector<wire::WorkerView> out;
  for (const auto& [id, node] : nodes_) {
    if (node.view.state == "revoked") continue;
    for (const auto& [name, worker] : node.workers) {
      wire::WorkerView view;
      view.id = name + "@" + node.view.name;
      view.node = node.view.name;
      view.info = worker.info;
      view.state = !node.linked                                    ? "away"
                   : node.draining || paused_.contains({id, name}) ? "paused"
                   : worker.activities.empty()                     ? "idle"
                                                                   : "busy";
      view.activities = worker.activities;
      if (const auto tally = tallies_.find({node.view.name, name}); tally != tallies_.end()) {
        view.done = tally->second.done;
        view.failed = tally->second.failed;
      }
      say_origin(node, view);
      if (view.message.empty() && node.linked && unanswered(worker.info)) {
        view.state = "unusable";
        view.message = fmt::format("nothing answers for model '{}' now; it is given work when something does", worker.info.model);
      }
      out.push_back(std::move(view));
    }
    for (wire::WorkerView& view : not_taken_up(node)) out.push_back(std::move(view));
  }
  return out;
}

std::vector<std::string> LiveView::workers_of(std::int64_t id) const {
  std::vector<std::string> out;
  if (const auto it = nodes_.find(id); it != nodes_.end()) {
    for (const auto& [name, worker] : it->second.workers) out.push_back(name + "@" + it->second.view.name);
    for (const auto& [name, worker] : it->second.defined)
      if (!it->second.workers.contains(name)) out.push_back(name + "@" + it->second.view.name);
  }
  return out;
}

std::vector<std::string> LiveView::own_labels(std::int64_t id) const {
  const auto it = nodes_.find(id);
  return it == nodes_.end() ? std::vector<std::string>() : it->second.view.host.all_labels();
}

std::string LiveView::node_name(std::int64_t id) const {
  const auto it = nodes_.find(id);
  return it == nodes_.end() ? std::string() : it->second.view.name;
}

std::optional<std::int64_t> LiveView::find(std::string_view name) const {
  for (const auto& [id, node] : nodes_)
    if (node.view.name == name) return id;
  return std::nullopt;
}

void LiveView::fill(WhyFacts& facts) const {
  for (const auto& [id, node] : nodes_) {
    if (node.view.state == "revoked") continue;
    for (const auto& [name, info] : known_workers(node)) {
      WhyFacts::Worker w;
      w.place = place_of(node, info);
      w.slots = info.slots;
      w.waking = node.view.waking;
      if (const auto busy = facts.leases.find({node.view.name, name}); busy != facts.leases.end()) w.busy = busy->second;
      w.away = !node.linked;
      w.draining = node.draining;
      w.paused = paused_.contains({id, name});
      w.unanswered = unanswered(info);
      if (!node.linked) w.asleep_until = node.view.suspended_until;
      facts.workers.push_back(std::move(w));
    }
  }
}

}  // namespace flotte::fleet::detail
