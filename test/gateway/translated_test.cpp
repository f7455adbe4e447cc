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

// ---- every client with every provider

struct Side {
  const char* name;
  const char* path;         // of a client's call; a stream's where it differs
  const char* stream_path;  // or null
  const char* model;        // that stands for a provider which speaks this only
  const char* sent_to;      // the path at that provider
  const char* whole;        // part of an answer in this format
  const char* streamed;     // part of a stream
  const char* end;          // its end
};
constexpr Side sides[] = {
    {"chat", "/v1/chat/completions", nullptr, "plain", "/v1/chat/completions", R"("object":"chat.completion")", R"("content":" Flotte")",
     "data: [DONE]\n\n"},
    {"messages", "/v1/messages", nullptr, "msg", "/v1/messages", R"("type":"message")", R"("text":" Flotte")",
     "data: {\"type\":\"message_stop\"}\n\n"},
    {"responses", "/v1/responses", nullptr, "resp", "/v1/responses", R"("object":"response")", R"("delta":" Flotte")", "}\n\n"},
    {"gemini", "/v1beta/models/MODEL:generateContent", "/v1beta/models/MODEL:streamGenerateContent?alt=sse", "gem",
     "/v1beta/models/m%20g%2F1:generateContent", R"("candidates":[)", R"("text":" Flotte")", "}\r\n\r\n"},
    {"ollama", "/api/chat", nullptr, "oll", "/api/chat", R"("done":true)", R"("content":" Flotte")", "}\n"},
};

std::string body_for(const Side& client, const std::string& model, bool stream) {
  const std::string streaming = std::string(R"("stream":)") + (stream ? "true" : "false");
  const std::string_view name = client.name;
  if (name == "messages") return anthropic_request(model, stream);
  if (name == "chat") return chat_request(model, stream);
  if (name == "responses") return R"({"model":")" + model + R"(","instructions":"Be brief.","input":"Hello",)" + streaming + "}";
  if (name == "ollama") return R"({"model":")" + model + R"(","messages":[{"role":"user","content":"Hello"}],)" + streaming + "}";
  return R"({"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"Hello"}]}]})";
}
std::string path_for(const Side& client, const std::string& model, bool stream) {
  std::string path = stream && client.stream_path ? client.stream_path : client.path;
  if (const std::size_t at = path.find("MODEL"); at != std::string::npos) path.replace(at, 5, model);
  return path;
}
Reply ask(Rig& rig, const Side& client, const std::string& model, bool stream) {
  return rig.post_to(path_for(client, model, stream), body_for(client, model, stream));
}

TEST(Translated, EveryClientReachesEveryProviderWholeAndStreaming) {
  for (const Side& client : sides) {
    for (const Side& provider : sides) {
      for (const bool stream : {false, true}) {
        const std::string what = fmt::format("{} to {}{}", client.name, provider.name, stream ? ", streamed" : "");
        Rig rig;
        const Reply reply = ask(rig, client, provider.model, stream);
        EXPECT_EQ(reply.status, 200) << what << reply.body;
        EXPECT_EQ(reply.error, "") << what;
        const auto log = rig.log('a');
        ASSERT_EQ(log.size(), 1u) << what << reply.body;
        std::string sent_to = provider.sent_to;
        if (const std::size_t at = sent_to.find(":generate"); stream && at != std::string::npos)
          sent_to.replace(at, std::string::npos, ":streamGenerateContent?alt=sse");
        EXPECT_EQ(log[0].head.target, sent_to) << what;
        EXPECT_EQ(log[0].head.headers.get("x-goog-api-key").has_value(), provider.name == std::string_view("gemini")) << what;
        std::string tight = reply.body;  // Gemini's own answers have blanks
        for (std::size_t at = 0; (at = tight.find("\": ", at)) != std::string::npos;) tight.erase(at + 2, 1);
        if (stream) {
          EXPECT_THAT(tight, AllOf(HasSubstr(client.streamed), EndsWith(client.end))) << what;
        } else {
          EXPECT_THAT(tight, AllOf(HasSubstr(client.whole), HasSubstr(answer_text))) << what;
        }
        const auto usage = rig.usage();
        ASSERT_EQ(usage.size(), 1u) << what;
        EXPECT_EQ(usage[0].usage.input_tokens, 21) << what;
        EXPECT_EQ(usage[0].usage.output_tokens, 4) << what;
        EXPECT_EQ(usage[0].status, 200) << what;
        EXPECT_EQ(rig.counts().under_way, 0u);
      }
    }
  }
}

