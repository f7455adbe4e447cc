// The life of an engine's process, without a process.
#include "engine/lifecycle.hpp"

#include <gtest/gtest.h>

namespace flotte::engine {
namespace {
using namespace std::chrono_literals;
using Action = Lifecycle::Action;
using State = Lifecycle::State;

TEST(Lifecycle, StartsAtOnceAndAsksUntilItIsReady) {
  Lifecycle life({}, 0s);
  EXPECT_EQ(life.next().action, Action::launch);
  EXPECT_EQ(life.next().at, 0s);
  life.on_launched(10ms);
  EXPECT_EQ(life.next().action, Action::probe);
  EXPECT_EQ(life.next().at, 60ms);
  life.on_probe(false, 60ms);
  EXPECT_EQ(life.state(), State::starting);
  life.on_probe(true, 200ms);
  EXPECT_EQ(life.state(), State::ready);
  EXPECT_EQ(life.next().at, 5'200ms);
}

TEST(Lifecycle, WaitsLongerAfterEachFailureUpToAMinute) {
  Lifecycle life({}, 0s);
  auto now = 0ms;
  std::vector<long> waits;
  for (int i = 0; i < 8; ++i) {
    life.on_launched(now);
    life.on_gone(now);
    waits.push_back((life.next().at - now).count() / 1000);
    now = life.next().at;
  }
  EXPECT_EQ(waits, (std::vector<long>{1, 2, 4, 8, 16, 32, 60, 60}));
}

TEST(Lifecycle, ForgetsFailuresAfterAMinuteOfHealth) {
  Lifecycle life({}, 0s);
  for (int i = 0; i < 4; ++i) {
    life.on_launched(0s);
    life.on_gone(0s);
  }
  life.on_launched(0s);
  life.on_probe(true, 1s);
  life.on_gone(30s);
  EXPECT_EQ(life.next().at, 46s) << "not ready for long enough";
  life.on_launched(46s);
  life.on_probe(true, 47s);
  life.on_gone(107s);
  EXPECT_EQ(life.next().at, 108s);
}

TEST(Lifecycle, EndsOneThatNoLongerAnswers) {
  Lifecycle life({}, 0s);
  life.on_launched(0s);
  life.on_probe(true, 1s);
  for (int i = 0; i < 5; ++i) life.on_probe(false, 2s);
  EXPECT_EQ(life.state(), State::ready);
  life.on_probe(true, 2s);
  for (int i = 0; i < 6; ++i) life.on_probe(false, 3s);
  EXPECT_EQ(life.next().action, Action::end);
  EXPECT_TRUE(life.hung());
  life.on_gone(4s);
  EXPECT_EQ(life.next().action, Action::launch);
}

TEST(Lifecycle, GivesAStartTenMinutes) {
  Lifecycle life({}, 0s);
  life.on_launched(0s);
  life.on_probe(false, 599s);
  EXPECT_EQ(life.state(), State::starting);
  life.on_probe(false, 600s);
  EXPECT_EQ(life.next().action, Action::end);
  EXPECT_TRUE(life.hung());
}

TEST(Lifecycle, StopsFromEveryState) {
  Lifecycle waiting({}, 0s);
  waiting.on_stop(0s);
  EXPECT_EQ(waiting.next().action, Action::nothing);
  Lifecycle ready({}, 0s);
  ready.on_launched(0s);
  ready.on_probe(true, 1s);
  ready.on_stop(2s);
  EXPECT_EQ(ready.next().action, Action::end);
  ready.on_stop(2s);
  ready.on_gone(3s);
  EXPECT_EQ(ready.next().action, Action::nothing);
  EXPECT_EQ(ready.state(), State::stopped);
}

}  // namespace
}  // namespace flotte::engine
