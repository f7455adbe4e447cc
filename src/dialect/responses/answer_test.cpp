// Whole responses, written and read.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

constexpr Format chat = Format::openai_chat, claude = Format::anthropic, responses = Format::responses;

TranslatedAnswer translated(Format provider, Format client, std::string_view body, const ReplyContext& context = {.request_id = "r1"}) {
  auto result = translate_answer(provider, client, body, context);
  EXPECT_TRUE(result) << result.error().text();
  if (!result) return {};
  EXPECT_TRUE(json::parse(result->body)) << result->body;
  return std::move(*result);
}

std::string asked(std::string_view request) {
  const auto result = translate_request(responses, chat, request, {});
  EXPECT_TRUE(result);
  return result ? result->echo : std::string();
}

/// The members from one name to before another.
std::string between(const std::string& body, std::string_view from, std::string_view to) {
  const std::size_t begin = body.find(from), end = body.find(to, begin);
  return begin == std::string::npos || end == std::string::npos ? body : body.substr(begin, end - begin);
}

TEST(ResponsesAnswer, Case30HasEveryFieldThatItsClientsDemand) {
  ReplyContext context{.model = "smart", .request_id = "r1", .created_s = 7};
  context.echo =
      asked(R"({"model":"m","input":"a","temperature":0.5,"tools":[{"type":"function","name":"f"}],"store":true,"metadata":{"a":"b"}})");
  EXPECT_EQ(
      translated(chat, responses,
                 R"({"id":"c1","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"Hm.","content":"Hi",
        "tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}})",
                 context)
          .body,
      R"({"id":"resp_r1","object":"response","created_at":7,"status":"completed","error":null,"incomplete_details":null,"model":"smart","output":[)"
      R"({"id":"rs_r1_0","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":null},)"
      R"({"id":"msg_r1_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[],"logprobs":[]}]},)"
      R"({"id":"fc_r1_2","type":"function_call","status":"completed","call_id":"call_1","name":"f","arguments":"{}"}],)"
      R"("usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":15},)"
      R"("background":false,"previous_response_id":null,"service_tier":"default","store":false,"instructions":null,"max_output_tokens":null,)"
      R"("max_tool_calls":null,"metadata":{"a":"b"},"parallel_tool_calls":true,"prompt_cache_key":null,"reasoning":{"effort":null,"summary":null},)"
      R"("safety_identifier":null,"temperature":0.5,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[{"type":"function","name":"f"}],)"
      R"("top_logprobs":0,"top_p":1,"truncation":"disabled","user":null})");
}

TEST(ResponsesAnswer, Case21HasUsageDetailsEvenWhereNothingWasTold) {
  const std::string body = translated(chat, responses, R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]})").body;
  EXPECT_NE(body.find(R"("usage":{"input_tokens":0,"input_tokens_details":{"cached_tokens":0},"output_tokens":0,)"
                      R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":0})"),
            std::string::npos)
      << body;
  const TranslatedAnswer anthropic =
      translated(claude, responses,
                 R"({"content":[{"type":"text","text":"a"}],"stop_reason":"end_turn","usage":{"input_tokens":10,
      "cache_creation_input_tokens":3,"cache_read_input_tokens":20,"output_tokens":5}})");
  EXPECT_NE(anthropic.body.find(R"("input_tokens":33,"input_tokens_details":{"cached_tokens":20})"), std::string::npos) << anthropic.body;
  // And back, where cached tokens are counted apart.
  const std::string back = translated(responses, claude, anthropic.body).body;
  EXPECT_NE(back.find(R"("usage":{"input_tokens":13,"cache_creation_input_tokens":0,"cache_read_input_tokens":20,"output_tokens":5})"),
            std::string::npos)
      << back;
}