TEST(Translated, TheContentTypeIsTheClientsOwn) {
  Rig rig;
  EXPECT_EQ(ask(rig, sides[4], "msg", true).header("content-type"), "application/x-ndjson");
  EXPECT_EQ(ask(rig, sides[4], "msg", false).header("content-type"), "application/json");
  EXPECT_EQ(ask(rig, sides[3], "msg", true).header("content-type"), "text/event-stream");
  const Reply array = rig.post_to("/v1beta/models/msg:streamGenerateContent", body_for(sides[3], "msg", true));
  EXPECT_EQ(array.header("content-type"), "application/json");
  const auto parsed = json::parse(array.body);
  ASSERT_TRUE(parsed) << array.body;
  EXPECT_TRUE(parsed->is_array());
}

TEST(Translated, GeminiPassesThroughAlsoAsOneArray) {
  Rig rig;
  const Reply array = rig.post_to("/v1beta/models/gem:streamGenerateContent?key=fk_client", body_for(sides[3], "gem", true));
  EXPECT_EQ(array.error, "");
  EXPECT_EQ(array.body, rig.log('a').at(0).sent);
  EXPECT_TRUE(json::parse(array.body)) << array.body;
  EXPECT_EQ(rig.log('a').at(0).head.target, "/v1beta/models/m%20g%2F1:streamGenerateContent");
  expect_usage(rig, "gem/m g/1", 4);
}

// ---- faults (docs: the edge cases of gateways, by their number)

TEST(Translated, Edge3_AStreamThatIsCutEndsInAnErrorOfTheClientsFormat) {
  const char* errors[] = {"data: {\"error\":{", "event: error\ndata: {\"type\":\"error\"", "response.failed",
                          "data: {\"error\":{\"code\":", "{\"error\":\""};
  for (std::size_t c = 0; c < std::size(sides); ++c) {
    for (const Side& provider : sides) {
      if (provider.name == std::string_view("responses") || provider.name == std::string_view("messages")) continue;
      for (const char* scenario : {"cut:after=3", "no_end"}) {
        Rig rig;
        rig.play('a', scenario);
        const std::string what = fmt::format("{} to {}, {}", sides[c].name, provider.name, scenario);
        const Reply reply = ask(rig, sides[c], provider.model, true);
        EXPECT_EQ(reply.status, 200) << what;
        EXPECT_THAT(reply.body, HasSubstr(errors[c])) << what;
        EXPECT_EQ(rig.usage().at(0).status, 502) << what;
        EXPECT_EQ(rig.counts().under_way, 0u);
        if (std::string_view(scenario).starts_with("cut")) {
          EXPECT_EQ(reply.error, "closed") << what;
        }
        if (c < 2) {
          EXPECT_THAT(reply.body, Not(HasSubstr(sides[c].end))) << what;
        }
      }
    }
  }
}

TEST(Translated, Edge6_AnErrorBeforeTheFirstContentAsksTheNextTarget) {
  const char* first[] = {"crossed", "gem-then-chat", "oll-then-chat"};
  for (const char* model : first) {
    for (const char* scenario :
         {"status:status=529", "rate_limited", "error_inside", "cut:after=0", "html", "html:status=302", "garbage"}) {
      for (const bool stream : {false, true}) {
        Rig rig;
        rig.play('a', scenario);
        const Reply reply = ask(rig, sides[2], model, stream);
        const std::string what = fmt::format("{} {} {}", model, scenario, stream);
        EXPECT_EQ(reply.status, 200) << what << reply.body;
        EXPECT_EQ(reply.error, "") << what;
        EXPECT_EQ(reply.header("x-flotte-target"), "chatb/m-b") << what;
        EXPECT_EQ(rig.log('a').size(), 1u) << what;
        ASSERT_EQ(rig.log('b').size(), 1u) << what;
        EXPECT_EQ(rig.log('b')[0].head.target, "/v1/chat/completions");
        EXPECT_EQ(rig.log('b')[0].head.headers.get("anthropic-version"), std::nullopt);
        EXPECT_EQ(rig.usage().size(), 1u);
      }
    }
  }
}

