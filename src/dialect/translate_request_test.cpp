// Requests as the vendors document them, translated both ways.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

constexpr Format openai = Format::openai_chat, anthropic = Format::anthropic;

std::string translated(Format from, Format to, std::string_view body, const Target& target = {}) {
  const auto result = translate_request(from, to, body, target);
  EXPECT_TRUE(result) << result.error().text();
  if (!result) return {};
  EXPECT_TRUE(json::parse(result->body)) << result->body;
  return result->body;
}

std::vector<std::string> noted(Format from, Format to, std::string_view body, const Target& target = {}) {
  const auto result = translate_request(from, to, body, target);
  EXPECT_TRUE(result) << result.error().text();
  std::vector<std::string> fields;
  if (result)
    for (const Note& note : result->notes) fields.push_back(note.field);
  return fields;
}

std::string refusal(Format from, Format to, std::string_view body) {
  const auto result = translate_request(from, to, body, {});
  return result ? "not refused: " + result->body : result.error().text();
}

/// A request with one message of a user and this behind it.
std::string to_claude(std::string_view more) {
  return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}])" + std::string(more) + "}";
}

using Fields = std::vector<std::string>;

TEST(TranslateRequest, CarriesTextToolsAndResultsToOpenAi) {
  EXPECT_EQ(translated(anthropic, openai,
                       R"({"model":"claude","max_tokens":1024,"stream":true,
    "system":[{"type":"text","text":"Be brief."},{"type":"text","text":"Speak German."}],
    "messages":[{"role":"user","content":"What is the weather in SF?"},
      {"role":"assistant","content":[{"type":"text","text":"I look."},
        {"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"location": "SF",  "unit":"c"}},
        {"type":"tool_use","id":"toolu_2","name":"get_time","input":{}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"15 degrees"},
        {"type":"tool_result","tool_use_id":"toolu_2","content":[{"type":"text","text":"no clock"}],"is_error":true},
        {"type":"text","text":"Go on."}]}],
    "tools":[{"name":"get_weather","description":"Weather","input_schema":{"type":"object", "properties":{"location":{"type":"string"}}}}],
    "tool_choice":{"type":"any","disable_parallel_tool_use":true},"stop_sequences":["END"],"temperature":0.7})"),
            R"({"model":"claude","messages":[{"role":"system","content":"Be brief.\n\nSpeak German."},)"
            R"({"role":"user","content":"What is the weather in SF?"},)"
            R"({"role":"assistant","content":"I look.","tool_calls":[)"
            R"({"id":"toolu_1","type":"function","function":{"name":"get_weather","arguments":"{\"location\": \"SF\",  \"unit\":\"c\"}"}},)"
            R"({"id":"toolu_2","type":"function","function":{"name":"get_time","arguments":"{}"}}]},)"
            R"({"role":"tool","tool_call_id":"toolu_1","content":"15 degrees"},)"
            R"({"role":"tool","tool_call_id":"toolu_2","content":"Error: no clock"},)"
            R"({"role":"user","content":"Go on."}],)"
            R"("tools":[{"type":"function","function":{"name":"get_weather","description":"Weather",)"
            R"("parameters":{"type":"object", "properties":{"location":{"type":"string"}}}}}],)"
            R"("tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":1024,"temperature":0.7,"stop":["END"],)"
            R"("stream":true,"stream_options":{"include_usage":true}})");
}

TEST(TranslateRequest, CarriesTextToolsAndResultsToAnthropic) {
  EXPECT_EQ(translated(openai, anthropic,
                       R"({"model":"gpt","max_tokens":100,"messages":[
      {"role":"system","content":"Be brief."},{"role":"developer","content":[{"type":"text","text":"Speak German."}]},
      {"role":"user","content":"Weather?"},
      {"role":"assistant","content":null,"tool_calls":[
        {"id":"call:1","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Bonn\"}"}},
        {"id":"call_2","type":"function","function":{"name":"get_time","arguments":""}}]},
      {"role":"tool","tool_call_id":"call:1","content":"15"},{"role":"tool","tool_call_id":"call_2","content":""},
      {"role":"user","content":"Go on."}],
    "tools":[{"type":"function","function":{"name":"get_weather","parameters":{"properties":{}},"strict":true}},
             {"type":"function","function":{"name":"get_time"}}],
    "tool_choice":{"type":"function","function":{"name":"get_time"}},"parallel_tool_calls":false,"stop":"END","user":"u1"})"),
            R"({"model":"gpt","max_tokens":100,"system":[{"type":"text","text":"Be brief."},{"type":"text","text":"Speak German."}],)"
            R"("messages":[{"role":"user","content":[{"type":"text","text":"Weather?"}]},)"
            R"({"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"get_weather","input":{"city": "Bonn"}},)"
            R"({"type":"tool_use","id":"call_2","name":"get_time","input":{}}]},)"
            R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"15"},)"
            R"({"type":"tool_result","tool_use_id":"call_2","content":""},{"type":"text","text":"Go on."}]}],)"
            R"("tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{}},"strict":true},)"
            R"({"name":"get_time","input_schema":{"type":"object","properties":{}}}],)"
            R"("tool_choice":{"type":"tool","name":"get_time","disable_parallel_tool_use":true},"stop_sequences":["END"],)"
            R"("metadata":{"user_id":"u1"}})");
}