TEST(ResponsesAnswer, Case20TellsWhyItEnded) {
  struct Row {
    std::string_view stop_reason, status, details;
  };
  for (const Row& row : {Row{"end_turn", "completed", "null"}, Row{"stop_sequence", "completed", "null"},
                         Row{"max_tokens", "incomplete", R"({"reason":"max_output_tokens"})"},
                         Row{"model_context_window_exceeded", "incomplete", R"({"reason":"max_output_tokens"})"},
                         Row{"refusal", "incomplete", R"({"reason":"content_filter"})"}}) {
    const std::string body =
        translated(claude, responses, R"({"content":[{"type":"text","text":"a"}],"stop_reason":")" + std::string(row.stop_reason) + "\"}")
            .body;
    EXPECT_NE(body.find(R"("status":")" + std::string(row.status) + R"(","error":null,"incomplete_details":)" + std::string(row.details)),
              std::string::npos)
        << body;
  }
  const auto finish = [](std::string_view members) {
    const std::string body =
        translated(responses, chat,
                   R"({"object":"response","output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}],)" +
                       std::string(members) + "}")
            .body;
    return between(body, R"("finish_reason")", "}");
  };
  EXPECT_EQ(finish(R"("status":"completed")"), R"("finish_reason":"stop")");
  EXPECT_EQ(finish(R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"), R"("finish_reason":"length")");
  EXPECT_EQ(finish(R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})"), R"("finish_reason":"content_filter")");
  EXPECT_EQ(finish(R"("status":"incomplete","incomplete_details":{"reason":"brand_new"})"), R"("finish_reason":"length")");
}

TEST(ResponsesAnswer, Case20IsCutAtAStopThatItsApiDoesNotHave) {
  ReplyContext context{.request_id = "r"};
  context.stop = {"four"};
  const std::string body =
      translated(
          responses, claude,
          R"({"id":"resp_1","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"three, four, five"}]},
        {"type":"function_call","call_id":"c","name":"f","arguments":"{}"}],"usage":{"input_tokens":1,"output_tokens":5}})",
          context)
          .body;
  EXPECT_NE(body.find(R"("content":[{"type":"text","text":"three, "}],"stop_reason":"stop_sequence","stop_sequence":"four")"),
            std::string::npos)
      << body;
  EXPECT_NE(body.find(R"("output_tokens":5)"), std::string::npos);
}

TEST(ResponsesAnswer, Case13CallsOfFreeTextAndOfNamespacesComeBackAsSuch) {
  ReplyContext context{.request_id = "r"};
  const std::string_view request = R"({"model":"m","input":"a","tools":[{"type":"custom","name":"apply_patch"},
      {"type":"namespace","name":"mail","tools":[{"type":"function","name":"send"}]}]})";
  context.echo = asked(request);
  context.free_text_tools = {"apply_patch"};
  const auto call = [&](std::string_view name, std::string_view arguments) {
    const std::string body =
        translated(chat, responses,
                   R"({"id":"c","choices":[{"message":{"tool_calls":[{"id":"c1","type":"function","function":{"name":")" +
                       std::string(name) + R"(","arguments":")" + std::string(arguments) + R"("}}]}}]})",
                   context)
            .body;
    return between(body, R"({"id":"fc_)", "]").size() < body.size() ? between(body, R"({"id":"fc_)", "]")
                                                                    : between(body, R"({"id":"ctc_)", "]");
  };
  EXPECT_EQ(
      call("apply_patch", R"({\"input\":\"*** \\\"Begin\\\"\\n\"})"),
      R"({"id":"ctc_r_0","type":"custom_tool_call","status":"completed","call_id":"c1","name":"apply_patch","input":"*** \"Begin\"\n"})");
  EXPECT_EQ(
      call("apply_patch", R"({\"patch\":1})"),
      R"({"id":"ctc_r_0","type":"custom_tool_call","status":"completed","call_id":"c1","name":"apply_patch","input":"{\"patch\":1}"})");
  EXPECT_EQ(
      call("mail__send", "{}"),
      R"({"id":"fc_r_0","type":"function_call","status":"completed","call_id":"c1","name":"send","namespace":"mail","arguments":"{}"})");
  EXPECT_EQ(call("other", "{}"),
            R"({"id":"fc_r_0","type":"function_call","status":"completed","call_id":"c1","name":"other","arguments":"{}"})");
}

TEST(ResponsesAnswer, Case13CallsOfToolsThatCameWithinTheConversationComeBackAsSuch) {
  ReplyContext context{.request_id = "r"};
  const auto request =
      translate_request(responses, chat, R"({"model":"m","input":[{"role":"user","content":"a"},{"type":"additional_tools","tools":[
      {"type":"namespace","name":"functions","tools":[{"type":"custom","name":"exec"}]}]}],"tools":[{"type":"tool_search","execution":"client"}]})",
                        {});
  ASSERT_TRUE(request);
  context.echo = request->echo;
  context.free_text_tools = request->free_text_tools;
  const std::string body = translated(chat, responses, R"({"id":"c","choices":[{"message":{"tool_calls":[
      {"id":"c1","type":"function","function":{"name":"functions__exec","arguments":"{\"input\":\"1\"}"}},
      {"id":"c2","type":"function","function":{"name":"tool_search","arguments":"{\"query\":\"mail\"}"}}]}}]})",
                                      context)
                               .body;
  EXPECT_EQ(
      between(body, R"("output":)", R"(,"usage")"),
      R"("output":[{"id":"ctc_r_0","type":"custom_tool_call","status":"completed","call_id":"c1","name":"exec","namespace":"functions","input":"1"},)"
      R"({"id":"tsc_r_1","type":"tool_search_call","status":"completed","call_id":"c2","execution":"client","arguments":{"query":"mail"}}])");
}

