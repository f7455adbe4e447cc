// Budgets of tasks: what stops, what ends by itself, what is kept.
#include "fleet/task_budgets.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "base/money.hpp"
#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using ::testing::HasSubstr;
using wire::Reason;
using wire::TaskState;

constexpr std::int64_t cent = pico_per_usd / 100;

class TaskBudgetTest : public FleetTest {
 protected:
  std::int64_t submit_with(std::int64_t budget, wire::TaskSpec spec = prompt()) {
    spec.budget_pico_usd = budget;
    return submit(spec);
  }
  void pay(const wire::RunId& run, std::int64_t cost) {
    const Charge paid{detail::task_number(run), run.fence, cost};
    (void)act<bool>([paid](Ledger& l) -> Result<bool> {
      charge(l, paid);
      return true;
    });
  }
  void stop(const wire::RunId& run, bool of_batch = false) {
    (void)act<bool>([run, of_batch](Ledger& l) -> Result<bool> {
      stop_for_budget(l, detail::task_number(run), run.fence, of_batch);
      return true;
    });
  }
  void write(TestNode& node, const wire::RunId& run, std::string text, std::string stream = "text") {
    say(node, wire::Records{{{++numbers_, run, wire::RecordKind::output, 0, json::object{{"stream", stream}, {"text", text}}}}});
  }
  std::string why(std::int64_t task) {
    return rows<std::string>([task](store::Transaction& t) { return explain(*gather_why(t, task), WallTime{}).sentence; });
  }
};

TEST_F(TaskBudgetTest, APromptEndsByItselfAndKeepsWhatItHas) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit_with(10 * cent);
  EXPECT_EQ(show(task).budget_pico_usd, 10 * cent);
  const wire::RunId run = accept_all(*box).at(0);
  const auto facts = fleet_->live_run(task, run.fence);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->budget_pico_usd, 10 * cent);
  pay(run, 9 * cent);
  write(*box, run, "half of ");
  write(*box, run, "an answer");
  stop(run);
  EXPECT_TRUE(box->all<wire::Cancel>().empty()) << "what it has under way is still recorded";
  EXPECT_THAT(why(task), HasSubstr("its budget is spent"));
  finish(*box, run, bad());
  EXPECT_EQ(show(task).state, TaskState::cancelled);
  EXPECT_EQ(show(task).reason, Reason::budget);
  EXPECT_EQ(json::dump(show(task).result), R"({"partial":true,"text":"half of an answer"})");
  EXPECT_EQ(show(task).usage.cost_pico_usd, 9 * cent);
  EXPECT_THAT(why(task), HasSubstr("$0.09 of its budget of $0.10"));
  EXPECT_EQ(attempts(task).at(0).outcome, "failed") << "the attempt's own story stays";
}

TEST_F(TaskBudgetTest, ACommandIsAskedToStopAndOneThatSucceedsAllTheSameHas) {
  auto box = connect("box", {{"sh", "command", "", 2, {}, false}});
  wire::TaskSpec spec;
  spec.kind = wire::TaskKind::command;
  spec.input = {{"argv", json::array{"true"}}};
  const std::int64_t first = submit_with(cent, spec), second = submit_with(cent, spec);
  const auto runs = accept_all(*box);
  stop(runs.at(0));
  stop(runs.at(1));
  ASSERT_EQ(box->all<wire::Cancel>().size(), 2U);
  wire::Finished ended;
  ended.outcome = "cancelled";
  ended.result = json::object{{"exit_code", 143}};
  finish(*box, runs.at(0), ended);
  finish(*box, runs.at(1));
  EXPECT_EQ(show(first).reason, Reason::budget);
  EXPECT_EQ(json::dump(show(first).result), R"({"exit_code":143,"partial":true})");
  EXPECT_EQ(show(second).state, TaskState::succeeded);
}

TEST_F(TaskBudgetTest, AnAttemptThatCannotPayIsNotMade) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit_with(5 * cent);
  const wire::RunId run = accept_all(*box).at(0);
  pay(run, 5 * cent);
  finish(*box, run, bad());
  EXPECT_EQ(show(task).reason, Reason::backoff);
  pass(std::chrono::minutes(10));
  box = connect("box", {model_worker("reader", 1)});
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  EXPECT_EQ(show(task).state, TaskState::cancelled);
  EXPECT_EQ(show(task).reason, Reason::budget);
}