TEST(Translated, Edge6_EventsWithoutContentAreHeldBackWhileAnotherTargetCanBeAsked) {
  Rig rig;
  rig.play('a', "error_inside:after=1");  // message_start, then an error
  const Reply reply = rig.post(chat_request("crossed", true));
  EXPECT_EQ(reply.header("x-flotte-target"), "chatb/m-b");
  EXPECT_THAT(reply.body, AllOf(EndsWith("data: [DONE]\n\n"), Not(HasSubstr("error"))));
  Rig later;
  later.play('a', "error_inside:after=5,delay_ms=100");  // behind its first words
  const Reply broken = later.post(chat_request("crossed", true));
  EXPECT_THAT(broken.body, AllOf(HasSubstr("simulated overload"), Not(HasSubstr("[DONE]"))));
  EXPECT_TRUE(later.log('b').empty());
  EXPECT_EQ(later.usage().at(0).status, 502);
}

TEST(Translated, Edge5_SilenceIsFilledInTheClientsFormat) {
  const RigOptions options{.keep_alive = milliseconds(30)};
  Rig rig(options);
  rig.play('a', "slow:delay_ms=250");
  const Reply message = ask(rig, sides[1], "plain", true);
  EXPECT_THAT(message.body, AllOf(StartsWith(": keep-alive\n\n"), HasSubstr("event: message_start"), EndsWith(sides[1].end)));
  const Reply lines = ask(rig, sides[4], "plain", true);
  EXPECT_THAT(lines.body, Not(HasSubstr("keep-alive"))) << "no place for a comment in lines of JSON";
  EXPECT_THAT(lines.body.substr(0, lines.body.find('\n')), EndsWith(R"("message":{"role":"assistant","content":""},"done":false})"));
  EXPECT_EQ(lines.header("content-type"), "application/x-ndjson");
  const Reply array = rig.post_to("/v1beta/models/plain:streamGenerateContent", body_for(sides[3], "plain", true));
  EXPECT_TRUE(json::parse(array.body)) << array.body;
  rig.play('a', "status:status=500");
  EXPECT_EQ(ask(rig, sides[1], "plain", true).status, 500);
}

