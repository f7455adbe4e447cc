// Answers and streams of Gemini, and for its clients.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "dialect/stream_translator.hpp"

namespace flotte::dialect {
namespace {

constexpr Format openai = Format::openai_chat, claude = Format::anthropic, gemini = Format::gemini;
const ReplyContext context{.model = {}, .request_id = "r1", .created_s = 7, .include_usage = true, .estimated_input = 0};

std::string whole(Format from, Format to, std::string_view body) {
  const auto answer = translate_answer(from, to, body, context);
  EXPECT_TRUE(answer) << answer.error().text();
  return answer ? answer->body : std::string();
}
std::string chunk(std::string_view part, std::string_view rest = "") {
  return R"({"candidates":[{"content":{"parts":[)" + std::string(part) + R"(],"role":"model"})" + std::string(rest) +
         R"(,"index":0}],"modelVersion":"gm","responseId":"g1"})";
}
std::string event(std::string_view json) { return "data: " + std::string(json) + "\r\n\r\n"; }

struct Outcome {
  std::string text, error;
  bool complete;
  llm::Usage usage;
};
Outcome streamed(Format from, Format to, std::string_view bytes, bool json_array = false) {
  ReplyContext asked = context;
  asked.json_array = json_array;
  Outcome first;
  for (const std::size_t piece : {bytes.size(), std::size_t{1}, std::size_t{7}}) {
    StreamTranslator translator(from, to, asked);
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += piece) out.append(translator.feed(bytes.substr(at, piece)));
    out.append(translator.finish());
    if (piece == bytes.size())
      first = {out, translator.error(), translator.complete(), translator.usage()};
    else
      EXPECT_EQ(out, first.text) << "in pieces of " << piece;
  }
  return first;
}
std::string reason_of(std::string_view word) {
  const std::string body = whole(gemini, openai, chunk(R"({"text":"a"})", R"(,"finishReason":")" + std::string(word) + "\""));
  const std::size_t at = body.find("\"finish_reason\":\"") + 17;
  return body.substr(at, body.find('"', at) - at);
}

constexpr std::string_view thoughtful =
    R"({"candidates":[{"content":{"parts":[{"text":"Hm.","thought":true},{"text":"I look."},{"functionCall":{"name":"f","args":{"a": 1}},)"
    R"("thoughtSignature":"U2ln"},{"functionCall":{"id":"own","name":"g","args":{}}}],"role":"model"},"finishReason":"STOP","index":0}],)"
    R"("usageMetadata":{"promptTokenCount":30,"cachedContentTokenCount":20,"candidatesTokenCount":5,"thoughtsTokenCount":7,)"
    R"("totalTokenCount":42},"modelVersion":"gm","responseId":"g1"})";

TEST(GeminiAnswer, Case11BecomesACompletionWithCallsIdsAndSignatures) {
  EXPECT_EQ(
      whole(gemini, openai, thoughtful),
      R"({"id":"g1","object":"chat.completion","created":7,"model":"gm","choices":[{"index":0,"message":{"role":"assistant",)"
      R"("content":"I look.","refusal":null,"reasoning_content":"Hm.","tool_calls":[{"id":"call_r1_0","type":"function","function":)"
      R"({"name":"f","arguments":"{\"a\": 1}"},"extra_content":{"google":{"thought_signature":"U2ln"}}},{"id":"own","type":"function",)"
      R"("function":{"name":"g","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":30,)"
      R"("completion_tokens":12,"total_tokens":42,"prompt_tokens_details":{"cached_tokens":20},"completion_tokens_details":)"
      R"({"reasoning_tokens":7}}})");
}

