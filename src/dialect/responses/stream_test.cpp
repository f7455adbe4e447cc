// Streams of Responses, written and read, cut at every byte.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "dialect/stream_translator.hpp"

namespace flotte::dialect {
namespace {

constexpr Format chat = Format::openai_chat, claude = Format::anthropic, responses = Format::responses;

struct Outcome {
  std::string text, error;
  bool complete = false;
  llm::Usage usage;
};

Outcome run(Format from, Format to, std::initializer_list<std::string_view> pieces, const ReplyContext& context) {
  StreamTranslator translator(from, to, context);
  Outcome out;
  for (const std::string_view piece : pieces) out.text.append(translator.feed(piece));
  out.text.append(translator.finish());
  out.error = translator.error();
  out.complete = translator.complete();
  out.usage = translator.usage();
  return out;
}

Outcome translated(Format from, Format to, std::string_view stream,
                   const ReplyContext& context = {.model = "m", .request_id = "r", .created_s = 7}) {
  Outcome whole = run(from, to, {stream}, context);
  for (std::size_t i = 0; i <= stream.size(); ++i)
    EXPECT_EQ(run(from, to, {stream.substr(0, i), stream.substr(i)}, context).text, whole.text) << "cut at " << i;
  return whole;
}

/// One event in short: its type, then every member but type, sequence_number and response.
struct Seen {
  std::vector<std::string> events;
  json::object last;  // the response of the last event
};

/// Checks what is the same for all events on the way.
Seen seen(const std::string& text) {
  Seen out;
  detail::EventReader events;
  std::int64_t sequence = 0;
  for (std::string_view rest = text; events.next(rest);) {
    const auto value = json::parse(events.data());
    EXPECT_TRUE(value) << events.data();
    if (!value) continue;
    json::object object = value->as_object();
    EXPECT_EQ(object.at("type").as_string(), events.name());
    EXPECT_EQ(object.at("sequence_number").as_int64(), sequence++) << events.data();
    if (object.if_contains("response")) out.last = object.at("response").as_object();
    for (const char* name : {"type", "sequence_number", "response", "logprobs"})
      if (object.if_contains(name)) object.stable_erase(object.find(name));
    out.events.push_back(events.name() + (object.empty() ? "" : " " + json::dump(json::value(std::move(object)))));
  }
  return out;
}

std::string chunk(std::string_view delta, std::string_view reason = "null") {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","model":"gpt","choices":[{"index":0,"delta":{)" + std::string(delta) +
         R"(},"finish_reason":)" + std::string(reason) + "}]}\n\n";
}
std::string event(std::string_view json) {
  const std::size_t begin = json.find(R"("type":")") + 8;
  return "event: " + std::string(json.substr(begin, json.find('"', begin) - begin)) + "\ndata: " + std::string(json) + "\n\n";
}
using Events = std::vector<std::string>;

TEST(ResponsesStream, Case30GoesThroughTheWholeLifeCycle) {
  const Outcome out = translated(
      chat, responses,
      chunk(R"("role":"assistant","content":"")") + chunk(R"("reasoning_content":"Hm.")") + chunk(R"("content":"Gr\u00fc")") +
          chunk(R"("content":"\u00dfe")") + chunk(R"("tool_calls":[{"index":0,"id":"call_1","function":{"name":"f","arguments":""}}])") +
          chunk(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"a\": 1}"}}])") + chunk("", R"("tool_calls")") +
          "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}\n\ndata: [DONE]\n\n");
  const Seen events = seen(out.text);
  EXPECT_EQ(
      events.events,
      (Events{
          "response.created",
          "response.in_progress",
          R"(response.output_item.added {"output_index":0,"item":{"id":"rs_r_0","type":"reasoning","summary":[],"encrypted_content":null}})",
          R"(response.reasoning_summary_part.added {"item_id":"rs_r_0","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}})",
          R"(response.reasoning_summary_text.delta {"item_id":"rs_r_0","output_index":0,"summary_index":0,"delta":"Hm."})",
          R"(response.reasoning_summary_text.done {"item_id":"rs_r_0","output_index":0,"summary_index":0,"text":"Hm."})",
          R"(response.reasoning_summary_part.done {"item_id":"rs_r_0","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"Hm."}})",
          R"(response.output_item.done {"output_index":0,"item":{"id":"rs_r_0","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":null}})",
          R"(response.output_item.added {"output_index":1,"item":{"id":"msg_r_1","type":"message","status":"in_progress","role":"assistant","content":[]}})",
          R"(response.content_part.added {"item_id":"msg_r_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}})",
          R"(response.output_text.delta {"item_id":"msg_r_1","output_index":1,"content_index":0,"delta":"Grü"})",
          R"(response.output_text.delta {"item_id":"msg_r_1","output_index":1,"content_index":0,"delta":"ße"})",
          R"(response.output_text.done {"item_id":"msg_r_1","output_index":1,"content_index":0,"text":"Grüße"})",
          R"(response.content_part.done {"item_id":"msg_r_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"Grüße","annotations":[],"logprobs":[]}})",
          R"(response.output_item.done {"output_index":1,"item":{"id":"msg_r_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Grüße","annotations":[],"logprobs":[]}]}})",
          R"(response.output_item.added {"output_index":2,"item":{"id":"fc_r_2","type":"function_call","status":"in_progress","call_id":"call_1","name":"f","arguments":""}})",
          R"(response.function_call_arguments.delta {"item_id":"fc_r_2","output_index":2,"delta":"{\"a\": 1}"})",
          R"(response.function_call_arguments.done {"item_id":"fc_r_2","output_index":2,"name":"f","arguments":"{\"a\": 1}"})",
          R"(response.output_item.done {"output_index":2,"item":{"id":"fc_r_2","type":"function_call","status":"completed","call_id":"call_1","name":"f","arguments":"{\"a\": 1}"}})",
          "response.completed",
      }));
  EXPECT_EQ(events.last.at("id").as_string(), "resp_r");
  EXPECT_EQ(events.last.at("model").as_string(), "m");
  EXPECT_EQ(events.last.at("output").as_array().size(), 3U);
  EXPECT_EQ(events.last.at("usage").as_object().at("total_tokens").as_int64(), 15);
  EXPECT_TRUE(out.complete);
}

