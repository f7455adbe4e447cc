// On the store's writer thread: who is linked, which slots are free, which flows have work. Soft state that mirrors rows; it is read
// again whenever a transaction that had touched it was undone.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "fleet/leases.hpp"
#include "fleet/ledger.hpp"
#include "fleet/ports.hpp"
#include "fleet/scheduler.hpp"
#include "wire/link.hpp"

namespace flotte::fleet {

/// An offer for a node's link; the run's key is added where it is sent.
struct HandOut {
  Session session;
  wire::Offer offer;
  std::int64_t task = 0;
};

/// What a run's key stands for; asked by the gateway for each call of a run.
struct RunFacts {
  std::string owner, node, worker;
  std::int64_t batch = 0;
  std::string project{};  // of the task; empty: none
};

/// Runs that have a lease now. Any thread.
class RunTable {
 public:
  std::optional<RunFacts> find(std::int64_t task, std::int64_t fence) const;
  void put(std::int64_t task, std::int64_t fence, RunFacts facts);
  void remove(std::int64_t task, std::int64_t fence);
  void clear();

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::int64_t, std::pair<std::int64_t, RunFacts>> runs_;
};

class Dispatcher {
 public:
  explicit Dispatcher(RunTable& runs) : runs_(runs) {}
  /// Before the first transaction; null: every model may be asked.
  void use(Capacity* capacity) { capacity_ = capacity; }

  /// First thing in every transaction: reads everything again where memory may be wrong.
  void refresh(store::Transaction& rows);
  /// A node was registered, announced its workers, or is gone.
  void link(const Session& session, const std::string& name, const std::vector<std::string>& labels,
            const std::vector<wire::WorkerInfo>& workers, bool draining);
  void announce(const Session& session, const std::vector<wire::WorkerInfo>& workers);
  void unlink(const Session& session);
  /// The same whatever its epoch.
  void forget(std::int64_t node) { nodes_.erase(node); }
  void set_draining(std::int64_t node, bool draining);
  /// The node's labels from now on: its own and those that the hub gives.
  void set_labels(std::int64_t node, const std::vector<std::string>& labels);
  /// Leave that worker alone for a moment.
  void rest(std::int64_t node, const std::string& worker, WallTime until);

  /// Last thing in every transaction: takes in what the ledger changed, then leases ready work to free slots.
  std::vector<HandOut> hand_out(Ledger& ledger);
  /// When a resting worker is free again, or a flow's model may be asked again, if any: hand out again then.
  std::optional<WallTime> wakes_at() const;

 private:
  struct Worker {
    Place place;
    int slots = 1, busy = 0;
    bool exclusive = false;
    WallTime rests_until{};
  };
  struct Node {
    std::string name;
    std::int64_t epoch = 0;
    bool draining = false;
    std::vector<std::string> labels;
    std::map<std::string, Worker> workers;
    NodeLoad load;  // leases, also of workers that are no longer announced
  };
  struct Held {
    std::int64_t fence = 0, node = 0;
    std::string worker;
    bool alone = false;  // the flow's wish; a worker's own is known by the worker
  };
  void reload(store::Transaction& rows);
  void absorb(store::Transaction& rows, const Changes& changes);
  void load_flow(store::Transaction& rows, std::int64_t flow);
  void hold(std::int64_t task, Held held);
  void free(std::int64_t task, std::int64_t fence);
  void recount(std::int64_t node);
  std::vector<Slots> open_slots(WallTime now);
  bool lease_round(Ledger& ledger, std::vector<HandOut>& out);
  void wake_flows(store::Transaction& rows);
  bool put_out(store::Transaction& rows, const std::vector<Pick>& picks);

  RunTable& runs_;
  Capacity* capacity_ = nullptr;
  Scheduler scheduler_;
  std::map<std::int64_t, Node> nodes_;           // linked ones
  std::map<std::int64_t, Flow> hot_;             // flows that may have ready work and are not paused
  std::map<std::int64_t, WallTime> out_;         // flows whose model may not be asked until then; never hot
  std::unordered_map<std::int64_t, Held> held_;  // leases by task
  std::optional<std::uint64_t> seen_rollbacks_;
  std::optional<WallTime> wakes_at_;
};

}  // namespace flotte::fleet
