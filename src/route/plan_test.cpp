#include "route/plan.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

using namespace std::chrono_literals;

struct PlanTest : testing::Test {
  Route route;
  SteadyTime now{1'000s};

  PlanTest() {
    for (const char* name : {"a", "b", "c"}) {
      Target target{.name = name};
      target.load = std::make_shared<Load>();
      target.health = std::make_shared<Health>();
      route.targets.push_back(std::move(target));
    }
  }
  Health& health(std::size_t i) { return *route.targets[i].health; }
  void busy(std::size_t i, int calls) { route.targets[i].load->in_flight = calls; }
  /// The names in the order in which they would be asked.
  std::string order(std::uint32_t turn = 0) {
    std::string text;
    Tried tried = 0;
    while (const auto next = pick(route, tried, now, turn)) {
      tried |= Tried{1} << *next;
      text += route.targets[*next].name;
    }
    return text;
  }
  void break_down(std::size_t i) {
    for (int n = 0; n < 3; ++n) on_failure(health(i), now);
  }
};

TEST_F(PlanTest, FallsBackInTheOrderOfTheFile) {
  busy(0, 100);
  EXPECT_EQ(order(1), "abc");
}

TEST_F(PlanTest, AsksTheLeastBusyFirst) {
  route.strategy = Strategy::least_busy;
  busy(0, 3);
  busy(1, 1);
  busy(2, 2);
  EXPECT_EQ(order(), "bca");
  route.targets[0].slots = 8;  // three calls in eight slots are few
  EXPECT_EQ(order(), "abc");
}

TEST_F(PlanTest, SpreadsEqualChoices) {
  route.strategy = Strategy::least_busy;
  EXPECT_EQ(order(0), "abc");
  EXPECT_EQ(order(1), "bca");
  EXPECT_EQ(order(2), "cab");
}

TEST_F(PlanTest, ClosesATargetAfterThreeFailuresInARow) {
  on_failure(health(0), now);
  on_failure(health(0), now);
  EXPECT_EQ(order(), "abc");
  on_success(health(0));
  on_failure(health(0), now);
  EXPECT_EQ(order(), "abc");
  break_down(0);
  EXPECT_EQ(order(), "bca");  // still there as a last resort
}

TEST_F(PlanTest, StaysClosedTwiceAsLongEachTimeUpToALimit) {
  break_down(0);
  EXPECT_TRUE(closed(health(0), now + 999ms));
  EXPECT_FALSE(closed(health(0), now + 1s));
  on_failure(health(0), now);
  EXPECT_TRUE(closed(health(0), now + 1'999ms));
  EXPECT_FALSE(closed(health(0), now + 2s));
  for (int i = 0; i < 100; ++i) on_failure(health(0), now);
  EXPECT_TRUE(closed(health(0), now + 29s));
  EXPECT_FALSE(closed(health(0), now + 30s));
}

TEST_F(PlanTest, LetsOneCallTryAgainBeforeAllDo) {
  break_down(0);
  now += 2s;
  EXPECT_EQ(order(), "abc");
  on_asked(health(0), now);
  EXPECT_EQ(order(), "bca");  // the others keep away
  on_success(health(0));
  EXPECT_EQ(order(), "abc");
}

TEST_F(PlanTest, DoesNotAskAgainBeforeTheTimeThatA429Named) {
  on_quota(health(0), now, 20s);
  on_quota(health(1), now, std::nullopt);
  EXPECT_EQ(order(), "c");
  EXPECT_EQ(quota_wait(route, now), 2s);
  now += 2s;
  EXPECT_EQ(order(), "bc");
  on_quota(health(0), now, 24h);
  now += 5min;
  EXPECT_EQ(order(), "abc");  // however long it asked for: it is tried again
  EXPECT_EQ(quota_wait(route, now), std::nullopt);
}

TEST_F(PlanTest, HasNothingWhereNothingIsLeft) {
  route.targets.clear();
  EXPECT_EQ(pick(route, 0, now, 7), std::nullopt);
}

TEST(JudgeStatus, SendsOnlyTheTargetsOwnFaultsElsewhere) {
  for (const int status : {401, 402, 403, 404, 408, 425, 429, 500, 502, 503, 504, 529, 301, 307})
    EXPECT_TRUE(judge_status(status).elsewhere) << status;
  for (const int status : {200, 201, 400, 405, 409, 413, 415, 422, 451}) EXPECT_FALSE(judge_status(status).elsewhere) << status;
  EXPECT_EQ(judge_status(429).mark, Mark::quota);
  EXPECT_EQ(judge_status(404).mark, Mark::none);
  EXPECT_EQ(judge_status(503).mark, Mark::failure);
  EXPECT_EQ(judge_status(400).mark, Mark::success);
  EXPECT_EQ(judge_failure(Code::cancelled).mark, Mark::none);
  EXPECT_EQ(judge_failure(Code::deadline).mark, Mark::failure);
}

TEST(RetryAfter, ReadsEveryForm) {
  const auto read = [](std::string_view name, std::string_view value) {
    http::Headers headers;
    headers.add(name, value);
    return retry_after(headers, from_ms(1'445'412'420'000));  // Wed, 21 Oct 2015 07:27:00 GMT
  };
  EXPECT_EQ(read("Retry-After", "7"), 7s);
  EXPECT_EQ(read("retry-after", "1.5"), 1s);
  EXPECT_EQ(read("retry-after-ms", "350"), 350ms);
  EXPECT_EQ(read("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"), 60s);
  EXPECT_EQ(read("Retry-After", "Wed, 21 Oct 2015 07:26:00 GMT"), 0s);
  EXPECT_EQ(read("Retry-After", "soon"), std::nullopt);
  EXPECT_EQ(read("Retry-After", "-3"), std::nullopt);
  EXPECT_EQ(read("X-Other", "3"), std::nullopt);
}

}  // namespace
}  // namespace flotte::route
