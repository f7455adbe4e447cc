#include "route/redact.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

std::string target(std::string_view text) {
  std::string out;
  append_redacted_target(out, text);
  return out;
}

TEST(Redact, KeysInPathsAndQueriesAreNotKept) {
  EXPECT_EQ(target("/v1/models"), "/v1/models");
  EXPECT_EQ(target("/k/fk_secret/v1/models"), "/k/[redacted]/v1/models");
  EXPECT_EQ(target("/k/fk_secret"), "/k/[redacted]");
  EXPECT_EQ(target("/v1beta/models/m:generateContent?alt=sse&key=AIzaSecret&x=1"),
            "/v1beta/models/m:generateContent?alt=sse&key=[redacted]&x=1");
  EXPECT_EQ(target("/v1/models?key"), "/v1/models?key=[redacted]");
  EXPECT_EQ(target("/v1/models?%6bey=abc"), "/v1/models?key=[redacted]") << "an encoded name is the same name";
  EXPECT_EQ(target("/v1/models?monkey=abc"), "/v1/models?monkey=abc");
  EXPECT_EQ(target("/v1/models?"), "/v1/models?");
}

TEST(Redact, CredentialsAndCookiesAreSecretHeadersAndRateLimitsAreNot) {
  for (const std::string_view name : {"Authorization", "x-api-key", "X-Goog-Api-Key", "api-key", "Cookie", "Set-Cookie",
                                      "Proxy-Authorization", "X-Amz-Security-Token", "x-client-secret"})
    EXPECT_TRUE(is_secret_header(name)) << name;
  for (const std::string_view name : {"x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-reset", "Idempotency-Key", "content-type",
                                      "x-flotte-request-id", "key"})
    EXPECT_FALSE(is_secret_header(name)) << name;
}

TEST(Redact, KeysInTextsAreFoundByTheirForm) {
  EXPECT_EQ(redact_text("use fk_0123456789abcdefghij please"), "use [redacted] please");
  EXPECT_EQ(redact_text(R"({"error":"Incorrect API key provided: sk-proj-0123456789abcdef."})"),
            R"({"error":"Incorrect API key provided: [redacted]."})");
  EXPECT_EQ(redact_text("AIzaSyA0123456789012345678901234567890,"), "[redacted],");
  EXPECT_EQ(redact_text("risk-free, task-1, sk-1 and fk_x stay"), "risk-free, task-1, sk-1 and fk_x stay");
}

TEST(Redact, AKeyThatTheEndCutsOffIsGoneToo) {
  EXPECT_EQ(redact_text("and fk_01234"), "and [redacted]");
  const std::string secrets[] = {"a-provider's-own-secret"};
  EXPECT_EQ(redact_text("it is a-provider's-o", secrets), "it is [redacted]");
}

TEST(Redact, KnownSecretsAreFoundWhereverTheyStand) {
  const std::string secrets[] = {"hunter2-hunter2", "", "ab"};
  EXPECT_EQ(redact_text("xhunter2-hunter2y ab", secrets), "x[redacted]y ab") << "short ones would be words";
}

}  // namespace
}  // namespace flotte::route
