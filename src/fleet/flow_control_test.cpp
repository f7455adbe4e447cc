// Seats of concurrency keys, fair shares end to end, unique tasks, pauses, models that nobody can answer for now.
#include <gmock/gmock.h>

#include <set>

#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using ::testing::HasSubstr;

class FlowControl : public FleetTest {
 protected:
  static wire::TaskSpec limited(const std::string& key, int limit, const std::string& model = {}) {
    wire::TaskSpec spec = prompt();
    spec.concurrency = wire::Concurrency{key, limit};
    spec.model = model;
    return spec;
  }
  std::int64_t leases() {
    return rows<std::int64_t>([](store::Transaction& t) { return t.one("SELECT count(*) FROM lease")->integer(0); });
  }
  /// Seats of each key, and whether one is held twice or lies above the limit.
  std::map<std::string, int> seats() {
    return rows<std::map<std::string, int>>([](store::Transaction& t) {
      std::map<std::string, int> out;
      std::set<std::pair<std::string, std::int64_t>> seen;
      for (const store::Row& row : t.query("SELECT k.key, l.seat, k.most FROM lease l JOIN concurrency_key k ON k.id = l.limited")) {
        EXPECT_TRUE(seen.emplace(row.text(0), row.integer(1)).second) << "one seat, two leases";
        EXPECT_LE(row.integer(1), row.integer(2));
        ++out[row.text(0)];
      }
      return out;
    });
  }
  Why why(std::int64_t task) {
    auto facts = rows<WhyFacts>([task](store::Transaction& t) { return *gather_why(t, task); });
    WhyFacts::Worker worker;
    worker.place = {"box", "reader", "model", "tiny", {}};
    worker.slots = 9;
    facts.workers.push_back(worker);
    return explain(facts, store_->now());
  }
};

// ---- seats --------------------------------------------------------------------------------------------------------

TEST_F(FlowControl, AKeyLetsSoManyRunWhateverTheirFlows) {
  auto a = connect("a", {model_worker("reader", 50), model_worker("other", 50, "large")});
  auto b = connect("b", {model_worker("reader", 50)});
  for (int i = 0; i < 10; ++i) submit(limited("site", 3));
  for (int i = 0; i < 10; ++i) submit(limited("site", 3, "large"));  // another flow, the same key
  const std::int64_t free = submit();
  EXPECT_EQ(seats(), (std::map<std::string, int>{{"site", 3}}));
  EXPECT_EQ(leases(), 4);  // and what has no key pays nothing
  EXPECT_EQ(show(free).state, wire::TaskState::offered);
  // As they end others follow, never more than three at a time.
  int done = 0;
  for (int round = 0; round < 40 && done < 21; ++round)
    for (TestNode* node : {a.get(), b.get()})
      for (const wire::RunId& run : accept_all(*node)) {
        finish(*node, run);
        ++done;
        EXPECT_LE(seats()["site"], 3);
      }
  EXPECT_EQ(done, 21);
}

TEST_F(FlowControl, TheTableLetsNobodyHaveASeatTwiceNorAKeyedLeaseWithout) {
  auto node = connect("box", {model_worker("reader", 9)});
  submit(limited("k", 2));
  submit(limited("k", 2));
  submit(limited("k", 2));
  const auto forge = [this](const std::string& seat) {
    return act<bool>([&](Ledger& l) -> Result<bool> {
      try {
        l.rows.execute(
            "INSERT INTO lease (task, fence, node, epoch, worker, attempt, offered_at, limited, seat) "
            "SELECT 99, 99, node, epoch, worker, 1, 0, limited, " +
            seat + " FROM lease LIMIT 1");
      } catch (const std::exception& refused) {
        return fail(Code::conflict, refused.what());
      }
      return true;
    });
  };
  EXPECT_FALSE(forge("1"));
  EXPECT_FALSE(forge("2"));
  EXPECT_FALSE(forge("NULL"));
}