TEST(ResponsesStream, Case7ParallelCallsKeepTheirOwnPlaces) {
  const Seen events = seen(translated(chat, responses,
                                      chunk(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}])") +
                                          chunk(R"("tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}])") +
                                          chunk(R"("tool_calls":[{"index":0,"function":{"arguments":":1}"}}])") +
                                          chunk("", R"("tool_calls")") + "data: [DONE]\n\n")
                               .text);
  Events done;
  for (const std::string& e : events.events)
    if (e.starts_with("response.output_item.done")) done.push_back(e.substr(26));
  EXPECT_EQ(
      done,
      (Events{
          R"({"output_index":0,"item":{"id":"fc_r_0","type":"function_call","status":"completed","call_id":"a","name":"f","arguments":"{\"x\":1}"}})",
          R"({"output_index":1,"item":{"id":"fc_r_1","type":"function_call","status":"completed","call_id":"b","name":"g","arguments":"{}"}})"}));
  EXPECT_EQ(events.last.at("output").as_array().at(0).as_object().at("call_id").as_string(), "a");
}

TEST(ResponsesStream, Case10CallsWithoutArgumentsHaveAnEmptyObject) {
  const std::string text = translated(chat, responses,
                                      chunk(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}}])") +
                                          chunk("", R"("tool_calls")") + "data: [DONE]\n\n")
                               .text;
  EXPECT_NE(text.find(R"("output_index":0,"delta":"{}"})"), std::string::npos);
  EXPECT_NE(text.find(R"("name":"f","arguments":"{}"})"), std::string::npos);
}

