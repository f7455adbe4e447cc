// The scheduler alone: fairness, priority with aging, machines for oneself.
#include "fleet/scheduler.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace flotte::fleet {
namespace {

class SchedulerTest : public ::testing::Test {
 protected:
  Flow& flow(std::int64_t id, double weight = 1, Need need = {}, std::string owner = {}, std::string project = {}) {
    flows_[id] = {id, std::move(need), weight, std::move(owner), std::move(project)};
    return flows_[id];
  }
  void worker(std::int64_t node, const std::string& name, int slots, std::string model = "tiny", bool exclusive = false) {
    places_.push_back({"n" + std::to_string(node), name, "model", std::move(model), {}});
    workers_.push_back({node, &places_.back(), slots, 0, exclusive, false});
  }
  void put_all() {
    scheduler_.clear();
    for (const auto& [id, flow] : flows_) scheduler_.put(flow);
  }
  Plan next_plan(std::size_t limit) {
    return scheduler_.plan(workers_, loads_, limit, [this](std::int64_t gate) { return places_at_[gate]; });
  }
  Plan whole_plan(std::size_t limit = 100) {
    put_all();
    return next_plan(limit);
  }
  std::vector<Pick> plan(std::size_t limit = 100) { return whole_plan(limit).picks; }
  void started(std::int64_t flow) {
    scheduler_.put(flows_.at(flow));
    scheduler_.started(flow);
  }
  /// One start at a time, its slot free again at once; how often each flow started.
  std::map<std::int64_t, int> starts(int count) {
    std::map<std::int64_t, int> out;
    put_all();
    for (int i = 0; i < count; ++i) {
      const auto picks = next_plan(1).picks;
      if (picks.empty()) break;
      ++out[picks[0].flow];
      scheduler_.started(picks[0].flow);
    }
    return out;
  }
  Scheduler scheduler_;
  std::map<std::int64_t, Flow> flows_;
  std::map<std::int64_t, int> places_at_;  // of gates
  std::deque<Place> places_;
  std::vector<Slots> workers_;
  std::map<std::int64_t, NodeLoad> loads_;
};

TEST_F(SchedulerTest, SharesStartsByWeight) {
  worker(1, "a", 1);
  flow(1);
  flow(2);
  flow(3, 2);
  const auto n = starts(400);
  EXPECT_NEAR(n.at(1), 100, 2);
  EXPECT_NEAR(n.at(2), 100, 2);
  EXPECT_NEAR(n.at(3), 200, 2);
}

TEST_F(SchedulerTest, GivesALateFlowItsShareAtOnceAndNoBacklog) {
  worker(1, "a", 1);
  flow(1);
  starts(1000);
  flow(2);
  EXPECT_EQ(plan(1)[0].flow, 2);
  const auto n = starts(100);
  EXPECT_NEAR(n.at(1), 50, 1);
  EXPECT_NEAR(n.at(2), 50, 1);
}

TEST_F(SchedulerTest, DoesNotLetATrickleTakeEverything) {
  worker(1, "a", 1);
  flow(1);
  int trickle = 0;
  // Flow 2 has one task at a time and submits the next one the moment it was started.
  for (int i = 0; i < 100; ++i) {
    flow(2);
    const auto pick = plan(1).at(0);
    if (pick.flow == 2) ++trickle;
    started(pick.flow);
    if (pick.flow == 2) flows_.erase(2);
  }
  EXPECT_NEAR(trickle, 50, 1);
}

TEST_F(SchedulerTest, GivesOwnersTheSameHoweverManyFlowsTheyHave) {
  worker(1, "a", 1);
  for (std::int64_t id = 1; id <= 1000; ++id) flow(id, 1, {}, "many", "p" + std::to_string(id % 7));
  flow(2000, 1, {}, "one");
  EXPECT_EQ(starts(1).size(), 1U);
  const auto n = starts(200);
  EXPECT_NEAR(n.at(2000), 100, 1);
}

TEST_F(SchedulerTest, ASingleTaskOfAnotherOwnerIsNextAfterAFlood) {
  worker(1, "a", 1);
  for (std::int64_t id = 1; id <= 1000; ++id) flow(id, 1, {}, "flood");
  starts(5000);
  flow(2000, 1, {}, "late");
  EXPECT_EQ(plan(1).at(0).flow, 2000);
}

TEST_F(SchedulerTest, GivesEachOfManyFlowsItsTurnInOrder) {
  worker(1, "a", 1000);
  for (std::int64_t id = 1; id <= 100; ++id) flow(id);
  std::vector<std::int64_t> order;
  for (const Pick& pick : plan(250)) order.push_back(pick.flow);
  ASSERT_EQ(order.size(), 250U);
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], static_cast<std::int64_t>(i % 100) + 1) << i;
  // A flow that goes and comes back has not forgotten what it had.
  for (int i = 0; i < 3; ++i) started(1);
  scheduler_.remove(1);
  flow(1);
  for (const Pick& pick : plan(99)) EXPECT_NE(pick.flow, 1);
}