TEST(Translated, Edge5_AnErrorBehindKeepAlivesIsAnEvent) {
  const RigOptions options{.keep_alive = milliseconds(30), .timeouts = {milliseconds(500), milliseconds(250), milliseconds(250)}};
  Rig rig(options);
  rig.play('a', "slow:delay_ms=60000");
  EXPECT_THAT(ask(rig, sides[1], "plain", true).body,
              HasSubstr("\n\nevent: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\""));
  const Reply lines = ask(rig, sides[4], "plain", true);
  EXPECT_EQ(lines.status, 200);
  EXPECT_THAT(lines.body.substr(lines.body.rfind('\n', lines.body.size() - 2) + 1), StartsWith(R"({"error":")"));
}

TEST(Translated, OneByteAtATimeIsTheSameStream) {
  for (const Side& client : sides) {
    for (const Side& provider : sides) {
      Rig rig;
      const std::string whole = ask(rig, client, provider.model, true).body;
      Rig slow;
      slow.play('a', "bytes");
      const std::string pieces = ask(slow, client, provider.model, true).body;
      const auto words = [](std::string_view text) {
        std::string found;
        for (const std::string_view word : {"Die", " Flotte", " l\u00e4uft", " \u65e5\u672c\u8a9e"})
          found += text.find(word) == std::string_view::npos ? "-" : "+";
        return found;
      };
      EXPECT_EQ(words(pieces), words(whole)) << client.name << " to " << provider.name;
      EXPECT_EQ(words(whole), "++++") << whole;
      EXPECT_EQ(std::count(pieces.begin(), pieces.end(), '\n'), std::count(whole.begin(), whole.end(), '\n')) << pieces;
    }
  }
}

struct ErrorCase {
  const char* scenario;
  int chat, anthropic;
  const char* type;
};
constexpr ErrorCase error_cases[] = {
    {"status:status=400", 400, 400, "invalid_request_error"}, {"status:status=404", 404, 404, "not_found_error"},
    {"status:status=413", 413, 413, "request_too_large"},     {"status:status=500", 500, 500, "api_error"},
    {"status:status=503", 503, 503, "overloaded_error"},      {"rate_limited:seconds=7", 429, 429, "rate_limit_error"}};

TEST(Translated, Edge23_ErrorsHaveTheShapeAndStatusOfTheClientsFormat) {
  for (const ErrorCase& c : error_cases) {
    Rig rig;
    rig.play('a', c.scenario);
    const Reply message = ask(rig, sides[1], "plain", false);
    EXPECT_EQ(message.status, c.anthropic) << c.scenario;
    EXPECT_THAT(message.body,
                AllOf(HasSubstr(std::string("\"type\":\"") + c.type), HasSubstr("simulated"), StartsWith("{\"type\":\"error\"")))
        << c.scenario;
    EXPECT_THAT(message.header("request-id"), StartsWith("req_"));
    if (std::string_view(c.scenario).starts_with("rate")) {
      EXPECT_EQ(message.header("retry-after"), "7");
    }
    Rig other;
    other.play('a', c.scenario);
    const Reply chat = ask(other, sides[0], "msg", true);
    EXPECT_EQ(chat.status, c.chat) << c.scenario;
    EXPECT_THAT(chat.body, AllOf(StartsWith("{\"error\":{\"message\":"), HasSubstr("simulated"))) << c.scenario;
    Rig gemini;
    gemini.play('a', c.scenario);
    const Reply google = ask(gemini, sides[3], "plain", false);
    EXPECT_THAT(google.body, AllOf(StartsWith("{\"error\":{\"code\":"), HasSubstr("\"status\":\""))) << c.scenario;
  }
  Rig rig;
  rig.play('a', "status:status=529");
  EXPECT_EQ(ask(rig, sides[0], "msg", false).status, 503) << "529 is Anthropic's alone";
}

TEST(Translated, HtmlRedirectsAndGarbageAreNamed) {
  for (const char* scenario : {"html", "html:status=502", "html:status=302", "garbage", "error_inside"}) {
    for (const Side& client : sides) {
      Rig rig;
      rig.play('a', scenario);
      const Reply reply = ask(rig, client, "msg", false);
      EXPECT_GE(reply.status, 500) << scenario << client.name;
      if (client.name != std::string_view("messages")) {
        EXPECT_THAT(reply.body, HasSubstr("msg/m-m")) << scenario << client.name;
      }
    }
  }
}

TEST(Translated, Edge32_AClientThatLeavesCancelsTheTarget) {
  Rig rig;
  rig.play('a', "forever");
  const Reply reply = rig.post_to("/v1/messages", anthropic_request("plain", true), {},
                                  [](const std::string& so_far) { return so_far.find("content_block_delta") == std::string::npos; });
  EXPECT_EQ(reply.error, "left");
  EXPECT_TRUE(eventually([&] { return rig.log('a').at(0).state == "gone"; }));
  EXPECT_TRUE(eventually([&] { return rig.counts().under_way == 0; }));
  EXPECT_EQ(rig.usage().at(0).status, 499);
  rig.play('a', "normal");
  EXPECT_EQ(rig.post_to("/v1/messages", anthropic_request("plain", false)).status, 200) << "it was nobody's fault";
}

TEST(Translated, AWholeAnswerForAStreamAndTheOtherWayRound) {
  for (const Side& client : sides) {
    Rig rig;
    rig.play('a', "whole");
    const Reply streamed = ask(rig, client, client.name == std::string_view("messages") ? "plain" : "msg", true);
    EXPECT_EQ(streamed.status, 200) << streamed.body;
    EXPECT_THAT(streamed.body, AllOf(HasSubstr(answer_text), EndsWith(client.end))) << client.name;
    EXPECT_EQ(rig.usage().at(0).usage.output_tokens, 4);
    rig.play('a', "streamed");
    const Reply whole = ask(rig, client, client.name == std::string_view("messages") ? "plain" : "msg", false);
    EXPECT_EQ(whole.status, 200) << whole.body;
    EXPECT_THAT(whole.body, AllOf(HasSubstr(client.whole), HasSubstr(answer_text))) << client.name;
  }
}

TEST(Translated, AnAnswerThatIsTooLargeIsTheProvidersFault) {
  Rig rig;
  rig.play('a', "large");
  const Reply reply = ask(rig, sides[1], "plain", false);
  EXPECT_EQ(reply.status, 502);
  EXPECT_THAT(reply.body, HasSubstr("larger than 262144 bytes"));
}

TEST(Translated, WhatOneTargetCannotSayTheNextOneIsAsked) {
  Rig rig;
  // Several answers cannot be had from Anthropic.
  const Reply reply = rig.post(chat_request("crossed", false, R"("n":2,)"));
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("x-flotte-target"), "chatb/m-b");
  EXPECT_TRUE(rig.log('a').empty());
  EXPECT_EQ(rig.counts().failed_over, 0u);
  const Reply refused = rig.post(chat_request("msg", false, R"("n":2,)"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, AllOf(HasSubstr("invalid_request_error"), HasSubstr("n cannot be sent to Anthropic Messages")));
  EXPECT_TRUE(rig.log('a').empty());
}

TEST(Translated, NotesSayWhatWasLeftOut) {
  Rig rig;
  const Reply reply = rig.post(chat_request("msg", false, R"("seed":7,"logit_bias":{"5":1},)"));
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.header("x-flotte-notes"), AllOf(HasSubstr("seed left out"), HasSubstr("logit_bias")));
  EXPECT_EQ(rig.post(chat_request("plain", false, R"("seed":7,)")).header("x-flotte-notes"), "") << "nothing was translated";
}

