// Workers that the hub gives to nodes, what machines have, and machines that are woken: through the whole fleet.
#include <gmock/gmock.h>

#include "fleet/definitions.hpp"
#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MachinesTest : public FleetTest {
 protected:
  Result<void> define(DefinitionAction action, const std::string& node, const wire::WorkerInfo& worker) {
    const auto changed = act<std::int64_t>([&](Ledger& l) -> Result<std::int64_t> {
      if (action == DefinitionAction::add) return define_worker(l.rows, node, worker);
      if (action == DefinitionAction::set) return redefine_worker(l.rows, node, worker);
      return remove_definition(l.rows, node, worker.name);
    });
    return changed ? Result<void>() : Result<void>(Failure(changed.error()));
  }
  static wire::HostInfo host(std::vector<wire::NetworkCard> cards = {}, bool wake = false) {
    wire::HostInfo out;
    out.capacity.measured_at_ms = 1;
    out.capacity.memory_mb = 16'000;
    out.capacity.networks = std::move(cards);
    out.wake = wake;
    return out;
  }
  std::unique_ptr<TestNode> connect_as(const std::string& name, std::vector<wire::WorkerInfo> workers, wire::HostInfo host) {
    auto node = std::make_unique<TestNode>();
    fleet_->attach(*node, Fleet::Trust::signature);
    wire::Hello greeting = hello(name, std::move(workers));
    greeting.host = std::move(host);
    say(*node, std::move(greeting));
    return node;
  }
  std::string why(std::int64_t task) {
    WhyFacts facts = rows<WhyFacts>([task](store::Transaction& t) { return *gather_why(t, task); });
    fleet_->fill(facts);
    return explain(facts, clock_.wall()).sentence;
  }
  const wire::NetworkCard wired{"enp3s0", "aa:bb:cc:dd:ee:ff", "192.168.1.0/24", true};
  const wire::NetworkCard near{"eth0", "aa:bb:cc:dd:ee:02", "192.168.1.0/24", true};
};

TEST_F(MachinesTest, ADefinitionIsKeptChangedAndTakenAway) {
  auto box = connect("box", {});
  ASSERT_TRUE(define(DefinitionAction::add, "box", model_worker("reader", 2)));
  EXPECT_EQ(define(DefinitionAction::add, "box", model_worker("reader", 2)).error().code, Code::conflict);
  EXPECT_EQ(define(DefinitionAction::add, "nobody", model_worker("reader", 2)).error().code, Code::not_found);
  ASSERT_TRUE(define(DefinitionAction::set, "box", model_worker("reader", 5, "big")));
  EXPECT_EQ(define(DefinitionAction::set, "box", model_worker("other", 5)).error().code, Code::not_found);
  cut(*box);
  box = connect("box", {});
  ASSERT_THAT(box->last<wire::Welcome>()->workers, SizeIs(1));
  EXPECT_EQ(box->last<wire::Welcome>()->workers[0].slots, 5);
  EXPECT_EQ(box->last<wire::Welcome>()->workers[0].model, "big");
  ASSERT_TRUE(define(DefinitionAction::remove, "box", model_worker("reader", 1)));
  EXPECT_EQ(define(DefinitionAction::remove, "box", model_worker("reader", 1)).error().code, Code::not_found);
  restart();
  box = connect("box", {});
  EXPECT_THAT(box->last<wire::Welcome>()->workers, IsEmpty());
}

TEST_F(MachinesTest, TheHubCannotDefineWhatAMachineExecutes) {
  wire::WorkerInfo worker = model_worker("shell", 1);
  worker.kind = "command";
  const auto refused = check_definition(worker);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::forbidden);
  EXPECT_THAT(refused.error().message, HasSubstr("its own file"));
  worker.kind = "agent";
  EXPECT_EQ(check_definition(worker).error().code, Code::invalid_argument);
  for (const char* name : {"", "a b", "a@b", "x/y", "provider/*"})
    EXPECT_EQ(check_definition(model_worker(name, 1)).error().code, Code::invalid_argument) << name;
  EXPECT_FALSE(check_definition(model_worker("a", 0)));
  EXPECT_FALSE(check_definition(model_worker("a", 1, "")));
  EXPECT_TRUE(check_definition(model_worker("a", 1, "openai/gpt-x")));
}

