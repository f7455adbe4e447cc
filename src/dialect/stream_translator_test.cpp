// Streams as the vendors document them, translated both ways and cut at every byte.
#include "dialect/stream_translator.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace flotte::dialect {
namespace {

const ReplyContext context{.model = "m", .request_id = "r1", .created_s = 7, .include_usage = true, .estimated_input = 5};

struct Outcome {
  std::string text, error;
  bool started = false, complete = false;
  llm::Usage usage;
};

Outcome run(Format from, Format to, std::initializer_list<std::string_view> pieces) {
  StreamTranslator translator(from, to, context);
  Outcome out;
  for (const std::string_view piece : pieces) out.text.append(translator.feed(piece));
  out.text.append(translator.finish());
  out.error = translator.error();
  out.started = translator.started();
  out.complete = translator.complete();
  out.usage = translator.usage();
  return out;
}

/// Whole and cut in two at every byte: the same bytes. Every event holds JSON.
Outcome translated(Format from, Format to, std::string_view stream) {
  const Outcome whole = run(from, to, {stream});
  for (std::size_t i = 0; i <= stream.size(); ++i)
    EXPECT_EQ(run(from, to, {stream.substr(0, i), stream.substr(i)}).text, whole.text) << "cut at " << i;
  detail::EventReader events;
  for (std::string_view rest = whole.text; events.next(rest);)
    if (events.data() != "[DONE]") {
      EXPECT_TRUE(json::parse(events.data())) << events.data();
    }
  return whole;
}

constexpr Format openai = Format::openai_chat, claude = Format::anthropic;

/// A chunk as this gateway writes it.
std::string chunk(std::string_view delta, std::string_view reason = "null") {
  return R"(data: {"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{)" +
         std::string(delta) + R"(},"finish_reason":)" + std::string(reason) + "}]}\n\n";
}
/// A chunk as a server writes it.
std::string served(std::string_view delta, std::string_view reason = "null") {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":{)" +
         std::string(delta) + R"(},"finish_reason":)" + std::string(reason) + "}]}\n\n";
}
std::string event(std::string_view json) {
  const std::size_t begin = json.find(R"("type":")") + 8;
  return "event: " + std::string(json.substr(begin, json.find('"', begin) - begin)) + "\ndata: " + std::string(json) + "\n\n";
}

const std::string message_start = event(
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":20,"output_tokens":1}}})");
const std::string message_end =
    event(R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":15}})") +
    event(R"({"type":"message_stop"})");

TEST(StreamTranslator, TurnsClaudeIntoChunks) {
  const Outcome out = translated(
      claude, openai,
      message_start +
          event(R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})") +
          event(R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}})") +
          event(R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"S=="}})") +
          event(R"({"type":"content_block_stop","index":0})") + event(R"({"type":"ping"})") +
          event(R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})") +
          event(R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Gr\u00fc\u00dfe"}})") +
          event(R"({"type":"content_block_stop","index":1})") +
          event(R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}})") +
          event(R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}})") +
          event(R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 1}"}})") +
          event(R"({"type":"content_block_stop","index":2})") +
          event(R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t2","name":"g","input":{}}})") +
          event(R"({"type":"content_block_stop","index":3})") + message_end);
  EXPECT_EQ(out.text,
            chunk(R"("role":"assistant","content":"")") + chunk(R"("reasoning_content":"Hm.")") +
                chunk(R"("reasoning_details":[{"type":"reasoning.text","signature":"S=="}])") + ": ping\n\n" +
                chunk("\"content\":\"Gr\xC3\xBC\xC3\x9F"
                      "e\"") +
                chunk(R"("tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":""}}])") +
                chunk(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"a\": 1}"}}])") +
                chunk(R"("tool_calls":[{"index":1,"id":"t2","type":"function","function":{"name":"g","arguments":""}}])") +
                chunk(R"("tool_calls":[{"index":1,"function":{"arguments":"{}"}}])") + chunk("", R"("tool_calls")") +
                R"(data: {"id":"msg_1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":33,)"
                R"("completion_tokens":15,"total_tokens":48,"prompt_tokens_details":{"cached_tokens":20},)"
                R"("completion_tokens_details":{"reasoning_tokens":0}}})"
                "\n\ndata: [DONE]\n\n");
  EXPECT_TRUE(out.complete);
  EXPECT_EQ(out.usage.input_tokens, 33);
  EXPECT_EQ(out.usage.cache_creation_tokens, 3);
}