TEST_F(FlowControl, ASeatDiesWithItsLeaseAlsoWhenTheNodeIsLost) {
  auto first = connect("a", {model_worker("reader", 9)});
  for (int i = 0; i < 5; ++i) submit(limited("k", 2));
  accept_all(*first);
  EXPECT_EQ(seats()["k"], 2);
  auto second = connect("b", {model_worker("reader", 9)});
  EXPECT_EQ(seats()["k"], 2);
  cut(*first);
  const auto wait_for_rescue = [this](TestNode& node) {
    for (int second = 0; second < 45; ++second) {
      pass(seconds(1));
      say(node, wire::Beat{});
      EXPECT_LE(seats()["k"], 2);
    }
  };
  wait_for_rescue(*second);
  EXPECT_EQ(seats()["k"], 2);  // taken over by the other node
  EXPECT_GE(second->all<wire::Offer>().size(), 2U);
  restart();  // its links are gone
  auto third = connect("c", {model_worker("reader", 9)});
  wait_for_rescue(*third);
  EXPECT_EQ(seats()["k"], 2);
  EXPECT_GE(third->all<wire::Offer>().size(), 2U);
}

TEST_F(FlowControl, ManyNodesThatComeAndGoNeverHoldMoreThanTheLimit) {
  Random random(7);
  std::vector<std::unique_ptr<TestNode>> nodes(6);
  for (int i = 0; i < 120; ++i) submit(limited("k" + std::to_string(i % 3), 1 + i % 3));
  for (int step = 0; step < 400; ++step) {
    auto& node = nodes[random.below(nodes.size())];
    const auto dice = random.below(10);
    if (!node) {
      node = connect("n" + std::to_string(&node - nodes.data()), {model_worker("reader", 5)});
    } else if (dice == 0) {
      cut(*node);
      node.reset();
    } else {
      const auto runs = accept_all(*node);
      for (const wire::RunId& run : runs)
        if (random.below(2) == 0) finish(*node, run, random.below(5) == 0 ? bad() : good());
    }
    if (dice == 9) pass(seconds(random.below(40)));
    const auto held = seats();
    for (int k = 0; k < 3; ++k) {
      const auto it = held.find("k" + std::to_string(k));
      ASSERT_LE(it == held.end() ? 0 : it->second, 1 + k) << "step " << step;
    }
  }
}

TEST_F(FlowControl, ALimitMayChangeWhileItsTasksRun) {
  auto node = connect("box", {model_worker("reader", 9)});
  for (int i = 0; i < 6; ++i) submit(limited("k", 1));
  EXPECT_EQ(seats()["k"], 1);
  submit(limited("k", 4));
  EXPECT_EQ(seats()["k"], 4);
  act<bool>([](Ledger& l) -> Result<bool> {
    use_key(l, "me", {"k", 2});
    return true;
  });
  const auto runs = accept_all(*node);
  EXPECT_EQ(runs.size(), 4U);  // what runs goes on
  finish(*node, runs[0]);
  finish(*node, runs[1]);
  EXPECT_EQ(leases(), 2);
  finish(*node, runs[2]);
  EXPECT_EQ(leases(), 2);  // and now one for one
}

TEST_F(FlowControl, KeysAreTheirOwnersOwn) {
  auto node = connect("box", {model_worker("reader", 9)});
  submit(limited("k", 1), "anna");
  submit(limited("k", 1), "bert");
  EXPECT_EQ(leases(), 2);
}

TEST_F(FlowControl, WhySaysWhoHasTheSeats) {
  auto node = connect("box", {model_worker("reader", 9)});
  submit(limited("k", 1));
  const std::int64_t waits = submit(limited("k", 1));
  EXPECT_EQ(why(waits).sentence, "its concurrency key k lets 1 run at a time, and t1 does");
}

// ---- shares -------------------------------------------------------------------------------------------------------

