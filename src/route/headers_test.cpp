#include "route/headers.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

std::string text(const http::Headers& headers) {
  std::string out;
  for (const auto& [name, value] : headers) out += std::string(name) + ": " + std::string(value) + "\n";
  return out;
}

Target target() {
  auto upstream = std::make_shared<Upstream>();
  upstream->base_path = "/base/v1";
  upstream->authorization = "Bearer theirs";
  return {.name = "p/m", .upstream = upstream};
}

TEST(UpstreamHead, ReplacesCredentialsAndLeavesTheRest) {
  http::RequestHead from{.method = "POST", .target = "/v1/chat/completions?a=1&key=fk_x&b=%20"};
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{{"Host", "hub"},
                                                                                              {"AUTHORIZATION", "Bearer fk_ours"},
                                                                                              {"x-api-key", "fk"},
                                                                                              {"X-Goog-Api-Key", "fk"},
                                                                                              {"api-key", "fk"},
                                                                                              {"Cookie", "session=1"},
                                                                                              {"User-Agent", "OpenAI/JS"},
                                                                                              {"openai-beta", "x"},
                                                                                              {"X-Custom", "1"},
                                                                                              {"x-custom", "2"},
                                                                                              {"Connection", "keep-alive, X-Secret-Hop"},
                                                                                              {"x-secret-hop", "1"},
                                                                                              {"TE", "trailers"},
                                                                                              {"Transfer-Encoding", "chunked"},
                                                                                              {"Content-Length", "3"},
                                                                                              {"Accept-Encoding", "gzip, br"},
                                                                                              {"Content-Type", "application/json"},
                                                                                              {"x-flotte-step", "part-1"},
                                                                                              {"Expect", "100-continue"},
                                                                                              {"Proxy-Authorization", "Basic x"}})
    from.headers.add(name, value);
  const auto head = upstream_head(from, target(), {dialect::facts_of(dialect::Api::chat)}, "hub-1");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/base/v1/chat/completions?a=1&b=%20");
  EXPECT_EQ(
      text(head.headers),
      "User-Agent: OpenAI/JS\nopenai-beta: x\nX-Custom: 1\nx-custom: 2\nContent-Type: application/json\nAuthorization: Bearer theirs\n"
      "Accept-Encoding: identity\nx-flotte-via: hub-1\n");
}

TEST(UpstreamHead, OfATranslatedCallIsItsOwnApis) {
  http::RequestHead from{.method = "POST", .target = "/v1/messages?beta=true"};
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{{"anthropic-version", "2023-06-01"},
                                                                                              {"anthropic-beta", "x"},
                                                                                              {"User-Agent", "claude-cli"},
                                                                                              {"traceparent", "00-1-2-01"},
                                                                                              {"Accept", "application/json"},
                                                                                              {"x-custom", "1"}})
    from.headers.add(name, value);
  Target to = target();
  to.model = "models/gemini 2/\u00e4";
  auto upstream = std::make_shared<Upstream>(*to.upstream);
  upstream->base_path = "/v1beta";
  upstream->api_key = "AIza";
  upstream->own_format = dialect::Format::gemini;
  to.upstream = upstream;
  const auto head = upstream_head(from, to, {.api = dialect::facts_of(dialect::Api::gemini), .stream = true, .translated = true}, "hub-1");
  EXPECT_EQ(head.target, "/v1beta/models/gemini%202%2F%C3%A4:streamGenerateContent?alt=sse");
  EXPECT_EQ(text(head.headers),
            "User-Agent: claude-cli\ntraceparent: 00-1-2-01\nContent-Type: application/json\nAccept: text/event-stream, application/json\n"
            "x-goog-api-key: AIza\nAccept-Encoding: identity\nx-flotte-via: hub-1\n");
}

TEST(UpstreamPath, OfOllamasOwnApiStandsBesideTheSharedOne) {
  EXPECT_EQ(upstream_path(target(), dialect::facts_of(dialect::Api::ollama_chat), true), "/base/api/chat");
  EXPECT_EQ(upstream_path(target(), dialect::facts_of(dialect::Api::chat), true), "/base/v1/chat/completions");
}

TEST(UpstreamHead, KeepsTheWayThatARequestCame) {
  http::RequestHead from{.method = "POST", .target = "/v1/chat/completions"};
  from.headers.add("X-Flotte-Via", "other, second");
  EXPECT_FALSE(passed_through(from.headers, "hub-1"));
  EXPECT_TRUE(passed_through(from.headers, "second"));
  EXPECT_FALSE(passed_through(from.headers, "sec"));
  EXPECT_EQ(upstream_head(from, target(), {dialect::facts_of(dialect::Api::chat)}, "hub-1").headers.get("x-flotte-via"),
            "other, second, hub-1");
}

TEST(ReplyHead, KeepsTheTargetsFields) {
  http::ResponseHead from{.status = 429};
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{{"Content-Type", "application/json"},
                                                                                              {"Content-Length", "7"},
                                                                                              {"Date", "x"},
                                                                                              {"Retry-After", "3"},
                                                                                              {"x-ratelimit-remaining", "0"},
                                                                                              {"Transfer-Encoding", "chunked"},
                                                                                              {"Connection", "close"},
                                                                                              {"Set-Cookie", "__cf=1"},
                                                                                              {"Alt-Svc", "h3"},
                                                                                              {"Strict-Transport-Security", "max-age=1"},
                                                                                              {"x-request-id", "abc"},
                                                                                              {"x-flotte-target", "inner/model"}})
    from.headers.add(name, value);
  const auto head = reply_head(from, "req_1", "p/m");
  EXPECT_EQ(head.status, 429);
  EXPECT_EQ(text(head.headers),
            "Content-Type: application/json\nRetry-After: 3\nx-ratelimit-remaining: 0\nx-request-id: abc\nx-flotte-request-id: "
            "req_1\nx-flotte-target: p/m\n");
}

}  // namespace
}  // namespace flotte::route
