#include "route/quota.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

const WallTime wall = parse_rfc3339("2026-11-21T10:00:00Z").value();
SteadyTime at(std::int64_t ms) { return SteadyTime(milliseconds(ms)); }

http::Headers headers(std::initializer_list<std::pair<const char*, const char*>> fields) {
  http::Headers out;
  for (const auto& [name, value] : fields) out.add(name, value);
  return out;
}

TEST(Quota, OrdinaryHeadsSayNothing) {
  EXPECT_FALSE(read_quota(headers({{"Content-Type", "application/json"}, {"x-request-id", "1"}, {"x-ratelimit-", "3"}}), wall));
}

TEST(Quota, ReadsAnthropicsWindows) {
  const auto windows = read_quota(headers({{"anthropic-ratelimit-requests-limit", "50"},
                                           {"anthropic-ratelimit-requests-remaining", "49"},
                                           {"anthropic-ratelimit-requests-reset", "2026-11-21T10:00:02Z"},
                                           {"Anthropic-RateLimit-Input-Tokens-Limit", "40000"},
                                           {"anthropic-ratelimit-input-tokens-remaining", "0"},
                                           {"anthropic-ratelimit-input-tokens-reset", "2026-11-21T10:00:30Z"}}),
                                  wall);
  ASSERT_TRUE(windows);
  EXPECT_EQ((*windows)[0].limit, 50);
  EXPECT_EQ((*windows)[0].remaining, 49);
  EXPECT_EQ((*windows)[0].reset, milliseconds(2'000));
  EXPECT_EQ((*windows)[2].remaining, 0);
  Quota quota;
  quota.learn(*windows, at(1'000));
  EXPECT_EQ(quota.wait(0, at(1'000)), milliseconds(30'000));
  EXPECT_EQ(quota.wait(0, at(30'000)), milliseconds(1'000));
  EXPECT_FALSE(quota.wait(0, at(31'000)));
}

TEST(Quota, ReadsOpenAiWindowsInTheirSpelling) {
  const auto windows = read_quota(headers({{"x-ratelimit-limit-requests", "60"},
                                           {"x-ratelimit-remaining-requests", "0"},
                                           {"x-ratelimit-reset-requests", "6m1.5s"},
                                           {"x-ratelimit-limit-tokens", "150000"},
                                           {"x-ratelimit-remaining-tokens", "149984"},
                                           {"x-ratelimit-reset-tokens", "6ms"}}),
                                  wall);
  ASSERT_TRUE(windows);
  Quota quota;
  quota.learn(*windows, at(0));
  EXPECT_EQ(quota.wait(10, at(0)), milliseconds(361'500));
}

TEST(Quota, ARequestWithMoreTokensThanAreLeftWaitsForTheWindow) {
  Quota quota;
  QuotaWindows windows;
  windows[1] = {.limit = 10'000, .remaining = 300, .reset = milliseconds(20'000)};
  quota.learn(windows, at(0));
  EXPECT_FALSE(quota.wait(200, at(0)));
  EXPECT_EQ(quota.wait(3'000, at(0)), milliseconds(20'000));
  EXPECT_FALSE(quota.wait(30'000, at(0)));  // it never fits: the provider may say so
}

TEST(Quota, NewerAnswersReplaceOlderOnes) {
  Quota quota;
  QuotaWindows windows;
  windows[0] = {.limit = 5, .remaining = 0, .reset = milliseconds(20'000)};
  quota.learn(windows, at(0));
  EXPECT_TRUE(quota.wait(0, at(10)));
  windows[0] = {.limit = 5, .remaining = 4, .reset = milliseconds(20'000)};
  quota.learn(windows, at(20));
  EXPECT_FALSE(quota.wait(0, at(30)));
  const json::array shown = quota.to_json(at(20), wall);
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_EQ(json::dump(shown[0]), R"({"kind":"requests","limit":5,"remaining":4,"reset_at":"2026-11-21T10:00:20.000Z"})");
}

TEST(Quota, AResetFarAwayIsAskedAboutAgain) {
  Quota quota;
  QuotaWindows windows;
  windows[0] = {.limit = 5, .remaining = 0, .reset = std::chrono::hours(24 * 6)};
  quota.learn(windows, at(0));
  EXPECT_EQ(quota.wait(0, at(0)), longest_quota_window);
}

TEST(Quota, WithoutATimeNothingIsLearned) {
  const auto windows = read_quota(headers({{"x-ratelimit-remaining-requests", "0"}}), wall);
  ASSERT_TRUE(windows);
  Quota quota;
  quota.learn(*windows, at(0));
  EXPECT_FALSE(quota.wait(0, at(0)));
  EXPECT_FALSE(quota.known(at(0)));
}

}  // namespace
}  // namespace flotte::route
