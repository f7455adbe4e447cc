// Nodes that sleep with their runs, and nodes of other versions.
#include "base/async/blocking.hpp"
#include "fleet/nodes.hpp"
#include "fleet/suspended.hpp"
#include "fleet/testing.hpp"
#include "fleet/why.hpp"
#include "wire/features.hpp"

namespace flotte::fleet {
namespace {

using wire::Reason;
using wire::TaskState;

class SleepTest : public FleetTest {
 protected:
  const milliseconds grace = policy_.suspend_grace;
  /// A node with one accepted run that said that it sleeps.
  std::int64_t run_and_sleep() {
    box = connect("box", {model_worker("reader", 1)});
    const std::int64_t task = submit();
    run = accept_all(*box).at(0);
    say(*box, wire::Goodbye{.sleeping = true, .keeps = true});
    cut(*box);
    return task;
  }
  std::unique_ptr<TestNode> box;
  wire::RunId run;
};

TEST_F(SleepTest, KeepsItsRunsAndGoesOnWithThemAtWaking) {
  const std::int64_t task = run_and_sleep();
  EXPECT_EQ(fleet_->node("box")->state, "suspended");
  ASSERT_TRUE(fleet_->node("box")->suspended_until);
  pass(policy_.lease * 5);
  EXPECT_EQ(show(task).state, TaskState::running) << "many leases are no loss";
  EXPECT_EQ(fleet_->node("box")->state, "suspended");
  box = connect("box", {model_worker("reader", 1)}, {run});
  EXPECT_EQ(box->last<wire::Welcome>()->keep, std::vector<wire::RunId>{run});
  EXPECT_EQ(fleet_->node("box")->state, "linked");
  EXPECT_FALSE(fleet_->node("box")->suspended_until);
  finish(*box, run);
  EXPECT_EQ(show(task).state, TaskState::succeeded);
  EXPECT_EQ(attempts(task).size(), 1U);
}

TEST_F(SleepTest, IsLostWhenItSleepsTooLongAndFencedWhenItComesBack) {
  const std::int64_t task = run_and_sleep();
  pass(grace + seconds(1));
  EXPECT_EQ(fleet_->node("box")->state, "lost");
  EXPECT_EQ(show(task).reason, Reason::backoff);
  EXPECT_EQ(attempts(task).at(0).outcome, "lost");
  EXPECT_NE(attempts(task).at(0).message.find("slept"), std::string::npos) << attempts(task).at(0).message;
  box = connect("box", {model_worker("reader", 1)}, {run});
  EXPECT_EQ(box->last<wire::Welcome>()->drop, std::vector<wire::RunId>{run});
}

TEST_F(SleepTest, OutlivesTheHub) {
  const std::int64_t task = run_and_sleep();
  clock_.passed_ += grace + seconds(5);  // nobody was there to see it
  restart();
  EXPECT_EQ(fleet_->node("box")->state, "suspended");
  EXPECT_EQ(show(task).state, TaskState::running) << "no sleep ends within one lease of a hub's start";
  pass(policy_.lease + seconds(1));
  EXPECT_EQ(fleet_->node("box")->state, "lost");
}

TEST_F(SleepTest, ACancelledTaskDoesNotWaitForItsNodeToWake) {
  const std::int64_t task = run_and_sleep();
  EXPECT_TRUE(act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); }).value());
  EXPECT_EQ(show(task).state, TaskState::cancelled);
  box = connect("box", {model_worker("reader", 1)}, {run});
  EXPECT_EQ(box->last<wire::Welcome>()->drop, std::vector<wire::RunId>{run});
}

TEST_F(SleepTest, GivesItsRunsBackWhereNoSleepIsGranted) {
  policy_.suspend_grace = milliseconds(0);
  restart();
  const std::int64_t task = run_and_sleep();
  EXPECT_EQ(show(task).state, TaskState::queued);
  EXPECT_EQ(fleet_->node("box")->state, "suspended");
}

TEST_F(SleepTest, GetsNothingNewWhileItSleeps) {
  run_and_sleep();
  const std::int64_t next = submit();
  pass(seconds(1));
  EXPECT_EQ(show(next).state, TaskState::queued);
}