TEST(ResponsesStream, Case13CallsOfFreeTextComeBackAsText) {
  ReplyContext context{.model = "m", .request_id = "r"};
  context.free_text_tools = {"apply_patch"};
  const Seen events =
      seen(translated(chat, responses,
                      chunk(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"apply_patch","arguments":"{\"inp"}}])") +
                          chunk(R"("tool_calls":[{"index":0,"function":{"arguments":"ut\":\"*** \\n\"}"}}])") +
                          chunk("", R"("tool_calls")") + "data: [DONE]\n\n",
                      context)
               .text);
  EXPECT_EQ(
      Events(events.events.begin() + 2, events.events.end()),
      (Events{
          R"(response.output_item.added {"output_index":0,"item":{"id":"ctc_r_0","type":"custom_tool_call","status":"in_progress","call_id":"a","name":"apply_patch","input":""}})",
          R"(response.custom_tool_call_input.delta {"item_id":"ctc_r_0","output_index":0,"delta":"*** \n"})",
          R"(response.custom_tool_call_input.done {"item_id":"ctc_r_0","output_index":0,"input":"*** \n"})",
          R"(response.output_item.done {"output_index":0,"item":{"id":"ctc_r_0","type":"custom_tool_call","status":"completed","call_id":"a","name":"apply_patch","input":"*** \n"}})",
          "response.completed"}));
}

TEST(ResponsesStream, Case13TheClientsOwnSearchIsTheClients) {
  ReplyContext context{.model = "m", .request_id = "r"};
  context.echo = R"("tools":[{"type":"tool_search","execution":"client"}])";
  const Seen events =
      seen(translated(chat, responses,
                      chunk(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"tool_search","arguments":"{\"query\":\"x\"}"}}])") +
                          chunk("", R"("tool_calls")") + "data: [DONE]\n\n",
                      context)
               .text);
  EXPECT_EQ(
      Events(events.events.begin() + 2, events.events.end()),
      (Events{
          R"(response.output_item.added {"output_index":0,"item":{"id":"tsc_r_0","type":"tool_search_call","status":"in_progress","call_id":"a","execution":"client","arguments":{}}})",
          R"(response.output_item.done {"output_index":0,"item":{"id":"tsc_r_0","type":"tool_search_call","status":"completed","call_id":"a","execution":"client","arguments":{"query":"x"}}})",
          "response.completed"}));
}

const std::string message_start = event(
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":20,"output_tokens":1}}})");

TEST(ResponsesStream, Case17EmptyAndRedactedThinkingIsSealedUnchanged) {
  const Seen events = seen(
      translated(claude, responses,
                 message_start +
                     event(R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})") +
                     event(R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"SIG"}})") +
                     event(R"({"type":"content_block_stop","index":0})") +
                     event(R"({"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"RED"}})") +
                     event(R"({"type":"content_block_stop","index":1})") +
                     event(R"({"type":"message_delta","delta":{"stop_reason":"refusal"},"usage":{"output_tokens":5}})") +
                     event(R"({"type":"message_stop"})"))
          .text);
  ASSERT_EQ(events.events.size(), 7U);
  EXPECT_EQ(events.events.back(), "response.incomplete");
  EXPECT_EQ(events.last.at("incomplete_details").as_object().at("reason").as_string(), "content_filter");
  json::object request;
  request["model"] = "m";
  request["input"] = events.last.at("output");
  request["input"].as_array().push_back(*json::parse(R"({"role":"user","content":"a"})"));
  const auto next = translate_request(responses, claude, json::dump(json::value(std::move(request))), {});
  ASSERT_TRUE(next);
  EXPECT_NE(next->body.find(R"([{"type":"thinking","thinking":"","signature":"SIG"},{"type":"redacted_thinking","data":"RED"}])"),
            std::string::npos)
      << next->body;
}

TEST(ResponsesStream, Case6AnErrorInsideAStreamFailsTheResponse) {
  const Outcome out =
      translated(claude, responses,
                 message_start + event(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})") +
                     event(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Gu"}})") +
                     event(R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})"));
  const Seen events = seen(out.text);
  EXPECT_EQ(events.events.back(), "response.failed");
  EXPECT_EQ(
      events.events[events.events.size() - 2],
      R"(error {"code":"server_is_overloaded","message":"Busy","param":null,"error":{"type":"server_is_overloaded","code":"server_is_overloaded","message":"Busy","param":null}})");
  EXPECT_EQ(events.last.at("status").as_string(), "failed");
  EXPECT_EQ(json::dump(events.last.at("error")), R"({"code":"server_is_overloaded","message":"Busy"})");
  EXPECT_EQ(out.error, "Busy");
}

