// The fleet over rows: who gets what, in which order, and what watchers and coroutines see.
#include "fleet/nodes.hpp"
#include "fleet/testing.hpp"

#include <future>

#include "base/async/loop.hpp"
#include "base/async/scope.hpp"

namespace flotte::fleet {
namespace {

using wire::TaskState;

TEST_F(FleetTest, OffersAtOnceToAnIdleWorkerAndRecordsTheResult) {
  const auto box = connect("box", {model_worker("reader", 2)});
  ASSERT_TRUE(box->last<wire::Welcome>());
  const std::int64_t task = submit();
  const auto offer = box->last<wire::Offer>();
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->run.task, wire::format_id('t', task));
  EXPECT_EQ(offer->worker, "reader");
  EXPECT_EQ(offer->attempt, 1);
  EXPECT_EQ(json::string_or(offer->spec.input, "prompt", ""), "hello");
  EXPECT_EQ(offer->key, credentials_.run_key(task, offer->run.fence));
  EXPECT_EQ(show(task).state, TaskState::offered);
  EXPECT_TRUE(fleet_->live_run(task, offer->run.fence));

  say(*box, wire::Accept{offer->run});
  EXPECT_EQ(show(task).state, TaskState::running);
  EXPECT_EQ(show(task).attempt, 1);
  EXPECT_EQ(show(task).node, "box");
  EXPECT_EQ(attempts(task).at(0).outcome, "running");

  finish(*box, offer->run);
  const wire::TaskView done = show(task);
  EXPECT_EQ(done.state, TaskState::succeeded);
  EXPECT_EQ(done.result.at("text"), "done");
  EXPECT_EQ(done.usage.output_tokens, 5);
  EXPECT_EQ(done.target, "engine@box/tiny");
  EXPECT_EQ(done.worker, "reader");
  EXPECT_TRUE(done.started_at && done.ended_at);
  EXPECT_EQ(attempts(task).size(), 1U);
  EXPECT_EQ(box->last<wire::Acknowledge>()->up_to, 1);
  EXPECT_FALSE(fleet_->live_run(task, offer->run.fence));
  EXPECT_EQ(fleet_->worker("reader@box")->done, 1);
}

struct TestCapacity final : Capacity {
  std::optional<milliseconds> wait(const std::string& model) override {
    ++asked;
    const auto it = out.find(model);
    return it == out.end() ? std::nullopt : std::optional(it->second);
  }
  std::map<std::string, milliseconds> out;
  int asked = 0;
};

TEST_F(FleetTest, AFlowWhoseModelIsOutOfQuotaWaitsAndCostsNoAttempt) {
  TestCapacity capacity;
  capacity.out["tiny"] = seconds(20);
  fleet_->set_capacity(&capacity);
  const auto box = connect("box", {model_worker("reader", 2, "tiny"), model_worker("writer", 1, "large")});
  wire::TaskSpec spec = prompt();
  spec.model = "tiny";
  const std::int64_t waiting = submit(spec);
  EXPECT_FALSE(box->last<wire::Offer>());
  EXPECT_EQ(show(waiting).state, TaskState::waiting);
  EXPECT_EQ(show(waiting).reason, wire::Reason::quota);
  EXPECT_EQ(show(waiting).attempt, 0);
  spec.model = "large";
  EXPECT_EQ(show(submit(spec)).state, TaskState::offered) << "another model is not in its way";
  pass(seconds(10));
  EXPECT_EQ(show(waiting).reason, wire::Reason::quota);
  restart();  // it is known again
  fleet_->set_capacity(&capacity);
  EXPECT_EQ(show(waiting).reason, wire::Reason::quota);
  capacity.out.clear();
  const auto again = connect("box", {model_worker("reader", 2, "tiny")});
  pass(seconds(11));
  EXPECT_EQ(show(waiting).state, TaskState::offered);
  accept_all(*again);
  EXPECT_EQ(show(waiting).attempt, 1);
}

TEST_F(FleetTest, UsesEverySlotAndNoMore) {
  const auto box = connect("box", {model_worker("reader", 2), model_worker("writer", 1, "large")});
  std::vector<std::int64_t> tasks;
  for (int i = 0; i < 5; ++i) tasks.push_back(submit());
  EXPECT_EQ(box->all<wire::Offer>().size(), 3U);  // a task without a model goes to any model worker
  const auto runs = accept_all(*box);
  finish(*box, runs[0]);
  EXPECT_EQ(box->all<wire::Offer>().size(), 1U);
  EXPECT_EQ(show(tasks[4]).state, TaskState::queued);
}

TEST_F(FleetTest, WaitsForAWorkerThatFitsAndSaysWhatIsMissing) {
  const auto box = connect("box", {model_worker("reader", 1)});
  wire::TaskSpec spec = prompt();
  spec.model = "large";
  const std::int64_t task = submit(spec);
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  auto facts = rows<WhyFacts>([task](store::Transaction& t) { return *gather_why(t, task); });
  for (const auto& w : fleet_->workers()) facts.workers.push_back({.place = {w.node, w.info.name, w.info.kind, w.info.model, {}}});
  const Why why = explain(facts, store_->now());
  EXPECT_NE(why.sentence.find("no worker matches"), std::string::npos) << why.sentence;
  EXPECT_NE(why.sentence.find("reader@box has model tiny"), std::string::npos) << why.sentence;
  say(*box, wire::Announce{{}, {model_worker("reader", 1), model_worker("big", 1, "large")}});
  ASSERT_TRUE(box->last<wire::Offer>());
  EXPECT_EQ(box->last<wire::Offer>()->worker, "big");
}

TEST_F(FleetTest, GivesTheSameTaskForTheSameKeyAndBody) {
  const auto once = [&](const std::string& body) {
    return act<Submitted>([&](Ledger& l) { return fleet::submit(l, {"me", prompt(), Idempotency{"k", body}}); });
  };
  const auto first = once("a"), second = once("a"), other = once("b");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->task, second->task);
  EXPECT_FALSE(first->repeated);
  EXPECT_TRUE(second->repeated);
  EXPECT_EQ(other.error().code, Code::unprocessable);
  pass(policy_.idempotency + std::chrono::hours(2));
  EXPECT_NE(once("b")->task, first->task);
}

