// Other APIs than chat completions: byte for byte where a target speaks them, a sentence where none does.
#include <gmock/gmock.h>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Spoken {
  const char* path;
  const char* end;  // of the last event
};
constexpr Spoken spoken[] = {{"/v1/messages", "data: {\"type\":\"message_stop\"}\n\n"}, {"/v1/responses", "\"total_tokens\":25}}}\n\n"}};

std::string renamed(std::string body, const std::string& from, const std::string& to) {
  const std::string was = "\"model\" :\"" + from + "\"";
  const std::size_t at = body.find(was);
  EXPECT_NE(at, std::string::npos);
  return body.replace(at, was.size(), "\"model\" :\"" + to + "\"");
}

void expect_usage(const std::vector<route::UsageRecord>& usage, const std::string& target) {
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].target, target);
  EXPECT_EQ(usage[0].usage.input_tokens, 21);
  EXPECT_EQ(usage[0].usage.cached_tokens, 8);
  EXPECT_EQ(usage[0].usage.output_tokens, 4);
  EXPECT_EQ(usage[0].status, 200);
}

TEST(Apis, PassThroughWholeAndStreaming) {
  for (const Spoken& api : spoken) {
    for (const bool stream : {false, true}) {
      Rig rig;
      const std::string body = request("a", stream);
      const Reply reply = rig.post_to(api.path, body, {{"anthropic-beta", "one-2025-01-01,two-2025-02-02"}});
      EXPECT_EQ(reply.status, 200) << reply.body;
      EXPECT_EQ(reply.error, "");
      const auto log = rig.log('a');
      ASSERT_EQ(log.size(), 1u);
      EXPECT_EQ(log[0].head.target, api.path);
      EXPECT_EQ(log[0].body, renamed(body, "a", "m-a"));  // no stream_options here
      EXPECT_EQ(log[0].head.headers.get("anthropic-beta"), "one-2025-01-01,two-2025-02-02");
      EXPECT_EQ(reply.body, log[0].sent);
      if (stream) {
        EXPECT_THAT(reply.body, testing::EndsWith(api.end));
      }
      expect_usage(rig.usage(), "pa/m-a");
    }
  }
}

TEST(Apis, EventsArePassedOnOneByOne) {
  for (const Spoken& api : spoken) {
    Rig rig;
    rig.play('a', "step");
    std::size_t seen = 0;
    const Reply reply = rig.post_to(api.path, request("a", true), {}, [&](const std::string& so_far) {
      std::size_t events = 0;
      for (std::size_t at = 0; (at = so_far.find("\n\n", at)) != std::string::npos; at += 2) ++events;
      if (events > seen) rig.acknowledge('a', static_cast<std::int64_t>(seen = events));
      return true;
    });
    EXPECT_EQ(reply.error, "");
    EXPECT_EQ(reply.body, rig.log('a').at(0).sent);
    EXPECT_GE(seen, 9u);
  }
}

TEST(Apis, AnthropicsOwnKeyAndVersionAreSent) {
  Rig rig;
  EXPECT_EQ(rig.post_to("/v1/messages?beta=true", request("claude", false), {{"x-api-key", "fk_client"}}).status, 200);
  EXPECT_EQ(
      rig.post_to("/v1/messages", request("claude", false), {{"anthropic-version", "2024-01-01"}, {"Authorization", "Bearer fk"}}).status,
      200);
  EXPECT_EQ(rig.post(request("claude", false)).status, 200);
  const auto log = rig.log('a');
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[0].head.target, "/v1/messages?beta=true");
  EXPECT_EQ(log[0].head.headers.get("x-api-key"), "sk-a");
  EXPECT_EQ(log[0].head.headers.get("anthropic-version"), "2023-06-01");
  EXPECT_EQ(log[0].head.headers.get("authorization"), std::nullopt);
  EXPECT_EQ(log[1].head.headers.get("anthropic-version"), "2024-01-01");
  EXPECT_EQ(log[1].head.headers.get("authorization"), std::nullopt);
  EXPECT_EQ(log[2].head.headers.get("authorization"), "Bearer sk-a");  // chat, by its compatible endpoint
  EXPECT_EQ(log[2].head.headers.get("x-api-key"), std::nullopt);
}