TEST(ResponsesStream, Case6AnErrorBeforeTheFirstEventIsAResponseOfItsOwn) {
  const Seen events =
      seen(translated(chat, responses, "data: {\"error\":{\"message\":\"No.\",\"type\":\"invalid_request_error\"}}\n\n").text);
  EXPECT_EQ(events.events.back(), "response.failed");
  EXPECT_EQ(events.last.at("id").as_string(), "resp_r");
  EXPECT_EQ(json::dump(events.last.at("error")), R"({"code":"invalid_prompt","message":"No."})");
}

TEST(ResponsesStream, Case6ACutStreamNeverLooksClean) {
  const Outcome written = translated(chat, responses, chunk(R"("content":"a")"));
  EXPECT_EQ(seen(written.text).events.back(), "response.failed");
  const Outcome read = translated(responses, claude,
                                  event(R"({"type":"response.created","response":{"id":"resp_1"}})") +
                                      event(R"({"type":"response.output_text.delta","output_index":0,"delta":"a"})"));
  EXPECT_FALSE(read.complete);
  EXPECT_EQ(read.error, "the provider's answer was cut off: its stream ended before response.completed");
  EXPECT_NE(read.text.find("event: error"), std::string::npos);
}

/// A stream as OpenAI sends it.
const std::string served =
    event(
        R"({"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"gpt","status":"in_progress","output":[],"usage":null}})") +
    event(R"({"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_1","model":"gpt"}})") +
    event(R"({"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}})") +
    event(R"({"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":0,"part":{}})") +
    event(R"({"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"A."})") +
    event(R"({"type":"response.reasoning_summary_text.done","item_id":"rs_1","output_index":0,"summary_index":0,"text":"A."})") +
    event(R"({"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":1,"delta":"B."})") +
    event(
        R"({"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"A."},{"type":"summary_text","text":"B."}],"encrypted_content":"ENC"}})") +
    event(
        R"({"type":"response.output_item.added","output_index":1,"item":{"id":"msg_1","type":"message","role":"assistant","content":[]}})") +
    event(
        R"({"type":"response.content_part.added","item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":""}})") +
    event(
        R"({"type":"response.output_text.delta","item_id":"msg_1","output_index":1,"content_index":0,"delta":"Hi","obfuscation":"xyz"})") +
    event(R"({"type":"response.output_text.done","item_id":"msg_1","output_index":1,"content_index":0,"text":"Hi"})") +
    event(
        R"({"type":"response.output_item.done","output_index":1,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Hi"}]}})") +
    event(
        R"({"type":"response.output_item.added","output_index":2,"item":{"id":"fc_1","type":"function_call","call_id":"call_1","name":"f","arguments":""}})") +
    event(R"({"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":2,"delta":"{\"a\": 1}"})") +
    event(R"({"type":"response.function_call_arguments.done","item_id":"fc_1","output_index":2,"arguments":"{\"a\": 1}"})") +
    event(
        R"({"type":"response.output_item.done","output_index":2,"item":{"id":"fc_1","type":"function_call","call_id":"call_1","name":"f","arguments":"{\"a\": 1}"}})") +
    event(
        R"({"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":15}}})");

TEST(ResponsesStream, Case19IsReadForAnthropicClientsWithItsEncryptedThinking) {
  const Outcome out = translated(responses, claude, served);
  EXPECT_TRUE(out.complete) << out.error;
  for (const std::string_view part :
       {R"("content_block":{"type":"thinking","thinking":"","signature":""}})", R"("delta":{"type":"thinking_delta","thinking":"A."}})",
        R"("delta":{"type":"thinking_delta","thinking":"\n\n"}})", R"("delta":{"type":"thinking_delta","thinking":"B."}})",
        R"("delta":{"type":"signature_delta","signature":"flotte.openai:rs_1:ENC"}})", R"("delta":{"type":"text_delta","text":"Hi"}})",
        R"("content_block":{"type":"tool_use","id":"call_1","name":"f","input":{}}})", R"("partial_json":"{\"a\": 1}"}})",
        R"("delta":{"stop_reason":"tool_use")"})
    EXPECT_NE(out.text.find(part), std::string::npos) << part << out.text;
  EXPECT_EQ(out.usage.input_tokens, 10);
  EXPECT_EQ(out.usage.cached_tokens, 4);
  EXPECT_EQ(out.usage.reasoning_tokens, 2);
}