TEST_F(FleetTest, TakesAnOfferBackThatNobodyAcceptsAndCountsNoAttempt) {
  const auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId first = box->last<wire::Offer>()->run;
  say(*box, wire::Beat{1, 0});
  pass(policy_.offer_timeout);
  EXPECT_EQ(show(task).state, TaskState::queued);
  EXPECT_EQ(show(task).attempt, 0);
  EXPECT_EQ(box->last<wire::Drop>()->runs.at(0), first);
  EXPECT_EQ(box->all<wire::Offer>().size(), 1U);  // the worker rests for a moment
  pass(policy_.refusal_rest);
  ASSERT_EQ(box->all<wire::Offer>().size(), 2U);
  EXPECT_GT(box->last<wire::Offer>()->run.fence, first.fence);
  EXPECT_EQ(box->last<wire::Offer>()->attempt, 1);
  // The late acceptance of the first offer is stale.
  say(*box, wire::Accept{first});
  EXPECT_EQ(show(task).state, TaskState::offered);
  EXPECT_EQ(box->all<wire::Drop>().size(), 2U);
}

TEST_F(FleetTest, GivesARefusedOfferToSomebodyElse) {
  const auto box = connect("box", {model_worker("reader", 4)});
  const auto laptop = connect("laptop", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  TestNode& first = box->all<wire::Offer>().empty() ? *laptop : *box;
  TestNode& second = &first == box.get() ? *laptop : *box;
  say(first, wire::Refuse{first.last<wire::Offer>()->run, "no such model here"});
  ASSERT_TRUE(second.last<wire::Offer>());
  const auto log = rows<std::vector<LogEntry>>([task](store::Transaction& t) { return read_log(t, task, 0); });
  ASSERT_EQ(log.size(), 1U);
  EXPECT_NE(json::string_or(log[0].body, "message", "").find("no such model here"), std::string::npos);
  EXPECT_EQ(show(task).attempt, 0);
}

TEST_F(FleetTest, SharesSlotsBetweenOwners) {
  auto box = connect("box", {model_worker("reader", 1)});
  for (int i = 0; i < 50; ++i) submit(prompt(), "greedy");
  const std::int64_t mine = submit(prompt(), "modest");
  finish(*box, accept_all(*box).at(0));
  accept_all(*box);
  EXPECT_EQ(show(mine).state, TaskState::running);
}

TEST_F(FleetTest, RunsUrgentTasksFirstButNotForEver) {
  auto box = connect("box", {model_worker("reader", 1)});
  submit();
  wire::TaskSpec idle = prompt();
  idle.priority = 5;
  const std::int64_t patient = submit(idle);
  wire::TaskSpec urgent = prompt();
  urgent.priority = 0;
  std::vector<std::int64_t> flood;
  auto run = accept_all(*box).at(0);
  for (int i = 0; i < 48; ++i) {  // eight minutes of urgent work, more than can be done
    clock_.passed_ += seconds(10);
    say(*box, wire::Beat{i, 0});
    flood.push_back(submit(urgent));
  }
  std::vector<std::int64_t> order;
  for (int i = 0; i < 49; ++i) {
    finish(*box, run);
    run = accept_all(*box).at(0);
    order.push_back(*wire::parse_id('t', run.task));
  }
  const auto place = std::find(order.begin(), order.end(), patient) - order.begin();
  EXPECT_EQ(order.front(), flood.front());
  EXPECT_EQ(place, 29);  // five steps of priority are worth five minutes: those that came later wait behind it
}

TEST_F(FleetTest, TellsWatchersWhatToLookAt) {
  auto box = connect("box", {model_worker("reader", 1)});
  seen_.clear();
  const std::int64_t task = submit();
  EXPECT_NE(std::find(seen_.begin(), seen_.end(), "task " + wire::format_id('t', task)), seen_.end());
  say(*box, wire::Doing{"reader", {{wire::format_id('t', task), "hello", 1, "asking", "", "…", 3, 0.5, 0}}});
  EXPECT_NE(std::find(seen_.begin(), seen_.end(), "worker reader@box"), seen_.end());
  EXPECT_EQ(fleet_->worker("reader@box")->state, "busy");
  EXPECT_EQ(fleet_->worker("reader@box")->activities.at(0).step, "asking");
}

// ---- the coroutine side, on threads and loops of its own ----------------------------------------------------------

Awaitable<void> ask_everything(Fleet& fleet, std::promise<std::string>& said) {
  std::string out;
  Submission submission;
  submission.owner = "me";
  submission.spec.input = {{"prompt", "hi"}};
  const auto task = co_await fleet.submit(std::move(submission));
  out += task ? task->view.id + " " + std::string(wire::to_string(task->view.state)) : task.error().text();
  const auto why = co_await fleet.why(1);
  out += "; " + (why ? why->sentence : why.error().text());
  const auto missing = co_await fleet.show_task(99);
  out += "; " + (missing ? missing->id : missing.error().message);
  NewBatch batch;
  batch.owner = "me";
  const auto made = co_await fleet.make_batch(std::move(batch));
  out += "; " + (made ? made->view.id + " " + made->view.state : made.error().text());
  const auto cancelled = co_await fleet.cancel_task(1);
  out += "; " + std::string(cancelled ? wire::to_string(cancelled->state) : "?");
  const auto drained = co_await fleet.set_draining("nobody", true);
  out += "; " + (drained ? "" : drained.error().message);
  TaskFilter filter;
  filter.states = {TaskState::cancelled};
  const auto page = co_await fleet.list_tasks(std::move(filter));
  out += "; " + std::to_string(page ? page->items.size() : 0);
  said.set_value(out);
}

TEST_F(FleetTest, AnswersCoroutinesOfOtherLoops) {
  Loop gateway("gateway"), home("fleet");
  Fleet fleet(*store_, credentials_, [&](std::function<void()> work) { home.post(std::move(work)); }, options());
  Scope scope(gateway.executor(), "test");
  std::promise<std::string> said;
  scope.spawn("ask", ask_everything(fleet, said));
  home.start();
  gateway.start();
  EXPECT_EQ(
      said.get_future().get(),
      "t1 queued; no worker matches: it needs a model worker, and no worker is known; no task t99; b1 open; cancelled; no node nobody; 1");
  gateway.stop();
  gateway.join();
  home.stop();
  home.join();
}

}  // namespace
}  // namespace flotte::fleet
