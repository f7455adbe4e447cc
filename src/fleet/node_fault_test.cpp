// Nodes that are lost, come back, leave or are refused; a hub that dies; a disk that is full.
#include "fleet/nodes.hpp"
#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using wire::Reason;
using wire::TaskState;

class NodeFaultTest : public FleetTest {};

TEST_F(NodeFaultTest, RescuesTheTasksOfALostNode) {
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
  EXPECT_EQ(fleet_->node("box")->engines.at(0).state, "away");
  // What the zombie still says changes nothing.
  say(*box, wire::Records{{{++numbers_, runs, wire::RecordKind::finished, 0, good().to_json()}}});
  EXPECT_EQ(show(running).state, TaskState::waiting);
}

TEST_F(NodeFaultTest, AcknowledgesAndForgetsTheResultOfAStaleFence) {
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

TEST_F(NodeFaultTest, KeepsRunsOverANewLinkAndReleasesTheOthers) {
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

TEST_F(NodeFaultTest, CountsAnOfferAsAcceptedWhenTheNodeRunsIt) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = box->last<wire::Offer>()->run;
  cut(*box);  // its Accept was lost on the way
  box = connect("box", {model_worker("reader", 1)}, {run});
  EXPECT_EQ(box->last<wire::Welcome>()->keep, std::vector<wire::RunId>{run});
  EXPECT_EQ(show(task).state, TaskState::running);
  EXPECT_EQ(show(task).attempt, 1);
}

TEST_F(NodeFaultTest, SurvivesItsOwnDeath) {
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

TEST_F(NodeFaultTest, AppliesARecordOnceHoweverOftenItIsSent) {
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

TEST_F(NodeFaultTest, GivesNothingNewToADrainingNodeAndBringsItBack) {
  auto box = connect("box", {model_worker("reader", 1)});
  const auto drain = [&](bool on) {
    (void)act<bool>([on](Ledger& l) -> Result<bool> { return set_draining(l, "box", on).has_value(); });
    cut(*box);
    box = connect("box", {model_worker("reader", 1)});
  };
  drain(true);
  EXPECT_EQ(fleet_->node("box")->state, "drained") << "nothing runs there";
  wire::Activity busy;
  busy.task = "t9";
  say(*box, wire::Doing{"reader", {busy}});
  EXPECT_EQ(fleet_->node("box")->state, "draining");
  seen_.clear();
  say(*box, wire::Doing{"reader", {}});
  EXPECT_EQ(fleet_->node("box")->state, "drained");
  EXPECT_NE(std::find(seen_.begin(), seen_.end(), "node " + fleet_->node("box")->id), seen_.end()) << "the board hears of it";
  submit();
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  drain(false);
  EXPECT_EQ(box->all<wire::Offer>().size(), 1U);
}

TEST_F(NodeFaultTest, ReturnsWorkOfANodeThatGoesToSleepWithoutADeadLetter) {
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

TEST_F(NodeFaultTest, RefusesAWrongSignatureAndARevokedNode) {
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
  EXPECT_NE(box->closed->find("removed"), std::string::npos);
  ASSERT_TRUE(box->last<wire::Stop>());
  EXPECT_TRUE(box->last<wire::Stop>()->revoked) << "it ends instead of asking for ever";
  cut(*box);
  // Enrolled again, it may come back under its name.
  (void)act<bool>([](Ledger& l) -> Result<bool> {
    admit_node(l.rows, "box", {}, l.rows.now());
    return true;
  });
  box = connect("box", {model_worker("reader", 1)});
  EXPECT_FALSE(box->closed);
}

TEST_F(NodeFaultTest, LabelsOfTheHubCountLikeItsOwn) {
  (void)act<bool>([](Ledger& l) -> Result<bool> {
    admit_node(l.rows, "box", {"gpu"}, l.rows.now());
    return true;
  });
  wire::TaskSpec spec = prompt();
  spec.labels = {"gpu"};
  auto plain = connect("plain", {model_worker("reader", 1)});
  const std::int64_t task = submit(spec);
  EXPECT_TRUE(plain->all<wire::Offer>().empty());
  auto box = connect("box", {model_worker("reader", 1)});
  EXPECT_EQ(box->all<wire::Offer>().size(), 1U);
  EXPECT_EQ(show(task).state, TaskState::offered);
  EXPECT_EQ(fleet_->node("box")->labels, std::vector<std::string>{"gpu"});
  EXPECT_TRUE(fleet_->node("box")->host.labels.empty());
  cut(*box);
  restart();
  EXPECT_EQ(fleet_->node("box")->labels, std::vector<std::string>{"gpu"}) << "they are kept";
}

TEST_F(NodeFaultTest, ARenamedNodeComesBackWithItsRuns) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const auto runs = accept_all(*box);
  ASSERT_EQ(runs.size(), 1U);
  const auto renamed = act<std::int64_t>([](Ledger& l) { return change_node(l.rows, "box", {.name = "attic", .labels = {}}); });
  ASSERT_TRUE(renamed);
  credentials_.renamed["box"] = "attic";
  cut(*box);
  box = std::make_unique<TestNode>();
  fleet_->attach(*box, Fleet::Trust::signature);
  say(*box, hello("box", {model_worker("reader", 1)}, runs));
  ASSERT_TRUE(box->last<wire::Welcome>());
  EXPECT_EQ(box->last<wire::Welcome>()->name, "attic");
  EXPECT_EQ(box->last<wire::Welcome>()->keep, runs);
  EXPECT_EQ(box->last<wire::Welcome>()->ticket, "ticket-attic");
  EXPECT_FALSE(fleet_->node("box"));
  EXPECT_EQ(fleet_->node("attic")->state, "linked");
  finish(*box, runs[0]);
  EXPECT_EQ(show(task).state, TaskState::succeeded);
  const auto taken = act<std::int64_t>([](Ledger& l) { return change_node(l.rows, "home", {.name = "attic", .labels = {}}); });
  EXPECT_FALSE(taken);
}

TEST_F(NodeFaultTest, ReplacesAnOlderLinkOfTheSameNode) {
  auto old = connect("box", {model_worker("reader", 1)});
  auto fresh = connect("box", {model_worker("reader", 1)});
  EXPECT_TRUE(old->closed);
  cut(*old);
  EXPECT_EQ(fleet_->node("box")->state, "linked");
  submit();
  EXPECT_TRUE(old->all<wire::Offer>().empty());
  EXPECT_EQ(fresh->all<wire::Offer>().size(), 1U);
}

TEST_F(NodeFaultTest, ReadsItsMemoryAgainWhenATransactionWasUndone) {
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

TEST_F(NodeFaultTest, GoesOnAfterAFullDiskAtEveryStep) {
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

TEST_F(NodeFaultTest, HandsNothingToANodeWhoseRegistrationWasUndone) {
  store_->fail_commits_for_tests(1);
  const auto box = connect("box", {model_worker("reader", 1)});
  EXPECT_TRUE(box->closed);
  EXPECT_EQ(show(submit()).state, TaskState::queued);
}

}  // namespace
}  // namespace flotte::fleet
