#include "route/limits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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
  EXPECT_EQ(share(50, person, 20), 50);
  EXPECT_EQ(share(50, task, 20), 40);
  EXPECT_EQ(share(8, task, 20), 7);
  EXPECT_EQ(share(2, task, 20), 1);
  EXPECT_EQ(share(1, task, 20), 1);
  EXPECT_EQ(share(60, task, 5), 57);
}

/// The times at which requests go out while a herd of tasks asks all the time, and people ask now and then.
std::vector<std::int64_t> times(Limiter& limiter, std::int64_t ms, std::int64_t person_each_ms, std::vector<std::int64_t>& waits) {
  std::vector<std::int64_t> out;
  std::vector<std::int64_t> people;  // since when they wait
  for (std::int64_t t = 0; t < ms; t += 10) {
    if (person_each_ms > 0 && t % person_each_ms == 0) people.push_back(t);
    for (Place place; !people.empty() && !limiter.enter(person, {}, at(start + t), place); place = {}) {
      limiter.leave(place, -1, -1, at(start + t));
      waits.push_back(t - people.front());
      people.erase(people.begin());
      out.push_back(t);
    }
    if (!people.empty()) continue;  // people come first, as in the line
    for (Place place; !limiter.enter(task, {}, at(start + t), place); place = {}) {
      limiter.leave(place, -1, -1, at(start + t));
      out.push_back(t);
    }
  }
  return out;
}

/// The most and the fewest in any minute.
std::pair<std::size_t, std::size_t> per_minute(const std::vector<std::int64_t>& times, std::int64_t ms) {
  std::size_t most = 0, fewest = SIZE_MAX;
  for (std::int64_t from = 0; from + 60'000 <= ms; from += 100) {
    const auto first = std::lower_bound(times.begin(), times.end(), from);
    const auto count = static_cast<std::size_t>(std::lower_bound(first, times.end(), from + 60'000) - first);
    most = std::max(most, count);
    fewest = std::min(fewest, count);
  }
  return {most, fewest};
}

TEST(Limits, TasksUseAlmostAllOfAMinuteAndNeverMore) {
  Limiter limiter({.rpm = 60});
  std::vector<std::int64_t> waits;
  const auto [most, fewest] = per_minute(times(limiter, 300'000, 0, waits), 300'000);
  EXPECT_LE(most, 60U);
  EXPECT_GE(fewest, 54U);  // never idle by more than a tenth
}

TEST(Limits, PeopleGetThroughAtOnceHoweverManyTasksWait) {
  Limiter limiter({.rpm = 60});
  std::vector<std::int64_t> waits;
  const auto [most, fewest] = per_minute(times(limiter, 300'000, 7'000, waits), 300'000);
  EXPECT_LE(most, 60U);
  EXPECT_GE(fewest, 54U);
  EXPECT_EQ(waits.size(), 43U);
  EXPECT_LE(*std::max_element(waits.begin(), waits.end()), 1'500);
  EXPECT_LE(std::count_if(waits.begin(), waits.end(), [](std::int64_t w) { return w > 0; }), 4);
}

TEST(Limits, TasksDoNotComeAsAHerd) {
  Limiter limiter({.rpm = 600});
  std::vector<std::int64_t> waits;
  const auto out = times(limiter, 20'000, 0, waits);
  const auto within = [&](std::int64_t ms) { return std::lower_bound(out.begin(), out.end(), ms) - out.begin(); };
  EXPECT_LE(within(1'000), 40);
  EXPECT_NEAR(static_cast<double>(within(20'000)), 28 + 20 * 9.5, 3);
}

TEST(Limits, RoomIsWhatCanBeAskedNowAndAShortLine) {
  Limiter limiter({.rpm = 600, .concurrent = 5});
  EXPECT_EQ(limiter.room(at(start)), 4 + 19);  // five at once, one of them for people; two seconds' worth in line
  std::vector<Place> places(4);
  for (Place& place : places) EXPECT_FALSE(limiter.enter(task, {}, at(start), place));
  EXPECT_EQ(limiter.room(at(start)), 19);
  for (int i = 0; i < 20; ++i) limiter.begin_waiting(task);
  EXPECT_LT(limiter.room(at(start)), 0);
}

TEST(Limits, RequestsOfAMinuteAreNeverMore) {
  Limiter limiter({.rpm = 10});
  std::vector<Place> places(12);
  int entered = 0;
  for (Place& place : places)
    if (!limiter.enter(person, {}, at(start), place) && ++entered == 8) break;
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

TEST(Limits, ALimitThatIsNoneInFactIsNoDivisionByNothing) {
  Limiter limiter({1'000'000'000, 1'000'000'000, 1'000'000'000});
  EXPECT_GT(limiter.room(at(start)), 1'000);
  Place place;
  EXPECT_FALSE(limiter.enter(task, {}, at(start), place));
  limiter.leave(place, -1, -1, at(start));
}

}  // namespace
}  // namespace flotte::route
