// The fleet's shell: what HTTP handlers await.
#include "fleet/fleet.hpp"

#include <fmt/format.h>

#include "base/async/answer.hpp"
#include "base/async/wait.hpp"
#include "base/failpoint.hpp"
#include "fleet/detail/core.hpp"

namespace flotte::fleet {
namespace {

Failure no_batch(std::int64_t batch) { return fail(Code::not_found, fmt::format("no batch {}", wire::format_id('b', batch))); }

Result<wire::TaskView> shown_task(store::Transaction& rows, std::int64_t task) {
  auto view = show_task(rows, task);
  if (!view) return no_task(task);
  return std::move(*view);
}

Result<wire::BatchView> shown_batch(store::Transaction& rows, std::int64_t batch) {
  auto view = show_batch(rows, batch);
  if (!view) return no_batch(batch);
  return std::move(*view);
}

}  // namespace

Fleet::Fleet(store::Store& store, Credentials& credentials, Post post, FleetOptions options)
    : store_(store), post_(post), core_(std::make_shared<detail::Core>(store, credentials, std::move(post), std::move(options))) {}

Fleet::~Fleet() { core_->stop(); }

void Fleet::set_watcher(Watcher* watcher) { core_->watcher_ = watcher; }
void Fleet::start() { core_->start(); }
void Fleet::tick() { core_->tick(); }
std::optional<WallTime> Fleet::next_tick() const { return core_->next_due_; }

Awaitable<void> Fleet::run_ticks() {
  const auto core = core_;
  const auto executor = co_await asio::this_coro::executor;
  Event wake(executor);
  struct Waker {  // also when a cancelled wait throws, nobody may wake an event that is gone
    detail::Core& core;
    ~Waker() { core.wake_ticks_ = nullptr; }
  } const waker{*core};
  core->wake_ticks_ = [&wake] { wake.set(); };
  for (;;) {
    wake.reset();
    milliseconds wait = seconds(1);
    if (core->next_due_) wait = std::clamp(*core->next_due_ - store_.now(), milliseconds(1), wait);
    const bool woken = co_await wake.wait_for(wait);
    auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) break;
    if (woken && core->next_due_ && *core->next_due_ > store_.now()) continue;  // earlier than thought, but not yet
    core->tick();
  }
}

void Fleet::attach(NodeConnection& connection, Trust trust) { core_->attach(connection, trust == Trust::home); }
void Fleet::on_message(NodeConnection& connection, const wire::ToHub& message) { core_->on_message(connection, message); }
void Fleet::on_closed(NodeConnection& connection) { core_->on_closed(connection); }
void Fleet::set_spares(const std::string& node, int keep, int now) { core_->set_spares(node, keep, now); }

std::vector<wire::NodeView> Fleet::nodes() const { return core_->view_.nodes(); }
std::vector<wire::WorkerView> Fleet::workers() const { return core_->view_.workers(); }

std::optional<wire::NodeView> Fleet::node(std::string_view id_or_name) const {
  for (wire::NodeView& view : core_->view_.nodes())
    if (view.id == id_or_name || view.name == id_or_name) return std::move(view);
  return std::nullopt;
}

std::optional<wire::WorkerView> Fleet::worker(std::string_view id) const {
  for (wire::WorkerView& view : core_->view_.workers())
    if (view.id == id) return std::move(view);
  return std::nullopt;
}

void Fleet::set_capacity(Capacity* capacity) { core_->use(capacity); }

std::optional<RunFacts> Fleet::live_run(std::int64_t task, std::int64_t fence) const { return core_->runs_.find(task, fence); }

void Fleet::act_erased(std::function<std::optional<Error>(Ledger&)> body, std::function<void(std::optional<Error>)> answered) {
  core_->act(std::move(body), std::move(answered));
}

template <class T>
Awaitable<Result<T>> Fleet::perform(std::function<Result<T>(Ledger&)> body) {
  std::function<void(std::function<void(Result<T>)>)> start = [core = core_, body = std::move(body)](std::function<void(Result<T>)> done) {
    auto result = std::make_shared<std::optional<Result<T>>>();
    core->act(
        [result, body](Ledger& ledger) -> std::optional<Error> {
          result->emplace(body(ledger));
          if (result->value()) return std::nullopt;
          return result->value().error();
        },
        [result, done](std::optional<Error> failure) {
          if (failure) result->emplace(Failure(std::move(*failure)));
          done(std::move(result->value()));
        });
  };
  return await_answer<Result<T>>(std::move(start));
}

template <class T>
Awaitable<T> Fleet::on_loop(std::function<T()> body) {
  std::function<void(std::function<void(T)>)> start = [post = post_, body = std::move(body)](std::function<void(T)> done) {
    post([body, done] { done(body()); });
  };
  return await_answer<T>(std::move(start));
}

