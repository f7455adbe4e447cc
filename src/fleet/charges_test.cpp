// Costs and limits: what calls cost is added as they end, and a batch that has spent its limit starts nothing more.
#include "fleet/charges.hpp"

#include <gmock/gmock.h>

#include "base/money.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using wire::Reason;
using wire::TaskState;

constexpr std::int64_t cent = pico_per_usd / 100;

class ChargesTest : public FleetTest {
 protected:
  std::int64_t make(std::optional<std::int64_t> limit) {
    return *act<std::int64_t>([limit](Ledger& l) { return make_batch(l, {"me", "letters", std::nullopt, limit}); });
  }
  Result<Added> add(std::int64_t batch, std::int64_t from, std::int64_t to, bool priced = true) {
    std::vector<BatchItem> items;
    for (std::int64_t i = from; i < to; ++i) items.push_back({i, "", prompt("item " + std::to_string(i)), priced});
    return act<Added>([batch, items](Ledger& l) { return submit_many(l, batch, items); });
  }
  void seal(std::int64_t batch) {
    (void)act<bool>([batch](Ledger& l) -> Result<bool> { return seal_batch(l, batch).has_value(); });
  }
  void pay(const wire::RunId& run, std::optional<std::int64_t> cost) {
    const Charge paid{detail::task_number(run), run.fence, cost};
    (void)act<bool>([paid](Ledger& l) -> Result<bool> {
      charge(l, paid);
      return true;
    });
  }
  std::string why(std::int64_t task) {
    return rows<std::string>([task](store::Transaction& t) { return explain(*gather_why(t, task), WallTime{}).sentence; });
  }
};

TEST_F(ChargesTest, ACallIsChargedToItsRunItsTaskAndItsBatchOnce) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t b = make(std::nullopt);
  (void)add(b, 0, 1);
  const wire::RunId run = accept_all(*box).at(0);
  pay(run, 7);
  pay(run, std::nullopt);
  EXPECT_EQ(show(1).usage.cost_pico_usd, 7) << "while it runs";
  EXPECT_EQ(attempts(1).at(0).usage.cost_pico_usd, 7);
  finish(*box, run);  // what a node says of money does not count
  EXPECT_EQ(show(1).usage.cost_pico_usd, 7);
  EXPECT_EQ(show(1).usage.unpriced_calls, 1);
  EXPECT_EQ(show(1).usage.input_tokens, 10);
  EXPECT_EQ(attempts(1).at(0).usage.cost_pico_usd, 7);
  EXPECT_EQ(batch(b).usage.cost_pico_usd, 7);
  EXPECT_EQ(batch(b).usage.unpriced_calls, 1);
  const auto by_worker = rows<std::vector<WorkerUsage>>([](store::Transaction& t) { return usage_by_worker(t); });
  EXPECT_EQ(by_worker.at(0).usage.cost_pico_usd, 7);
  EXPECT_EQ(by_worker.at(0).usage.unpriced_calls, 1);
}

TEST_F(ChargesTest, TheAttemptThatFailedAndTheRunThatIsOverPayToo) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId first = accept_all(*box).at(0);
  pay(first, 3);
  finish(*box, first, bad());
  pay(first, 4);  // its answer was still under way
  pass(std::chrono::minutes(10));
  box = connect("box", {model_worker("reader", 1)});
  const wire::RunId second = accept_all(*box).at(0);
  pay(second, 5);
  finish(*box, second);
  EXPECT_EQ(show(task).usage.cost_pico_usd, 12);
  EXPECT_EQ(attempts(task).at(0).usage.cost_pico_usd, 3);
  EXPECT_EQ(attempts(task).at(1).usage.cost_pico_usd, 5);
}

TEST_F(ChargesTest, WithTheLimitSpentNothingStartsAndWhatRunsEnds) {
  auto box = connect("box", {model_worker("reader", 3)});
  const std::int64_t b = make(10 * cent);
  (void)add(b, 0, 700);
  seal(b);
  // Three at a time, three cents each: after the fourth the limit is spent.
  std::int64_t paid = 0, ended = 0;
  std::vector<wire::RunId> running = accept_all(*box);
  ASSERT_EQ(running.size(), 3U);
  while (!running.empty()) {
    const wire::RunId run = running.front();
    running.erase(running.begin());
    pay(run, 3 * cent);
    paid += 3 * cent;
    finish(*box, run);
    ++ended;
    for (const wire::RunId& more : accept_all(*box)) running.push_back(more);
  }
  pass(milliseconds(1));
  pass(milliseconds(1));
  const wire::BatchView view = batch(b);
  EXPECT_EQ(view.state, "cancelled");
  EXPECT_EQ(view.reason, Reason::budget);
  EXPECT_EQ(view.usage.cost_pico_usd, paid);
  EXPECT_GE(paid, 10 * cent);
  EXPECT_LT(paid, 10 * cent + 3 * 3 * cent) << "no more than what ran at that moment";
  EXPECT_EQ(view.succeeded, ended) << "what was paid for is kept";
  EXPECT_EQ(view.cancelled, 700 - ended);
  EXPECT_TRUE(view.ended_at);
  EXPECT_EQ(show(700).state, TaskState::cancelled);
  EXPECT_EQ(show(700).reason, Reason::budget);
  EXPECT_NE(why(700).find("b1 had spent its limit of $0.10"), std::string::npos) << why(700);
}