TEST_F(FlowControl, AFloodOfUrgentTasksDoesNotKeepAnotherOwnersSingleTaskWaiting) {
  auto node = connect("box", {model_worker("reader", 4)});
  wire::TaskSpec urgent = prompt();
  urgent.priority = 0;
  act<bool>([&](Ledger& l) -> Result<bool> {
    for (int i = 0; i < 20'000; ++i) (void)fleet::submit(l, {"flood", urgent, std::nullopt});
    return true;
  });
  for (int i = 0; i < 25; ++i)
    for (const wire::RunId& run : accept_all(*node)) finish(*node, run);
  const std::int64_t single = submit(prompt(), "me");
  const auto runs = accept_all(*node);
  finish(*node, runs.at(0));  // the first place that becomes free
  EXPECT_EQ(show(single).state, wire::TaskState::offered);
}

TEST_F(FlowControl, WeightsOfOwnersCountFromTheNextStartOn) {
  auto node = connect("box", {model_worker("reader", 1)});
  fleet_->use(Shares{{{"anna", 3}}, {}});
  settle();
  for (int i = 0; i < 60; ++i) {
    submit(prompt(), "anna");
    submit(prompt(), "bert");
  }
  std::map<std::string, int> n;
  for (int i = 0; i < 40; ++i)
    for (const wire::RunId& run : accept_all(*node)) {
      ++n[show(*wire::parse_id('t', run.task)).owner];
      finish(*node, run);
    }
  EXPECT_NEAR(n["anna"], 30, 1);
}

TEST_F(FlowControl, AnOldTaskOfLowPriorityStartsAmongNewUrgentOnesAndTheMetricShowsIt) {
  auto node = connect("box", {model_worker("reader", 1)});
  submit();  // keeps the only slot
  wire::TaskSpec low = prompt(), urgent = prompt();
  low.priority = 5;
  urgent.priority = 0;
  const std::int64_t old = submit(low);
  std::int64_t waited = 0;
  for (; waited < 1000 && show(old).state == wire::TaskState::queued; waited += 10) {
    submit(urgent);
    submit(urgent);  // twice as many as can be done
    pass(seconds(10));
    for (const wire::RunId& run : accept_all(*node)) finish(*node, run);
    say(*node, wire::Beat{});
  }
  EXPECT_GE(waited, 290);  // five steps of priority are worth five minutes
  EXPECT_LE(waited, 330);
  const Waits waits = fleet_->waits();
  EXPECT_EQ(waits[5].count(), 1U);
  EXPECT_GT(waits[0].count(), 20U);
  const auto oldest = rows<std::array<std::optional<WallTime>, 10>>([](store::Transaction& t) { return oldest_ready(t); });
  EXPECT_TRUE(oldest[0]);
  EXPECT_FALSE(oldest[5]);
}

// ---- unique -------------------------------------------------------------------------------------------------------

TEST_F(FlowControl, WhileAUniqueTaskHasNotEndedSubmittingAgainGivesIt) {
  wire::TaskSpec spec = prompt();
  spec.unique = "nightly";
  const std::int64_t first = submit(spec);
  const auto again = act<Submitted>([&](Ledger& l) { return fleet::submit(l, {"me", spec, std::nullopt}); });
  EXPECT_EQ(again->task, first);
  EXPECT_TRUE(again->repeated);
  EXPECT_NE(submit(spec, "another"), first);
  auto node = connect("box", {model_worker("reader", 9)});
  EXPECT_EQ(submit(spec), first);  // offered
  for (const wire::RunId& run : accept_all(*node)) finish(*node, run, bad(false));
  const std::int64_t second = submit(spec);
  EXPECT_NE(second, first);
  const auto retried = act<std::int64_t>([&](Ledger& l) { return fleet::retry_task(l, first); });
  EXPECT_FALSE(retried);
  EXPECT_THAT(retried.error().message, HasSubstr("has not ended"));
  EXPECT_FALSE(retried.error().hint.empty());
}

TEST_F(FlowControl, ASubmissionThatWasGivenAUniqueTaskIsGivenItAgainAfterItsEnd) {
  wire::TaskSpec spec = prompt();
  spec.unique = "nightly";
  const std::int64_t first = submit(spec);
  const auto send = [&](const std::string& body) {
    return act<Submitted>([&](Ledger& l) { return fleet::submit(l, {"me", spec, Idempotency{"key-1", body}}); });
  };
  EXPECT_EQ(send("hash")->task, first);
  auto node = connect("box", {model_worker("reader", 9)});
  for (const wire::RunId& run : accept_all(*node)) finish(*node, run);
  const auto again = send("hash");
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->task, first) << "the answer to the first one was lost, say: the same key gives the same task";
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(send("another hash").error().code, Code::unprocessable);
}

