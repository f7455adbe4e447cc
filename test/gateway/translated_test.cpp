// Calls whose client speaks another API than the target: requests, answers, streams and errors on their way there and back.
#include <gmock/gmock.h>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view answer_text = R"(Die Flotte läuft 日本語)";

std::string anthropic_request(const std::string& model, bool stream, const std::string& more = {}) {
  return R"({"model":")" + model + R"(","max_tokens":100,"system":"Be brief.","messages":[{"role":"user","content":"Hello"}],)" + more +
         R"("stream":)" + (stream ? "true" : "false") + "}";
}
std::string chat_request(const std::string& model, bool stream, const std::string& more = {}) {
  return R"({"model":")" + model + R"(","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"}],)" + more +
         R"("stream":)" + (stream ? "true" : "false") + "}";
}

void expect_usage(Rig& rig, const std::string& target, std::int64_t output) {
  const auto usage = rig.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].target, target);
  EXPECT_EQ(usage[0].usage.input_tokens, 21);
  EXPECT_EQ(usage[0].usage.cached_tokens, 8);
  EXPECT_EQ(usage[0].usage.output_tokens, output);
  EXPECT_EQ(usage[0].status, 200);
}

TEST(Translated, AnAnthropicClientReachesATargetOfChatCompletions) {
  Rig rig;
  const Reply reply = rig.post_to("/v1/messages?beta=true", anthropic_request("plain", false),
                                  {{"anthropic-version", "2023-06-01"},
                                   {"anthropic-beta", "context-1m-2025-08-07"},
                                   {"x-api-key", "fk_client"},
                                   {"User-Agent", "claude-cli/3.0"},
                                   {"x-stainless-lang", "js"}});
  EXPECT_EQ(reply.status, 200) << reply.body;
  const auto body = json::parse_object(reply.body);
  ASSERT_TRUE(body) << reply.body;
  EXPECT_EQ(json::string_or(*body, "type", ""), "message");
  EXPECT_THAT(reply.body, AllOf(HasSubstr(answer_text), HasSubstr("\"stop_reason\":\"end_turn\"")));
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.header("x-flotte-target"), "plain/m-p");
  EXPECT_EQ(reply.header("x-simulated"), "") << "a field of the provider's own API";
  const auto log = rig.log('a');
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].head.target, "/v1/chat/completions");
  EXPECT_EQ(log[0].head.headers.get("authorization"), "Bearer sk-a");
  EXPECT_EQ(log[0].head.headers.get("user-agent"), "claude-cli/3.0");
  EXPECT_EQ(log[0].head.headers.get("content-type"), "application/json");
  for (const char* left_out : {"anthropic-version", "anthropic-beta", "x-api-key", "x-stainless-lang"})
    EXPECT_EQ(log[0].head.headers.get(left_out), std::nullopt) << left_out;
  EXPECT_THAT(log[0].body, AllOf(HasSubstr("\"model\":\"m-p\""), HasSubstr("Be brief."), HasSubstr("\"max_tokens\":100")));
  expect_usage(rig, "plain/m-p", 4);
}

TEST(Translated, AnOpenAiClientReachesATargetOfMessages) {
  Rig rig;
  const Reply reply = rig.post(chat_request("msg", false), {{"openai-organization", "org-1"}, {"User-Agent", "OpenAI/JS 7"}});
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body,
              AllOf(HasSubstr("\"object\":\"chat.completion\""), HasSubstr(answer_text), HasSubstr("\"finish_reason\":\"stop\"")));
  const auto log = rig.log('a');
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].head.target, "/v1/messages");
  EXPECT_EQ(log[0].head.headers.get("x-api-key"), "sk-a");
  EXPECT_EQ(log[0].head.headers.get("authorization"), std::nullopt);
  EXPECT_EQ(log[0].head.headers.get("openai-organization"), std::nullopt);
  EXPECT_EQ(log[0].head.headers.get("anthropic-version"), "2023-06-01");
  EXPECT_THAT(log[0].body, AllOf(HasSubstr("\"model\":\"m-m\""), HasSubstr("\"max_tokens\":")));
  expect_usage(rig, "msg/m-m", 4);
}

TEST(Translated, StreamsComeBackInTheClientsEvents) {
  Rig rig;
  const Reply message = rig.post_to("/v1/messages", anthropic_request("plain", true));
  EXPECT_EQ(message.error, "");
  EXPECT_EQ(message.header("content-type"), "text/event-stream");
  EXPECT_THAT(message.body, AllOf(StartsWith("event: message_start\n"), HasSubstr(R"("text":" Flotte")"), HasSubstr("message_delta"),
                                  EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")));
  EXPECT_THAT(rig.log('a').at(0).body, HasSubstr("\"include_usage\":true"));
  expect_usage(rig, "plain/m-p", 4);
  const Reply chat = rig.post(chat_request("msg", true));
  EXPECT_EQ(chat.error, "");
  EXPECT_THAT(chat.body, AllOf(HasSubstr(R"("content":" Flotte")"), HasSubstr(R"("finish_reason":"stop")"), EndsWith("data: [DONE]\n\n"),
                               Not(HasSubstr("\"usage\":{"))));
  expect_usage(rig, "msg/m-m", 4);
  const Reply told = rig.post(chat_request("msg", true, R"("stream_options":{"include_usage":true},)"));
  EXPECT_THAT(told.body, HasSubstr("\"prompt_tokens\":21"));
}

TEST(Translated, EventsArriveOneByOneAsTheyCome) {
  Rig rig;
  rig.play('a', "step");
  rig.acknowledge('a', 1);  // its first event has no content: nothing is sent for it yet
  std::size_t events = 0;
  const Reply reply = rig.post_to("/v1/messages", anthropic_request("plain", true), {}, [&](const std::string& so_far) {
    for (; events < 4 &&
           so_far.find(std::string("\"text\":\"") + (const char*[]){"Die", " Flotte", " läuft", " 日本語"}[events]) != std::string::npos;)
      ++events;
    rig.acknowledge('a', 1 + static_cast<std::int64_t>(events) + (events == 4 ? 9 : 0));
    return true;
  });
  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(events, 4u);
}

}  // namespace
}  // namespace flotte::rig