TEST(Translated, CountsAreEstimatedWhereNobodyCanBeAsked) {
  Rig rig;
  const Reply anthropic = rig.post_to("/v1/messages/count_tokens", anthropic_request("plain", false));
  EXPECT_EQ(anthropic.status, 200) << anthropic.body;
  EXPECT_EQ(anthropic.header("x-flotte-estimated"), "1");
  EXPECT_THAT(anthropic.body, testing::MatchesRegex(R"(\{"input_tokens":[0-9]+\})"));
  const Reply gemini = rig.post_to("/v1beta/models/plain:countTokens", body_for(sides[3], "plain", false));
  EXPECT_THAT(gemini.body, testing::MatchesRegex(R"(\{"totalTokens":[0-9]+\})"));
  const Reply wrapped =
      rig.post_to("/v1beta/models/plain:countTokens", R"({"generateContentRequest":)" + body_for(sides[3], "plain", false) + "}");
  EXPECT_EQ(wrapped.body, gemini.body);
  EXPECT_TRUE(rig.log('a').empty());
  EXPECT_TRUE(rig.usage().empty());
}

TEST(Translated, CountsAreEstimatedWhereTheServerHasNoSuchPath) {
  Rig rig;
  rig.play('a', "status:status=404");
  const Reply reply = rig.post_to("/v1/messages/count_tokens", anthropic_request("msg", false));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("x-flotte-estimated"), "1");
  EXPECT_EQ(rig.log('a').size(), 1u);
}

TEST(Translated, EmbeddingsToo) {
  Rig rig;
  const Reply reply = rig.post_to("/api/embed", R"({"model":"emb","input":"Hello"})");
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body, HasSubstr("\"embeddings\":[[0.25,-1.5e-3]]"));
  EXPECT_EQ(rig.log('a').at(0).head.target, "/v1/embeddings");
  const auto usage = rig.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].usage.input_tokens, 21);
  EXPECT_EQ(usage[0].usage.output_tokens, 0);
}