TEST_F(SleepTest, APersonCanSayItOfANodeThatIsAlreadyAway) {
  box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  run = accept_all(*box).at(0);
  cut(*box);  // the lid was closed and nobody was told
  const auto until = act<std::optional<WallTime>>([](Ledger& l) -> Result<std::optional<WallTime>> { return suspend_node(l, 1); });
  ASSERT_TRUE(until && *until);
  pass(policy_.lease * 2);
  EXPECT_EQ(show(task).state, TaskState::running);
  pass(grace);
  EXPECT_EQ(show(task).reason, Reason::backoff);
  EXPECT_FALSE(*act<std::optional<WallTime>>([](Ledger& l) -> Result<std::optional<WallTime>> { return suspend_node(l, 1); }))
      << "what is lost cannot sleep";
}

TEST_F(SleepTest, WhoIsToSleepForAShortTimeIsNotWaitedForLonger) {
  box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  run = accept_all(*box).at(0);
  const auto until =
      act<std::optional<WallTime>>([](Ledger& l) -> Result<std::optional<WallTime>> { return suspend_node(l, 1, seconds(20)); });
  ASSERT_TRUE(until && *until);
  EXPECT_EQ(**until - store_->now(), seconds(20) + policy_.lease) << "with a lease to come back in";
  const auto long_until =
      act<std::optional<WallTime>>([](Ledger& l) -> Result<std::optional<WallTime>> { return suspend_node(l, 1, std::chrono::hours(24)); });
  EXPECT_EQ(**long_until - store_->now(), grace) << "never longer than the grace";
  (void)act<std::optional<WallTime>>([](Ledger& l) -> Result<std::optional<WallTime>> { return suspend_node(l, 1, seconds(20)); });
  cut(*box);
  pass(seconds(15));
  EXPECT_EQ(show(task).state, TaskState::running);
  pass(policy_.lease + seconds(10));
  EXPECT_EQ(show(task).reason, Reason::backoff);
}

TEST_F(SleepTest, WhoEndsInItsSleepGivesItsRunsBackAtOnce) {
  const std::int64_t task = run_and_sleep();
  box = connect("box", {model_worker("reader", 1)}, {run});
  say(*box, wire::Goodbye{});
  EXPECT_EQ(fleet_->node("box")->state, "lost");
  EXPECT_EQ(show(task).state, TaskState::queued);
}

class VersionTest : public FleetTest {
 protected:
  std::unique_ptr<TestNode> connect_version(const std::string& name, const std::string& version, std::vector<std::string> features,
                                            int protocol = wire::link_protocol) {
    auto node = std::make_unique<TestNode>();
    fleet_->attach(*node, Fleet::Trust::signature);
    wire::Hello h = hello(name, {model_worker("reader", 1)});
    h.protocol = protocol;
    h.host.version = version;
    h.host.features = std::move(features);
    say(*node, h);
    return node;
  }
  static wire::TaskSpec with_feature(std::string feature) {
    wire::TaskSpec spec = prompt();
    spec.features = {std::move(feature)};
    return spec;
  }
  Result<void> suspend_now(const std::string& name) {
    asio::io_context io;
    auto answer = asio::co_spawn(io, fleet_->suspend_node(name, seconds(5)), asio::use_future);
    io.poll();
    settle();
    io.restart();
    io.poll();
    if (answer.wait_for(seconds(0)) != std::future_status::ready) return fail(Code::internal, "nobody answered");
    return answer.get();
  }
  Why explain_now(std::int64_t task) {
    WhyFacts facts = rows<WhyFacts>([task](store::Transaction& t) { return *gather_why(t, task); });
    for (const wire::NodeView& node : fleet_->nodes()) {
      WhyFacts::Worker worker;
      worker.place = {node.name, "reader", "model", "tiny", node.host.all_labels()};
      facts.workers.push_back(std::move(worker));
    }
    return explain(facts, store_->now());
  }
};

TEST_F(VersionTest, ANodeOfTheEarlierProtocolIsWelcomeAndGetsOrdinaryWork) {
  const auto old = connect_version("old", "0.0.9", {}, wire::oldest_link_protocol);
  ASSERT_TRUE(old->last<wire::Welcome>());
  EXPECT_EQ(old->last<wire::Welcome>()->protocol, wire::oldest_link_protocol);
  submit();
  EXPECT_EQ(old->all<wire::Offer>().size(), 1U);
}

TEST_F(VersionTest, WhatAnOlderNodeDoesNotUnderstandIsNotOfferedToIt) {
  const auto old = connect_version("old", "0.0.9", {}, wire::oldest_link_protocol);
  const std::int64_t task = submit(with_feature("steps"));
  EXPECT_TRUE(old->all<wire::Offer>().empty());
  EXPECT_EQ(show(task).state, TaskState::queued);
  const std::string said = explain_now(task).sentence;
  EXPECT_NE(said.find("needs a node of version"), std::string::npos) << said;
  EXPECT_NE(said.find("reader@old runs flotte 0.0.9"), std::string::npos) << said;
  const auto fresh = connect_version("new", "0.1.0", wire::feature_names());
  EXPECT_EQ(fresh->all<wire::Offer>().size(), 1U);
}