TEST(TranslateRequest, PutsResultsOfToolsBeforeTextThatCameFirst) {
  const std::string body = translated(openai, anthropic,
                                      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},
    {"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
    {"role":"user","content":"hurry"},{"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c1","content":"2"}]})");
  EXPECT_NE(
      body.find(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"1"},{"type":"text","text":"hurry"}]}])"),
      std::string::npos)
      << body;
  EXPECT_EQ(body.find("\"2\""), std::string::npos);
}

TEST(TranslateRequest, MovesImagesOfResultsIntoTheNextMessage) {
  const std::string body =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},
    {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}},{"type":"tool_use","id":"t2","name":"f","input":{}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}}]},
      {"type":"tool_result","tool_use_id":"t2","content":"ok"}]}]})";
  const std::string out = translated(anthropic, openai, body);
  EXPECT_NE(out.find(R"({"role":"tool","tool_call_id":"t2","content":"ok"},{"role":"user","content":[{"type":"text","text":"Part of the )"
                     R"(result of the tool call t1:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}}]}])"),
            std::string::npos)
      << out;
  EXPECT_EQ(noted(anthropic, openai, body), Fields{"messages[2][0][0]"});
}

TEST(TranslateRequest, CarriesImagesAndDocuments) {
  EXPECT_NE(
      translated(openai, anthropic,
                 R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"what?"},
      {"type":"image_url","image_url":{"url":"https://x/y.png","detail":"high"}},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,/9j/AA=="}},
      {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}]}]})")
          .find(R"([{"type":"text","text":"what?"},{"type":"image","source":{"type":"url","url":"https://x/y.png"}},)"
                R"({"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"/9j/AA=="}},)"
                R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"a.pdf"}])"),
      std::string::npos);
}

TEST(TranslateRequest, KeepsSignedThinkingOnItsWayThroughAnOpenAiClient) {
  const std::string body = translated(openai, anthropic,
                                      R"({"model":"m","reasoning_effort":"low","messages":[{"role":"user","content":"a"},
    {"role":"assistant","content":null,"reasoning_content":"Hm.","reasoning_details":[{"type":"reasoning.text","text":"Hm.","signature":"S=="},
      {"type":"reasoning.encrypted","data":"D=="}],"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"c1","content":"1"}]})");
  EXPECT_NE(
      body.find(
          R"("content":[{"type":"thinking","thinking":"Hm.","signature":"S=="},{"type":"redacted_thinking","data":"D=="},{"type":"tool_use")"),
      std::string::npos)
      << body;
  EXPECT_NE(body.find(R"("thinking":{"type":"adaptive"},"output_config":{"effort":"low"})"), std::string::npos) << body;
}

TEST(TranslateRequest, DoesNotThinkWhereSignedThinkingIsLost) {
  const std::string body =
      R"({"model":"m","max_tokens":9,"reasoning_effort":"low","messages":[{"role":"user","content":"a"},
    {"role":"assistant","reasoning_content":"Hm.","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
    {"role":"tool","tool_call_id":"c1","content":"1"}]})";
  EXPECT_EQ(translated(openai, anthropic, body).find("\"thinking\""), std::string::npos);
  EXPECT_EQ(noted(openai, anthropic, body), (Fields{"messages[1][0]", "reasoning"}));
}

TEST(TranslateRequest, KeepsABudgetBelowTheBoundOfTheAnswer) {
  Target old;
  old.thinking = Target::Thinking::budget;
  const auto budget = [&](std::string_view more) {
    const std::string body =
        translated(openai, anthropic, R"({"model":"m","messages":[{"role":"user","content":"a"}],)" + std::string(more) + "}", old);
    const std::size_t at = body.find("\"max_tokens\""), thinking = body.find("\"thinking\"");
    return body.substr(at, body.find(',', at) - at) + (thinking == std::string::npos ? "" : " " + body.substr(thinking));
  };
  EXPECT_EQ(budget(R"("reasoning_effort":"low")"), R"("max_tokens":12288 "thinking":{"type":"enabled","budget_tokens":4096}})");
  EXPECT_EQ(budget(R"("reasoning_effort":"high","max_tokens":4000)"),
            R"("max_tokens":4000 "thinking":{"type":"enabled","budget_tokens":2000}})");
  EXPECT_EQ(budget(R"("reasoning_effort":"high","max_tokens":1500)"), R"("max_tokens":1500)");
}

