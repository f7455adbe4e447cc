// Mistral's API looks like OpenAI's chat completions and refuses what is not its own.
#include <gtest/gtest.h>

#include "dialect/api.hpp"
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

TEST(Mistral, IsAnApiOfItsOwn) {
  EXPECT_EQ(find_api("mistral"), Api::mistral);
  EXPECT_FALSE(ApiSet(Api::mistral).speaks(Api::chat));
  EXPECT_EQ(facts_of(Api::mistral).path, facts_of(Api::chat).path);
}

}  // namespace
}  // namespace flotte::dialect