TEST_F(MachinesTest, ANodeIsToldAtOnceAndTheBoardShowsWhatItSays) {
  auto box = connect("box", {model_worker("own", 1)});
  std::optional<Result<void>> answer;
  fleet_->define_worker_now(DefinitionAction::add, "box", model_worker("reader", 2), [&](Result<void> r) { answer = std::move(r); });
  settle();
  ASSERT_TRUE(answer && *answer);
  ASSERT_THAT(box->last<wire::Define>()->workers, SizeIs(1));
  auto shown = fleet_->worker("reader@box");
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->state, "away");
  EXPECT_EQ(shown->origin, "hub");
  EXPECT_THAT(shown->message, HasSubstr("not taken it up"));
  say(*box, wire::Announce{{}, {model_worker("own", 1), model_worker("reader", 2)}, host()});
  shown = fleet_->worker("reader@box");
  EXPECT_EQ(shown->state, "idle");
  EXPECT_EQ(shown->origin, "hub");
  EXPECT_EQ(shown->message, "");
  EXPECT_EQ(fleet_->worker("own@box")->origin, "node");
  wire::HostInfo refusing = host();
  refusing.seen = {{"worker", "reader", "", "it has no memory for that", "take a smaller model"}};
  say(*box, wire::Announce{{}, {model_worker("own", 1)}, refusing});
  shown = fleet_->worker("reader@box");
  EXPECT_EQ(shown->state, "refused");
  EXPECT_THAT(shown->message, HasSubstr("no memory"));
}

TEST_F(MachinesTest, OfANodeThatIsAwayTheDefinitionCounts) {
  auto box = connect("box", {model_worker("own", 1)});
  const auto change = [this](DefinitionAction action, const wire::WorkerInfo& worker) {
    std::optional<Result<void>> answer;
    fleet_->define_worker_now(action, "box", worker, [&](Result<void> r) { answer = std::move(r); });
    settle();
    return answer && *answer;
  };
  ASSERT_TRUE(change(DefinitionAction::add, model_worker("reader", 2)));
  say(*box, wire::Announce{{}, {model_worker("own", 1), model_worker("reader", 2)}, host()});
  say(*box, wire::Goodbye{});
  cut(*box);
  ASSERT_TRUE(change(DefinitionAction::set, model_worker("reader", 5)));
  EXPECT_EQ(fleet_->worker("reader@box")->info.slots, 5);
  EXPECT_EQ(fleet_->worker("reader@box")->state, "away");
  ASSERT_TRUE(change(DefinitionAction::remove, model_worker("reader", 1)));
  EXPECT_FALSE(fleet_->worker("reader@box"));
  restart();
  EXPECT_FALSE(fleet_->worker("reader@box"));
  EXPECT_TRUE(fleet_->worker("own@box"));
}

TEST_F(MachinesTest, WhatAMachineHasDecidesWhatItIsGiven) {
  auto box = connect_as("box", {model_worker("reader", 4)}, host());
  wire::TaskSpec large = prompt(), small = prompt(), unplugged = prompt();
  large.labels = {"memory>=20G"};
  small.labels = {"memory>=8G"};
  unplugged.labels = {"!battery"};
  const auto waits = submit(large), runs = submit(small);
  EXPECT_EQ(show(runs).state, wire::TaskState::offered);
  EXPECT_EQ(show(waits).state, wire::TaskState::queued);
  EXPECT_THAT(why(waits), HasSubstr("at least 20 GiB of memory"));
  wire::HostInfo now = host();
  now.capacity.memory_mb = 64'000;
  now.capacity.power = "battery";
  say(*box, wire::Announce{{}, {model_worker("reader", 4)}, now});
  EXPECT_EQ(show(waits).state, wire::TaskState::offered);
  const auto later = submit(unplugged);
  EXPECT_EQ(show(later).state, wire::TaskState::queued);
  now.capacity.power = "mains";
  say(*box, wire::Announce{{}, {model_worker("reader", 4)}, now});
  EXPECT_EQ(show(later).state, wire::TaskState::offered);
}

TEST_F(MachinesTest, WhatWasMeasuredIsRememberedWhileTheNodeIsAway) {
  auto box = connect("box", {});
  wire::HostInfo now = host();
  now.capacity.gpus = {{"a", "amd", 8192, 100}};
  say(*box, wire::Announce{{}, {}, now});
  EXPECT_EQ(fleet_->node("box")->host.capacity.vram_mb(), 8192);
  restart();
  EXPECT_EQ(fleet_->node("box")->host.capacity.vram_mb(), 8192);
  box = connect_as("box", {}, now);
  say(*box, wire::Announce{});  // without facts they stay
  EXPECT_EQ(fleet_->node("box")->host.capacity.vram_mb(), 8192);
}

