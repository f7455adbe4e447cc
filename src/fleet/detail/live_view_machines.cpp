// What the board knows of machines beside their links: workers that the hub gives them, and those that are asleep.
#include "fleet/detail/live_view.hpp"

namespace flotte::fleet::detail {
namespace {

constexpr const char* not_yet = "its node has not taken it up yet; one with an older version of flotte does not know how";

/// Why the node cannot do what the hub's definition says; null where it has not said so.
const wire::Seen* refusal_of(const wire::NodeView& node, const std::string& worker) {
  for (const wire::Seen& seen : node.host.seen)
    if (seen.kind == "worker" && seen.name == worker) return &seen;
  return nullptr;
}

std::string text_of(const wire::Seen& seen) { return seen.hint.empty() ? seen.why : seen.why + "; " + seen.hint; }

}  // namespace

void LiveView::set_defined(std::int64_t id, const std::vector<wire::WorkerInfo>& workers) {
  const auto it = nodes_.find(id);
  if (it == nodes_.end()) return;
  Node& node = it->second;
  const std::map<std::string, wire::WorkerInfo> before = std::exchange(node.defined, {});
  for (const wire::WorkerInfo& worker : workers) node.defined[worker.name] = worker;
  if (node.linked) return;  // it announces what it makes of that
  for (const auto& [name, worker] : before)
    if (!node.defined.contains(name) && !refusal_of(node.view, name)) node.workers.erase(name);
}

void LiveView::set_waking(std::int64_t id, std::optional<wire::Waking> waking) {
  if (const auto it = nodes_.find(id); it != nodes_.end()) it->second.view.waking = std::move(waking);
}

std::vector<std::string> LiveView::given_labels(std::int64_t id) const {
  const auto it = nodes_.find(id);
  return it == nodes_.end() ? std::vector<std::string>() : it->second.view.labels;
}

Place LiveView::place_of(const Node& node, const wire::WorkerInfo& worker) {
  Place out{node.view.name, worker.name, worker.kind, worker.model, worker.labels};
  const std::vector<std::string> own = node.view.host.all_labels();
  out.labels.insert(out.labels.end(), own.begin(), own.end());
  out.labels.insert(out.labels.end(), node.view.labels.begin(), node.view.labels.end());
  return out;
}

std::map<std::string, wire::WorkerInfo> LiveView::known_workers(const Node& node) {
  std::map<std::string, wire::WorkerInfo> out;
  for (const auto& [name, worker] : node.workers) out[name] = worker.info;
  if (node.linked) return out;
  for (const auto& [name, info] : node.defined)
    if (!refusal_of(node.view, name)) out[name] = info;  // also where it was announced otherwise
  return out;
}

void LiveView::say_origin(const Node& node, wire::WorkerView& view) {
  if (!node.defined.contains(view.info.name)) return;
  if (const wire::Seen* refused = refusal_of(node.view, view.info.name))
    view.message = text_of(*refused);  // the node's own of that name stands
  else
    view.origin = "hub";
  if (view.origin == "hub" && !node.linked) view.info = node.defined.at(view.info.name);
}

std::vector<wire::WorkerView> LiveView::not_taken_up(const Node& node) const {
  std::vector<wire::WorkerView> out;
  for (const auto& [name, info] : node.defined) {
    if (node.workers.contains(name)) continue;
    wire::WorkerView view;
    view.id = name + "@" + node.view.name;
    view.node = node.view.name;
    view.info = info;
    view.origin = "hub";
    const wire::Seen* refused = refusal_of(node.view, name);
    view.state = refused ? "refused" : "away";
    view.message = refused ? text_of(*refused) : node.linked ? not_yet : "";
    out.push_back(std::move(view));
  }
  return out;
}

std::vector<Sleeper> LiveView::sleepers() const {
  std::vector<Sleeper> out;
  for (const auto& [id, node] : nodes_) {
    if (node.view.state == "revoked") continue;
    // After a hub's start a row still says "linked" of those that will be back in a moment.
    const bool wakeable = node.view.host.wake && !node.draining && node.view.state != "linked";
    Sleeper one{id, node.view.name, node.linked, wakeable, node.view.host.capacity.networks, {}};
    if (!node.linked)
      for (const auto& [name, info] : known_workers(node)) one.places.push_back(place_of(node, info));
    out.push_back(std::move(one));
  }
  return out;
}

bool LiveView::sleeps() const {
  for (const auto& [id, node] : nodes_)
    if (!node.linked && node.view.host.wake && node.view.state != "revoked") return true;
  return false;
}

}  // namespace flotte::fleet::detail
