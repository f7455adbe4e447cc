#include "route/sliding_window.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <thread>
#include <vector>

namespace flotte::route {
namespace {

using Taken = SlidingWindow::Taken;

SteadyTime at(std::int64_t ms) { return SteadyTime(milliseconds(ms)); }
constexpr std::int64_t start = 1'000'000;

TEST(SlidingWindow, LetsNoMoreThanItsLimitThroughAndThenSaysWhen) {
  SlidingWindow window;
  Taken taken;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(window.take(1, 5, at(start + i), taken));
  const auto wait = window.take(1, 5, at(start + 100), taken);
  ASSERT_TRUE(wait);
  EXPECT_GT(wait->count(), 59'900);
  EXPECT_LE(wait->count(), 61'000);
  EXPECT_TRUE(window.take(1, 5, at(start + 60'000), taken));
  EXPECT_FALSE(window.take(1, 5, at(start + 100 + wait->count()), taken));
}

TEST(SlidingWindow, NoStretchOfAMinuteEverHoldsTooMany) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    SlidingWindow window;
    std::deque<std::int64_t> passed;
    std::int64_t now = start, through = 0;
    for (int i = 0; i < 20'000; ++i) {
      now += static_cast<std::int64_t>(random() % 400);
      Taken taken;
      if (window.take(1, 30, at(now), taken)) continue;
      ++through;
      passed.push_back(now);
      while (passed.front() <= now - 60'000) passed.pop_front();
      ASSERT_LE(passed.size(), 30u) << seed;
    }
    const double minutes = static_cast<double>(now - start) / 60'000;
    EXPECT_GT(static_cast<double>(through), 30 * (minutes - 1) * 0.97) << seed;  // and hardly less than that
  }
}

TEST(SlidingWindow, AfterALongPauseItIsEmpty) {
  SlidingWindow window;
  Taken taken;
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(window.take(10, 100, at(start + i * 5'000), taken));
  EXPECT_EQ(window.held(at(start + 50'000)), 100);
  EXPECT_EQ(window.held(at(start + 500'000'000)), 0);
  EXPECT_FALSE(window.take(100, 100, at(start + 500'000'001), taken));
}

TEST(SlidingWindow, WhatWasTakenTooMuchComesBack) {
  SlidingWindow window;
  Taken taken;
  EXPECT_FALSE(window.take(1'000, 1'000, at(start), taken));
  EXPECT_TRUE(window.take(1, 1'000, at(start + 10), taken));
  window.correct(taken, 300, at(start + 20));
  EXPECT_EQ(window.held(at(start + 20)), 300);
}

TEST(SlidingWindow, WhatWasUsedBeyondIsOwed) {
  SlidingWindow window;
  Taken first, second;
  EXPECT_FALSE(window.take(100, 1'000, at(start), first));
  window.correct(first, 1'400, at(start + 2'000));
  EXPECT_EQ(window.held(at(start + 2'000)), 1'400);
  EXPECT_TRUE(window.take(1, 1'000, at(start + 61'500), second));
  EXPECT_FALSE(window.take(1, 1'000, at(start + 63'500), second));
}

TEST(SlidingWindow, ACorrectionThatComesTooLateChangesNothing) {
  SlidingWindow window;
  Taken taken, other;
  EXPECT_FALSE(window.take(500, 1'000, at(start), taken));
  EXPECT_FALSE(window.take(700, 1'000, at(start + 200'000), other));
  window.correct(taken, 0, at(start + 200'000));
  EXPECT_EQ(window.held(at(start + 200'000)), 700);
}

TEST(SlidingWindow, SeveralThreadsShareIt) {
  SlidingWindow window;
  std::atomic<std::int64_t> now{start}, through{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) {
        Taken taken;
        const auto time = now.fetch_add(1, std::memory_order_relaxed);
        if (!window.take(1, 100, at(time), taken)) ++through;
      }
    });
  for (auto& thread : threads) thread.join();
  // 80 seconds: two windows.
  EXPECT_GE(through.load(), 198);
  EXPECT_LE(through.load(), 200);
  EXPECT_EQ(window.held(at(now.load() + 62'000)), 0);
}

}  // namespace
}  // namespace flotte::route