TEST_F(MachinesTest, AMachineIsWokenForWorkThatOnlyItCanDo) {
  auto home = connect_as("near", {}, host({near}));
  auto box = connect_as("box", {model_worker("reader", 1)}, host({wired}, true));
  say(*box, wire::Goodbye{true});
  cut(*box);
  pass(seconds(6));
  EXPECT_THAT(home->all<wire::Wake>(), IsEmpty());  // nothing waits
  const auto task = submit();
  pass(seconds(6));
  ASSERT_THAT(home->all<wire::Wake>(), SizeIs(1));
  EXPECT_EQ(home->last<wire::Wake>()->node, "box");
  EXPECT_THAT(home->last<wire::Wake>()->cards, ElementsAre(wired));
  EXPECT_EQ(fleet_->node("box")->waking->packets, 1);
  EXPECT_THAT(why(task), HasSubstr("waking box"));
  EXPECT_THAT(why(task), HasSubstr("called once by near"));
  for (int i = 0; i < 30; ++i) {
    pass(seconds(1));
    if (i % 5 == 0) say(*home, wire::Beat{i, 0});
  }
  EXPECT_THAT(home->all<wire::Wake>(), SizeIs(2));
  auto back = connect_as("box", {model_worker("reader", 1)}, host({wired}, true));
  EXPECT_EQ(show(task).state, wire::TaskState::offered);
  EXPECT_FALSE(fleet_->node("box")->waking);
  pass(seconds(6));
  EXPECT_THAT(home->all<wire::Wake>(), SizeIs(2));
}

TEST_F(MachinesTest, AMachineSleepsOnWhileAnotherCanDoTheWork) {
  auto home = connect_as("near", {model_worker("busy", 1)}, host({near}));
  auto box = connect_as("box", {model_worker("reader", 1)}, host({wired}, true));
  cut(*box);
  submit();
  submit();  // waits for the busy one
  pass(seconds(6));
  EXPECT_THAT(home->all<wire::Wake>(), IsEmpty());
}

TEST_F(MachinesTest, AMachineThatMayNotBeWokenIsLeftAlone) {
  auto home = connect_as("near", {}, host({near}));
  auto box = connect_as("box", {model_worker("reader", 1)}, host({wired}, false));
  cut(*box);
  const auto task = submit();
  pass(seconds(6));
  EXPECT_THAT(home->all<wire::Wake>(), IsEmpty());
  EXPECT_THAT(why(task), HasSubstr("the node box is away"));
}

TEST_F(MachinesTest, AWorkerDefinedForASleeperIsReasonEnoughToWakeIt) {
  auto home = connect_as("near", {}, host({near}));
  auto box = connect_as("box", {}, host({wired}, true));
  cut(*box);
  std::optional<Result<void>> answer;
  fleet_->define_worker_now(DefinitionAction::add, "box", model_worker("reader", 2), [&](Result<void> r) { answer = std::move(r); });
  settle();
  ASSERT_TRUE(answer && *answer);
  submit();
  pass(seconds(6));
  EXPECT_THAT(home->all<wire::Wake>(), SizeIs(1));
}

TEST_F(MachinesTest, AWishToWakeSaysWhatStandsInItsWay) {
  auto home = connect_as("near", {}, host({near}));
  auto box = connect_as("box", {}, host({wired}, false));
  std::optional<Result<void>> answer;
  const auto wake = [&](const std::string& name) {
    answer.reset();
    fleet_->wake_node_now(name, [&](Result<void> r) { answer = std::move(r); });
    settle();
    return *answer;
  };
  EXPECT_EQ(wake("nobody").error().code, Code::not_found);
  EXPECT_EQ(wake("box").error().code, Code::conflict);
  cut(*box);
  EXPECT_TRUE(wake("box"));
  EXPECT_THAT(home->all<wire::Wake>(), SizeIs(1));
  cut(*home);
  const auto refused = wake("box");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("192.168.1.0/24"));
}

TEST(Labels, CompareSizesAndAbsence) {
  const std::vector<std::string> has{"gpu", "memory=16000", "vram=8192", "cores=8"};
  for (const char* yes : {"gpu", "!metered", "memory>=15G", "memory>=100M", "vram>=8G", "cores>=8"})
    EXPECT_TRUE(has_label(has, yes)) << yes;
  for (const char* no : {"metered", "!gpu", "memory>=16G", "vram>=8193M", "cores>=9", "disk>=1G", "memory>=lots", "memory"})
    EXPECT_FALSE(has_label(has, no)) << no;
}

}  // namespace
}  // namespace flotte::fleet