TEST(Translated, WhatTheClientGotIsJournalled) {
  for (const bool stream : {false, true}) {
    Rig rig;
    rig.call_as({.key_id = "k1", .name = "test", .run = route::Run{7, 1}});
    const Reply first = rig.post_to("/v1/messages", anthropic_request("plain", stream));
    EXPECT_EQ(first.error, "");
    EXPECT_EQ(rig.journal->records, 1);
    rig.call_as({.key_id = "k1", .name = "test", .run = route::Run{7, 2}});
    const Reply again = rig.post_to("/v1/messages", anthropic_request("plain", stream));
    EXPECT_EQ(again.header("x-flotte-replayed"), "1");
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("content-type"), first.header("content-type"));
    EXPECT_EQ(rig.log('a').size(), 1u);
  }
}

TEST(Translated, Edge22_TheFirstEventOfAMessageTellsItsInput) {
  Rig rig;
  const Reply reply = ask(rig, sides[1], "plain", true);
  const std::string first = reply.body.substr(0, reply.body.find("\n\n"));
  EXPECT_THAT(first, testing::ContainsRegex("\"input_tokens\":[1-9]")) << "clients show what stands there";
  EXPECT_THAT(reply.body.substr(first.size()), HasSubstr("\"cache_read_input_tokens\":8")) << "and in the end what it was";
}

TEST(Translated, ATargetThatFallsSilentBehindItsFirstWordsEndsInAnError) {
  const RigOptions options{.timeouts = {milliseconds(500), milliseconds(300), milliseconds(300)}};
  Rig rig(options);
  rig.play('a', "step");
  rig.acknowledge('a', 2);
  const Reply reply = ask(rig, sides[1], "plain", true);
  EXPECT_EQ(reply.error, "closed");
  EXPECT_THAT(reply.body, AllOf(HasSubstr("Die"), HasSubstr("event: error\n"), Not(HasSubstr("message_stop"))));
  EXPECT_TRUE(eventually([&] { return rig.log('a').at(0).state == "gone"; }));
}

TEST(Translated, PromptsOfTheOldApisReachEveryProvider) {
  for (const Side& provider : sides) {
    if (provider.name == std::string_view("chat")) continue;  // that one speaks completions too
    for (const bool stream : {false, true}) {
      const std::string streaming = std::string(R"("stream":)") + (stream ? "true" : "false");
      Rig rig;
      const Reply old =
          rig.post_to("/v1/completions", R"({"model":")" + std::string(provider.model) + R"(","prompt":"Hello",)" + streaming + "}");
      EXPECT_EQ(old.status, 200) << provider.name << old.body;
      EXPECT_THAT(old.body, AllOf(HasSubstr("\"object\":\"text_completion\""), HasSubstr("Die"))) << provider.name;
      if (provider.name == std::string_view("ollama")) continue;  // it passes through
      const Reply generate =
          rig.post_to("/api/generate", R"({"model":")" + std::string(provider.model) + R"(","prompt":"Hello",)" + streaming + "}");
      EXPECT_EQ(generate.status, 200) << provider.name << generate.body;
      EXPECT_THAT(generate.body, AllOf(HasSubstr("\"response\":"), HasSubstr("Die"))) << provider.name;
    }
  }
}

TEST(Translated, Edge5_GeminisClientsGetBlankLinesInsteadOfComments) {
  const RigOptions options{.keep_alive = milliseconds(30)};
  Rig rig(options);
  rig.play('a', "slow:delay_ms=200");
  const Reply reply = ask(rig, sides[3], "plain", true);
  EXPECT_THAT(reply.body, AllOf(StartsWith("\r\n"), HasSubstr("data: {"), Not(HasSubstr("keep-alive")), EndsWith("}\r\n\r\n")));
}

}  // namespace
}  // namespace flotte::rig
