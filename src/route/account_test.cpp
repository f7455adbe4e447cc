#include "route/account.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <thread>
#include <vector>

namespace flotte::route {
namespace {

using Verdict = Account::Verdict;
constexpr std::int64_t cent = 10'000'000'000;

WallTime wall(const char* text) { return parse_rfc3339(text).value(); }
const WallTime now = wall("2026-11-21T10:00:00Z");

TEST(Account, DaysAndMonthsAreThoseOfUtc) {
  EXPECT_EQ(day_of(wall("2026-11-21T23:59:59Z")) + 1, day_of(wall("2026-11-22T00:00:00Z")));
  EXPECT_EQ(month_of(wall("2026-12-31T23:59:59Z")) + 1, month_of(wall("2027-01-01T00:00:00Z")));
  EXPECT_EQ(to_rfc3339(next_day(now)), "2026-11-22T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(next_month(wall("2026-12-05T10:00:00Z"))), "2027-01-01T00:00:00.000Z");
}

TEST(Account, ARateLetsItsNumberThroughAndSaysWhenTheNextMay) {
  Account account("k1", {.requests_per_minute = 3});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(account.ask(SteadyTime(milliseconds(5'000 + i))));
  const auto wait = account.ask(SteadyTime(milliseconds(6'000)));
  ASSERT_TRUE(wait);
  EXPECT_NEAR(static_cast<double>(wait->count()), 60'000, 1'100);
}

/// Many calls at once, each done a few steps after it was let in. Returns how many were made.
int run_calls(Account& account, int calls, std::int64_t estimate, std::int64_t actual, bool bounded = true) {
  int made = 0, waiting = calls;
  std::deque<Account::Reservation> under_way;
  while (waiting > 0) {
    const int begun = static_cast<int>(under_way.size());
    for (int i = 0, looked = waiting; i < looked; ++i) {
      Account::Reservation reservation;
      const auto verdict = account.reserve({bounded ? estimate : account.usual_output() * estimate, bounded}, now, reservation);
      if (verdict == Verdict::wait) continue;
      --waiting;
      if (verdict == Verdict::granted) under_way.push_back(reservation);
    }
    EXPECT_FALSE(waiting > 0 && under_way.empty() && begun == 0) << "nobody is under way and yet somebody waits";
    while (!under_way.empty()) {
      if (!bounded) account.learn_output(actual / estimate);
      account.settle(under_way.front(), actual);
      under_way.pop_front();
      ++made;
    }
  }
  return made;
}

TEST(Account, OfTwoHundredCallsAtOnceFiftyFitIntoABudgetForFifty) {
  for (const double off : {1.0, 1.3, 3.0, 5.0, 0.5, 0.1, 0.02}) {
    Account account("k1", {.day_pico_usd = 50 * cent});
    const auto estimate = static_cast<std::int64_t>(static_cast<double>(cent) * off);
    const int made = run_calls(account, 200, estimate, cent);
    EXPECT_GE(made, 45) << off;
    EXPECT_LE(made, 50) << off;
    EXPECT_LE(account.day_total(now), 50 * cent) << off;
    EXPECT_EQ(account.reserved(), 0) << off;
  }
}

TEST(Account, AnswersWithoutABoundAreLearnedAbout) {
  for (const std::int64_t tokens : {5, 30, 500, 2'000}) {
    constexpr std::int64_t per_token = cent / 1'000;
    Account account("k1", {.day_pico_usd = 50 * tokens * per_token});
    const int made = run_calls(account, 200, per_token, tokens * per_token, false);
    EXPECT_GE(made, 45) << tokens;
    EXPECT_LE(made, 50) << tokens;
    EXPECT_LE(account.day_total(now), 50 * tokens * per_token) << tokens;
  }
}

TEST(Account, AfterSettlingACallThatFitsPasses) {
  Account account("k1", {.day_pico_usd = 10 * cent});
  Account::Reservation first, second;
  ASSERT_EQ(account.reserve({8 * cent, true}, now, first), Verdict::granted);
  EXPECT_EQ(account.reserve({5 * cent, true}, now, second), Verdict::wait);
  EXPECT_EQ(account.reserve({11 * cent, true}, now, second), Verdict::refused);  // whatever the first one costs
  EXPECT_EQ(account.settle(first, 2 * cent), 2 * cent);
  EXPECT_EQ(account.reserve({5 * cent, true}, now, second), Verdict::granted);
  EXPECT_EQ(account.day_total(now), 7 * cent);
}

TEST(Account, WhereThereIsPlentyEstimatesNeedNoTrust) {
  Account ample("k1", {.day_pico_usd = 10'000 * cent}), tight("k2", {.day_pico_usd = 100 * cent});
  Account::Reservation reservation;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ample.reserve({cent, true}, now, reservation), Verdict::granted);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tight.reserve({cent, true}, now, reservation), Verdict::granted);
  EXPECT_EQ(tight.reserve({cent, true}, now, reservation), Verdict::wait);
  EXPECT_EQ(tight.reserve({cent, true, true}, now, reservation), Verdict::granted) << "it has waited long enough";
}

TEST(Account, NobodyWaitsWhereNobodyIsUnderWay) {
  Account account("k1", {.day_pico_usd = 10 * cent});
  account.book(9 * cent, now);
  Account::Reservation reservation;
  EXPECT_EQ(account.reserve({2 * cent, true}, now, reservation), Verdict::refused);
  EXPECT_EQ(account.reserve({cent, true}, now, reservation), Verdict::granted);
}

TEST(Account, ACallThatNobodyKnowsTheCostOfCostsWhatWasSetAside) {
  Account account("k1", {.day_pico_usd = 10 * cent});
  Account::Reservation reservation;
  ASSERT_EQ(account.reserve({3 * cent, true}, now, reservation), Verdict::granted);
  EXPECT_EQ(account.settle(reservation, std::nullopt), 3 * cent);
  EXPECT_EQ(account.day_total(now), 3 * cent);
  ASSERT_EQ(account.reserve({3 * cent, true}, now, reservation), Verdict::granted);
  account.release(reservation);  // a provider that refused it
  EXPECT_EQ(account.day_total(now), 3 * cent);
}

TEST(Account, TheMonthHoldsWhereTheDayWouldNot) {
  Account account("k1", {.day_pico_usd = 10 * cent, .month_pico_usd = 12 * cent});
  account.remember_month(month_of(now), 8 * cent);
  Account::Reservation reservation;
  EXPECT_EQ(account.reserve({5 * cent, true}, now, reservation), Verdict::refused);
  EXPECT_EQ(account.day_total(now), 0);
  EXPECT_EQ(account.reserve({4 * cent, true}, now, reservation), Verdict::granted);
}

TEST(Account, ANewDayBeginsWithNothingSpent) {
  Account account("k1", {.day_pico_usd = 10 * cent});
  const WallTime late = wall("2026-11-21T23:59:59Z"), tomorrow = wall("2026-11-22T00:00:01Z");
  Account::Reservation evening, morning;
  ASSERT_EQ(account.reserve({10 * cent, true}, late, evening), Verdict::granted);
  ASSERT_EQ(account.reserve({10 * cent, true}, tomorrow, morning), Verdict::granted);
  account.settle(evening, 4 * cent);  // booked where it was reserved
  EXPECT_EQ(account.day_total(late), 4 * cent);
  EXPECT_EQ(account.day_total(tomorrow), 10 * cent);
  EXPECT_EQ(account.month_total(tomorrow), 14 * cent);
}

TEST(Account, HoldsWhereThreadsShareIt) {
  Account account("k1", {.day_pico_usd = 500 * cent, .month_pico_usd = 800 * cent});
  std::atomic<std::int64_t> spent{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&account, &spent, t] {
      for (int i = 0; i < 5'000; ++i) {
        Account::Reservation reservation;
        if (account.reserve({cent, true}, now, reservation) != Verdict::granted) continue;
        const std::int64_t cost = cent * (1 + (i + t) % 3) / 3;
        if (i % 7 == 0)
          account.release(reservation);
        else
          spent += account.settle(reservation, cost);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(account.day_total(now), spent.load());
  EXPECT_EQ(account.month_total(now), spent.load());
  EXPECT_LE(spent.load(), 500 * cent);
  EXPECT_GT(spent.load(), 498 * cent);
  EXPECT_EQ(account.reserved(), 0);
}

}  // namespace
}  // namespace flotte::route
