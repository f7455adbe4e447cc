// Performing what RunnerCore decides.
#include "work/runner.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/failpoint.hpp"
#include "base/log.hpp"

namespace flotte::work {
namespace {
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

void reach_failpoint(const wire::ToHub& message) {
  if (std::holds_alternative<wire::Accept>(message)) failpoint::reach(Failpoint::node_before_accept);
  const auto* records = std::get_if<wire::Records>(&message);
  const auto ends = [](const wire::Record& record) { return record.kind == wire::RecordKind::finished; };
  if (records && std::any_of(records->items.begin(), records->items.end(), ends)) failpoint::reach(Failpoint::node_before_report);
}

}  // namespace

Runner::Runner(Executor executor, const Clock& clock, BlockingPool& pool, Link& link, ExecutorTable executors, RunnerOptions options)
    : executor_(executor),
      clock_(clock),
      pool_(pool),
      link_(link),
      executors_(std::move(executors)),
      options_(std::move(options)),
      scope_(executor, "runner") {}

Runner::~Runner() = default;

Result<void> Runner::start() {
  auto spool = Spool::open(options_.spool_directory, options_.spool);
  if (!spool) return pass(spool);
  spool_ = std::move(*spool);
  if (spool_->damaged() > 0) log::warning("spool had damaged lines", {{"lines", spool_->damaged()}});
  core_.emplace(options_.limits, to_ms(clock_.wall()), spool_->next_number(), spool_->pending());
  perform(core_->announce(engines_, workers_));
  take_over();
  return {};
}

/// Runs of an earlier process. How much of their output it told is known by its spool; what the hub has acknowledged of that by the run's
/// own files.
void Runner::take_over() {
  std::vector<wire::Offer> survivors;
  for (const auto& [kind, executor] : executors_)
    for (wire::Offer& offer : executor->survivors()) survivors.push_back(std::move(offer));
  if (survivors.empty()) return;
  std::map<wire::RunId, std::map<std::string, std::int64_t>> told;
  for (std::int64_t after = 0;;) {
    const std::vector<wire::Record> records = spool_->read(after, 1024 * 1024);
    if (records.empty()) break;
    after = records.back().number;
    for (const wire::Record& record : records)
      if (const auto to = json::get_int(record.body, "to"); to && record.kind == wire::RecordKind::output)
        told[record.run][json::string_or(record.body, "stream", "")] = *to;
  }
  for (const wire::Offer& offer : survivors) {
    log::info("run taken over", {{"task", offer.run.task}, {"fence", offer.run.fence}});
    perform(core_->adopt(offer, now()));
    begin(offer);
    for (const auto& [stream, to] : told[offer.run]) runs_.at(offer.run)->context.set_told(stream, to);
  }
}

void Runner::announce(std::vector<wire::EngineInfo> engines, std::vector<wire::WorkerInfo> workers) {
  engines_ = std::move(engines);
  workers_ = std::move(workers);
  if (core_) perform(core_->announce(engines_, workers_));
}

void Runner::on_message(const wire::ToNode& message) { perform(core_->on(message, now())); }
void Runner::link_down() { perform(core_->link_down()); }
void Runner::drain() { perform(core_->drain()); }

void Runner::on_unreadable(const wire::RunId& run, const Error& why) { perform(core_->unreadable(run, why.message)); }

std::function<bool(const wire::Offer&)> Runner::survivor() const {
  return [this](const wire::Offer& offer) {
    const auto executor = executors_.find(offer.spec.kind);
    return executor != executors_.end() && executor->second->survives();
  };
}

/// Until what must end has ended, its end on disk.
Awaitable<void> Runner::wait_until_settled(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!core_->settled() && std::chrono::steady_clock::now() < end) {
    const bool rested = co_await sleep_for(milliseconds(5));
    if (!rested) co_return;
  }
  if (!core_->settled()) log::warning("runs did not end in time", {{"runs", runs_.size()}});
}

Awaitable<void> Runner::leave(Away how, std::chrono::milliseconds patience) {
  perform(core_->away(how, survivor()));
  co_await wait_until_settled(patience);
  co_await close();
}

Awaitable<void> Runner::sleep(std::chrono::milliseconds patience) {
  perform(core_->away(Away::sleeps, survivor()));
  co_await wait_until_settled(patience);
  perform(core_->hurry());
  for (const auto& [run, live] : runs_) live->context.flush();
}

void Runner::wake() {
  perform(core_->link_down());
  perform(core_->back());
}

Awaitable<void> Runner::close() {
  if (!spool_) co_return;
  perform(core_->link_down());
  // Children of runs under a shim are left alone: their executors are cut off, not asked to stop.
  co_await scope_.close();
  runs_.clear();
  spool_.reset();
}

