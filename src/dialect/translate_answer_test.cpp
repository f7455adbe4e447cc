// Whole answers and errors, translated both ways.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

constexpr Format openai = Format::openai_chat, claude = Format::anthropic;
const ReplyContext context{.model = {}, .request_id = "r1", .created_s = 7, .include_usage = true, .estimated_input = 0};

std::string translated(Format from, Format to, std::string_view body) {
  const auto answer = translate_answer(from, to, body, context);
  EXPECT_TRUE(answer) << answer.error().text();
  if (!answer) return {};
  EXPECT_TRUE(json::parse(answer->body)) << answer->body;
  return answer->body;
}

TEST(TranslateAnswer, TurnsClaudeIntoACompletion) {
  EXPECT_EQ(translated(claude, openai,
                       R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[
      {"type":"thinking","thinking":"Hm.","signature":"S"},{"type":"text","text":"I look."},
      {"type":"tool_use","id":"t1","name":"f","input":{"a": 1}}],"stop_reason":"tool_use","stop_sequence":null,
      "usage":{"input_tokens":10,"cache_read_input_tokens":20,"cache_creation_input_tokens":3,"output_tokens":5}})"),
            R"({"id":"msg_1","object":"chat.completion","created":7,"model":"claude","choices":[{"index":0,"message":{"role":"assistant",)"
            R"("content":"I look.","refusal":null,"reasoning_content":"Hm.","reasoning_details":[{"type":"reasoning.text","text":"Hm.",)"
            R"("signature":"S"}],"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]},)"
            R"("logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":33,"completion_tokens":5,"total_tokens":38,)"
            R"("prompt_tokens_details":{"cached_tokens":20},"completion_tokens_details":{"reasoning_tokens":0}}})");
}

TEST(TranslateAnswer, TurnsACompletionIntoClaude) {
  EXPECT_EQ(
      translated(openai, claude,
                 R"({"id":"c1","object":"chat.completion","created":1,"model":"gpt","choices":[{"index":0,"message":
      {"role":"assistant","content":null,"refusal":null,"annotations":[],"reasoning_content":"Hm.","tool_calls":[
        {"type":"function","function":{"name":"f","arguments":""}},{"id":"t2","type":"function","function":{"name":"g","arguments":"oops"}}]},
      "logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":20}}})"),
      R"({"id":"c1","type":"message","role":"assistant","model":"gpt","content":[{"type":"thinking","thinking":"Hm.","signature":""},)"
      R"({"type":"tool_use","id":"call_r1_0","name":"f","input":{}},{"type":"tool_use","id":"t2","name":"g","input":{"arguments":"oops"}}],)"
      R"("stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":0,)"
      R"("cache_read_input_tokens":20,"output_tokens":5}})");
}

TEST(TranslateAnswer, SaysWhyAnAnswerEnded) {
  const auto reason = [](std::string_view word) {
    const std::string body =
        translated(openai, claude, R"({"choices":[{"message":{"content":"a"},"finish_reason":")" + std::string(word) + "\"}]}");
    return json::string_or(json::parse_object(body).value(), "stop_reason", "");
  };
  EXPECT_EQ(reason("stop"), "end_turn");
  EXPECT_EQ(reason("length"), "max_tokens");
  EXPECT_EQ(reason("content_filter"), "refusal");
  EXPECT_EQ(reason("model_length"), "model_context_window_exceeded");
}

TEST(TranslateAnswer, NamesAnErrorInsideA200) {
  const auto error = translate_answer(openai, claude, R"({"error":{"message":"no quota","code":429}})", context);
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, Code::unavailable);
  EXPECT_EQ(error.error().message, "no quota");
  const auto page = translate_answer(openai, claude, "<html>\n", context);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().message,
            "no answer of OpenAI chat completions: the "
            "provider answered what is no JSON: <html> ");
}

TEST(TranslateError, KeepsStatusAndKind) {
  const auto overloaded =
      translate_error(claude, openai, 529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", "r");
  EXPECT_EQ(overloaded.status, 503);
  EXPECT_EQ(overloaded.body, R"({"error":{"message":"Overloaded","type":"overloaded_error","param":null,"code":"server_overloaded"}})");
  const auto rate = translate_error(openai, claude, 429,
                                    R"({"error":{"message":"slow","type":"tokens","param":null,"code":"rate_limit_exceeded"}})", "r");
  EXPECT_EQ(rate.status, 429);
  EXPECT_EQ(rate.body, R"({"type":"error","error":{"type":"rate_limit_error","message":"slow"},"request_id":"r"})");
  const auto unknown = translate_error(openai, claude, 418, "teapot", "");
  EXPECT_EQ(unknown.status, 418);
  EXPECT_EQ(
      unknown.body,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"the provider answered what is no JSON: teapot"},"request_id":null})");
}

constexpr std::string_view chat_answer =
    R"({"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi","reasoning_content":"Hm",)"
    R"("tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]},"finish_reason":"tool_calls"}],)"
    R"("usage":{"prompt_tokens":5,"completion_tokens":7}})";

TEST(TranslateAnswer, AWholeAnswerBecomesTheStreamThatWasAskedFor) {
  const auto told = stream_whole_answer(Format::openai_chat, Format::anthropic, chat_answer, {.request_id = "r"});
  ASSERT_TRUE(told) << told.error().text();
  EXPECT_TRUE(told->body.starts_with("event: message_start\n"));
  EXPECT_TRUE(told->body.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
  for (const char* part : {R"("thinking":"Hm")", R"("text":"Hi")", R"("partial_json":"{\"a\": 1}")", R"("stop_reason":"tool_use")"})
    EXPECT_NE(told->body.find(part), std::string::npos) << part << "\n" << told->body;
  EXPECT_EQ(told->usage.output_tokens, 7);
  // And back again.
  const auto gathered = gather_stream(Format::anthropic, Format::openai_chat, told->body, {.request_id = "r"});
  ASSERT_TRUE(gathered) << gathered.error().text();
  for (const char* part :
       {R"("content":"Hi")", R"("reasoning_content":"Hm")", R"("arguments":"{\"a\": 1}")", R"("finish_reason":"tool_calls")"})
    EXPECT_NE(gathered->body.find(part), std::string::npos) << part << "\n" << gathered->body;
  EXPECT_EQ(gathered->usage.input_tokens, 5);
}

TEST(TranslateAnswer, HalfAStreamIsNoAnswer) {
  const auto told = stream_whole_answer(Format::openai_chat, Format::anthropic, chat_answer, {.request_id = "r"});
  ASSERT_TRUE(told);
  for (const std::size_t size : {std::size_t{0}, std::size_t{40}, told->body.size() / 2, told->body.rfind("event: message_stop")})
    EXPECT_FALSE(gather_stream(Format::anthropic, Format::openai_chat, std::string_view(told->body).substr(0, size), {})) << size;
  EXPECT_FALSE(stream_whole_answer(Format::openai_chat, Format::anthropic, R"({"error":{"message":"no"}})", {}));
}

}  // namespace
}  // namespace flotte::dialect