TEST_F(FlowControl, NamesOfUniqueTasksThatHaveEndedAreForgotten) {
  wire::TaskSpec spec = prompt();
  auto node = connect("box", {model_worker("reader", 9)});
  for (int i = 0; i < 5; ++i) {
    spec.unique = "name " + std::to_string(i);
    submit(spec);
  }
  auto runs = accept_all(*node);
  runs.pop_back();
  for (const wire::RunId& run : runs) finish(*node, run);
  act<bool>([](Ledger& l) -> Result<bool> {
    forget_keys(l);
    return true;
  });
  const auto left = rows<std::int64_t>([](store::Transaction& t) { return t.one("SELECT count(*) FROM unique_task")->integer(0); });
  EXPECT_EQ(left, 1);
}

TEST_F(FlowControl, ABatchsItemsCannotBeUniqueTasks) {
  const auto b = act<std::int64_t>([](Ledger& l) { return make_batch(l, {"me", "", {}, {}}); });
  BatchItem item;
  item.spec = prompt();
  item.spec.unique = "x";
  EXPECT_EQ(act<Added>([&](Ledger& l) { return submit_many(l, *b, {item}); }).error().code, Code::unprocessable);
}

// ---- pauses -------------------------------------------------------------------------------------------------------

TEST_F(FlowControl, APausedFlowProjectOrWorkerStartsNothingUntilItIsResumed) {
  wire::TaskSpec spec = prompt();
  spec.project = "acme";
  const auto pause = [this](Paused paused) {
    act<bool>([paused](Ledger& l) -> Result<bool> {
      pause_project(l, "acme", paused);
      return true;
    });
  };
  pause(Paused::yes);
  auto node = connect("box", {model_worker("reader", 9)});
  const std::int64_t task = submit(spec);  // a flow that did not exist when its project was paused
  EXPECT_EQ(show(task).state, wire::TaskState::waiting);
  EXPECT_EQ(show(task).reason, wire::Reason::paused);
  EXPECT_EQ(why(task).sentence, "its project acme is paused");
  const auto flow = wire::parse_id('f', show(task).flow);
  EXPECT_TRUE(act<bool>([&](Ledger& l) -> Result<bool> { return pause_flow(l, *flow, Paused::yes).has_value(); }));
  pause(Paused::no);
  EXPECT_EQ(show(task).state, wire::TaskState::waiting);  // its flow is paused by itself too
  EXPECT_THAT(why(task).sentence, HasSubstr("its flow f"));
  restart();
  node = connect("box", {model_worker("reader", 9)});
  EXPECT_EQ(show(task).state, wire::TaskState::waiting);
  act<bool>([&](Ledger& l) -> Result<bool> { return pause_flow(l, *flow, Paused::no).has_value(); });
  EXPECT_EQ(show(task).state, wire::TaskState::offered);
  EXPECT_FALSE(act<bool>([&](Ledger& l) -> Result<bool> {
    if (auto good = pause_flow(l, 4711, Paused::no); !good) return flotte::pass(good);
    return true;
  }));
}