TEST(GeminiAnswer, Case18GivesSignaturesToClaudesClientsAsThinkingThatComesBack) {
  const std::string answer = whole(gemini, claude, thoughtful);
  EXPECT_NE(
      answer.find(
          R"({"type":"text","text":"I look."},{"type":"redacted_thinking","data":"flotte.gemini:U2ln"},{"type":"tool_use","id":"call_r1_0")"),
      std::string::npos)
      << answer;
  EXPECT_NE(answer.find(R"("stop_reason":"tool_use")"), std::string::npos);
  EXPECT_NE(answer.find(R"("input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":20,"output_tokens":12)"),
            std::string::npos);
  const std::string content = answer.substr(answer.find("\"content\":"), answer.find(",\"stop_reason\"") - answer.find("\"content\":"));
  const std::string next = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant",)" + content +
                           R"(},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_r1_0","content":"1"},)"
                           R"({"type":"tool_result","tool_use_id":"own","content":"2"}]}]})";
  const auto back = translate_request(claude, gemini, next, {.model = "gemini-3-pro"});
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_NE(back->body.find(R"({"role":"model","parts":[{"text":"I look."},{"functionCall":{"id":"call_r1_0","name":"f","args":{"a": 1}},)"
                            R"("thoughtSignature":"U2ln"},{"functionCall":{"id":"own","name":"g","args":{}}}]})"),
            std::string::npos)
      << back->body;
  // And never to a provider that did not write it.
  const auto elsewhere =
      translate_request(openai, claude, R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b",
      "reasoning_details":[{"type":"reasoning.encrypted","data":"flotte.gemini:U2ln"}]},{"role":"user","content":"c"}]})",
                        {});
  ASSERT_TRUE(elsewhere);
  EXPECT_EQ(elsewhere->body.find("U2ln"), std::string::npos);
}

TEST(GeminiAnswer, GivesSignaturesOfCallsToOllamasClients) {
  const std::string_view call = R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"U2ln"})";
  EXPECT_NE(whole(gemini, Format::ollama, chunk(call, R"(,"finishReason":"STOP")"))
                .find(R"("extra_content":{"google":{"thought_signature":"U2ln"}})"),
            std::string::npos);
  const std::string lines = streamed(gemini, Format::ollama, event(chunk(call, R"(,"finishReason":"STOP")"))).text;
  EXPECT_NE(lines.find(R"("extra_content":{"google":{"thought_signature":"U2ln"}})"), std::string::npos) << lines;
}

TEST(GeminiAnswer, LeavesSignaturesOfTextsOutWhereTheyHaveNoPlace) {
  const std::string_view signed_text = R"({"text":"Hi","thoughtSignature":"U2ln"})";
  const auto answer = translate_answer(gemini, claude, chunk(signed_text, R"(,"finishReason":"STOP")"), context);
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->body.find(R"("content":[{"type":"text","text":"Hi"}])"), std::string::npos) << answer->body;
  ASSERT_EQ(answer->notes.size(), 1U);
  EXPECT_EQ(answer->notes[0].feature, Feature::part_signature);
  EXPECT_NE(whole(gemini, openai, chunk(signed_text, R"(,"finishReason":"STOP")"))
                .find(R"("extra_content":{"google":{"thought_signature":"U2ln"}})"),
            std::string::npos);
}

/// They send signatures back, but no thoughts.
TEST(GeminiAnswer, Case16SealsThinkingOfOthersForItsClients) {
  const std::string answer = whole(claude, gemini, R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
      {"type":"thinking","thinking":"Hm.","signature":"S+/="},{"type":"redacted_thinking","data":"D"},
      {"type":"tool_use","id":"t1","name":"f","input":{"a":1}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":4}})");
  EXPECT_TRUE(
      answer.starts_with(R"({"candidates":[{"content":{"parts":[{"text":"Hm.","thought":true},{"functionCall":{"id":"t1","name":"f",)"
                         R"("args":{"a":1}},"thoughtSignature":")"))
      << answer;
  EXPECT_TRUE(answer.ends_with(R"("role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,)"
                               R"("candidatesTokenCount":4,"totalTokenCount":7},"modelVersion":"claude","responseId":"msg_1"})"));
  const std::size_t call = answer.find("{\"functionCall\"");
  const std::string part = answer.substr(call, answer.find("],\"role\"") - call);
  const auto back = translate_request(gemini, claude,
                                      R"({"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[)" + part +
                                          R"(]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"1"}}}]}]})",
                                      {}, {.model = "m", .stream = false});
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_NE(back->body.find(R"({"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"S+/="},)"
                            R"({"type":"redacted_thinking","data":"D"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}]})"),
            std::string::npos)
      << back->body;
}