TEST(TranslateRequest, CarriesSchemasAndCacheMarks) {
  EXPECT_NE(
      translated(anthropic, openai, to_claude(R"(,"output_config":{"format":{"type":"json_schema","schema":{"type": "object"}}})"))
          .find(R"("response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type": "object"},"strict":true}})"),
      std::string::npos);
  EXPECT_NE(translated(openai, anthropic,
                       R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a","cache_control":
      {"type":"ephemeral","ttl":"1h"}}]}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1.0}}}})")
                .find(R"([{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}}]}],)"
                      R"("output_config":{"format":{"type":"json_schema","schema":{"a":1.0}}})"),
            std::string::npos);
}

TEST(TranslateRequest, PairsCallsAndResultsWithoutIdsByTheirOrder) {
  const std::string body = translated(openai, anthropic, R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},
    {"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{}}},{"function":{"name":"g"}}]},
    {"role":"tool","content":"1"},{"role":"tool","content":"2"}]})");
  EXPECT_NE(body.find(R"({"type":"tool_result","tool_use_id":"call_1_0","content":"1"},)"
                      R"({"type":"tool_result","tool_use_id":"call_1_1","content":"2"})"),
            std::string::npos)
      << body;
  EXPECT_EQ(refusal(openai, anthropic, R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"tool","content":"1"}]})"),
            "messages[1].tool_call_id: is missing");
}

TEST(TranslateRequest, SaysTheSameAgainInItsOwnFormat) {
  const std::string claude =
      R"({"model":"m","max_tokens":2048,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],)"
      R"("messages":[{"role":"user","content":[{"type":"text","text":"a\u00e4\n"},{"type":"image","source":{"type":"url","url":"http://i"}}]},)"
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"S"},{"type":"redacted_thinking","data":"D"},)"
      R"({"type":"text","text":"t"},{"type":"tool_use","id":"i","name":"f","input":{"a": 1.0}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"i","content":"r","is_error":true}]}],)"
      R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],)"
      R"("tool_choice":{"type":"auto"},"thinking":{"type":"enabled","budget_tokens":1024},"top_p":0.9,"stop_sequences":["x"],"stream":true})";
  const std::string again = translated(anthropic, anthropic, claude);
  EXPECT_EQ(json::parse(again).value(), json::parse(claude).value()) << again;
  const std::string chat =
      R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}]},{"role":"assistant","content":null,)"
      R"("tool_calls":[{"id":"i","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]},)"
      R"({"role":"tool","tool_call_id":"i","content":"r"}],"tools":[{"type":"function","function":{"name":"f","strict":false}}],)"
      R"("tool_choice":"none","parallel_tool_calls":true,"max_completion_tokens":5,"temperature":1.5,"seed":3,"stop":["x"],)"
      R"("response_format":{"type":"json_object"},"reasoning_effort":"low","user":"u"})";
  EXPECT_EQ(translated(openai, openai, chat), chat);
}

TEST(TranslateRequest, NotesWhatWasLeftOutOrApproximated) {
  EXPECT_EQ(noted(anthropic, openai, to_claude(R"(,"top_k":4,"metadata":{"user_id":"u","x":1},"service_tier":"auto","new_field":[1])")),
            (Fields{"metadata.x", "service_tier", "new_field", "top_k"}));
  EXPECT_EQ(noted(openai, anthropic,
                  R"({"model":"m","messages":[{"role":"user","content":"a","name":"Bo"},{"role":"system","content":"b"},
      {"role":"assistant","content":"pre "}],"seed":1,"logit_bias":{"1":2},"temperature":1.8,"presence_penalty":0,"store":true})"),
            (Fields{"logit_bias", "store", "messages[0].name", "messages[1]", "messages[2][0]", "max_tokens", "temperature", "seed"}));
}

TEST(TranslateRequest, RefusesWhatCannotBeSaidAndNamesTheField) {
  EXPECT_EQ(refusal(openai, anthropic, R"({"model":"m","messages":[{"role":"user","content":"a"}],"n":2})"),
            "n cannot be sent to Anthropic Messages (the API gives one answer; ask "
            "again)");
  EXPECT_EQ(refusal(anthropic, openai, to_claude(R"(,"tools":[{"type":"web_search_20250305","name":"web_search"}])")),
            "tools[0] cannot be sent to OpenAI chat completions (only tools with an "
            "input schema of the client's own can be translated)");
  EXPECT_EQ(refusal(openai, anthropic, R"({"model":"m","messages":[{"role":"user","content":[{"type":"input_audio"}]}]})"),
            "messages[0].content[0] cannot be sent to Anthropic Messages (Anthropic "
            "Messages has no audio; send a transcript)");
  EXPECT_EQ(refusal(anthropic, openai, R"({"model":"m","messages":[{"role":"king","content":"a"}]})"),
            "messages[0].role: is not user, assistant or system");
  EXPECT_EQ(refusal(anthropic, openai, R"({"model":"m")"), "not valid JSON at byte 12: the text ends inside the object");
  EXPECT_EQ(refusal(openai, anthropic, "[]"), "not valid JSON at byte 0: an object is expected");
}

}  // namespace
}  // namespace flotte::dialect