TEST_F(FlowControl, AResumedBatchOfAPausedProjectStaysPaused) {
  const auto b = act<std::int64_t>([](Ledger& l) { return make_batch(l, {"me", "", {}, {}}); });
  BatchItem item;
  item.spec = prompt();
  item.spec.project = "acme";
  act<Added>([&](Ledger& l) { return submit_many(l, *b, {item}); });
  act<bool>([&](Ledger& l) -> Result<bool> {
    pause_project(l, "acme", Paused::yes);
    return pause_batch(l, *b).has_value() && resume_batch(l, *b).has_value();
  });
  EXPECT_EQ(show(1).state, wire::TaskState::waiting);
  const auto flows = rows<FlowPage>([](store::Transaction& t) { return list_flows(t, {}, {}); }).items;
  ASSERT_EQ(flows.size(), 1U);
  EXPECT_EQ(flows[0].paused_by, (std::vector<std::string>{"project"}));
  EXPECT_EQ(flows[0].ready, 1);
  EXPECT_EQ(flows[0].state(), "paused");
}

// ---- nobody can answer now ------------------------------------------------------------------------------------------

class Doors final : public Capacity {
 public:
  std::optional<milliseconds> wait(const std::string&) override { return closed; }
  std::optional<milliseconds> outage(const std::string&) override { return away; }
  std::optional<int> room(const std::string&) override { return places; }
  std::optional<milliseconds> closed, away;
  std::optional<int> places;
};

TEST_F(FlowControl, ARunThatNobodyCouldAnswerUsesNoAttemptAndItsFlowComesBackSlowly) {
  auto node = connect("box", {model_worker("reader", 100)});
  wire::TaskSpec spec = prompt();
  spec.max_attempts = 1;
  for (int i = 0; i < 100; ++i) submit(spec);
  auto runs = accept_all(*node);
  EXPECT_EQ(runs.size(), 100U);
  wire::Finished later = bad();
  later.error = Error(Code::exhausted, "too many requests");
  later.later = seconds(20);
  for (const wire::RunId& run : runs) finish(*node, run, later);
  EXPECT_EQ(show(1).state, wire::TaskState::waiting);
  EXPECT_EQ(show(1).reason, wire::Reason::quota);
  EXPECT_EQ(show(1).attempt, 0);
  EXPECT_EQ(attempts(1).at(0).outcome, "later");
  EXPECT_THAT(why(1).sentence, HasSubstr("no attempt was used"));
  const std::int64_t fresh = submit(spec);  // of the same flow: it need not find out by itself
  EXPECT_EQ(show(fresh).state, wire::TaskState::waiting);
  EXPECT_THAT(why(fresh).sentence, HasSubstr("asked to be called later"));
  pass(seconds(19));
  EXPECT_EQ(leases(), 0);
  pass(milliseconds(1100));
  EXPECT_EQ(leases(), 1);  // one looks whether it works
  std::vector<std::int64_t> started;
  runs.clear();
  for (int second = 0; second < 13; ++second) {
    pass(seconds(1));
    say(*node, wire::Beat{});
    for (const wire::RunId& run : accept_all(*node)) runs.push_back(run);
    if (second < 5) started.push_back(leases());
  }
  EXPECT_EQ(started, (std::vector<std::int64_t>{3, 7, 15, 31, 63}));
  EXPECT_EQ(leases(), 100);  // all slots
  for (const wire::RunId& run : runs) finish(*node, run);
  EXPECT_EQ(show(1).state, wire::TaskState::succeeded);
  EXPECT_EQ(show(1).attempt, 1);
}

TEST_F(FlowControl, OneThatIsAlwaysRefusedDoesNotHoldUpThoseBehindIt) {
  auto node = connect("box", {model_worker("reader", 1)});
  const std::int64_t poison = submit();
  wire::Finished later = bad();
  later.later = seconds(1);
  std::vector<std::int64_t> others;
  for (int i = 0; i < 5; ++i) others.push_back(submit());
  for (int i = 0; i < 200; ++i) {
    for (const wire::RunId& run : accept_all(*node)) finish(*node, run, wire::parse_id('t', run.task) == poison ? later : good());
    pass(seconds(1));
    say(*node, wire::Beat{});
  }
  for (const std::int64_t task : others) EXPECT_EQ(show(task).state, wire::TaskState::succeeded);
  EXPECT_FALSE(wire::terminal(show(poison).state));
}