TEST(GeminiAnswer, Case20SaysWhyItEnded) {
  EXPECT_EQ(reason_of("STOP"), "stop");
  EXPECT_EQ(reason_of("MAX_TOKENS"), "length");
  for (const char* word : {"SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"})
    EXPECT_EQ(reason_of(word), "content_filter") << word;
  const auto broken =
      translate_answer(gemini, openai, chunk("", R"(,"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"call:f{")"), context);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message, "candidates[0].finishReason: the model ended its answer with MALFORMED_FUNCTION_CALL: call:f{");
  const std::string cut = whole(gemini, openai, chunk(R"({"functionCall":{"name":"f"}})", R"(,"finishReason":"MAX_TOKENS")"));
  EXPECT_NE(cut.find(R"("finish_reason":"length")"), std::string::npos) << "length beats calls";
}

TEST(GeminiAnswer, TellsThatAPromptWasBlocked) {
  const std::string_view blocked =
      R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4},"modelVersion":"gm"})";
  const std::string answer = whole(gemini, openai, blocked);
  EXPECT_NE(answer.find(R"("refusal":"The provider blocked the prompt: PROHIBITED_CONTENT.")"), std::string::npos) << answer;
  EXPECT_NE(answer.find(R"("finish_reason":"content_filter")"), std::string::npos);
  const Outcome stream = streamed(gemini, claude, event(blocked));
  EXPECT_TRUE(stream.complete);
  EXPECT_NE(stream.text.find("\"stop_reason\":\"refusal\""), std::string::npos) << stream.text;
}

TEST(GeminiStream, Case8TakesSeveralCallsFromDifferentChunks) {
  const std::string bytes = event(chunk(R"({"text":"Hm.","thought":true})")) + event(chunk(R"({"text":"I "})")) +
                            event(chunk(R"({"text":"look."})")) +
                            event(chunk(R"({"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"U2ln"})")) +
                            event(chunk(R"({"functionCall":{"name":"f","args":{"a":2}}})")) +
                            event(R"({"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],)"
                                  R"("usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2,"thoughtsTokenCount":3}})");
  const auto head = [](std::string_view delta, std::string_view reason = "null") {
    return R"(data: {"id":"g1","object":"chat.completion.chunk","created":7,"model":"gm","choices":[{"index":0,"delta":{)" +
           std::string(delta) + "},\"finish_reason\":" + std::string(reason) + "}]}\n\n";
  };
  const auto call = [](int index, std::string_view rest) {
    return R"("tool_calls":[{"index":)" + std::to_string(index) + "," + std::string(rest) + "}]";
  };
  const Outcome stream = streamed(gemini, openai, bytes);
  EXPECT_EQ(
      stream.text,
      head(R"("role":"assistant","content":"")") + head(R"("reasoning_content":"Hm.")") + head(R"("content":"I ")") +
          head(R"("content":"look.")") +
          head(call(
              0,
              R"("id":"call_r1_0","type":"function","function":{"name":"f","arguments":""},"extra_content":{"google":{"thought_signature":"U2ln"}})")) +
          head(call(0, R"("function":{"arguments":"{\"a\":1}"})")) +
          head(call(1, R"("id":"call_r1_1","type":"function","function":{"name":"f","arguments":""})")) +
          head(call(1, R"("function":{"arguments":"{\"a\":2}"})")) + head("", "\"tool_calls\"") +
          R"(data: {"id":"g1","object":"chat.completion.chunk","created":7,"model":"gm","choices":[],"usage":{"prompt_tokens":9,)"
          R"("completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":)"
          R"({"reasoning_tokens":3}}})"
          "\n\ndata: [DONE]\n\n");
  EXPECT_EQ(stream.usage.output_tokens, 5);
}

TEST(GeminiStream, Case3EndsInAnErrorWhereItIsCutOrSaysOne) {
  const Outcome cut = streamed(gemini, openai, event(chunk(R"({"text":"Hel"})")));
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(cut.error, "the provider's answer was cut off: its stream ended before a finishReason");
  EXPECT_EQ(cut.text.find("[DONE]"), std::string::npos);
  const Outcome told = streamed(gemini, claude, event(R"({"error":{"code":503,"message":"Overloaded.","status":"UNAVAILABLE"}})"));
  EXPECT_EQ(told.error, "Overloaded.");
  EXPECT_NE(told.text.find("overloaded_error"), std::string::npos);
  const Outcome picture = streamed(gemini, openai, event(chunk(R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}})")));
  EXPECT_NE(picture.error.find("cannot be sent to OpenAI chat completions"), std::string::npos) << picture.error;
}

