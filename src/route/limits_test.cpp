#include "route/limits.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <thread>
#include <vector>

namespace flotte::route {
namespace {

using Place = Limiter::Place;
SteadyTime at(std::int64_t ms) { return SteadyTime(milliseconds(ms)); }
constexpr std::int64_t start = 1'000'000;
constexpr auto person = Urgency::interactive;
constexpr auto task = Urgency::task;

TEST(Limits, TasksLeaveAShareOfEveryLimitToPeople) {
  EXPECT_EQ(share(50, person), 50);
  EXPECT_EQ(share(50, task), 40);
  EXPECT_EQ(share(8, task), 7);
  EXPECT_EQ(share(2, task), 1);
  EXPECT_EQ(share(1, task), 1);
}

TEST(Limits, RequestsOfAMinuteAreNeverMore) {
  Limiter limiter({.rpm = 10});
  std::vector<Place> places(12);
  int entered = 0;
  for (Place& place : places)
    if (!limiter.enter(task, {}, at(start), place)) ++entered;
  EXPECT_EQ(entered, 8);
  for (int i = 0; i < 5; ++i) {
    Place place;
    if (!limiter.enter(person, {}, at(start + 1), place)) ++entered;
  }
  EXPECT_EQ(entered, 10);
  for (Place& place : places) limiter.leave(place, -1, -1, at(start + 2));
  Place place;
  const auto wait = limiter.enter(person, {}, at(start + 3), place);  // that they have ended does not unmake them
  ASSERT_TRUE(wait);
  EXPECT_GT(wait->count(), 59'000);
  EXPECT_FALSE(limiter.enter(person, {}, at(start + 3 + wait->count()), place));
}

TEST(Limits, CallsAtTheSameTimeAreNeverMore) {
  Limiter limiter({.concurrent = 2});
  Place first, second, third;
  EXPECT_FALSE(limiter.enter(task, {}, at(start), first));
  EXPECT_TRUE(limiter.enter(task, {}, at(start), second));
  EXPECT_FALSE(limiter.enter(person, {}, at(start), second));
  EXPECT_TRUE(limiter.enter(person, {}, at(start), third));
  limiter.leave(first, 10, 5, at(start));
  limiter.leave(first, 10, 5, at(start));  // once is once
  EXPECT_FALSE(limiter.enter(person, {}, at(start), third));
  Place fourth;
  EXPECT_TRUE(limiter.enter(person, {}, at(start), fourth));
}

TEST(Limits, TokensAreReservedByEstimateAndSettledByUsage) {
  Limiter limiter({.tpm = 10'000});
  Place first, second;
  EXPECT_FALSE(limiter.enter(person, {8'000, 500}, at(start), first));
  EXPECT_TRUE(limiter.enter(person, {2'000, 500}, at(start + 1), second));
  limiter.leave(first, 3'000, 100, at(start + 2));
  EXPECT_FALSE(limiter.enter(person, {2'000, 500}, at(start + 3), second));
  EXPECT_EQ(limiter.use_json(at(start + 3))["tokens"], 5'500);
}

TEST(Limits, ACallLargerThanTheLimitHasAMinuteForItself) {
  Limiter limiter({.tpm = 1'000});
  Place first, second;
  EXPECT_FALSE(limiter.enter(person, {50'000, 100}, at(start), first));
  EXPECT_TRUE(limiter.enter(person, {10, 10}, at(start + 1), second));
  EXPECT_FALSE(limiter.enter(person, {10, 10}, at(start + 62'000), second));
}

TEST(Limits, WhatARequestAllowsIsNotTakenForWhatItUses) {
  Limiter limiter({.tpm = 40'000});
  std::vector<Place> places(20);
  int entered = 0;
  for (Place& place : places)
    if (!limiter.enter(person, {500, 32'000}, at(start), place)) ++entered;
  EXPECT_EQ(entered, 20);  // each with 1,500, not with 32,500
  for (Place& place : places) limiter.leave(place, 6'500, 6'000, at(start + 1'000));
  Place place;
  EXPECT_TRUE(limiter.enter(person, {500, 32'000}, at(start + 1'001), place));  // 130,000 were used: that is owed
}

TEST(Limits, ACallThatWasNotMadeLeavesNothingBehind) {
  Limiter limiter({.rpm = 1, .tpm = 100, .concurrent = 1});
  Place place;
  EXPECT_FALSE(limiter.enter(person, {50, 50}, at(start), place));
  limiter.undo(place, at(start + 1));
  EXPECT_FALSE(limiter.enter(person, {50, 50}, at(start + 2), place));
}

TEST(Limits, WhoComesLaterDoesNotGoFirst) {
  Limiter limiter({.rpm = 10});
  EXPECT_FALSE(limiter.others_first(person));
  limiter.begin_waiting(task);
  EXPECT_FALSE(limiter.others_first(person));
  EXPECT_TRUE(limiter.others_first(task));
  limiter.begin_waiting(person);
  EXPECT_TRUE(limiter.others_first(person));
  EXPECT_TRUE(limiter.people_wait());
  limiter.end_waiting(person);
  limiter.end_waiting(task);
  EXPECT_FALSE(limiter.others_first(task));
}

TEST(Limits, SeveralThreadsNeverGoBeyond) {
  Limiter limiter({.rpm = 1'000, .concurrent = 3});
  std::atomic<int> at_once{0}, most{0}, calls{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) {
        Place place;
        if (limiter.enter(person, {}, at(start), place)) continue;
        const int now = ++at_once;
        int before = most.load();
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        ++calls;
        --at_once;
        limiter.leave(place, -1, -1, at(start));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(calls.load(), 1'000);
  EXPECT_LE(most.load(), 3);
}

}  // namespace
}  // namespace flotte::route
