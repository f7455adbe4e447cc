// Performs tasks for a hub: the thin shell around RunnerCore. A node gives it a WebSocket link, a hub an in-process one for `home`.
// Everything on one loop's thread, the `work loop`.
//
//   Runner runner(executor, clock, pool, link, executors, options);   // then
//   runner.announce(engines, workers);  // first, and again when they change
//   runner.start();                     // opens the spool, takes over runs that survived
//   runner.on_message(...)              // what the hub says; Challenge first. The link completes Hello: node, signature, host
//   runner.link_down();
//   co_await runner.leave(...), or sleep(...) and wake(), or close()
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/async/pool.hpp"
#include "base/async/scope.hpp"
#include "base/clock.hpp"
#include "work/executor.hpp"
#include "work/run_context.hpp"
#include "work/runner_core.hpp"
#include "work/spool.hpp"

namespace flotte::work {

/// The way to the hub. Messages to a link that is down are lost; the Runner knows what to send again.
class Link {
 public:
  virtual ~Link() = default;
  virtual void send(const wire::ToHub& message) = 0;
};

struct RunnerOptions {
  std::filesystem::path spool_directory;  // DATA/node/spool
  RunnerLimits limits;
  Spool::Limits spool;
};

class Runner final : public RunEvents {
 public:
  /// Everything referred to outlives the Runner. `pool` syncs files.
  Runner(Executor executor, const Clock& clock, BlockingPool& pool, Link& link, ExecutorTable executors, RunnerOptions options);
  ~Runner() override;

  /// Errors: conflict (another process uses the directory), io.
  Result<void> start();
  void announce(std::vector<wire::EngineInfo> engines, std::vector<wire::WorkerInfo> workers);
  void on_message(const wire::ToNode& message);
  void link_down();
  /// No new work from now on; what runs goes on.
  void drain();
  /// Gives runs back, all or those that do not survive this process, waits for them to end (at most `patience`), says Goodbye where it is
  /// for good. Then `close`.
  Awaitable<void> leave(Away how, std::chrono::milliseconds patience);
  /// The machine is about to sleep: what does not survive it is given back (at most `patience`), the rest stays, the hub is told. The link
  /// is of no use until `wake`.
  Awaitable<void> sleep(std::chrono::milliseconds patience);
  void wake();
  /// An offer of the hub that this version cannot read.
  void on_unreadable(const wire::RunId& run, const Error& why);
  /// Stops here and now. Runs under a shim go on and are taken over at the next start; others are lost with their attempt.
  Awaitable<void> close();

  bool linked() const { return core_ && core_->linked(); }
  std::size_t running() const noexcept { return runs_.size(); }
  int free_slots(std::string_view worker) const { return core_ ? core_->free_slots(worker) : 0; }

 private:
  struct Live {
    Live(Executor executor, wire::Offer offer, wire::WorkerInfo worker, RunEvents& events, const Clock& clock)
        : context(executor, std::move(offer), std::move(worker), events, clock) {}
    RunContext context;
  };
  void on_output(const wire::RunId& run, std::string_view stream, std::string_view text) override;
  void on_output_to(const wire::RunId& run, std::string_view stream, std::string_view text, std::int64_t to) override;
  bool room() const override { return core_->room(); }
  void on_progress(const wire::RunId& run, std::string_view step, double fraction) override;
  void on_activity(const wire::RunId& run, const wire::Activity& activity) override;

  Now now() const { return {clock_.steady(), clock_.wall()}; }
  void perform(Actions actions);
  void begin(const wire::Offer& offer);
  void take_over();
  std::function<bool(const wire::Offer&)> survivor() const;
  Awaitable<void> wait_until_settled(std::chrono::milliseconds patience);
  void write(const Append& append);
  void plan_sync();
  void plan_tick();
  void forget(const wire::RunId& run);
  Awaitable<void> run_one(std::shared_ptr<Live> live, std::shared_ptr<TaskExecutor> executor);
  Awaitable<void> run_sync();
  Awaitable<void> run_tick();
  Awaitable<void> run_flush();

  Executor executor_;
  const Clock& clock_;
  BlockingPool& pool_;
  Link& link_;
  ExecutorTable executors_;
  RunnerOptions options_;
  std::unique_ptr<Spool> spool_;
  std::optional<RunnerCore> core_;
  std::vector<wire::EngineInfo> engines_;
  std::vector<wire::WorkerInfo> workers_;
  std::map<wire::RunId, std::shared_ptr<Live>> runs_;
  std::deque<Action> queue_;  // actions beget actions; performed in order
  bool performing_ = false, sync_wanted_ = false, syncing_ = false, ticking_ = false, flushing_ = false;
  bool spool_failed_ = false;  // said once
  Scope scope_;
};

}  // namespace flotte::work