Awaitable<std::vector<wire::NodeView>> Fleet::list_nodes() {
  return on_loop<std::vector<wire::NodeView>>([core = core_] { return core->view_.nodes(); });
}

Awaitable<std::vector<wire::WorkerView>> Fleet::list_workers() {
  return on_loop<std::vector<wire::WorkerView>>([core = core_] { return core->view_.workers(); });
}

// ---- tasks --------------------------------------------------------------------------------------------------------

Awaitable<Result<Made<wire::TaskView>>> Fleet::submit(Submission submission) {
  return perform<Made<wire::TaskView>>([submission = std::move(submission)](Ledger& ledger) -> Result<Made<wire::TaskView>> {
    const auto submitted = fleet::submit(ledger, submission);
    if (!submitted) return Failure(submitted.error());
    auto task = shown_task(ledger.rows, submitted->task);
    if (!task) return pass(task);
    if (auto failed = failpoint::failure(Failpoint::submit_before_commit)) return Failure(std::move(*failed));
    return Made<wire::TaskView>{std::move(*task), submitted->repeated};
  });
}

Awaitable<Result<wire::TaskView>> Fleet::show_task(std::int64_t task) {
  return store_.read<wire::TaskView>([task](store::Transaction& rows) { return shown_task(rows, task); });
}

Awaitable<Result<std::vector<wire::TaskView>>> Fleet::show_tasks(std::vector<std::int64_t> tasks) {
  return store_.read<std::vector<wire::TaskView>>(
      [tasks = std::move(tasks)](store::Transaction& rows) -> Result<std::vector<wire::TaskView>> {
        std::vector<wire::TaskView> out;
        for (const std::int64_t task : tasks)
          if (auto view = fleet::show_task(rows, task)) out.push_back(std::move(*view));
        return out;
      });
}

Awaitable<Result<std::vector<wire::AttemptView>>> Fleet::list_attempts(std::int64_t task) {
  return store_.read<std::vector<wire::AttemptView>>(
      [task](store::Transaction& rows) -> Result<std::vector<wire::AttemptView>> { return fleet::list_attempts(rows, task); });
}

Awaitable<Result<TaskPage>> Fleet::list_tasks(TaskFilter filter) {
  return store_.read<TaskPage>([filter = std::move(filter)](store::Transaction& rows) -> Result<TaskPage> {
    if (!filter.kind.empty() && !wire::parse_task_kind(filter.kind))
      return fail(Code::invalid_argument, fmt::format("no kind of task is called \"{}\"", filter.kind));
    return fleet::list_tasks(rows, filter);
  });
}

Awaitable<Result<std::vector<LogEntry>>> Fleet::read_log(std::int64_t task, std::int64_t after, std::size_t limit) {
  return store_.read<std::vector<LogEntry>>([task, after, limit](store::Transaction& rows) -> Result<std::vector<LogEntry>> {
    if (!rows.one("SELECT 1 FROM task WHERE id = ?", task)) return no_task(task);
    return fleet::read_log(rows, task, after, limit);
  });
}

Awaitable<Result<wire::TaskView>> Fleet::cancel_task(std::int64_t task) {
  return perform<wire::TaskView>([task](Ledger& ledger) -> Result<wire::TaskView> {
    if (auto good = fleet::cancel_task(ledger, task); !good) return pass(good);
    return shown_task(ledger.rows, task);
  });
}

Awaitable<Result<Why>> Fleet::why(std::int64_t task) {
  std::function<Result<WhyFacts>(store::Transaction&)> gather = [task](store::Transaction& rows) -> Result<WhyFacts> {
    auto facts = gather_why(rows, task);
    if (!facts) return no_task(task);
    return std::move(*facts);
  };
  Result<WhyFacts> facts = co_await store_.read<WhyFacts>(std::move(gather));
  if (!facts) co_return pass(facts);
  std::function<WhyFacts()> fill = [core = core_, known = std::move(*facts)]() mutable {
    core->view_.fill(known);
    return std::move(known);
  };
  const WhyFacts whole = co_await on_loop<WhyFacts>(std::move(fill));
  co_return explain(whole, store_.now());
}

Awaitable<Result<Counts>> Fleet::count_active() {
  return store_.read<Counts>([](store::Transaction& rows) -> Result<Counts> { return fleet::count_active(rows); });
}

Awaitable<Result<bool>> Fleet::charge(Charge charge, std::function<Result<bool>(store::Transaction&)> record) {
  return perform<bool>([charge, record = std::move(record)](Ledger& ledger) -> Result<bool> {
    auto fresh = record(ledger.rows);
    if (fresh && *fresh) fleet::charge(ledger, charge);
    return fresh;
  });
}

// ---- batches ------------------------------------------------------------------------------------------------------

