#include "route/later.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t now_ms = 1'795'249'800'000;  // 2026-11-21T08:30:00Z, a Saturday

http::Headers with(std::initializer_list<std::pair<const char*, const char*>> fields) {
  http::Headers headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return headers;
}

Later read(int status, const http::Headers& headers, std::string_view body = {}) {
  return read_later(status, headers, body, from_ms(now_ms));
}

Later quota(std::optional<milliseconds> wait, LaterScope scope = LaterScope::model) { return {LaterKind::quota, scope, wait}; }

TEST(Later, RetryAfterInSeconds) {
  EXPECT_EQ(read(429, with({{"Retry-After", "7"}})), quota(7s));
  EXPECT_EQ(read(429, with({{"retry-after", "1.5"}})), quota(1'500ms));
  EXPECT_EQ(read(429, with({{"Retry-After", "0"}})), quota(0s));
}

TEST(Later, RetryAfterAsAnHttpDate) {
  EXPECT_EQ(read(429, with({{"Retry-After", "Sat, 21 Nov 2026 08:31:00 GMT"}})), quota(60s));
  EXPECT_EQ(read(429, with({{"Retry-After", "Sat, 21 Nov 2026 08:29:00 GMT"}})), quota(0s)) << "a time that is over";
}

TEST(Later, RetryAfterInMilliseconds) {
  EXPECT_EQ(read(429, with({{"retry-after-ms", "350"}, {"retry-after", "1"}})), quota(350ms));
  EXPECT_EQ(read(429, with({{"x-ms-retry-after-ms", "1200.5"}})), quota(1'201ms));
}

TEST(Later, RetryAfterThatIsNoneIsNotRead) {
  for (const char* text : {"soon", "-3", "", "1e9", "nan", "inf", "7 s x", "99999999999999999999999"})
    EXPECT_EQ(read(429, with({{"Retry-After", text}})), quota(std::nullopt)) << text;
}

TEST(Later, OpenAiResetOfTheLimitThatIsUsedUp) {
  EXPECT_EQ(read(429, with({{"x-ratelimit-remaining-requests", "59"},
                            {"x-ratelimit-reset-requests", "1s"},
                            {"x-ratelimit-remaining-tokens", "0"},
                            {"x-ratelimit-reset-tokens", "1m30s"}})),
            quota(90s));
  EXPECT_EQ(read(429, with({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "6ms"}})), quota(6ms));
  EXPECT_EQ(read(429, with({{"x-ratelimit-reset-requests", "2m59.56s"}, {"x-ratelimit-reset-tokens", "7.66s"}})), quota(7'660ms))
      << "nobody says which is used up: the first one that may help";
}

TEST(Later, ResetInMillisecondsOrAsATimeSince1970) {
  EXPECT_EQ(read(429, with({{"x-ratelimit-reset-tokens-ms", "450"}})), quota(450ms));
  EXPECT_EQ(read(429, with({{"X-RateLimit-Reset", "1795249830000"}})), quota(30s));
  EXPECT_EQ(read(429, with({{"anthropic-ratelimit-unified-reset", "1795249860"}})), quota(60s));
}

TEST(Later, AnthropicResetAsRfc3339) {
  EXPECT_EQ(read(429,
                 with({{"anthropic-ratelimit-requests-remaining", "49"},
                       {"anthropic-ratelimit-requests-reset", "2026-11-21T08:30:01Z"},
                       {"anthropic-ratelimit-input-tokens-remaining", "0"},
                       {"anthropic-ratelimit-input-tokens-reset", "2026-11-21T08:30:42Z"}}),
                 R"({"type":"error","error":{"type":"rate_limit_error","message":"would exceed your organization's rate limit"}})"),
            quota(42s));
}

TEST(Later, GeminiRetryInfo) {
  const auto later =
      read(429, {}, R"({"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.",
    "status":"RESOURCE_EXHAUSTED","details":[
    {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"x","quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},
    {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.074824224s"}]}})");
  EXPECT_EQ(later, quota(34'075ms)) << "the same sentence as OpenAI's spend limit, but it names its time";
}

TEST(Later, GeminiQuotaResetDelayAndTheWholeAccount) {
  const auto later = read(429, {}, R"([{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[
    {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","metadata":{"quotaResetDelay":"3h2m1.5s"}},
    {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"RequestsPerDayPerProject"}]}]}}])");
  EXPECT_EQ(later, quota(3h + 2min + 1'500ms, LaterScope::account));
}

TEST(Later, CodexResetsInSeconds) {
  EXPECT_EQ(read(429, {}, R"({"error":{"type":"usage_limit_reached","plan_type":"plus","resets_in_seconds":12345}})"),
            quota(12'345s, LaterScope::account));
  EXPECT_EQ(read(429, {}, R"({"error":{"type":"usage_limit_reached","resets_at":1795249810}})"), quota(10s, LaterScope::account));
}

TEST(Later, WordsInTheMessage) {
  EXPECT_EQ(read(429, {}, R"({"error":{"message":"Rate limit reached for gpt-5 on tokens per min. Please try again in 1m30.5s. Visit x",
    "type":"tokens","code":"rate_limit_exceeded"}})"),
            quota(90'500ms));
  EXPECT_EQ(read(429, {}, R"({"error":{"message":"please try again in a while"}})"), quota(std::nullopt));
}

TEST(Later, NothingButA429) { EXPECT_EQ(read(429, {}, "<html>busy</html>"), quota(std::nullopt)); }

TEST(Later, SpendLimitsAreNotRetried) {
  const std::pair<int, const char*> limits[] = {
      {429,
       R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota",
        "param":null,"code":"insufficient_quota"}})"},
      {429, R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details."}})"},
      {400, R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}})"},
      {400, R"({"type":"error","error":{"type":"invalid_request_error",
        "message":"You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."}})"},
      {402, R"({"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}})"},
      {402, ""},
      {403, R"({"error":{"message":"This key has reached its spending limit"}})"},
      {429, R"({"error":{"code":"billing_hard_limit_reached","message":"Billing hard limit has been reached"}})"},
      {200, R"({"error":{"code":"insufficient_quota","message":"x"}})"}};
  for (const auto& [status, body] : limits) {
    const Later later = read(status, {}, body);
    EXPECT_EQ(later.kind, LaterKind::spend) << status << body;
    EXPECT_EQ(later.scope, LaterScope::account) << status << body;
  }
}

TEST(Later, AnOverloadedServerThatNamesATime) {
  const Later later{LaterKind::overloaded, LaterScope::model, 30s};
  EXPECT_EQ(read(503, with({{"Retry-After", "30"}})), later);
  EXPECT_EQ(read(529, with({{"retry-after", "30"}}), R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"),
            later);
  EXPECT_EQ(read(503, {}), Later{}) << "without a time it is a failure like any other";
  EXPECT_EQ(read(500, with({{"Retry-After", "30"}})), Later{});
}

TEST(Later, AnErrorInsideA200) {
  EXPECT_EQ(read(200, {}, R"({"type":"error","error":{"type":"rate_limit_error","message":"x"}})"), quota(std::nullopt));
  EXPECT_EQ(read(200, {},
                 R"({"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded","message":"Please try again in 6ms."}}})"),
            quota(6ms));
  EXPECT_EQ(read(200, {}, R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})"), Later{});
}

TEST(Later, OtherAnswersAreNoLater) {
  EXPECT_EQ(read(200, with({{"x-ratelimit-reset-requests", "1s"}, {"x-ratelimit-remaining-requests", "0"}})), Later{});
  EXPECT_EQ(read(400, {}, R"({"error":{"message":"the prompt speaks of rate_limit_error","code":"bad"}})"), Later{});
  EXPECT_EQ(read(401, with({{"Retry-After", "30"}})), Later{});
  EXPECT_EQ(read(500, {}, "not JSON"), Later{});
}

TEST(ParseWait, ReadsEverySpelling) {
  const auto wait = [](std::string_view text) { return parse_wait(text, from_ms(now_ms)); };
  EXPECT_EQ(wait(" 5 "), 5s);
  EXPECT_EQ(wait("250ms"), 250ms);
  EXPECT_EQ(wait("1d2h"), 26h);
  EXPECT_EQ(wait("2026-11-21T09:30:10+01:00"), 10s);
  for (const char* text : {"", "s", "5x", "1m30", "ms6", "--", "9999999999999d"}) EXPECT_EQ(wait(text), std::nullopt) << text;
}

}  // namespace
}  // namespace flotte::route