TEST_F(VersionTest, AnOfferThatANodeCannotReadGoesToAnotherVersionAndIsNotOfferedAgain) {
  const auto old = connect_version("old", "0.0.9", {});
  const std::int64_t task = submit();
  ASSERT_EQ(old->all<wire::Offer>().size(), 1U);
  say(*old, wire::Refuse{old->last<wire::Offer>()->run, "this node (flotte 0.0.9) cannot read it: what is a dance?", true});
  pass(seconds(10));
  pass(seconds(10));
  EXPECT_EQ(old->all<wire::Offer>().size(), 1U) << "it would be refused for ever";
  EXPECT_EQ(show(task).state, TaskState::queued);
  EXPECT_EQ(show(task).attempt, 0) << "no attempt is used";
  const std::string said = explain_now(task).sentence;
  EXPECT_NE(said.find("needs a node of another version"), std::string::npos) << said;
  const std::int64_t other = submit();
  ASSERT_EQ(old->all<wire::Offer>().size(), 2U) << "it goes on with what it can read";
  EXPECT_EQ(old->last<wire::Offer>()->run.task, "t" + std::to_string(other));
  const auto fresh = connect_version("new", "0.1.0", wire::feature_names());
  ASSERT_EQ(fresh->all<wire::Offer>().size(), 1U);
  EXPECT_EQ(fresh->last<wire::Offer>()->run.task, "t" + std::to_string(task));
}

TEST_F(VersionTest, WhoIsTooOldOrTooNewIsToldWhatToDo) {
  const auto old = connect_version("old", "0.0.1", {}, wire::oldest_link_protocol - 1);
  ASSERT_TRUE(old->last<wire::Stop>());
  EXPECT_FALSE(old->last<wire::Stop>()->revoked) << "it may come back when it has been brought up to date";
  EXPECT_NE(old->last<wire::Stop>()->message.find("install flotte"), std::string::npos) << old->last<wire::Stop>()->message;
  EXPECT_TRUE(old->closed);
  const auto fresh = connect_version("new", "9.0.0", {}, wire::link_protocol + 1);
  ASSERT_TRUE(fresh->last<wire::Stop>());
  EXPECT_NE(fresh->last<wire::Stop>()->message.find("bring the hub up to date"), std::string::npos) << fresh->last<wire::Stop>()->message;
}

TEST_F(VersionTest, ANodeIsToldWhichProtocolsAreUnderstood) {
  const auto fresh = connect_version("new", "0.1.0", wire::feature_names());
  const auto challenge = fresh->last<wire::Challenge>();
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->protocol, wire::link_protocol);
  EXPECT_EQ(challenge->oldest, wire::oldest_link_protocol);
}

TEST_F(VersionTest, OnlyANodeThatUnderstandsItIsToldToSleep) {
  const auto old = connect_version("old", "0.0.9", {});
  const auto fresh = connect_version("new", "0.1.0", wire::feature_names());
  const Result<void> refused = suspend_now("old");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unsupported);
  EXPECT_NE(refused.error().message.find("too old"), std::string::npos) << refused.error().text();
  EXPECT_TRUE(suspend_now("new"));
  EXPECT_TRUE(old->all<wire::Suspend>().empty());
  say(*fresh, wire::Goodbye{.sleeping = true, .keeps = true});
  ASSERT_TRUE(fleet_->node("new")->suspended_until);
  EXPECT_EQ(*fleet_->node("new")->suspended_until - store_->now(), seconds(5) + policy_.lease) << "as long as it was told, and a lease";
  const auto told = fresh->all<wire::Suspend>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.at(0).for_ms, 5000);
}

TEST_F(VersionTest, ARecordOfANewerKindIsAcknowledgedAndPassedOver) {
  const auto box = connect_version("box", "9.0.0", wire::feature_names());
  const std::int64_t task = submit();
  const wire::RunId run = accept_all(*box).at(0);
  say(*box, wire::Records{{{++numbers_, run, wire::RecordKind::other, 0, {{"of", "smoke"}}}}});
  EXPECT_EQ(box->last<wire::Acknowledge>()->up_to, numbers_);
  finish(*box, run);
  EXPECT_EQ(show(task).state, TaskState::succeeded);
}

}  // namespace
}  // namespace flotte::fleet
