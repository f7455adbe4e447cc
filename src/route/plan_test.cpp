#include "route/plan.hpp"

#include <gtest/gtest.h>

#include <map>

#include "route/pace.hpp"

namespace flotte::route {
namespace {

using namespace std::chrono_literals;

struct PlanTest : testing::Test {
  Route route;
  SteadyTime now{1'000s};
  Ask ask;

  PlanTest() {
    for (const char* name : {"a", "b", "c"}) {
      Target target{.kind = TargetKind::provider, .name = name, .slots = 0};
      target.load = std::make_shared<Load>();
      target.health = std::make_shared<Health>();
      target.pace = std::make_shared<Pace>();
      target.place_health = std::make_shared<Health>();
      route.targets.push_back(std::move(target));
    }
  }
  Target& target(std::size_t i) { return route.targets[i]; }
  Health& health(std::size_t i) { return *route.targets[i].health; }
  void busy(std::size_t i, int calls) { route.targets[i].load->in_flight = calls; }
  /// The names in the order in which they would be asked.
  std::string order(std::uint32_t turn = 0) {
    std::string text;
    Tried tried = 0;
    ask.turn = turn;
    while (const auto next = pick(route, tried, now, ask)) {
      tried |= Tried{1} << *next;
      text += route.targets[*next].name;
    }
    return text;
  }
  void break_down(std::size_t i) {
    for (int n = 0; n < 3; ++n) on_failure(health(i), now);
  }
  void later(std::size_t i, LaterKind kind, std::optional<milliseconds> wait = {}, LaterScope scope = LaterScope::model) {
    mark(target(i), Mark::later, {kind, scope, wait}, now);
  }
  void price(std::size_t i, std::int64_t input, std::int64_t output) { target(i).price = Price{.rates = {input, input, output}}; }
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

TEST_F(PlanTest, GivesEachItsWeightAndSpreadsThem) {
  route.strategy = Strategy::weighted;
  target(0).weight = 5;
  target(1).weight = 3;
  target(2).weight = 0;
  std::map<std::size_t, int> counts;
  int in_a_row = 0, longest = 0;
  for (std::uint32_t turn = 0; turn < 8'000; ++turn) {
    const std::size_t next = *pick(route, 0, now, {.turn = turn});
    ++counts[next];
    in_a_row = next == 0 ? in_a_row + 1 : 0;
    longest = std::max(longest, in_a_row);
  }
  EXPECT_NEAR(counts[0], 5'000, 10);
  EXPECT_NEAR(counts[1], 3'000, 10);
  EXPECT_EQ(counts[2], 0) << "weight 0 is for when no other is left";
  EXPECT_LE(longest, 4) << "spread, not in blocks";
  EXPECT_EQ(order().back(), 'c');
  break_down(0);
  for (std::uint32_t turn = 0; turn < 100; ++turn) EXPECT_EQ(pick(route, 0, now, {.turn = turn}), 1u);
}

TEST_F(PlanTest, GivesEachItsWeightAlsoWhereOtherModelsTakeEverySecondTurn) {
  route.strategy = Strategy::weighted;
  target(0).weight = 3;
  int first = 0;
  for (std::uint32_t turn = 0; turn < 10'000; turn += 2) first += *pick(route, 0, now, {.turn = turn}) == 0 ? 1 : 0;
  EXPECT_NEAR(first, 3'000, 10);
}

TEST_F(PlanTest, AsksTheCheapestForThisRequestFirst) {
  route.strategy = Strategy::cheapest;
  price(0, 1'000, 40'000);  // cheap to read, dear to write
  price(1, 4'000, 4'000);
  ask.input_tokens = 1'000;
  EXPECT_EQ(order(), "bac") << "an unknown price comes last";
  ask.input_tokens = 100'000;
  EXPECT_EQ(order(), "abc");
  target(2).kind = TargetKind::engine;
  EXPECT_EQ(order(), "cab") << "an engine is free";
  target(0).price->long_over = 50'000;
  target(0).price->long_rates = {10'000, 10'000, 80'000};
  EXPECT_EQ(order(), "cba") << "long requests have prices of their own";
}

TEST_F(PlanTest, AsksTheFastestFirstAndLooksAtTheOthersNowAndThen) {
  route.strategy = Strategy::fastest;
  measure(*target(0).pace, {.first_us = 200'000, .total_us = 1'200'000, .output_tokens = 100}, now);       // 10 ms a token
  measure(*target(1).pace, {.first_us = 900'000, .total_us = 1'000'000, .output_tokens = 100}, now + 1s);  // 1 ms a token
  EXPECT_EQ(order(), "cba") << "the unknown one first, then by the whole of an answer";
  measure(*target(2).pace, {.first_us = 100'000, .total_us = 200'000, .output_tokens = 100}, now + 2s);
  EXPECT_EQ(order(), "cba");
  std::map<std::size_t, int> counts;
  for (std::uint32_t turn = 0; turn < 320; ++turn) ++counts[*pick(route, 0, now, {.turn = turn})];
  EXPECT_NEAR(counts[2], 310, 2);
  EXPECT_EQ(counts[0], 320 - counts[2]) << "the one that was not measured for longest";
  counts.clear();
  for (std::uint32_t turn = 0; turn < 640; turn += 2) ++counts[*pick(route, 0, now, {.turn = turn})];
  EXPECT_NEAR(counts[0], 10, 2) << "also where another model takes every second turn";
}

TEST_F(PlanTest, GoesToTheTargetThatServedThePrefixUnlessItIsFull) {
  route.strategy = Strategy::affinity;
  ask.preferred = 2;
  busy(2, 50);
  EXPECT_EQ(order().front(), 'c') << "a provider has as many slots as one likes";
  target(2).slots = 2;
  EXPECT_EQ(order().front(), 'a') << "waiting for a slot takes longer than reading again";
  busy(2, 1);
  EXPECT_EQ(order().front(), 'c');
  break_down(2);
  EXPECT_EQ(order(), "abc");
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
  on_asked(target(0), now);
  EXPECT_EQ(order(), "bca");  // the others keep away
  on_success(health(0));
  EXPECT_EQ(order(), "abc");
}

TEST_F(PlanTest, OpensWhatAProbeReachesAgainBeforeACallHasToTry) {
  const auto fail_to_connect = [&] { mark(target(0), judge_failure(Code::unavailable).mark, {}, now); };
  EXPECT_FALSE(wants_probe(health(0)));
  for (int i = 0; i < 3; ++i) fail_to_connect();
  EXPECT_TRUE(wants_probe(health(0)));
  now += 900ms;
  on_probe(health(0), now, false);
  now += 4'900ms;
  EXPECT_EQ(order(), "bca") << "nobody is there: no call has to find out";
  on_probe(health(0), now, true);
  EXPECT_EQ(order(), "abc");
  EXPECT_FALSE(wants_probe(health(0)));
  on_probe(health(0), now, false);
  EXPECT_EQ(order(), "abc") << "open again in the meantime: an old probe says nothing";
}

TEST_F(PlanTest, DoesNotOpenWhatAnswersErrorsBecauseItsListOfModelsAnswers) {
  break_down(0);
  on_probe(health(0), now, true);
  EXPECT_EQ(order(), "bca");
  EXPECT_EQ((now += 1s, order()), "abc") << "at its time one call tries";
}

TEST_F(PlanTest, DoesNotProbeWhatSaidLater) {
  later(0, LaterKind::quota, 20s);
  EXPECT_FALSE(wants_probe(health(0)));
  on_probe(health(0), now, true);
  EXPECT_EQ(order(), "bc");
}

TEST_F(PlanTest, DoesNotAskAgainBeforeTheTimeThatA429Named) {
  later(0, LaterKind::quota, 20s);
  later(1, LaterKind::quota);
  EXPECT_EQ(order(), "c");
  EXPECT_EQ(waiting(route, now)->wait, 2s);
  EXPECT_EQ(waiting(route, now)->target->name, "b");
  now += 2s;
  EXPECT_EQ(order(), "bc");
  later(0, LaterKind::quota, 24h);
  now += 5min;
  EXPECT_EQ(order(), "abc");  // however long it asked for: it is tried again
  EXPECT_FALSE(waiting(route, now));
}

TEST_F(PlanTest, AQuotaOfTheAccountClosesEveryModelOfThePlace) {
  target(1).place_health = target(0).place_health;
  later(0, LaterKind::quota, 20s, LaterScope::account);
  EXPECT_EQ(order(), "c");
  now += 20s;
  on_asked(target(0), now);
  EXPECT_EQ(order(), "cab") << "one call tries for the whole account";
  mark(target(0), Mark::success, {}, now);
  EXPECT_EQ(order(), "abc");
}

TEST_F(PlanTest, ASpendLimitClosesThePlaceForLong) {
  target(1).place_health = target(0).place_health;
  later(0, LaterKind::spend, 1s, LaterScope::account);
  now += 29min;
  EXPECT_EQ(order(), "c");
  EXPECT_EQ(waiting(route, now)->why, Closed::spend);
  now += 1min;
  EXPECT_EQ(order(), "abc");
}

TEST_F(PlanTest, HasNothingWhereNothingIsLeft) {
  route.targets.clear();
  for (const Strategy strategy : {Strategy::fallback, Strategy::weighted, Strategy::affinity}) {
    route.strategy = strategy;
    EXPECT_EQ(pick(route, 0, now, {.turn = 7}), std::nullopt);
  }
}

TEST(JudgeStatus, SendsOnlyTheTargetsOwnFaultsElsewhere) {
  for (const int status : {401, 402, 403, 404, 408, 425, 429, 500, 502, 503, 504, 529, 301, 307})
    EXPECT_TRUE(judge_status(status).elsewhere) << status;
  for (const int status : {200, 201, 400, 405, 409, 413, 415, 422, 451}) EXPECT_FALSE(judge_status(status).elsewhere) << status;
  EXPECT_EQ(judge_status(429).mark, Mark::later);
  EXPECT_EQ(judge_status(404).mark, Mark::none);
  EXPECT_EQ(judge_status(503).mark, Mark::failure);
  EXPECT_EQ(judge_status(400).mark, Mark::success);
  EXPECT_EQ(judge_failure(Code::cancelled).mark, Mark::none);
  EXPECT_EQ(judge_failure(Code::deadline).mark, Mark::failure);
  EXPECT_EQ(judge_failure(Code::unavailable).mark, Mark::unreachable);
}

TEST(Judge, SendsACallElsewhereWhereTheBodySpeaksOfMoney) {
  const Judgement judged = judge(400, {.kind = LaterKind::spend});
  EXPECT_TRUE(judged.elsewhere);
  EXPECT_EQ(judged.mark, Mark::later);
  EXPECT_FALSE(judge(400, {}).elsewhere);
}

TEST(Pace, ForgetsOldMeasurementsSlowly) {
  Target target{.pace = std::make_shared<Pace>()};
  EXPECT_EQ(expected_ms(target), -1);
  measure(*target.pace, {.first_us = 80'000, .total_us = 80'000, .output_tokens = 3}, SteadyTime{1s});
  EXPECT_EQ(expected_ms(target), 80) << "three tokens say nothing about the pace";
  measure(*target.pace, {.first_us = 160'000, .total_us = 160'000}, SteadyTime{2s});
  EXPECT_EQ(expected_ms(target), 90);
  measure(*target.pace, {.total_us = 1'090'000, .output_tokens = 100}, SteadyTime{3s});
  EXPECT_EQ(expected_ms(target), 90 + 2'560) << "of a whole answer only the pace is learned";
  EXPECT_EQ(last_measured(target), 3'000);
}

}  // namespace
}  // namespace flotte::route
