// The fleet over rows: hand-out, ends, retries, lost nodes, restarts of the hub.
#include "fleet/nodes.hpp"
#include "fleet/testing.hpp"

#include <future>

#include "base/async/loop.hpp"
#include "base/async/scope.hpp"

namespace flotte::fleet {
namespace {

using wire::Reason;
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
  for (const auto& w : fleet_->workers()) facts.workers.push_back({{w.node, w.info.name, w.info.kind, w.info.model, {}}, 1, 0, false, false});
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

TEST_F(FleetTest, TriesAgainWithBackoffUntilTheDeadLetters) {
  const auto box = connect("box", {model_worker("reader", 1)});
  wire::TaskSpec spec = prompt();
  spec.max_attempts = 3;
  const std::int64_t task = submit(spec);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto runs = accept_all(*box);
    ASSERT_EQ(runs.size(), 1U) << attempt;
    EXPECT_EQ(show(task).attempt, attempt);
    finish(*box, runs[0], bad());
    if (attempt == 3) break;
    EXPECT_EQ(show(task).state, TaskState::waiting);
    EXPECT_EQ(show(task).reason, Reason::backoff);
    ASSERT_TRUE(fleet_->next_tick());
    EXPECT_LE(*fleet_->next_tick(), store_->now() + seconds(1 << attempt));
    pass(seconds(1 << attempt));
  }
  const wire::TaskView dead = show(task);
  EXPECT_EQ(dead.state, TaskState::failed);
  EXPECT_TRUE(dead.attempts_exhausted);
  EXPECT_EQ(dead.to_json().at("error").at("code"), "attempts_exhausted");
  EXPECT_EQ(attempts(task).size(), 3U);
  EXPECT_EQ(attempts(task)[1].message, "no engine answered");
}

TEST_F(FleetTest, DoesNotTryAgainWhatCannotSucceed) {
  const auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  finish(*box, accept_all(*box).at(0), bad(false));
  EXPECT_EQ(show(task).state, TaskState::failed);
  EXPECT_FALSE(show(task).attempts_exhausted);
  EXPECT_EQ(show(task).error->message, "no engine answered");
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

TEST_F(FleetTest, RescuesTheTasksOfALostNode) {
  const auto box = connect("box", {model_worker("reader", 2)});
  const std::int64_t running = submit(), offered = submit();
  const auto runs = [&] {
    const auto offer = box->all<wire::Offer>().at(0);
    say(*box, wire::Accept{offer.run});
    return offer.run;
  }();
  clock_.passed_ += policy_.lease - seconds(1);
  say(*box, wire::Beat{1, 0});
  pass(policy_.lease - seconds(1));
  EXPECT_EQ(show(running).state, TaskState::running);  // it was heard of
  pass(seconds(2));
  EXPECT_EQ(show(running).state, TaskState::waiting);
  EXPECT_EQ(show(running).reason, Reason::backoff);
  EXPECT_EQ(show(running).attempt, 1);
  EXPECT_EQ(show(offered).state, TaskState::queued);
  EXPECT_EQ(show(offered).attempt, 0);
  EXPECT_EQ(attempts(running).at(0).outcome, "lost");
  EXPECT_TRUE(box->closed);
  EXPECT_EQ(fleet_->node("box")->state, "lost");
  // What the zombie still says changes nothing.
  say(*box, wire::Records{{{++numbers_, runs, wire::RecordKind::finished, 0, good().to_json()}}});
  EXPECT_EQ(show(running).state, TaskState::waiting);
}

TEST_F(FleetTest, AcknowledgesAndForgetsTheResultOfAStaleFence) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId old = accept_all(*box).at(0);
  pass(policy_.lease + seconds(1));
  cut(*box);
  box = connect("box", {model_worker("reader", 1)}, {old});
  EXPECT_EQ(box->last<wire::Welcome>()->drop, std::vector<wire::RunId>{old});
  pass(seconds(3));
  const auto now = accept_all(*box);
  ASSERT_EQ(now.size(), 1U);
  finish(*box, old, good("from the zombie"));
  EXPECT_EQ(box->last<wire::Acknowledge>()->up_to, numbers_);
  EXPECT_EQ(show(task).state, TaskState::running);
  finish(*box, now[0], good("from the new run"));
  EXPECT_EQ(show(task).result.at("text"), "from the new run");
  EXPECT_EQ(attempts(task).size(), 2U);
}

TEST_F(FleetTest, KeepsRunsOverANewLinkAndReleasesTheOthers) {
  auto box = connect("box", {model_worker("reader", 3)});
  const std::int64_t kept = submit(), lost = submit(), offered = submit();
  const auto offers = box->all<wire::Offer>();
  say(*box, wire::Accept{offers[0].run});
  say(*box, wire::Accept{offers[1].run});
  cut(*box);
  EXPECT_EQ(fleet_->node("box")->state, "lost");
  EXPECT_EQ(show(kept).state, TaskState::running);
  box = connect("box", {model_worker("reader", 3)}, {offers[0].run, {"t999", 1}});
  const auto welcome = box->last<wire::Welcome>();
  EXPECT_EQ(welcome->keep, std::vector<wire::RunId>{offers[0].run});
  EXPECT_EQ(welcome->drop, (std::vector<wire::RunId>{{"t999", 1}}));
  EXPECT_EQ(show(kept).state, TaskState::running);
  EXPECT_EQ(show(lost).reason, Reason::backoff);
  EXPECT_EQ(box->all<wire::Offer>().size(), 1U);  // the one that was only offered is offered again
  EXPECT_EQ(show(offered).attempt, 0);
  finish(*box, offers[0].run);
  EXPECT_EQ(show(kept).state, TaskState::succeeded);
}

TEST_F(FleetTest, CountsAnOfferAsAcceptedWhenTheNodeRunsIt) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = box->last<wire::Offer>()->run;
  cut(*box);  // its Accept was lost on the way
  box = connect("box", {model_worker("reader", 1)}, {run});
  EXPECT_EQ(box->last<wire::Welcome>()->keep, std::vector<wire::RunId>{run});
  EXPECT_EQ(show(task).state, TaskState::running);
  EXPECT_EQ(show(task).attempt, 1);
}