TEST(Apis, ATargetWhoseApiCannotBeTranslatedToIsLeftOut) {
  Rig rig;
  EXPECT_EQ(rig.post(request("emb", false)).status, 400);
  const Reply messages = rig.post_to("/v1/messages", request("emb", false));
  EXPECT_THAT(messages.body, AllOf(testing::StartsWith(R"({"type":"error","error":{"type":"invalid_request_error","message":"\"emb\")"),
                                   HasSubstr("Anthropic's messages"), HasSubstr("cannot be translated to what it speaks: embeddings"),
                                   HasSubstr("\"request_id\":\"req_")));
  const Reply responses = rig.post_to("/v1/responses", request("emb", false));
  EXPECT_THAT(responses.body, AllOf(HasSubstr("OpenAI's responses"), HasSubstr("\"code\":\"api_not_spoken\"")));
  EXPECT_TRUE(rig.log('a').empty());
}

TEST(Apis, ErrorsBeforeTheFirstEventAskTheNextTarget) {
  for (const Spoken& api : spoken) {
    for (const char* scenario : {"status:status=529", "error_inside", "cut:after=0", "garbage", "html"}) {
      for (const bool stream : {false, true}) {
        if (stream && std::string_view(scenario) == "garbage") continue;
        Rig rig;
        rig.play('a', scenario);
        const Reply reply = rig.post_to(api.path, request("both", stream));
        EXPECT_EQ(reply.status, 200) << api.path << scenario;
        EXPECT_EQ(reply.header("x-flotte-target"), "pb/m-b") << api.path << scenario;
        EXPECT_EQ(reply.body, rig.log('b').at(0).sent);
      }
    }
  }
}

TEST(Apis, AStreamWithoutItsEndDoesNotLookWhole) {
  for (const Spoken& api : spoken) {
    for (const char* scenario : {"no_end", "no_done", "cut:after=3"}) {
      Rig rig;
      rig.play('a', scenario);
      const Reply reply = rig.post_to(api.path, request("a", true));
      EXPECT_EQ(reply.error, "closed") << api.path << scenario;
      EXPECT_EQ(rig.usage().at(0).status, 502);
    }
    Rig rig;
    rig.play('a', "error_inside:after=2");
    const Reply reply = rig.post_to(api.path, request("a", true));
    EXPECT_EQ(reply.error, "") << api.path;  // the provider's own error event is its end
    EXPECT_EQ(reply.body, rig.log('a').at(0).sent);
    EXPECT_EQ(rig.usage().at(0).status, 502);
  }
}

TEST(Apis, SilenceEndsInAnErrorOfTheDialect) {
  const RigOptions options{.keep_alive = milliseconds(30), .timeouts = {milliseconds(10'000), milliseconds(250), milliseconds(250)}};
  Rig rig(options);
  rig.play('a', "slow:delay_ms=60000");
  const Reply message = rig.post_to("/v1/messages", request("a", true));
  EXPECT_THAT(message.body, HasSubstr("\n\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\""));
  const Reply response = rig.post_to("/v1/responses", request("a", true));
  EXPECT_THAT(response.body, HasSubstr("\n\nevent: response.failed\ndata: {\"type\":\"response.failed\""));
}

TEST(Apis, EmbeddingsAndCountsAreWholeAnswers) {
  Rig rig;
  const Reply vectors = rig.post_to("/v1/embeddings", request("a", false));
  EXPECT_EQ(vectors.status, 200);
  EXPECT_EQ(vectors.body, rig.log('a').at(0).sent);
  const auto usage = rig.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].usage.input_tokens, 21);
  EXPECT_EQ(usage[0].usage.output_tokens, 0);
  const Reply count = rig.post_to("/v1/messages/count_tokens", request("a", false));
  EXPECT_EQ(count.body, "{\"input_tokens\": 21}");
  EXPECT_EQ(rig.log('a').at(1).head.target, "/v1/messages/count_tokens");
  EXPECT_TRUE(rig.usage().empty()) << "counting is no answer that anybody pays for";
}

TEST(Apis, ModelsAreListedInTheShapeOfTheClient) {
  Rig rig;
  const Reply list = rig.get("/v1/models", {{"anthropic-version", "2023-06-01"}});
  EXPECT_THAT(list.body, AllOf(HasSubstr("{\"type\":\"model\",\"id\":\"a\",\"display_name\":\"a\""), HasSubstr("\"has_more\":false")));
  EXPECT_THAT(rig.get("/v1/models/a", {{"anthropic-version", "2023-06-01"}}).body, HasSubstr("\"type\":\"model\""));
  EXPECT_THAT(rig.get("/v1/models/none", {{"anthropic-version", "2023-06-01"}}).body, HasSubstr("not_found_error"));
  EXPECT_THAT(rig.get("/v1/models/a").body, HasSubstr("\"object\":\"model\""));
}

}  // namespace
}  // namespace flotte::rig