Awaitable<Result<Made<wire::BatchView>>> Fleet::make_batch(NewBatch batch) {
  return perform<Made<wire::BatchView>>([batch = std::move(batch)](Ledger& ledger) -> Result<Made<wire::BatchView>> {
    const auto made = fleet::make_batch(ledger, batch);
    if (!made) return Failure(made.error());
    auto view = shown_batch(ledger.rows, *made);
    if (!view) return pass(view);
    // A batch that was there before is no change.
    return Made<wire::BatchView>{std::move(*view), !ledger.changes.batches.contains(*made)};
  });
}

Awaitable<Result<Added>> Fleet::submit_many(std::int64_t batch, std::vector<BatchItem> items) {
  return perform<Added>([batch, items = std::move(items)](Ledger& ledger) { return fleet::submit_many(ledger, batch, items); });
}

Awaitable<Result<wire::BatchView>> Fleet::act_on_batch(std::int64_t batch, BatchAction action) {
  return perform<wire::BatchView>([batch, action, core = core_](Ledger& ledger) -> Result<wire::BatchView> {
    Result<void> good;
    switch (action) {
      case BatchAction::seal: good = seal_batch(ledger, batch); break;
      case BatchAction::cancel:
        good = cancel_batch(ledger, batch, wire::Reason::none);
        ledger.changes.due = ledger.rows.now();  // the rest of it, in pieces
        break;
      case BatchAction::pause: good = pause_batch(ledger, batch); break;
      case BatchAction::resume: good = resume_batch(ledger, batch); break;
    }
    if (!good) return pass(good);
    return shown_batch(ledger.rows, batch);
  });
}

Awaitable<Result<wire::BatchView>> Fleet::show_batch(std::int64_t batch) {
  return store_.read<wire::BatchView>([batch](store::Transaction& rows) { return shown_batch(rows, batch); });
}

Awaitable<Result<BatchPage>> Fleet::list_batches(std::int64_t after, std::size_t limit) {
  return store_.read<BatchPage>(
      [after, limit](store::Transaction& rows) -> Result<BatchPage> { return fleet::list_batches(rows, after, limit); });
}

// ---- nodes --------------------------------------------------------------------------------------------------------

Awaitable<Result<void>> Fleet::suspend_node(std::string name, milliseconds at_most) {
  std::function<void(std::function<void(Result<void>)>)> start = [core = core_, post = post_, name,
                                                                  at_most](std::function<void(Result<void>)> done) {
    post([core, name, at_most, done] { core->suspend(name, at_most, done); });
  };
  return await_answer<Result<void>>(std::move(start));
}

Awaitable<Result<void>> Fleet::set_draining(std::string name, bool draining) {
  std::function<void(std::function<void(Result<void>)>)> start = [core = core_, post = post_, name,
                                                                  draining](std::function<void(Result<void>)> done) {
    post([core, name, draining, done] { core->set_draining(name, draining, done); });
  };
  return await_answer<Result<void>>(std::move(start));
}

void Fleet::define_worker_now(DefinitionAction action, const std::string& node, const wire::WorkerInfo& worker,
                              std::function<void(Result<void>)> done) {
  core_->define(action, node, worker, std::move(done));
}

void Fleet::wake_node_now(const std::string& name, std::function<void(Result<void>)> done) { core_->wake(name, std::move(done)); }

void Fleet::fill(WhyFacts& facts) const { core_->view_.fill(facts); }

Awaitable<Result<void>> Fleet::define_worker(DefinitionAction action, std::string node, wire::WorkerInfo worker) {
  std::function<void(std::function<void(Result<void>)>)> start = [core = core_, post = post_, action, node,
                                                                  worker](std::function<void(Result<void>)> done) {
    post([core, action, node, worker, done] { core->define(action, node, worker, done); });
  };
  return await_answer<Result<void>>(std::move(start));
}

Awaitable<Result<void>> Fleet::wake_node(std::string name) {
  std::function<void(std::function<void(Result<void>)>)> start =
      [core = core_, post = post_, name](std::function<void(Result<void>)> done) { post([core, name, done] { core->wake(name, done); }); };
  return await_answer<Result<void>>(std::move(start));
}

Awaitable<Result<void>> Fleet::change_node(std::string name, NodeChange change, AlsoInRows also) {
  std::function<void(std::function<void(Result<void>)>)> start = [core = core_, post = post_, name, change,
                                                                  also](std::function<void(Result<void>)> done) {
    post([core, name, change, also, done] { core->change_node(name, change, also, done); });
  };
  return await_answer<Result<void>>(std::move(start));
}

Awaitable<Result<void>> Fleet::revoke_node(std::string name) {
  std::function<void(std::function<void(Result<void>)>)> start = [core = core_, post = post_,
                                                                  name](std::function<void(Result<void>)> done) {
    post([core, name, done] { core->revoke(name, done); });
  };
  return await_answer<Result<void>>(std::move(start));
}

}  // namespace flotte::fleet
