// An account without days and months: what a task or a batch may cost.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/money.hpp"
#include "route/account.hpp"

namespace flotte::route {
namespace {

constexpr std::int64_t cent = pico_per_usd / 100;
const WallTime noon = from_ms(1'790'000'000'000);

Allowance total(std::int64_t pico_usd) {
  Allowance allowance;
  allowance.total_pico_usd = pico_usd;
  return allowance;
}

TEST(Purse, DoesNotBeginAnewWithTheNextMonth) {
  Account purse("t7", total(10 * cent));
  EXPECT_TRUE(purse.has_budget());
  purse.remember_total(6 * cent);
  Account::Reservation held;
  EXPECT_EQ(purse.reserve({.pico_usd = 5 * cent, .bounded = true}, noon, held), Account::Verdict::refused);
  EXPECT_EQ(purse.reserve({.pico_usd = 5 * cent, .bounded = true}, noon + std::chrono::hours(24 * 40), held), Account::Verdict::refused);
  ASSERT_EQ(purse.reserve({.pico_usd = 4 * cent, .bounded = true}, noon, held), Account::Verdict::granted);
  EXPECT_EQ(purse.total(), 10 * cent);
  Account::Reservation other;
  EXPECT_EQ(purse.reserve({.pico_usd = cent, .bounded = true}, noon, other), Account::Verdict::wait) << "the first may turn out cheaper";
  purse.settle(held, 2 * cent);
  EXPECT_EQ(purse.total(), 8 * cent);
  ASSERT_EQ(purse.reserve({.pico_usd = 2 * cent, .bounded = true}, noon, other), Account::Verdict::granted);
  purse.release(other);
  EXPECT_EQ(purse.total(), 8 * cent);
  EXPECT_EQ(purse.reserved(), 0);
}

TEST(Purse, TheFirstAnswerWithoutABoundMayTakeWhatThereIsWhereItsQuestionCanBePaid) {
  Account::Reservation held;
  Account poor("t1", total(3 * cent));
  EXPECT_EQ(poor.reserve({.pico_usd = 50 * cent, .least = 3 * cent}, noon, held), Account::Verdict::refused);
  Account rich("t2", total(4 * cent));
  ASSERT_EQ(rich.reserve({.pico_usd = 50 * cent, .least = 3 * cent}, noon, held), Account::Verdict::granted);
  EXPECT_EQ(held.pico_usd, 4 * cent);
}

TEST(Purse, HoldsWithManyCallsInFlight) {
  Account purse("b3", total(500 * cent));
  std::atomic<std::int64_t> spent{0}, refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 50; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 40; ++i) {
        Account::Reservation held;
        Account::Verdict verdict = Account::Verdict::wait;
        while ((verdict = purse.reserve({.pico_usd = 2 * cent, .bounded = true}, noon, held)) == Account::Verdict::wait)
          std::this_thread::yield();
        if (verdict == Account::Verdict::refused) {
          ++refused;
          continue;
        }
        const std::int64_t cost = (t + i) % 2 == 0 ? cent : 2 * cent;
        spent += cost;
        purse.settle(held, cost);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(spent.load(), 500 * cent);
  EXPECT_GT(spent.load(), 497 * cent);
  EXPECT_GT(refused.load(), 0);
  EXPECT_EQ(purse.total(), spent.load());
}

}  // namespace
}  // namespace flotte::route