TEST(GeminiStream, Case21CountsUsageOnceThoughEveryChunkTellsIt) {
  const auto told = [](std::string_view text, int output, int thoughts, std::string_view more) {
    return event(R"({"candidates":[{"content":{"parts":[{"text":")" + std::string(text) + R"("}],"role":"model"})" + std::string(more) +
                 R"(,"index":0}],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":60,"candidatesTokenCount":)" +
                 std::to_string(output) + R"(,"thoughtsTokenCount":)" + std::to_string(thoughts) + R"(,"toolUsePromptTokenCount":5}})");
  };
  const Outcome stream =
      streamed(gemini, claude, told("a", 0, 30, "") + told("b", 4, 30, "") + told("c", 9, 30, R"(,"finishReason":"STOP")"));
  EXPECT_EQ(stream.usage.input_tokens, 105);
  EXPECT_EQ(stream.usage.cached_tokens, 60);
  EXPECT_EQ(stream.usage.output_tokens, 39);
  EXPECT_EQ(stream.usage.reasoning_tokens, 30);
  EXPECT_NE(
      stream.text.find(R"("usage":{"input_tokens":45,"cache_creation_input_tokens":0,"cache_read_input_tokens":60,"output_tokens":39})"),
      std::string::npos)
      << stream.text;
  const Outcome cut = streamed(gemini, openai, told("a", 3, 0, ""));
  EXPECT_EQ(cut.usage.output_tokens, 3) << "what came is billed";
}

constexpr std::string_view claude_stream =
    "data: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude\",\"usage\":{\"input_tokens\":4,\"output_tokens\":1}}}"
    "\n\n"
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi \\u00e4\"}}\n\n"
    "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "data: "
    "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{}}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"1}\"}}\n\n"
    "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":6}}\n\n"
    "data: {\"type\":\"message_stop\"}\n\n";

TEST(GeminiStream, Case5IsWrittenAsEventsWithoutDone) {
  const auto expected = [](std::string_view part, std::string_view rest, int output) {
    return event(R"({"candidates":[{"content":{"parts":[)" + std::string(part) + R"(],"role":"model"})" + std::string(rest) +
                 R"(,"index":0}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":)" + std::to_string(output) +
                 ",\"totalTokenCount\":" + std::to_string(output + 4) + R"(},"modelVersion":"claude","responseId":"msg_1"})");
  };
  EXPECT_EQ(streamed(claude, gemini, claude_stream).text, expected(R"({"text":"Hi ä"})", "", 1) +
                                                              expected(R"({"functionCall":{"id":"t1","name":"f","args":{"a":1}}})", "", 1) +
                                                              expected(R"({"text":""})", R"(,"finishReason":"STOP")", 6));
}

TEST(GeminiStream, IsWrittenAsOneArray) {
  const std::string text = streamed(claude, gemini, claude_stream, true).text;
  const auto parsed = json::parse(text);
  ASSERT_TRUE(parsed) << text;
  EXPECT_EQ(parsed->as_array().size(), 3U);
  const Outcome cut = streamed(claude, gemini, claude_stream.substr(0, claude_stream.find("data: {\"type\":\"message_delta")), true);
  const auto broken = json::parse(cut.text);
  ASSERT_TRUE(broken) << cut.text;
  EXPECT_NE(cut.text.find(R"({"error":{"code":500,"message":"the provider's answer was cut off)"), std::string::npos) << cut.text;
}

TEST(GeminiError, Case23IsReadAndWrittenWithItsStatus) {
  const auto limited = translate_error(gemini, openai, 429,
                                       R"([{"error":{"code":429,"message":"Quota.","status":"RESOURCE_EXHAUSTED","details":[]}}])", "r");
  EXPECT_EQ(limited.status, 429);
  EXPECT_NE(limited.body.find(R"("message":"Quota.")"), std::string::npos) << limited.body;
  EXPECT_EQ(translate_error(claude, gemini, 529, R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})", "r").body,
            R"({"error":{"code":503,"message":"Busy","status":"UNAVAILABLE"}})");
}

}  // namespace
}  // namespace flotte::dialect