TEST_F(FleetTest, SurvivesItsOwnDeath) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t first = submit(), second = submit();
  const wire::RunId run = accept_all(*box).at(0);
  restart();
  EXPECT_EQ(show(first).state, TaskState::running);
  EXPECT_TRUE(fleet_->live_run(first, run.fence));
  EXPECT_EQ(fleet_->node("box")->state, "lost");
  pass(policy_.lease - seconds(1));  // nobody is rescued within one lease of the start
  EXPECT_EQ(show(first).state, TaskState::running);
  box = connect("box", {model_worker("reader", 1)}, {run});
  EXPECT_TRUE(box->all<wire::Offer>().empty());  // its slot is known to be in use
  finish(*box, run);
  EXPECT_EQ(show(first).state, TaskState::succeeded);
  EXPECT_EQ(accept_all(*box).size(), 1U);
  EXPECT_EQ(show(second).state, TaskState::running);
}

TEST_F(FleetTest, AppliesARecordOnceHoweverOftenItIsSent) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = accept_all(*box).at(0);
  wire::Records records;
  for (int i = 0; i < 3; ++i)
    records.items.push_back({++numbers_, run, wire::RecordKind::output, 0, {{"stream", "text"}, {"text", std::to_string(i)}}});
  say(*box, records);
  say(*box, records);
  cut(*box);
  box = connect("box", {model_worker("reader", 1)}, {run});
  EXPECT_EQ(box->last<wire::Welcome>()->acknowledged, 3);
  say(*box, records);
  const auto log = rows<std::vector<LogEntry>>([task](store::Transaction& t) { return read_log(t, task, 0); });
  EXPECT_EQ(log.size(), 3U);
  EXPECT_EQ(box->last<wire::Acknowledge>()->up_to, 3);
}