TEST(ResponsesAnswer, Case17ThinkingOfAnthropicComesBackUnchanged) {
  const std::string body = translated(claude, responses,
                                      R"({"content":[{"type":"thinking","thinking":"H\u00e4, \"so\".","signature":"SIG=="},
      {"type":"thinking","thinking":"","signature":"EMPTY"},{"type":"redacted_thinking","data":"RED"},{"type":"text","text":"a"}],"stop_reason":"end_turn"})")
                               .body;
  EXPECT_NE(body.find(R"("summary":[{"type":"summary_text","text":"Hä, \"so\"."}],"encrypted_content":"flotte.sealed:)"), std::string::npos)
      << body;
  // The client sends its output back, as agents do: without ids, and this one without summaries.
  const auto answer = json::parse(body);
  ASSERT_TRUE(answer);
  json::array items = answer->as_object().at("output").as_array();
  for (json::value& item : items) {
    item.as_object().erase("id");
    if (item.as_object().if_contains("summary")) item.as_object()["summary"] = json::array();
  }
  items.insert(items.begin(), *json::parse(R"({"role":"user","content":"q"})"));
  items.push_back(*json::parse(R"({"role":"user","content":"c"})"));
  json::object request;
  request["model"] = "m";
  request["max_output_tokens"] = 9;
  request["input"] = std::move(items);
  const auto next = translate_request(responses, claude, json::dump(json::value(std::move(request))), {});
  ASSERT_TRUE(next) << next.error().text();
  EXPECT_NE(next->body.find(R"({"role":"assistant","content":[{"type":"thinking","thinking":"Hä, \"so\".","signature":"SIG=="},)"
                            R"({"type":"thinking","thinking":"","signature":"EMPTY"},{"type":"redacted_thinking","data":"RED"},)"
                            R"({"type":"text","text":"a"}]})"),
            std::string::npos)
      << next->body;
  EXPECT_TRUE(next->notes.empty());
}

TEST(ResponsesAnswer, Case19ThinkingOfOpenAiTravelsThroughAnthropicClients) {
  const std::string body = translated(responses, claude,
                                      R"({"id":"resp_1","status":"completed","output":[
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"A."},{"type":"summary_text","text":"B."}],"encrypted_content":"ENC"},
      {"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"ENC2"},
      {"type":"message","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[]}]}]})")
                               .body;
  EXPECT_NE(body.find(R"("content":[{"type":"thinking","thinking":"A.\n\nB.","signature":"flotte.openai:rs_1:ENC"},)"
                      R"({"type":"redacted_thinking","data":"flotte.openai:rs_2:ENC2"},{"type":"text","text":"a"}])"),
            std::string::npos)
      << body;
}

TEST(ResponsesAnswer, Case18SignaturesOfCallsComeBackWithTheirCall) {
  const std::string sealed =
      translated(
          Format::gemini, responses,
          R"({"candidates":[{"content":{"parts":[{"functionCall":{"id":"c1","name":"f","args":{}},"thoughtSignature":"U0lH"}]},"finishReason":"STOP"}]})")
          .body;
  EXPECT_NE(sealed.find("flotte.sealed:"), std::string::npos) << sealed;
}

TEST(ResponsesAnswer, Case23IsAnErrorWhereItFailedInA200) {
  const auto failed = translate_answer(
      responses, claude, R"({"id":"resp_1","status":"failed","output":[],"error":{"code":"rate_limit_exceeded","message":"Slow down."}})",
      {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::unavailable);
  EXPECT_EQ(failed.error().message, "Slow down.");
  EXPECT_FALSE(translate_answer(responses, claude, R"({"id":"resp_1","status":"queued","output":[],"error":null})", {}));
  EXPECT_FALSE(translate_answer(responses, claude, "<html>", {}));
  const TranslatedError error =
      translate_error(claude, responses, 529, R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})", "r");
  EXPECT_EQ(error.status, 503);
  EXPECT_EQ(error.body, R"({"error":{"message":"Busy","type":"overloaded_error","param":null,"code":"server_overloaded"}})");
}

}  // namespace
}  // namespace flotte::dialect