TEST_F(TaskBudgetTest, ANodeThatDiesMeanwhileChangesNothing) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit_with(5 * cent);
  const wire::RunId run = accept_all(*box).at(0);
  pay(run, 3 * cent);
  stop(run);
  restart();
  pass(std::chrono::minutes(2));
  EXPECT_EQ(show(task).state, TaskState::cancelled);
  EXPECT_EQ(show(task).reason, Reason::budget);
}

TEST_F(TaskBudgetTest, WhatWasSpentIsKnownToTheNextAttemptAndAfterAKill) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit_with(50 * cent);
  const wire::RunId first = accept_all(*box).at(0);
  pay(first, 20 * cent);
  restart();
  box = connect("box", {model_worker("reader", 1)}, {first});
  EXPECT_EQ(fleet_->live_run(task, first.fence)->spent_pico_usd, 20 * cent);
  finish(*box, first, bad());
  pass(std::chrono::minutes(10));
  box = connect("box", {model_worker("reader", 1)});
  const wire::RunId second = accept_all(*box).at(0);
  EXPECT_EQ(fleet_->live_run(task, second.fence)->spent_pico_usd, 20 * cent);
}

TEST_F(TaskBudgetTest, ABatchWhoseCallWasRefusedStartsNothingMore) {
  auto box = connect("box", {model_worker("reader", 2)});
  const std::int64_t b = *act<std::int64_t>([](Ledger& l) { return make_batch(l, {"me", "letters", std::nullopt, 10 * cent}); });
  std::vector<BatchItem> items;
  for (int i = 0; i < 10; ++i) items.push_back({i, "", prompt(), true});
  ASSERT_TRUE(act<Added>([&](Ledger& l) { return submit_many(l, b, items); }));
  const auto runs = accept_all(*box);
  EXPECT_EQ(fleet_->live_run(1, runs.at(0).fence)->batch_budget_pico_usd, 10 * cent);
  pay(runs.at(0), 9 * cent);
  stop(runs.at(1), true);
  finish(*box, runs.at(1), bad());
  finish(*box, runs.at(0));
  pass(milliseconds(1));
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  EXPECT_EQ(batch(b).succeeded, 1);
  EXPECT_EQ(batch(b).cancelled, 9);
  EXPECT_EQ(batch(b).reason, Reason::budget);
  EXPECT_THAT(why(2), HasSubstr("its batch b1"));
}

TEST_F(TaskBudgetTest, HeadsThatEndInsteadOfStartingDoNotStopTheirFlow) {
  policy_.hand_out = 4;  // fewer than what cannot be read
  restart();
  std::vector<std::int64_t> broken;
  for (int i = 0; i < 10; ++i) broken.push_back(submit());
  const std::int64_t sound = submit();
  (void)act<bool>([broken](Ledger& l) -> Result<bool> {
    for (const std::int64_t task : broken) l.rows.execute("UPDATE task_input SET spec = 'no JSON' WHERE task = ?", task);
    return true;
  });
  auto box = connect("box", {model_worker("reader", 1)});
  pass(milliseconds(1));
  pass(milliseconds(1));
  for (const std::int64_t task : broken) EXPECT_EQ(show(task).state, TaskState::failed);
  ASSERT_EQ(box->all<wire::Offer>().size(), 1U);
  EXPECT_EQ(detail::task_number(box->all<wire::Offer>().at(0).run), sound);
}

TEST_F(TaskBudgetTest, ARunIsKnownAtAnyMomentAlsoWhileMemoryIsReadAgain) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = accept_all(*box).at(0);
  std::atomic<bool> done{false};
  std::atomic<int> looks{0}, missed{0};
  std::thread gateway([&] {
    while (!done) {
      missed += fleet_->live_run(task, run.fence) ? 0 : 1;
      ++looks;
    }
  });
  for (int i = 0; i < 300 || looks < 1000; ++i)
    (void)act<bool>([](Ledger& l) -> Result<bool> {
      l.rows.execute("UPDATE flow SET weight = 2");
      return fail(Code::unavailable, "undone");
    });
  done = true;
  gateway.join();
  EXPECT_EQ(missed, 0) << "of " << looks;
}

}  // namespace
}  // namespace flotte::fleet