TEST_F(ChargesTest, AnOfferThatNobodyHasAcceptedIsTakenBackAndARunIsLeftAlone) {
  auto box = connect("box", {model_worker("reader", 2)});
  const std::int64_t b = make(cent);
  (void)add(b, 0, 3);
  const auto offers = box->all<wire::Offer>();
  ASSERT_EQ(offers.size(), 2U);
  say(*box, wire::Accept{offers[0].run});
  pay(offers[0].run, cent);
  EXPECT_EQ(show(1).state, TaskState::running);
  EXPECT_TRUE(box->all<wire::Cancel>().empty());
  EXPECT_EQ(show(2).state, TaskState::cancelled);
  EXPECT_EQ(show(2).reason, Reason::budget);
  EXPECT_THAT(box->last<wire::Drop>()->runs, ::testing::ElementsAre(offers[1].run));
  // An attempt that fails now has no next one.
  finish(*box, offers[0].run, bad());
  pass(milliseconds(1));
  EXPECT_EQ(show(1).reason, Reason::budget);
  EXPECT_TRUE(batch(b).ended_at);
}

TEST_F(ChargesTest, ALimitThatIsSpentStaysSpentAfterAKill) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t b = make(cent);
  (void)add(b, 0, 1200);
  const wire::RunId run = accept_all(*box).at(0);
  pay(run, cent);
  restart();  // before a single waiting task was ended
  box = connect("box", {model_worker("reader", 4)}, {run});
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  for (int i = 0; i < 4; ++i) pass(milliseconds(1));
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  EXPECT_EQ(batch(b).cancelled, 1199);
  finish(*box, run);
  EXPECT_EQ(batch(b).succeeded, 1);
  EXPECT_TRUE(batch(b).ended_at);
}

TEST_F(ChargesTest, ItemsThatComeAfterTheEndOfTheMoneyAreCancelledAtOnce) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t b = make(cent);
  (void)add(b, 0, 2);
  const wire::RunId run = accept_all(*box).at(0);
  pay(run, 5 * cent);
  pass(milliseconds(1));
  EXPECT_EQ(add(b, 2, 4)->added, 2);
  EXPECT_EQ(batch(b).cancelled, 3);
  EXPECT_FALSE(batch(b).ended_at) << "one runs";
  finish(*box, run);
  EXPECT_TRUE(batch(b).ended_at);
  EXPECT_EQ(batch(b).total, 4);
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  seal(b);
  // Nor can they be tried again under that limit.
  EXPECT_EQ(act<std::int64_t>([b](Ledger& l) { return retry_batch(l, b); }).error().code, Code::exhausted);
}

TEST_F(ChargesTest, APersonCanStillCancelWhatRunsOfIt) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t b = make(cent);
  (void)add(b, 0, 2);
  const wire::RunId run = accept_all(*box).at(0);
  pay(run, cent);
  EXPECT_TRUE(act<bool>([b](Ledger& l) -> Result<bool> { return cancel_batch(l, b, Reason::none).has_value(); }).value());
  ASSERT_TRUE(box->last<wire::Cancel>());
  EXPECT_EQ(box->last<wire::Cancel>()->run, run);
  EXPECT_EQ(batch(b).reason, Reason::budget);
}

TEST_F(ChargesTest, ALimitNeedsAPrice) {
  const std::int64_t b = make(cent);
  const auto refused = add(b, 0, 1, false);
  EXPECT_EQ(refused.error().code, Code::unprocessable);
  EXPECT_NE(refused.error().text().find("models.toml"), std::string::npos);
  EXPECT_EQ(add(make(std::nullopt), 0, 1, false)->added, 1) << "without a limit nobody asks";
}

}  // namespace
}  // namespace flotte::fleet
