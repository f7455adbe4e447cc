// Mistral's API looks like OpenAI's chat completions and refuses what is not its own.
#include <gtest/gtest.h>

#include "dialect/api.hpp"
#include "dialect/stream_translator.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

std::string to_mistral(std::string_view body) {
  Target target;
  target.mistral = true;
  target.limit = Target::Limit::max_tokens;
  target.effort = Target::Effort::leave_out;
  const auto result = translate_request(Format::openai_chat, Format::openai_chat, body, target);
  EXPECT_TRUE(result) << result.error().text();
  return result ? result->body : "";
}

TEST(Mistral, IsNotAskedForUsageWhichItTellsUnasked) {
  EXPECT_EQ(
      to_mistral(R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]})"),
      R"({"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true})");
}

TEST(Mistral, HasItsOwnNamesForSeedAndLength) {
  EXPECT_EQ(
      to_mistral(R"({"model":"m","seed":7,"max_completion_tokens":9,"user":"u","messages":[{"role":"user","name":"n","content":"hi"}]})"),
      R"({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":9,"random_seed":7})");
}

TEST(Mistral, GetsIdsOfNineLettersAndDigitsAlwaysTheSame) {
  const std::string body = to_mistral(R"({"model":"m","messages":[{"role":"user","content":"hi"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"toolu_012345","type":"function","function":{"name":"f","arguments":"{}"}},
      {"id":"abcDEF123","type":"function","function":{"name":"g","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"toolu_012345","content":"1"},{"role":"tool","tool_call_id":"abcDEF123","content":"2"}]})");
  EXPECT_EQ(body.find("toolu_012345"), std::string::npos) << body;
  const std::size_t id = body.find("\"id\":\"") + 6;
  const std::string made = body.substr(id, 9);
  EXPECT_EQ(body[id + 9], '"') << body;
  EXPECT_NE(body.find("\"tool_call_id\":\"" + made + "\""), std::string::npos) << body;
  EXPECT_NE(body.find(R"("tool_call_id":"abcDEF123")"), std::string::npos) << body;
}

TEST(Mistral, LetsOnlyAnAssistantSpeakAfterATool) {
  EXPECT_NE(to_mistral(R"({"model":"m","messages":[{"role":"user","content":"hi"},
    {"role":"assistant","content":null,"tool_calls":[{"id":"abcDEF123","type":"function","function":{"name":"g","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"abcDEF123","content":"2"},{"role":"user","content":"go on"}]})")
                .find(R"("content":"2"},{"role":"assistant","content":"I have read the results."},{"role":"user","content":"go on"}])"),
            std::string::npos);
}

TEST(Mistral, HearsALateSystemPromptFromTheUser) {
  EXPECT_NE(
      to_mistral(
          R"({"model":"m","messages":[{"role":"system","content":"a"},{"role":"user","content":"b"},{"role":"system","content":"c"}]})")
          .find(R"({"role":"user","content":"b"},{"role":"user","content":"c"}])"),
      std::string::npos);
}

TEST(Mistral, ItsClientsReadEachCallInOnePiece) {
  StreamTranslator translator(Format::openai_chat, Format::openai_chat, {.request_id = "r", .include_usage = true, .whole_calls = true});
  std::string out(
      translator.feed("data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{"
                      "\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n"));
  EXPECT_EQ(out.find("tool_calls"), std::string::npos) << out;
  out += translator.feed(
      "data: "
      "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]}}]}"
      "\n\n"
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]}}]}\n\n"
      "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n");
  out += translator.finish();
  EXPECT_NE(out.find(R"("tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}])"),
            std::string::npos)
      << out;
  EXPECT_EQ(out.find("tool_calls\":["), out.rfind("tool_calls\":[")) << out;
}

TEST(Mistral, ThinksInPartsOfItsContent) {
  constexpr std::string_view parts =
      R"([{"type":"thinking","thinking":[{"type":"text","text":"I "},{"type":"text","text":"weigh"}]},{"type":"text","text":"Paris"}])";
  const auto answer = translate_answer(Format::openai_chat, Format::anthropic,
                                       R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":)" +
                                           std::string(parts) + R"(},"finish_reason":"stop"}]})",
                                       {.request_id = "r"});
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->body.find(R"("thinking":"I weigh")"), std::string::npos) << answer->body;
  EXPECT_NE(answer->body.find(R"("text":"Paris")"), std::string::npos) << answer->body;
  StreamTranslator translator(Format::openai_chat, Format::anthropic, {.request_id = "r"});
  const std::string out(
      translator.feed(R"(data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":)" + std::string(parts) + "}}]}\n\n"));
  EXPECT_NE(out.find(R"({"type":"thinking_delta","thinking":"I weigh"})"), std::string::npos) << out;
  EXPECT_NE(out.find(R"({"type":"text_delta","text":"Paris"})"), std::string::npos) << out;
}

TEST(Mistral, SaysNothingWithAnEmptyTextBesideCalls) {
  const auto answer =
      translate_answer(Format::openai_chat, Format::responses,
                       R"({"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[)"
                       R"({"id":"abcDEF123","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})",
                       {.request_id = "r"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.find(R"("type":"message")"), std::string::npos) << answer->body;
}

TEST(Mistral, IsAnApiOfItsOwn) {
  EXPECT_EQ(find_api("mistral"), Api::mistral);
  EXPECT_FALSE(ApiSet(Api::mistral).speaks(Api::chat));
  EXPECT_EQ(facts_of(Api::mistral).path, facts_of(Api::chat).path);
}

}  // namespace
}  // namespace flotte::dialect