TEST(ResponsesStream, Case20IsCutAtAStopThatItsApiDoesNotHave) {
  ReplyContext context{.model = "m", .request_id = "r"};
  context.stop = {"Hi"};
  const Outcome out = translated(responses, claude, served, context);
  EXPECT_EQ(out.text.find("text_delta"), std::string::npos) << out.text;
  EXPECT_EQ(out.text.find("tool_use"), std::string::npos);
  EXPECT_NE(out.text.find(R"("delta":{"stop_reason":"stop_sequence","stop_sequence":"Hi"})"), std::string::npos) << out.text;
  EXPECT_TRUE(out.complete);
  EXPECT_EQ(out.usage.output_tokens, 5);
}

TEST(ResponsesStream, Case22StartsWithAnEstimateOfTheInput) {
  ReplyContext context{.model = "m", .request_id = "r"};
  context.estimated_input = 55;
  EXPECT_NE(run(responses, claude, {served}, context).text.find(R"("usage":{"input_tokens":55,)"), std::string::npos);
}

TEST(ResponsesStream, Case9ReadsWhatServersLeaveOut) {
  // No deltas, no item.added, the arguments before the name, only the last event: each tells the same.
  const std::string created = event(R"({"type":"response.created","response":{"id":"resp_1","model":"gpt"}})");
  const std::string end = event(R"({"type":"response.completed","response":{"id":"resp_1","status":"completed"}})");
  const std::string call = R"("item":{"id":"fc_1","type":"function_call","call_id":"call_1","name":"f","arguments":"{\"a\":1}"})";
  const std::string message = R"("item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Hi"}]})";
  const std::string done = event(R"({"type":"response.output_item.done","output_index":0,)" + message + "}") +
                           event(R"({"type":"response.output_item.done","output_index":1,)" + call + "}");
  const std::string late = event(R"({"type":"response.output_text.done","item_id":"msg_1","text":"Hi"})") +
                           event(R"({"type":"response.function_call_arguments.delta","item_id":"fc_1","delta":"{\"a\":1}"})") +
                           event(R"({"type":"response.output_item.done",)" + call + "}");
  const std::string only = event(R"({"type":"response.completed","response":{"id":"resp_1","model":"gpt","status":"completed","output":[)" +
                                 message.substr(7) + "," + call.substr(7) + "]}}");
  const std::string expected = translated(responses, chat, created + done + end).text;
  EXPECT_NE(expected.find(R"("content":"Hi")"), std::string::npos) << expected;
  EXPECT_NE(expected.find(R"("id":"call_1","type":"function","function":{"name":"f")"), std::string::npos) << expected;
  EXPECT_NE(expected.find(R"("finish_reason":"tool_calls")"), std::string::npos) << expected;
  EXPECT_EQ(translated(responses, chat, created + late + end).text, expected);
  EXPECT_EQ(translated(responses, chat, only).text, expected);
}

TEST(ResponsesStream, Case23ReadsBothFormsOfAnError) {
  for (const std::string& error :
       {event(R"({"type":"error","code":"rate_limit_exceeded","message":"Slow down."})"),
        event(R"({"type":"error","error":{"type":"tokens","code":"rate_limit_exceeded","message":"Slow down."}})"),
        event(R"({"type":"response.failed","response":{"id":"resp_1","error":{"code":"rate_limit_exceeded","message":"Slow down."}}})")}) {
    const Outcome out = translated(responses, claude, error);
    EXPECT_EQ(out.error, "Slow down.");
    EXPECT_NE(out.text.find("rate_limit_error"), std::string::npos) << out.text;
  }
}

TEST(ResponsesStream, Case20RefusalsHaveEventsOfTheirOwn) {
  const std::string refused = chunk(R"("refusal":"No.")") + chunk("", R"("stop")") + "data: [DONE]\n\n";
  const std::string text = translated(chat, responses, refused).text;
  for (const std::string_view part : {R"("part":{"type":"refusal","refusal":""})", "event: response.refusal.delta",
                                      R"("content_index":0,"refusal":"No."})", R"("content":[{"type":"refusal","refusal":"No."}])"})
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  EXPECT_NE(translated(responses, chat, text).text.find(R"("refusal":"No.")"), std::string::npos);
}

}  // namespace
}  // namespace flotte::dialect