std::string claude_start() {
  return event(
      R"({"type":"message_start","message":{"id":"c1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}})");
}
std::string block(int index, std::string_view start, std::initializer_list<std::string_view> deltas) {
  const std::string at = std::to_string(index);
  std::string out = event(R"({"type":"content_block_start","index":)" + at + R"(,"content_block":{)" + std::string(start) + "}}");
  for (const std::string_view delta : deltas)
    out += event(R"({"type":"content_block_delta","index":)" + at + R"(,"delta":{)" + std::string(delta) + "}}");
  return out + event(R"({"type":"content_block_stop","index":)" + at + "}");
}
std::string claude_end(
    std::string_view reason,
    std::string_view usage = R"("input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0)") {
  return event(R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) + R"(","stop_sequence":null},"usage":{)" +
               std::string(usage) + "}}") +
         event(R"({"type":"message_stop"})");
}

TEST(StreamTranslator, TurnsChunksIntoClaude) {
  const Outcome out =
      translated(openai, claude,
                 served(R"("role":"assistant","content":null,"reasoning_content":"Hm.")") + served(R"("content":"Hel")") +
                     served(R"("content":"lo")") +
                     served(R"("tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":""}}])") +
                     served(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}])") +
                     served(R"("tool_calls":[{"index":0,"function":{"arguments":"1}"}}])") +
                     served(R"("tool_calls":[{"index":1,"id":"t2","type":"function","function":{"name":"g","arguments":"{}"}}])") +
                     served("", R"("tool_calls")") +
                     "data: "
                     "{\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":30,"
                     "\"completion_tokens\":9,\"prompt_tokens_details\":{\"cached_"
                     "tokens\":20}}}\n\n"
                     "data: [DONE]\n\ndata: {\"late\":1}\n\n");
  EXPECT_EQ(
      out.text,
      claude_start() + block(0, R"("type":"thinking","thinking":"","signature":"")", {R"("type":"thinking_delta","thinking":"Hm.")"}) +
          block(1, R"("type":"text","text":"")", {R"("type":"text_delta","text":"Hel")", R"("type":"text_delta","text":"lo")"}) +
          block(2, R"("type":"tool_use","id":"t1","name":"f","input":{})",
                {R"("type":"input_json_delta","partial_json":"{\"a\":")", R"("type":"input_json_delta","partial_json":"1}")"}) +
          block(3, R"("type":"tool_use","id":"t2","name":"g","input":{})", {R"("type":"input_json_delta","partial_json":"{}")"}) +
          claude_end("tool_use", R"("input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":20,"output_tokens":9)"));
  EXPECT_TRUE(out.complete);
}

TEST(StreamTranslator, KeepsInterleavedCallsApart) {
  const Outcome out =
      translated(openai, claude,
                 served(R"("tool_calls":[{"index":0,"id":"t1","function":{"name":"f","arguments":"{\"a\":"}}])") +
                     served(R"("tool_calls":[{"index":1,"id":"t2","function":{"name":"g","arguments":"{\"b\":"}}])") +
                     served(R"("tool_calls":[{"index":0,"function":{"arguments":"\"}\"}"}}])") +
                     served(R"("tool_calls":[{"index":1,"function":{"arguments":"2}"}}])") + served("", R"("stop")") + "data: [DONE]\n\n");
  EXPECT_EQ(out.text,
            claude_start() +
                block(0, R"("type":"tool_use","id":"t1","name":"f","input":{})",
                      {R"("type":"input_json_delta","partial_json":"{\"a\":")", R"("type":"input_json_delta","partial_json":"\"}\"}")"}) +
                block(1, R"("type":"tool_use","id":"t2","name":"g","input":{})",
                      {R"("type":"input_json_delta","partial_json":"{\"b\":")", R"("type":"input_json_delta","partial_json":"2}")"}) +
                claude_end("tool_use"));
}

TEST(StreamTranslator, MendsCallsWithoutIdsLateNamesAndObjects) {
  // Ollama: each call whole, all with the index 0, arguments as an object. Others: the name behind the arguments, no id at all.
  const Outcome ollama =
      translated(openai, claude,
                 served(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x": 1}}}])") +
                     served(R"("tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":{}}}])") + served("", R"("length")"));
  EXPECT_EQ(
      ollama.text,
      claude_start() +
          block(0, R"("type":"tool_use","id":"a","name":"f","input":{})", {R"("type":"input_json_delta","partial_json":"{\"x\": 1}")"}) +
          block(1, R"("type":"tool_use","id":"b","name":"f","input":{})", {R"("type":"input_json_delta","partial_json":"{}")"}) +
          claude_end("max_tokens"));
  const Outcome late =
      translated(openai, claude,
                 served(R"("tool_calls":[{"index":1,"function":{"arguments":"{"}}])") +
                     served(R"("tool_calls":[{"index":1,"function":{"name":"f","arguments":"}"}}])") + served("", R"("stop")"));
  EXPECT_EQ(late.text, claude_start() +
                           block(0, R"("type":"tool_use","id":"call_r1_0","name":"f","input":{})",
                                 {R"("type":"input_json_delta","partial_json":"{")", R"("type":"input_json_delta","partial_json":"}")"}) +
                           claude_end("tool_use"));
}

TEST(StreamTranslator, EndsACutStreamWithAnError) {
  const Outcome cut = translated(openai, claude, served(R"("content":"Hel")"));
  EXPECT_FALSE(cut.complete);
  EXPECT_EQ(cut.error,
            "the provider's answer was cut off: its stream ended "
            "before a finish_reason");
  EXPECT_TRUE(
      cut.text.ends_with("event: error\ndata: "
                         "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"the "
                         "provider's answer was cut off: its "
                         "stream ended before a finish_reason\"},\"request_id\":\"r1\"}\n\n"))
      << cut.text;
  const Outcome other = translated(claude, openai, message_start);
  EXPECT_EQ(other.text.find("[DONE]"), std::string::npos);
  EXPECT_NE(other.text.find(R"(data: {"error":{"message":"the provider's answer was cut off)"), std::string::npos);
  EXPECT_FALSE(other.started);
}

TEST(StreamTranslator, PassesErrorsInsideAStream) {
  const std::string overloaded = event(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  EXPECT_EQ(translated(claude, openai, overloaded + message_end).text,
            "data: "
            "{\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_"
            "error\",\"param\":null,\"code\":\"server_overloaded\"}}\n\n");
  EXPECT_EQ(translated(openai, claude,
                       "data: {\"error\":{\"message\":\"slow "
                       "down\",\"type\":\"x\",\"code\":\"rate_limit_exceeded\"}"
                       "}\n\ndata: [DONE]\n\n")
                .error,
            "slow down");
  EXPECT_NE(translated(openai, claude, "data: <html>\r\n\r\n").text.find("is no JSON object"), std::string::npos);
}

TEST(StreamTranslator, SaysTheSameInItsOwnFormat) {
  const std::string stream =
      claude_start() + block(0, R"("type":"text","text":"")", {R"("type":"text_delta","text":"a\nb")"}) +
      block(1, R"("type":"redacted_thinking","data":"D")", {}) +
      claude_end("end_turn", R"("input_tokens":5,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":4)");
  EXPECT_EQ(run(claude, claude, {stream}).text, stream);
}

TEST(StreamTranslator, ReadsEveryLineEndingAndFieldsWithoutABlank) {
  std::string stream = served(R"("content":"a")") + served("", R"("stop")") + "data: [DONE]\n\n";
  const std::string plain = translated(openai, claude, stream).text;
  for (std::size_t at = 0; (at = stream.find("\n", at)) != std::string::npos; at += 2) stream.replace(at, 1, "\r\n");
  for (std::size_t at = 0; (at = stream.find("data: ", at)) != std::string::npos; ++at) stream.replace(at, 6, "data:");
  EXPECT_EQ(translated(openai, claude, ":comment\r\n\r\n" + stream).text, plain);
}

}  // namespace
}  // namespace flotte::dialect