TEST_F(SchedulerTest, SharesByTheWeightsOfOwnersAndOfTheirProjects) {
  worker(1, "a", 1);
  scheduler_.use(Shares{{{"anna", 3}}, {{"urgent", 4}}});
  flow(1, 1, {}, "anna", "urgent");
  flow(2, 1, {}, "anna", "later");
  flow(3, 1, {}, "anna", "later");
  flow(4, 1, {}, "bert", "urgent");  // a project's weight counts among the projects of its owner only
  const auto n = starts(400);
  EXPECT_NEAR(n.at(1), 240, 2);
  EXPECT_NEAR(n.at(2), 30, 2);
  EXPECT_NEAR(n.at(3), 30, 2);
  EXPECT_NEAR(n.at(4), 100, 2);
}

TEST_F(SchedulerTest, AnOwnerWhoseWorkFitsNobodyCostsTheOthersNothing) {
  worker(1, "a", 2);
  Need other;
  other.model = "other";
  flow(1, 1, other, "anna");
  flow(2, 1, {}, "bert");
  EXPECT_EQ(plan().size(), 2U);
  starts(100);
  // And when it fits at last it gets its share, no more.
  worker(2, "b", 1, "other");
  workers_.erase(workers_.begin());
  flows_[2].need.model = "other";
  const auto n = starts(100);
  EXPECT_NEAR(n.at(1), 50, 1);
}

TEST_F(SchedulerTest, StartsNoMoreThanItsGatesLetThroughAndSaysWhoIsShutOut) {
  worker(1, "a", 9);
  flow(1).gates = {7};
  flow(2).gates = {7, 8};
  flow(3);
  places_at_ = {{7, 3}, {8, 1}};
  const Plan p = whole_plan();
  std::map<std::int64_t, int> n;
  for (const Pick& pick : p.picks) ++n[pick.flow];
  EXPECT_EQ(n[1], 2);
  EXPECT_EQ(n[2], 1);
  EXPECT_EQ(n[3], 6);
  ASSERT_EQ(p.shut.size(), 2U);
  EXPECT_EQ(p.shut[0].flow + p.shut[1].flow, 3);
}

TEST_F(SchedulerTest, FillsTheLeastBusyWorkerFirst) {
  worker(1, "a", 2);
  worker(2, "b", 4);
  flow(1);
  const auto picks = plan();
  ASSERT_EQ(picks.size(), 6U);
  std::map<std::size_t, int> by_worker;
  for (std::size_t i = 0; i < 3; ++i) ++by_worker[picks[i].worker];
  EXPECT_EQ(by_worker[0], 1);  // a third of the slots is in use when a third of each is
  EXPECT_EQ(by_worker[1], 2);
}

TEST_F(SchedulerTest, MatchesOnlyWhatFits) {
  worker(1, "a", 1, "tiny");
  Need need;
  need.model = "large";
  flow(1, 1, need);
  EXPECT_TRUE(plan().empty());
  worker(2, "b", 1, "large");
  ASSERT_EQ(plan().size(), 1U);
  EXPECT_EQ(plan()[0].worker, 1U);
}

TEST_F(SchedulerTest, LeavesARestingWorkerAlone) {
  worker(1, "a", 4);
  workers_[0].resting = true;
  flow(1);
  EXPECT_TRUE(plan().empty());
}

TEST_F(SchedulerTest, RunsAnExclusiveTaskAlone) {
  worker(1, "a", 4);
  Need alone;
  alone.exclusive = true;
  flow(1, 1, alone);
  flow(2);
  started(2);  // so that it is flow 1's turn
  auto picks = plan();
  ASSERT_EQ(picks.size(), 1U);
  EXPECT_EQ(picks[0].flow, 1);
  loads_[1] = {1, true};  // it runs: nobody else may come
  EXPECT_TRUE(plan().empty());
}

TEST_F(SchedulerTest, KeepsAMachineFreeForAnExclusiveTaskWhoseTurnItIs) {
  worker(1, "a", 4);
  worker(2, "b", 4);
  workers_[0].busy = 1;
  workers_[1].busy = 2;
  loads_[1] = {1, false};
  loads_[2] = {2, false};
  Need alone;
  alone.exclusive = true;
  flow(1, 1, alone);
  flow(2);
  started(2);
  const auto picks = plan();
  ASSERT_EQ(picks.size(), 2U);  // only node 2 takes new work; node 1 becomes empty
  for (const Pick& pick : picks) {
    EXPECT_EQ(pick.flow, 2);
    EXPECT_EQ(pick.worker, 1U);
  }
  workers_[0].busy = 0;
  loads_[1] = {};
  EXPECT_EQ(plan(1).at(0).flow, 1);
}

