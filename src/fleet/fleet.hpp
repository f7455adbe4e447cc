// The fleet's thin shell: performs what LinkCore and the functions over rows decide, keeps the live view, runs the timers. Holds only soft
// state; after a kill everything is rebuilt from the database.
//
// Threads: links, views and ticks belong to the fleet loop (whatever `post` posts to). Coroutines and `live_run` may be used on any
// loop or thread. Without an executor (simulator) use `act`, `look` and `tick`; with an inline store they answer through `post`.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "fleet/batches.hpp"
#include "fleet/charges.hpp"
#include "fleet/definitions.hpp"
#include "fleet/dispatcher.hpp"
#include "fleet/flows.hpp"
#include "fleet/ledger.hpp"
#include "fleet/nodes.hpp"
#include "fleet/pauses.hpp"
#include "fleet/policy.hpp"
#include "fleet/ports.hpp"
#include "fleet/shares.hpp"
#include "fleet/tasks.hpp"
#include "fleet/views.hpp"
#include "fleet/wait_times.hpp"
#include "fleet/why.hpp"
#include "store/store.hpp"
#include "wire/fleet.hpp"
#include "wire/link.hpp"

namespace flotte::fleet {

/// Runs work on the fleet loop soon; callable from any thread.
using Post = std::function<void(std::function<void()>)>;

struct FleetOptions {
  std::string hub;  // its name, part of what nodes sign
  Policy policy;
  std::uint64_t seed = 1;                   // of backoff's jitter
  int spares = 2;                           // streams a node keeps open at first
  KeepText keep_text;                       // long results; empty: they stay in the row
  ReadText read_text;                       // the same results again, for tasks that depend on them
  std::function<std::string()> make_nonce;  // one per link
};

/// What another feature keeps about the same thing.
using AlsoInRows = std::function<Result<void>(store::Transaction&)>;

/// What a submission made, as it is now. `repeated`: the same one was there before.
template <class View>
struct Made {
  View view;
  bool repeated = false;
};

namespace detail {
class Core;
}

class Fleet {
 public:
  /// The store and the credentials must outlive it. Rows are read by `start`.
  Fleet(store::Store& store, Credentials& credentials, Post post, FleetOptions options);
  /// On the fleet loop or after it has stopped; what is still under way ends in silence. Close the store before the loops are gone.
  ~Fleet();

  /// Fleet loop from here on. At most one watcher; null: none.
  void set_watcher(Watcher* watcher);
  /// Before `start`; null: every model may be asked. A flow whose model may not be is `waiting/quota`: nothing of it is handed out.
  void set_capacity(Capacity* capacity);
  /// Weights of owners and projects from now on; everybody has 1 until then.
  void use(Shares shares);
  /// Reads what is known of nodes and gives them one lease of grace.
  void start();
  /// What time brings: rescue, offers not accepted, deferred tasks, deadlines. Once a second, and earlier when `next_tick` says so.
  void tick();
  /// Database time at which something is due, if anything is.
  std::optional<WallTime> next_tick() const;
  /// Ticks until cancelled.
  Awaitable<void> run_ticks();

  // ---- links -----------------------------------------------------------------------------------------------------
  enum class Trust { signature, home };
  /// Sends the challenge. The connection must live until `on_closed`.
  void attach(NodeConnection& connection, Trust trust);
  void on_message(NodeConnection& connection, const wire::ToHub& message);
  void on_closed(NodeConnection& connection);
  /// Asks a node to keep that many spare streams and to open `now` more at once. Nothing where it is away.
  void set_spares(const std::string& node, int keep, int now);

  // ---- the live view ---------------------------------------------------------------------------------------------
  std::vector<wire::NodeView> nodes() const;
  std::vector<wire::WorkerView> workers() const;
  std::optional<wire::NodeView> node(std::string_view id_or_name) const;
  std::optional<wire::WorkerView> worker(std::string_view id) const;

  // ---- any loop --------------------------------------------------------------------------------------------------
  /// The run that a key stands for, while its lease lives. Any thread.
  std::optional<RunFacts> live_run(std::int64_t task, std::int64_t fence) const;
  Awaitable<std::vector<wire::NodeView>> list_nodes();
  Awaitable<std::vector<wire::WorkerView>> list_workers();

  Awaitable<Result<Made<wire::TaskView>>> submit(Submission submission);
  Awaitable<Result<wire::TaskView>> show_task(std::int64_t task);
  Awaitable<Result<std::vector<wire::TaskView>>> show_tasks(std::vector<std::int64_t> tasks);
  Awaitable<Result<std::vector<wire::AttemptView>>> list_attempts(std::int64_t task);
  Awaitable<Result<TaskPage>> list_tasks(TaskFilter filter);
  Awaitable<Result<std::vector<LogEntry>>> read_log(std::int64_t task, std::int64_t after, std::size_t limit);
  Awaitable<Result<wire::TaskView>> cancel_task(std::int64_t task);
  Awaitable<Result<Why>> why(std::int64_t task);
  Awaitable<Result<Counts>> count_active();