TEST_F(FleetTest, BoundsWhatItKeepsOfATask) {
  policy_.events = 10;
  policy_.event_text = 5;
  restart();
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = accept_all(*box).at(0);
  for (int i = 0; i < 25; ++i)
    say(*box, wire::Records{{{++numbers_, run, wire::RecordKind::output, 0, {{"text", "aäöü" + std::to_string(i)}}}}});
  const auto log = rows<std::vector<LogEntry>>([task](store::Transaction& t) { return read_log(t, task, 0); });
  ASSERT_EQ(log.size(), 10U);
  EXPECT_EQ(log.back().number, 25);
  EXPECT_EQ(json::string_or(log.back().body, "text", ""), "aäö");  // whole characters
  EXPECT_EQ(json::int_or(log.back().body, "cut_bytes", 0), 4);
}

TEST_F(FleetTest, KeepsLongResultsAsBlobs) {
  std::string kept;
  FleetOptions o = options();
  o.policy.inline_result = 100;
  o.keep_text = [&](std::string_view text) -> Result<std::string> {
    kept = text;
    return std::string(64, 'b');
  };
  fleet_ = std::make_unique<Fleet>(*store_, credentials_, [this](std::function<void()> work) { posts_.push_back(std::move(work)); }, o);
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  finish(*box, accept_all(*box).at(0), good(std::string(101, 'x')));
  EXPECT_EQ(kept.size(), 101U);
  EXPECT_EQ(json::string_or(show(task).result.get_object(), "blob", ""), std::string(64, 'b'));
  EXPECT_FALSE(show(task).result.get_object().contains("text"));
}

TEST_F(FleetTest, CancelsWhatWaitsAtOnce) {
  const std::int64_t queued = submit();
  wire::TaskSpec later = prompt();
  later.not_before = store_->now() + seconds(60);
  const std::int64_t waiting = submit(later);
  EXPECT_EQ(show(waiting).reason, Reason::time);
  for (const std::int64_t task : {queued, waiting}) {
    EXPECT_TRUE(act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); }).value());
    EXPECT_EQ(show(task).state, TaskState::cancelled);
    EXPECT_EQ(act<bool>([task](Ledger& l) -> Result<bool> {
                auto r = cancel_task(l, task);
                return r ? Result<bool>(true) : Result<bool>(Failure(r.error()));
              }).error().code,
              Code::conflict);
  }
  const auto box = connect("box", {model_worker("reader", 4)});
  pass(seconds(120));
  EXPECT_TRUE(box->all<wire::Offer>().empty());
}

TEST_F(FleetTest, TellsTheNodeToEndACancelledRun) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = accept_all(*box).at(0);
  const auto cancel = [&] { return act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); }); };
  EXPECT_TRUE(cancel().value());
  EXPECT_EQ(box->last<wire::Cancel>()->run, run);
  EXPECT_EQ(show(task).state, TaskState::running);
  // The link is cut before the end is reported: it is told again.
  cut(*box);
  box = connect("box", {model_worker("reader", 1)}, {run});
  EXPECT_EQ(box->last<wire::Cancel>()->run, run);
  wire::Finished ended;
  ended.outcome = "cancelled";
  finish(*box, run, ended);
  EXPECT_EQ(show(task).state, TaskState::cancelled);
  EXPECT_EQ(attempts(task).at(0).outcome, "cancelled");
}

TEST_F(FleetTest, EndsACancelledTaskWhoseNodeIsLost) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  accept_all(*box);
  (void)act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); });
  pass(policy_.lease + seconds(1));
  EXPECT_EQ(show(task).state, TaskState::cancelled);
}

TEST_F(FleetTest, TakesAnOfferBackFromANodeWhenItIsCancelled) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = box->last<wire::Offer>()->run;
  (void)act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); });
  EXPECT_EQ(show(task).state, TaskState::cancelled);
  EXPECT_EQ(box->last<wire::Drop>()->runs.at(0), run);
  submit();
  EXPECT_EQ(box->all<wire::Offer>().size(), 2U);  // the slot is free
}