void Runner::perform(Actions actions) {
  for (Action& action : actions) queue_.push_back(std::move(action));
  if (performing_) return;
  performing_ = true;
  while (!queue_.empty()) {
    const Action action = std::move(queue_.front());
    queue_.pop_front();
    std::visit(Overloaded{
                   [&](const Send& a) {
                     if (failpoint::compiled) reach_failpoint(a.message);
                     link_.send(a.message);
                   },
                   [&](const Start& a) {
                     failpoint::reach(Failpoint::node_after_accept);
                     begin(a.offer);
                   },
                   [&](const StopRun& a) {
                     if (const auto it = runs_.find(a.run); it != runs_.end()) it->second->context.stop().request(a.cause);
                   },
                   [&](const Append& a) { write(a); },
                   [&](const Discard& a) { spool_->discard(a.up_to); },
                   [&](const ReadBack& a) {
                     for (Action& more : core_->read_back(spool_->read(a.after, a.bytes), now())) queue_.push_back(std::move(more));
                   },
                   [&](const Forget& a) { forget(a.run); },
               },
               action);
  }
  performing_ = false;
  plan_tick();
}

void Runner::begin(const wire::Offer& offer) {
  wire::WorkerInfo worker;
  for (const wire::WorkerInfo& w : workers_)
    if (w.name == offer.worker) worker = w;
  auto live = std::make_shared<Live>(executor_, offer, std::move(worker), *this, clock_);
  runs_[offer.run] = live;
  const auto executor = executors_.find(offer.spec.kind);
  scope_.spawn("run " + offer.run.task, run_one(live, executor == executors_.end() ? nullptr : executor->second));
  if (!flushing_) {
    flushing_ = true;
    scope_.spawn("flush", run_flush());
  }
}

Awaitable<void> Runner::run_one(std::shared_ptr<Live> live, std::shared_ptr<TaskExecutor> executor) {
  const wire::RunId run = live->context.offer().run;
  wire::Finished finished;
  if (!executor) {
    finished = failed(
        Error(Code::unsupported, fmt::format("this node cannot do tasks of kind '{}'", wire::to_string(live->context.offer().spec.kind))),
        Again::no);
  } else {
    std::exception_ptr failure;
    try {
      finished = co_await executor->run(live->context);
    } catch (...) {
      failure = std::current_exception();
    }
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return;  // the process goes down; nothing is said of the run
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& e) {
        log::error("run failed with an exception", {{"task", run.task}, {"what", e.what()}});
        finished = failed(Error(Code::internal, fmt::format("the worker failed: {}", e.what())), Again::yes);
      }
    }
  }
  live->context.flush();
  runs_.erase(run);
  perform(core_->ended(run, std::move(finished), now()));
}

void Runner::forget(const wire::RunId& run) {
  for (const auto& [kind, executor] : executors_) executor->forget(run);
}

void Runner::write(const Append& append) {
  if (auto written = spool_->append(append.record); !written && !spool_failed_) {
    spool_failed_ = true;
    log::error("spool cannot be written; results are held in memory only", {{"error", written.error().text()}});
  } else if (written) {
    spool_failed_ = false;
  }
  if (append.durable) plan_sync();
}

void Runner::plan_sync() {
  sync_wanted_ = true;
  if (syncing_) return;
  syncing_ = true;
  scope_.spawn("sync", run_sync());
}

Awaitable<void> Runner::run_sync() {
  // Ends that come in while the disk works share the next sync.
  while (sync_wanted_) {
    sync_wanted_ = false;
    const Spool::SyncJob job = spool_->begin_sync();
    std::function<Result<bool>()> work = [job]() -> Result<bool> {
      if (auto done = job.run(); !done) return pass(done);
      return true;
    };
    auto synced = co_await pool_.run<bool>(work);
    // A disk that refuses must not hold up the result: it still reaches the hub.
    if (!synced) log::error("spool cannot be synced", {{"error", synced.error().text()}});
    perform(core_->synced(job.up_to, now()));
  }
  syncing_ = false;
}

void Runner::plan_tick() {
  if (ticking_ || !core_->next_tick()) return;
  ticking_ = true;
  scope_.spawn("tick", run_tick());
}

Awaitable<void> Runner::run_tick() {
  while (const auto due = core_->next_tick()) {
    const auto wait = std::max(*due - clock_.steady(), milliseconds(1));
    if (!co_await sleep_for(wait)) co_return;
    perform(core_->tick(now()));
  }
  ticking_ = false;
}

Awaitable<void> Runner::run_flush() {
  while (!runs_.empty()) {
    if (!co_await sleep_for(RunContext::chunk_time / 2)) co_return;
    const auto runs = runs_;  // flushing may end one
    for (const auto& [run, live] : runs) live->context.flush_due();
  }
  flushing_ = false;
}

void Runner::on_output(const wire::RunId& run, std::string_view stream, std::string_view text) {
  perform(core_->output(run, stream, text, now()));
}
void Runner::on_output_to(const wire::RunId& run, std::string_view stream, std::string_view text, std::int64_t to) {
  perform(core_->output(run, stream, text, now(), to));
}
void Runner::on_progress(const wire::RunId& run, std::string_view step, double fraction) {
  perform(core_->progress(run, step, fraction, now()));
}
void Runner::on_activity(const wire::RunId& run, const wire::Activity& activity) { perform(core_->activity(run, activity, now())); }

}  // namespace flotte::work