TEST_F(SchedulerTest, AnExclusiveWorkerHasItsNodeForItself) {
  worker(1, "a", 4);
  worker(1, "b", 2, "other", true);
  Need other;
  other.model = "other";
  flow(1, 1, other);
  EXPECT_EQ(plan().size(), 1U);  // two slots, but one run is alone on the node
  loads_[1] = {1, false};
  EXPECT_TRUE(plan().empty());
}

TEST_F(SchedulerTest, KeepsToItsLimitAndToFreeSlots) {
  worker(1, "a", 3);
  flow(1);
  EXPECT_EQ(plan(2).size(), 2U);
  EXPECT_EQ(plan(10).size(), 3U);
  workers_[0].busy = 3;
  EXPECT_TRUE(plan().empty());
}

TEST(OrderByAge, PutsPriorityFirstAndTheOlderOfEquals) {
  const WallTime now = from_ms(1'000'000);
  const auto order = order_by_age({{7, 2, now}, {9, 0, now}, {3, 2, now}}, seconds(60));
  EXPECT_EQ(order[0].task, 9);
  EXPECT_EQ(order[1].task, 3);
  EXPECT_EQ(order[2].task, 7);
}

TEST(OrderByAge, LetsALowPriorityWinAfterItHasWaited) {
  const WallTime now = from_ms(100'000'000);
  const Waiting urgent{9, 0, now};
  EXPECT_EQ(order_by_age({{1, 5, now - seconds(299)}, urgent}, seconds(60))[0].task, 9);
  EXPECT_EQ(order_by_age({{1, 5, now - seconds(300)}, urgent}, seconds(60))[0].task, 1);
}

TEST(Need, ComparesWhatAPersonWouldAsk) {
  Place place{"box", "reader", "model", "tiny", {"gpu", "documents"}};
  Need need;
  EXPECT_EQ(compare(need, place), Mismatch::none);
  need.labels = {"gpu"};
  need.node = "box";
  need.worker = "reader";
  need.model = "tiny";
  EXPECT_EQ(compare(need, place), Mismatch::none);
  need.labels = {"fast"};
  EXPECT_EQ(compare(need, place), Mismatch::label);
  need.model = "other";
  EXPECT_EQ(compare(need, place), Mismatch::model);
  need.node = "laptop";
  EXPECT_EQ(compare(need, place), Mismatch::node);
  need.kind = wire::TaskKind::command;
  EXPECT_EQ(compare(need, place), Mismatch::kind);
}

TEST(Need, FitsEveryModelOfAProvider) {
  const Place place{"home", "openai/*", "model", "openai/*", {}};
  Need need;
  need.model = "openai/gpt-x";
  EXPECT_EQ(compare(need, place), Mismatch::none);
  for (const char* other : {"openai/", "openaix/gpt", "gpt-x", "anthropic/gpt-x"}) {
    need.model = other;
    EXPECT_EQ(compare(need, place), Mismatch::model) << other;
  }
}

TEST(Need, OfOneEnginesModelFitsWhoWorksWithThatModel) {
  const Place place{"home", "qwen", "model", "qwen", {}};
  Need need;
  need.model = "llama@box/qwen";
  EXPECT_EQ(compare(need, place), Mismatch::none);
  for (const char* other : {"llama@box/qwen2", "llama@box", "openai/qwen", "a/b@c/qwen"}) {
    need.model = other;
    EXPECT_EQ(compare(need, place), Mismatch::model) << other;
  }
}

TEST(Need, ReadsAWorkerWithItsNodeAndSortsLabels) {
  wire::TaskSpec spec;
  spec.worker = "reader@box";
  spec.labels = {"b", "a", "b"};
  const Need need = need_of(spec);
  EXPECT_EQ(need.worker, "reader");
  EXPECT_EQ(need.node, "box");
  EXPECT_EQ(need.labels, (std::vector<std::string>{"a", "b"}));
}

TEST(Need, KeepsFlowsApartWhateverTheNames) {
  Need a, b;
  a.model = "x|y";
  b.model = "x";
  b.node = "y";
  EXPECT_NE(flow_key("me", "", a, 0), flow_key("me", "", b, 0));
  EXPECT_NE(flow_key("me", "", a, 1), flow_key("me", "", a, 2));
}

TEST(Title, IsMadeFromTheInputOnOneLine) {
  wire::TaskSpec spec;
  spec.input = {{"prompt", "  Say\n\thello  "}};
  EXPECT_EQ(title_of(spec), "Say hello");
  spec.input = {{"prompt", std::string(200, 'x')}};
  EXPECT_LE(title_of(spec).size(), 80U);
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "ü";
  spec.input = {{"prompt", umlauts}};
  const std::string title = title_of(spec);
  EXPECT_TRUE(title.ends_with("ü…")) << title;
  spec.kind = wire::TaskKind::command;
  spec.input = {{"argv", json::array{"ls", "-l"}}};
  EXPECT_EQ(title_of(spec), "ls -l");
}

}  // namespace
}  // namespace flotte::fleet
