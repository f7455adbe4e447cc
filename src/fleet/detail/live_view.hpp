// Nodes, workers and what they do, as the board shows them. Fleet loop only; soft.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fleet/ledger.hpp"
#include "fleet/nodes.hpp"
#include "fleet/ports.hpp"
#include "fleet/waking.hpp"
#include "fleet/why.hpp"
#include "wire/fleet.hpp"

namespace flotte::fleet::detail {

class LiveView {
 public:
  /// Null: every model is answered for.
  void use(Capacity* capacity) { capacity_ = capacity; }
  void load(std::vector<StoredNode> nodes);
  void linked(const Registered& registered, const wire::Hello& hello, WallTime now);
  /// `state` is what the row says: lost, suspended or revoked.
  void away(std::int64_t node, std::string_view state);
  /// It is suspended, and what it did goes on when it wakes, until then.
  void sleeps(std::int64_t node, WallTime until);
  void announced(std::int64_t node, const wire::Announce& what);
  void doing(std::int64_t node, const wire::Doing& what);
  void beat(std::int64_t node, double load, WallTime now);
  void draining(std::int64_t node, bool value);
  bool is_draining(std::int64_t node) const;
  void set_paused(std::int64_t node, const std::string& worker, bool value);
  void rename(std::int64_t node, const std::string& name);
  /// Workers that the hub gives it.
  void set_defined(std::int64_t node, const std::vector<wire::WorkerInfo>& workers);
  void set_waking(std::int64_t node, std::optional<wire::Waking> waking);
  /// Those that the hub gives.
  void set_labels(std::int64_t node, std::vector<std::string> labels);
  void count(const Changes::Ended& ended);

  std::vector<wire::NodeView> nodes() const;
  std::vector<wire::WorkerView> workers() const;
  /// Ids of a node's workers, as "name@node".
  std::vector<std::string> workers_of(std::int64_t node) const;
  /// Those of its own file and those that follow from what it has.
  std::vector<std::string> own_labels(std::int64_t node) const;
  /// Those that the hub gives.
  std::vector<std::string> given_labels(std::int64_t node) const;
  /// Every node as waking looks at it.
  std::vector<Sleeper> sleepers() const;
  /// Whether one is away that may be woken.
  bool sleeps() const;
  std::string node_name(std::int64_t node) const;
  std::optional<std::int64_t> find(std::string_view name) const;
  /// What `explain` needs to know of workers.
  void fill(WhyFacts& facts) const;

 private:
  struct Worker {
    wire::WorkerInfo info;
    std::vector<wire::Activity> activities;
  };
  struct Node {
    wire::NodeView view;
    bool linked = false, draining = false;
    std::map<std::string, Worker> workers;
    std::map<std::string, wire::WorkerInfo> defined;
  };
  struct Tally {
    std::int64_t done = 0, failed = 0;
  };
  void set_workers(Node& node, const std::vector<wire::WorkerInfo>& workers);
  static Place place_of(const Node& node, const wire::WorkerInfo& worker);
  /// Those it announced; of a node that is away also those that were defined for it meanwhile.
  static std::map<std::string, wire::WorkerInfo> known_workers(const Node& node);
  static void say_origin(const Node& node, wire::WorkerView& view);
  /// Of its definitions those that it has not announced.
  std::vector<wire::WorkerView> not_taken_up(const Node& node) const;
  /// Nothing answers for its model: it is given no work.
  bool unanswered(const wire::WorkerInfo& worker) const;
  wire::NodeView shown(const Node& node) const;
  Capacity* capacity_ = nullptr;
  std::map<std::int64_t, Node> nodes_;
  std::set<std::pair<std::int64_t, std::string>> paused_;         // (node, worker)
  std::map<std::pair<std::string, std::string>, Tally> tallies_;  // by (node, worker)
};

}  // namespace flotte::fleet::detail