TEST_F(FleetTest, MakesANewTaskForARetry) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const auto retry = [&](std::int64_t id) { return act<std::int64_t>([id](Ledger& l) { return retry_task(l, id); }); };
  EXPECT_EQ(retry(task).error().code, Code::conflict);
  finish(*box, accept_all(*box).at(0), bad(false));
  const auto again = retry(task);
  ASSERT_TRUE(again);
  EXPECT_EQ(show(*again).retry_of, wire::format_id('t', task));
  EXPECT_EQ(show(task).state, TaskState::failed);
  finish(*box, accept_all(*box).at(0));
  EXPECT_EQ(show(*again).state, TaskState::succeeded);
  EXPECT_EQ(retry(12345).error().code, Code::not_found);
}

TEST_F(FleetTest, FailsWhatMissesItsDeadline) {
  wire::TaskSpec spec = prompt();
  spec.deadline = store_->now() + seconds(10);
  const std::int64_t queued = submit(spec);
  pass(seconds(11));
  EXPECT_EQ(show(queued).state, TaskState::failed);
  EXPECT_EQ(show(queued).error->code, Code::deadline);
  auto box = connect("box", {model_worker("reader", 1)});
  spec.deadline = store_->now() + seconds(10);
  const std::int64_t running = submit(spec);
  const wire::RunId run = accept_all(*box).at(0);
  pass(seconds(11));
  EXPECT_EQ(box->last<wire::Cancel>()->run, run);
  wire::Finished ended;
  ended.outcome = "cancelled";
  finish(*box, run, ended);
  EXPECT_EQ(show(running).state, TaskState::failed);
  EXPECT_EQ(show(running).error->code, Code::deadline);
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

TEST_F(FleetTest, GivesNothingNewToADrainingNodeAndBringsItBack) {
  auto box = connect("box", {model_worker("reader", 1)});
  const auto drain = [&](bool on) {
    (void)act<bool>([on](Ledger& l) -> Result<bool> { return set_draining(l, "box", on).has_value(); });
    cut(*box);
    box = connect("box", {model_worker("reader", 1)});
  };
  drain(true);
  EXPECT_EQ(fleet_->node("box")->state, "draining");
  submit();
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  drain(false);
  EXPECT_EQ(box->all<wire::Offer>().size(), 1U);
}

TEST_F(FleetTest, ReturnsWorkOfANodeThatGoesToSleepWithoutADeadLetter) {
  auto box = connect("box", {model_worker("reader", 1)});
  wire::TaskSpec spec = prompt();
  spec.max_attempts = 1;
  const std::int64_t task = submit(spec);
  accept_all(*box);
  say(*box, wire::Goodbye{true});
  EXPECT_EQ(show(task).state, TaskState::queued);
  EXPECT_EQ(show(task).attempt, 1);
  EXPECT_EQ(fleet_->node("box")->state, "suspended");
  cut(*box);
  EXPECT_EQ(fleet_->node("box")->state, "suspended");
}

TEST_F(FleetTest, RefusesAWrongSignatureAndARevokedNode) {
  TestNode stranger;
  fleet_->attach(stranger, Fleet::Trust::signature);
  wire::Hello h = hello("box", {});
  h.signature = "forged";
  say(stranger, h);
  EXPECT_EQ(stranger.closed, "wrong signature");
  cut(stranger);

  auto box = connect("box", {model_worker("reader", 1)});
  (void)act<std::int64_t>([](Ledger& l) { return revoke_node(l, "box"); });
  cut(*box);
  box = connect("box", {model_worker("reader", 1)});
  ASSERT_TRUE(box->closed);
  EXPECT_NE(box->closed->find("revoked"), std::string::npos);
}

TEST_F(FleetTest, ReplacesAnOlderLinkOfTheSameNode) {
  auto old = connect("box", {model_worker("reader", 1)});
  auto fresh = connect("box", {model_worker("reader", 1)});
  EXPECT_TRUE(old->closed);
  cut(*old);
  EXPECT_EQ(fleet_->node("box")->state, "linked");
  submit();
  EXPECT_TRUE(old->all<wire::Offer>().empty());
  EXPECT_EQ(fresh->all<wire::Offer>().size(), 1U);
}

TEST_F(FleetTest, ReadsItsMemoryAgainWhenATransactionWasUndone) {
  auto box = connect("box", {model_worker("reader", 1)});
  const auto undone = act<std::int64_t>([](Ledger& l) -> Result<std::int64_t> {
    NewTask facts;
    facts.owner = "me";
    insert_task(l, facts, prompt());
    return fail(Code::conflict, "thought better of it");
  });
  EXPECT_FALSE(undone);
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  const std::int64_t task = submit();
  EXPECT_EQ(box->last<wire::Offer>()->run.task, wire::format_id('t', task));
}

TEST_F(FleetTest, GoesOnAfterAFullDiskAtEveryStep) {
  // The commit of each step fails once; the world around it does what it would: submit again, link again, send again.
  for (int failing = 0; failing < 12; ++failing) {
    store_ = store::Store::inline_for_tests(clock_, {migrations().begin(), migrations().end()});
    restart();
    numbers_ = 0;
    int step = 0;
    const auto perhaps = [&] {
      if (step++ == failing) store_->fail_commits_for_tests(1);
    };
    const auto link = [&](std::vector<wire::RunId> running) {
      for (;;) {
        auto node = connect("box", {model_worker("reader", 1)}, running);
        if (!node->closed) return node;
        cut(*node);
      }
    };
    perhaps();
    auto box = link({});
    perhaps();
    auto submitted = act<Submitted>([&](Ledger& l) { return fleet::submit(l, {"me", prompt(), std::nullopt}); });
    if (!submitted) submitted = act<Submitted>([&](Ledger& l) { return fleet::submit(l, {"me", prompt(), std::nullopt}); });
    ASSERT_TRUE(submitted);
    ASSERT_EQ(box->all<wire::Offer>().size(), 1U) << failing;
    const wire::RunId run = box->last<wire::Offer>()->run;
    perhaps();
    say(*box, wire::Accept{run});
    perhaps();
    if (!box->closed) say(*box, wire::Beat{1, 0});
    const auto again = [&] {
      cut(*box);
      perhaps();
      box = link({run});
    };
    if (box->closed) again();
    perhaps();
    finish(*box, run);
    if (box->closed) {
      again();
      --numbers_;
      perhaps();
      finish(*box, run);
    }
    perhaps();
    pass(seconds(1));
    EXPECT_EQ(show(submitted->task).state, TaskState::succeeded) << failing;
    EXPECT_EQ(attempts(submitted->task).size(), 1U) << failing;
    const std::int64_t next = submit();
    EXPECT_EQ(show(next).state, TaskState::offered) << failing;
  }
}

TEST_F(FleetTest, HandsNothingToANodeWhoseRegistrationWasUndone) {
  store_->fail_commits_for_tests(1);
  const auto box = connect("box", {model_worker("reader", 1)});
  EXPECT_TRUE(box->closed);
  EXPECT_EQ(show(submit()).state, TaskState::queued);
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
  out += task ? task->id + " " + std::string(wire::to_string(task->state)) : task.error().text();
  const auto why = co_await fleet.why(1);
  out += "; " + (why ? why->sentence : why.error().text());
  const auto missing = co_await fleet.show_task(99);
  out += "; " + (missing ? missing->id : missing.error().message);
  NewBatch batch;
  batch.owner = "me";
  const auto made = co_await fleet.make_batch(std::move(batch));
  out += "; " + (made ? made->id + " " + made->state : made.error().text());
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
  EXPECT_EQ(said.get_future().get(),
            "t1 queued; no worker matches: it needs a model worker, and no worker is known; no task t99; b1 open; cancelled; no node nobody; 1");
  gateway.stop();
  gateway.join();
  home.stop();
  home.join();
}

}  // namespace
}  // namespace flotte::fleet