  /// Runs `record` and, where it says that this is new, charges: in one transaction.
  Awaitable<Result<bool>> charge(Charge charge, std::function<Result<bool>(store::Transaction&)> record);

  Awaitable<Result<Made<wire::BatchView>>> make_batch(NewBatch batch);
  Awaitable<Result<Added>> submit_many(std::int64_t batch, std::vector<BatchItem> items);
  enum class BatchAction { seal, cancel, pause, resume };
  Awaitable<Result<wire::BatchView>> act_on_batch(std::int64_t batch, BatchAction action);
  Awaitable<Result<wire::BatchView>> show_batch(std::int64_t batch);
  Awaitable<Result<BatchPage>> list_batches(std::int64_t after, std::size_t limit);

  /// By the most urgent that waits. What may start nothing says why.
  Awaitable<Result<FlowPage>> list_flows(FlowFilter filter);
  /// Errors: not_found.
  Awaitable<Result<FlowView>> pause_flow(std::int64_t flow, Paused paused);
  Awaitable<Result<void>> pause_project(std::string project, Paused paused);
  Awaitable<Result<std::vector<ProjectView>>> list_projects();
  /// Errors: not_found.
  Awaitable<Result<void>> pause_worker(std::string node, std::string worker, Paused paused);
  /// How long tasks were ready before somebody took them, since the hub started. Any thread.
  Waits waits() const;

  /// The machine is about to sleep, or sleeps already: it keeps its runs for `Policy::suspend_grace`. One that is linked is told, says
  /// goodbye and stays away until it wakes, at most so long. Errors: not_found, conflict (it is lost), unsupported (too old).
  Awaitable<Result<void>> suspend_node(std::string name, milliseconds at_most);
  /// Error: not_found.
  Awaitable<Result<void>> set_draining(std::string name, bool draining);
  /// A worker that the hub gives to a node; to `remove` it only its name counts. A node that is linked is told at once. Errors: those of
  /// definitions.hpp.
  Awaitable<Result<void>> define_worker(DefinitionAction action, std::string node, wire::WorkerInfo worker);
  /// Calls a machine that is away, through nodes in its network. Errors: not_found, conflict (it is linked), unavailable (who could?).
  Awaitable<Result<void>> wake_node(std::string name);
  /// Name and labels. `also` runs in the same transaction, and undoes everything by an error. A node that was renamed links again at once;
  /// what it runs goes on. Errors: not_found, conflict, those of `also`.
  Awaitable<Result<void>> change_node(std::string name, NodeChange change, AlsoInRows also);
  /// The node's link is closed and its leases are given up. Its key is access's matter.
  Awaitable<Result<void>> revoke_node(std::string name);

  // ---- without a coroutine ---------------------------------------------------------------------------------------
  /// Fleet loop, as the answers.
  void define_worker_now(DefinitionAction action, const std::string& node, const wire::WorkerInfo& worker,
                         std::function<void(Result<void>)> done);
  void wake_node_now(const std::string& name, std::function<void(Result<void>)> done);
  void fill(WhyFacts& facts) const;
  /// Runs `body` in a transaction, hands out what became possible, then calls `done` on the fleet loop.
  template <class T>
  void act(std::function<Result<T>(Ledger&)> body, std::function<void(Result<T>)> done);
  /// The same for a body without changes, on a reader.
  template <class T>
  void look(std::function<Result<T>(store::Transaction&)> body, std::function<void(Result<T>)> done) {
    auto post = post_;
    store_.post_read<T>(std::move(body), [post, done](Result<T> r) {
      auto carried = std::make_shared<Result<T>>(std::move(r));
      post([done, carried] { done(std::move(*carried)); });
    });
  }

 private:
  /// A body without its type, and what is called on the writer's thread after the commit (null) or the failure.
  void act_erased(std::function<std::optional<Error>(Ledger&)> body, std::function<void(std::optional<Error>)> answered);
  template <class T>
  Awaitable<Result<T>> perform(std::function<Result<T>(Ledger&)> body);
  template <class T>
  Awaitable<T> on_loop(std::function<T()> body);

  store::Store& store_;
  Post post_;
  std::shared_ptr<detail::Core> core_;
};

template <class T>
void Fleet::act(std::function<Result<T>(Ledger&)> body, std::function<void(Result<T>)> done) {
  auto result = std::make_shared<std::optional<Result<T>>>();
  auto post = post_;
  act_erased(
      [result, body = std::move(body)](Ledger& ledger) -> std::optional<Error> {
        result->emplace(body(ledger));
        if (!result->value()) return result->value().error();
        return std::nullopt;
      },
      [result, done = std::move(done), post](std::optional<Error> failure) {
        if (failure) result->emplace(Failure(std::move(*failure)));
        post([result, done] { done(std::move(result->value())); });
      });
}

}  // namespace flotte::fleet