TEST_F(FlowControl, TasksWaitInTheFleetWhileAProviderHasNoRoomAndSayUntilWhen) {
  Doors doors;
  fleet_->set_capacity(&doors);
  auto node = connect("box", {model_worker("reader", 100)});
  wire::TaskSpec spec = prompt();
  spec.model = "tiny";
  doors.places = 3;
  for (int i = 0; i < 10; ++i) submit(spec, i % 2 == 0 ? "anna" : "bert");
  EXPECT_EQ(leases(), 3);
  EXPECT_EQ(show(10).state, wire::TaskState::waiting);
  EXPECT_EQ(show(10).reason, wire::Reason::quota);
  EXPECT_THAT(why(10).sentence, HasSubstr("limits of those who answer for tiny are used up by others before it"));
  doors.places = 1;
  pass(seconds(1));
  EXPECT_EQ(leases(), 4);
  doors.places.reset();
  pass(seconds(1));
  EXPECT_EQ(leases(), 10);
  fleet_->set_capacity(nullptr);
}

TEST_F(FlowControl, AnOutageParksTheModelsFlowsAndTheyComeBackSlowly) {
  Doors doors;
  fleet_->set_capacity(&doors);
  auto node = connect("box", {model_worker("reader", 100)});
  wire::TaskSpec spec = prompt();
  spec.model = "tiny";
  doors.away = seconds(5);
  for (int i = 0; i < 40; ++i) submit(spec, i % 2 == 0 ? "anna" : "bert");
  EXPECT_EQ(leases(), 0);
  EXPECT_THAT(why(1).sentence, HasSubstr("nobody who answers for tiny can be reached"));
  doors.away.reset();
  pass(seconds(5));
  EXPECT_EQ(leases(), 1);
  pass(seconds(1));
  EXPECT_EQ(leases(), 3);  // of both owners together
  fleet_->set_capacity(nullptr);
}

// ---- cancelling many -----------------------------------------------------------------------------------------------

TEST_F(FlowControl, TenThousandChildrenAreCancelledInBoundedTransactions) {
  auto node = connect("box", {model_worker("reader", 20)});
  const auto b = act<std::int64_t>([](Ledger& l) { return make_batch(l, {"me", "", {}, {}}); });
  std::vector<BatchItem> items(10'000);
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].index = static_cast<std::int64_t>(i);
    items[i].spec = prompt();
    if (i % 10 == 0) items[i].spec.not_before = store_->now() + std::chrono::hours(1);
  }
  act<Added>([&](Ledger& l) { return submit_many(l, *b, items); });
  const auto runs = accept_all(*node);
  const auto began = std::chrono::steady_clock::now();
  act<bool>([&](Ledger& l) -> Result<bool> { return cancel_batch(l, *b, wire::Reason::none).has_value(); });
  int transactions = 0;
  for (; batch(*b).cancelled < 9'980 && transactions < 100; ++transactions) {
    const std::int64_t before = batch(*b).cancelled;
    pass(milliseconds(1));
    EXPECT_LE(batch(*b).cancelled - before, 1'000);
  }
  const auto took = std::chrono::steady_clock::now() - began;
  RecordProperty("milliseconds", static_cast<int>(std::chrono::duration_cast<milliseconds>(took).count()));
  EXPECT_LE(transactions, 12);
  EXPECT_LT(took, seconds(5));  // a debug build beside others; release takes a tenth
  EXPECT_EQ(node->all<wire::Cancel>().size(), 20U);
  EXPECT_EQ(batch(*b).state, "cancelled");
  for (const wire::RunId& run : runs) {
    wire::Finished f;
    f.outcome = "cancelled";
    finish(*node, run, f);
  }
  EXPECT_EQ(batch(*b).cancelled, 10'000);
  EXPECT_TRUE(batch(*b).ended_at);
}

}  // namespace
}  // namespace flotte::fleet
