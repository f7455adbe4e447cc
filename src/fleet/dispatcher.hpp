// On the store's writer thread: who is linked, which slots are free, which flows have work. Soft state that mirrors rows; it is read
// again whenever a transaction that had touched it was undone.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "fleet/gates.hpp"
#include "fleet/leases.hpp"
#include "fleet/ledger.hpp"
#include "fleet/pauses.hpp"
#include "fleet/ports.hpp"
#include "fleet/scheduler.hpp"
#include "fleet/wait_times.hpp"
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
  // What the task and its batch may cost, and what they had when the run began (or this hub did).
  std::optional<std::int64_t> budget_pico_usd{}, batch_budget_pico_usd{};
  std::int64_t spent_pico_usd = 0, batch_spent_pico_usd = 0;
  bool has_budget() const noexcept { return budget_pico_usd || batch_budget_pico_usd; }
};

/// Runs that have a lease now. Any thread.
class RunTable {
 public:
  std::optional<RunFacts> find(std::int64_t task, std::int64_t fence) const;
  void put(std::int64_t task, std::int64_t fence, RunFacts facts);
  void remove(std::int64_t task, std::int64_t fence);
  using Runs = std::unordered_map<std::int64_t, std::pair<std::int64_t, RunFacts>>;  // by task, with the fence
  /// All of them at once: whoever asks meanwhile finds a run that goes on.
  void replace(Runs runs);

 private:
  mutable std::shared_mutex mutex_;
  Runs runs_;
};

class Dispatcher {
 public:
  Dispatcher(RunTable& runs, WaitTimes& waits, const Policy& policy) : runs_(runs), waits_(waits), gates_(policy) {}
  /// Before the first transaction; null: every model may be asked.
  void use(Capacity* capacity) { gates_.use(capacity); }
  /// Within a transaction: weights from now on.
  void use(Shares shares) { scheduler_.use(std::move(shares)); }

  /// First thing in every transaction: reads everything again where memory may be wrong.
  void refresh(store::Transaction& rows);
  /// A node was registered, announced its workers, or is gone.
  void link(const Session& session, const std::string& name, const std::vector<std::string>& labels,
            const std::vector<wire::WorkerInfo>& workers, bool draining);
  void announce(const Session& session, const std::vector<wire::WorkerInfo>& workers);
  void unlink(const Session& session);
  /// The same whatever its epoch.
  void forget(std::int64_t node);
  void set_draining(std::int64_t node, bool draining);
  /// The node's labels from now on: its own and those that the hub gives.
  void set_labels(std::int64_t node, const std::vector<std::string>& labels);
  /// What waits and no linked node that takes work can do, busy or not. Reads rows; at most 200.
  std::vector<Need> unmet(store::Transaction& rows) const;
  /// Leave that worker alone for a moment.
  void rest(std::int64_t node, const std::string& worker, WallTime until);
  /// It takes no new work until it is resumed, whether it is there or not.
  void set_paused(std::int64_t node, const std::string& worker, Paused paused);

  /// Last thing in every transaction: takes in what the ledger changed, then leases ready work to free slots.
  std::vector<HandOut> hand_out(Ledger& ledger);
  /// When a resting worker is free again, or a flow's model may be asked again, if any: hand out again then.
  std::optional<WallTime> wakes_at() const;

 private:
  struct Worker {
    Place place;
    int slots = 1, busy = 0;
    bool exclusive = false, paused = false;
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
    bool alone = false;        // the flow's wish; a worker's own is known by the worker
    std::int64_t limited = 0;  // its concurrency key
  };
  void reload(store::Transaction& rows);
  void absorb(store::Transaction& rows, const Changes& changes);
  void load_flow(store::Transaction& rows, std::int64_t flow);
  void hold(std::int64_t task, Held held);
  std::int64_t free(std::int64_t task, std::int64_t fence);
  void recount(std::int64_t node);
  std::vector<Slots> open_slots(WallTime now);
  struct Round {
    bool more = false;      // another may find more
    std::size_t ended = 0;  // tasks that ended instead of being handed out
  };
  Round lease_round(Ledger& ledger, std::vector<HandOut>& out);
  std::size_t hand_to(Ledger& ledger, std::int64_t flow, const Slots& slot, std::size_t count, std::vector<HandOut>& out);
  void wake_flows(store::Transaction& rows);
  void put_out(store::Transaction& rows, std::int64_t flow, const Closure& closure);
  /// A seat of that key may be free: its flows have their chance again.
  void unblock(store::Transaction& rows, std::int64_t key);

  struct Out {
    WallTime until{};
    bool refused = false;  // somebody said no: what comes back comes slowly
  };
  RunTable& runs_;
  WaitTimes& waits_;
  DispatchGates gates_;
  Scheduler scheduler_;                     // has the flows that may have ready work, are not paused, not out and not blocked
  std::map<std::int64_t, Node> nodes_;      // linked ones
  std::map<std::int64_t, Node> forgotten_;  // what was done to them may be undone
  std::set<std::pair<std::int64_t, std::string>> paused_workers_;
  std::map<std::int64_t, Out> out_;                                   // flows whose model may not be asked until then
  std::unordered_map<std::int64_t, std::set<std::int64_t>> blocked_;  // flows without a free seat, by concurrency key
  std::unordered_map<std::int64_t, Held> held_;                       // leases by task
  std::optional<std::uint64_t> seen_rollbacks_;
  std::optional<WallTime> wakes_at_;
};

}  // namespace flotte::fleet
