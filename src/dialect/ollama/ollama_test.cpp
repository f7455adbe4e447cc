// Ollama's API against chat completions and Messages, both ways.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/ollama/load.hpp"
#include "dialect/stream_translator.hpp"

namespace flotte::dialect {
namespace {

constexpr Format chat = Format::openai_chat, claude = Format::anthropic, api = Format::ollama, generate = Format::ollama_generate;
const ReplyContext context{.model = "m", .request_id = "r1", .created_s = 7, .include_usage = true, .estimated_input = 5};

std::string request(Format from, Format to, std::string_view body, const Target& target = {}) {
  const auto out = translate_request(from, to, body, target);
  return out ? out->body : "refused: " + out.error().text();
}
std::string notes(Format from, Format to, std::string_view body) {
  const auto out = translate_request(from, to, body, {});
  if (!out) return "refused: " + out.error().text();
  std::string all;
  for (const Note& note : out->notes) all.append(all.empty() ? "" : "; ").append(note.field).append(" ").append(to_string(note.fate));
  return all;
}
std::string answer(Format from, Format to, std::string_view body) {
  const auto out = translate_answer(from, to, body, context);
  return out ? out->body : "failed: " + out.error().text();
}

struct Streamed {
  std::string text, error;
  llm::Usage usage;
};
Streamed run(Format from, Format to, std::string_view first, std::string_view second) {
  StreamTranslator translator(from, to, context);
  Streamed out;
  out.text.append(translator.feed(first));
  out.text.append(translator.feed(second));
  out.text.append(translator.finish());
  out.error = translator.error();
  out.usage = translator.usage();
  EXPECT_NE(translator.complete(), translator.failed());
  return out;
}
/// The same however it is cut.
Streamed streamed(Format from, Format to, std::string_view stream) {
  const Streamed whole = run(from, to, stream, {});
  for (std::size_t i = 0; i <= stream.size(); ++i)
    EXPECT_EQ(run(from, to, stream.substr(0, i), stream.substr(i)).text, whole.text) << "cut at " << i;
  return whole;
}

/// As a server writes them.
std::string line(std::string_view message) {
  return R"({"model":"q","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant",)" + std::string(message) +
         "},\"done\":false}\n";
}
std::string last_line(std::string_view reason = "stop", std::string_view message = R"("content":"")") {
  return R"({"model":"q","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant",)" + std::string(message) +
         R"(},"done":true,"done_reason":")" + std::string(reason) +
         R"(","total_duration":5,"load_duration":1,"prompt_eval_count":11,"prompt_eval_duration":1,"eval_count":3,"eval_duration":2})"
         "\n";
}
/// As this gateway writes them.
std::string told(std::string_view message) {
  return R"({"model":"m","created_at":"1970-01-01T00:00:07.000Z","message":{"role":"assistant",)" + std::string(message) +
         "},\"done\":false}\n";
}
std::string told_last(std::string_view reason, std::string_view counts) {
  return R"({"model":"m","created_at":"1970-01-01T00:00:07.000Z","message":{"role":"assistant","content":""},"done":true,"done_reason":")" +
         std::string(reason) + R"(","total_duration":0,"load_duration":0,)" + std::string(counts) + "}\n";
}
const std::string counts = R"("prompt_eval_count":11,"prompt_eval_duration":0,"eval_count":3,"eval_duration":0)";

// ---- requests in

TEST(Ollama, ChatBecomesChatCompletions) {
  EXPECT_EQ(request(api, chat,
                    R"({"model":"m","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}],)"
                    R"("options":{"temperature":0.5,"top_p":0.9,"seed":3,"num_predict":20,"stop":["END"],"presence_penalty":0.1}})"),
            R"({"model":"m","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}],)"
            R"("max_completion_tokens":20,"temperature":0.5,"top_p":0.9,"presence_penalty":0.1,"seed":3,"stop":["END"],)"
            R"("stream":true,"stream_options":{"include_usage":true}})");
}

TEST(Ollama, AStreamIsTheDefault) {
  const std::string_view body = R"({"model":"m","messages":[{"role":"user","content":"hi"}])";
  EXPECT_TRUE(translate_request(api, chat, std::string(body) + "}", {})->stream);
  EXPECT_FALSE(translate_request(api, chat, std::string(body) + R"(,"stream":false})", {})->stream);
}

TEST(Ollama, AnUnboundedAnswerHasNoBound) {
  EXPECT_EQ(request(api, chat, R"({"model":"m","messages":[{"role":"user","content":"hi"}],"options":{"num_predict":-1},"stream":false})"),
            R"({"model":"m","messages":[{"role":"user","content":"hi"}]})");
}

TEST(Ollama, PicturesAreKnownByTheirFirstBytes) {
  EXPECT_EQ(
      request(
          api, chat,
          R"({"model":"m","messages":[{"role":"user","content":"see","images":["iVBORw0KGgoAAA","/9j/4AAQ","data:image/gif;base64,R0lGOD"]}],"stream":false})"),
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"see"},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAA"}},)"
      R"({"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/4AAQ"}},)"
      R"({"type":"image_url","image_url":{"url":"data:image/gif;base64,R0lGOD"}}]}]})");
}

TEST(Ollama, ThinkIsAWish) {
  const std::string_view body = R"({"model":"m","messages":[{"role":"user","content":"hi"}],"stream":false,"think":)";
  EXPECT_NE(request(api, chat, std::string(body) + R"("low"})").find(R"("reasoning_effort":"low")"), std::string::npos);
  EXPECT_NE(request(api, claude, std::string(body) + "true}").find(R"("thinking":{"type":"adaptive"})"), std::string::npos);
  EXPECT_NE(request(api, claude, std::string(body) + "false}").find(R"("thinking":{"type":"disabled"})"), std::string::npos);
  EXPECT_EQ(request(api, chat, std::string(body) + "7}"), "refused: think: is neither true, false nor a level");
}

TEST(Ollama, FormatIsJsonOrASchema) {
  const std::string_view body = R"({"model":"m","messages":[{"role":"user","content":"hi"}],"stream":false,"format":)";
  EXPECT_NE(request(api, chat, std::string(body) + R"("json"})").find(R"("response_format":{"type":"json_object"})"), std::string::npos);
  EXPECT_NE(request(api, chat, std::string(body) + R"({"type":"object"}})").find(R"("schema":{"type":"object"})"), std::string::npos);
  EXPECT_EQ(request(api, chat, std::string(body) + R"(""})"), R"({"model":"m","messages":[{"role":"user","content":"hi"}]})");
}

TEST(Ollama, NotesTheSettingsOfItsEngine) {
  EXPECT_EQ(notes(api, chat,
                  R"({"model":"m","messages":[{"role":"user","content":"hi"}],"keep_alive":"5m","options":{"num_ctx":8192,"min_p":0.1}})"),
            "keep_alive left out, noted; options.num_ctx left out, noted; options.min_p left out, noted");
}

TEST(Ollama, GenerateBecomesAConversation) {
  EXPECT_EQ(request(generate, claude, R"({"model":"m","prompt":"Why?","system":"be brief","options":{"num_predict":9},"stream":false})"),
            R"({"model":"m","max_tokens":9,"system":[{"type":"text","text":"be brief"}],)"
            R"("messages":[{"role":"user","content":[{"type":"text","text":"Why?"}]}]})");
}

TEST(Ollama, GenerateRefusesWhatOnlyARawModelCanDo) {
  EXPECT_EQ(request(generate, chat, R"({"model":"m","prompt":"def f():","suffix":"return 1"})"),
            "refused: suffix cannot be sent to OpenAI chat completions (use an API and a model that complete plain text)");
  EXPECT_NE(request(generate, chat, R"({"model":"m","prompt":"a","raw":true})").find("refused: raw "), std::string::npos);
  EXPECT_NE(request(generate, chat, R"({"model":"m","prompt":"a","context":[1,2]})").find("refused: context "), std::string::npos);
  EXPECT_EQ(request(generate, chat, R"({"model":"m","prompt":"a","raw":false,"suffix":"","template":"","context":[],"stream":false})"),
            R"({"model":"m","messages":[{"role":"user","content":"a"}]})");
}

// Edge case 9: ids are missing and have to be the same whenever the conversation is sent again.
TEST(Ollama, Edge9CallsWithoutIdsArePairedByName) {
  EXPECT_EQ(
      request(
          api, chat,
          R"({"model":"m","stream":false,"messages":[{"role":"user","content":"w"},)"
          R"({"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a": 1}}},{"function":{"name":"g","arguments":{}}}]},)"
          R"({"role":"tool","tool_name":"g","content":"G"},{"role":"tool","tool_name":"f","content":"F"}]})"),
      R"({"model":"m","messages":[{"role":"user","content":"w"},{"role":"assistant","content":null,"tool_calls":[)"
      R"({"id":"call_1_0","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},)"
      R"({"id":"call_1_1","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"call_1_1","content":"G"},{"role":"tool","tool_call_id":"call_1_0","content":"F"}]})");
  EXPECT_EQ(
      request(
          api, chat,
          R"({"model":"m","stream":false,"messages":[{"role":"user","content":"w"},{"role":"assistant","content":""},{"role":"tool","content":"F"},{"role":"tool","tool_name":"g","content":"G"}],)"
          R"("tools":[{"type":"function","function":{"name":"f"}}]})"),
      R"({"model":"m","messages":[{"role":"user","content":"w"},{"role":"assistant","content":null,"tool_calls":[)"
      R"({"id":"call_1_0","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"call_1_1","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"call_1_0","content":"F"},{"role":"tool","tool_call_id":"call_1_1","content":"G"}],)"
      R"("tools":[{"type":"function","function":{"name":"f"}}]})");
  EXPECT_EQ(notes(api, chat, R"({"model":"m","messages":[{"role":"user","content":"w"},{"role":"tool","tool_name":"f","content":"F"}]})"),
            "messages[1] approximated");
}

// ---- requests out

// Edge case 10: arguments are an object here and a text there, and some are no object at all.
TEST(Ollama, Edge10ArgumentsAreObjects) {
  EXPECT_EQ(
      request(
          chat, api,
          R"({"model":"m","messages":[{"role":"user","content":"w"},{"role":"assistant","tool_calls":[)"
          R"({"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": [1,  2]}"}},)"
          R"({"id":"b","type":"function","function":{"name":"f","arguments":""}},)"
          R"({"id":"c","type":"function","function":{"name":"f","arguments":"oops"}}]},)"
          R"({"role":"tool","tool_call_id":"a","content":"A"},{"role":"tool","tool_call_id":"b","content":"B"},{"role":"tool","tool_call_id":"c","content":"C"}]})"),
      R"({"model":"m","messages":[{"role":"user","content":"w"},{"role":"assistant","content":"","tool_calls":[)"
      R"({"id":"a","function":{"index":0,"name":"f","arguments":{"x": [1,  2]}}},{"id":"b","function":{"index":1,"name":"f","arguments":{}}},)"
      R"({"id":"c","function":{"index":2,"name":"f","arguments":{"arguments":"oops"}}}]},)"
      R"({"role":"tool","content":"A","tool_name":"f","tool_call_id":"a"},{"role":"tool","content":"B","tool_name":"f","tool_call_id":"b"},)"
      R"({"role":"tool","content":"C","tool_name":"f","tool_call_id":"c"}],"truncate":false,"stream":false})");
}

TEST(Ollama, WritesOptionsToolsAndFormat) {
  EXPECT_EQ(
      request(
          chat, api,
          R"({"model":"m","messages":[{"role":"developer","content":"d"},{"role":"user","content":"hi"}],"max_tokens":5,"temperature":0.2,"top_k":4,)"
          R"("stop":"X","stream":true,"reasoning_effort":"high","tools":[{"type":"function","function":{"name":"f","description":"F","parameters":{"type":"object"}}}],)"
          R"("response_format":{"type":"json_object"}})"),
      R"({"model":"m","messages":[{"role":"system","content":"d"},{"role":"user","content":"hi"}],)"
      R"("tools":[{"type":"function","function":{"name":"f","description":"F","parameters":{"type":"object"}}}],"format":"json",)"
      R"("think":true,"options":{"temperature":0.2,"top_k":4,"num_predict":5,"stop":["X"]},"truncate":false,"stream":true})");
  EXPECT_NE(request(chat, api, R"({"model":"gpt-oss:20b","messages":[{"role":"user","content":"hi"}],"reasoning_effort":"minimal"})")
                .find(R"("think":"low")"),
            std::string::npos);
}

TEST(Ollama, PicturesStandBesideTheText) {
  EXPECT_EQ(
      request(claude, api,
              R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"see"},)"
              R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}}]}]})"),
      R"({"model":"m","messages":[{"role":"user","content":"see","images":["iVBO"]}],"options":{"num_predict":9},"truncate":false,"stream":false})");
  EXPECT_EQ(request(chat, api,
                    R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://x/y.png"}}]}]})"),
            "refused: messages[0][0] cannot be sent to Ollama (Ollama takes pictures in place only; send it in base64)");
}

// Edge case 13: results with pictures, which a tool's message cannot have.
TEST(Ollama, Edge13PicturesOfAResultFollowInAMessageOfTheUser) {
  EXPECT_EQ(
      request(
          claude, api,
          R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"w"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"shot","input":{}}]},)"
          R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","is_error":true,"content":[{"type":"text","text":"half"},)"
          R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}}]},{"type":"text","text":"go on"}]}]})"),
      R"({"model":"m","messages":[{"role":"user","content":"w"},{"role":"assistant","content":"","tool_calls":[{"id":"t","function":{"index":0,"name":"shot","arguments":{}}}]},)"
      R"({"role":"tool","content":"Error: half","tool_name":"shot","tool_call_id":"t"},)"
      R"({"role":"user","content":"Part of the result of the tool call t:","images":["iVBO"]},{"role":"user","content":"go on"}],)"
      R"("options":{"num_predict":9},"truncate":false,"stream":false})");
}

// Edge case 13: what is no function is refused by its name, never left out.
TEST(Ollama, Edge13ToolsThatAreNoFunctionsAreRefused) {
  EXPECT_EQ(
      request(
          claude, api,
          R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"w"}],"tools":[{"type":"web_search_20250305","name":"web_search"}]})"),
      "refused: tools[0] cannot be sent to Ollama (only tools of the type `function` can be translated)");
}

TEST(Ollama, OneToolThatHasToBeCalledIsTheSchemaOfTheAnswer) {
  const auto out = translate_request(
      claude, api,
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"w"}],"tool_choice":{"type":"tool","name":"f"},)"
      R"("tools":[{"name":"f","description":"Finds.","input_schema":{"type":"object"}},{"name":"g","input_schema":{}}]})",
      {});
  ASSERT_TRUE(out);
  EXPECT_EQ(
      out->body,
      R"({"model":"m","messages":[{"role":"system","content":"Answer with one JSON object and nothing else: the arguments of a call of the tool f. Finds. Their schema is {\"type\":\"object\"}"},)"
      R"({"role":"user","content":"w"}],"format":{"type":"object"},"options":{"num_predict":9},"truncate":false,"stream":false})");
  EXPECT_EQ(out->forced_tool, "f");
  ReplyContext forced = context;
  forced.forced_tool = "f";
  const auto whole = translate_answer(
      api, claude, R"({"model":"q","message":{"role":"assistant","content":"{\"a\": 1}"},"done":true,"done_reason":"stop"})", forced);
  ASSERT_TRUE(whole);
  EXPECT_NE(whole->body.find(R"("content":[{"type":"tool_use","id":"call_r1_0","name":"f","input":{"a": 1}}],"stop_reason":"tool_use")"),
            std::string::npos)
      << whole->body;
  StreamTranslator translator(api, chat, forced);
  std::string streamed(translator.feed(line(R"("content":"{\"a\":")") + line(R"("content":" 1}")") + last_line()));
  streamed.append(translator.finish());
  EXPECT_NE(streamed.find(R"("tool_calls":[{"index":0,"id":"call_r1_0","type":"function","function":{"name":"f","arguments":""}}])"),
            std::string::npos)
      << streamed;
  EXPECT_NE(streamed.find(R"("arguments":"{\"a\": 1}")"), std::string::npos) << streamed;
  EXPECT_NE(streamed.find(R"("finish_reason":"tool_calls")"), std::string::npos) << streamed;
}

TEST(Ollama, AToolChoiceIsAskedForInWords) {
  const std::string head = R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}],"tools":[)"
                           R"({"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"tool_choice":)";
  const std::string named = request(chat, api, head + R"({"type":"function","function":{"name":"g"}}})");
  EXPECT_NE(named.find(R"("content":"s\n\nAnswer with a call of the tool g.")"), std::string::npos) << named;
  EXPECT_EQ(named.find(R"("name":"f")"), std::string::npos) << named;
  EXPECT_EQ(request(chat, api, head + R"("none"})").find("tools"), std::string::npos);
  EXPECT_EQ(notes(chat, api, head + R"("required"})"), "tool_choice approximated");
  EXPECT_EQ(notes(chat, api, head + R"("auto"})"), "");
}

// Edge case 16: thinking is text there; what only its maker can read is left out, with a note.
TEST(Ollama, Edge16ThinkingIsSentAsTextWithoutItsSignature) {
  const std::string_view body =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"w"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"S"},)"
      R"({"type":"redacted_thinking","data":"D"},{"type":"thinking","thinking":"","signature":"E"},{"type":"text","text":"a"}]},{"role":"user","content":"b"}]})";
  EXPECT_NE(request(claude, api, body).find(R"({"role":"assistant","content":"a","thinking":"hm"})"), std::string::npos);
  EXPECT_EQ(notes(claude, api, body), "messages[1][0] approximated; messages[1][1] left out, noted; messages[1][2] approximated");
}

// ---- answers

TEST(Ollama, AWholeAnswerBecomesAMessage) {
  EXPECT_EQ(
      answer(
          api, claude,
          R"({"model":"q","created_at":"x","message":{"role":"assistant","content":"","thinking":"hm","tool_calls":[{"function":{"name":"f","arguments":{"a": 1}}},)"
          R"({"function":{"name":"f","arguments":{}}}]},"done":true,"done_reason":"stop","prompt_eval_count":4,"eval_count":2})"),
      R"({"id":"msg_r1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":""},)"
      R"({"type":"tool_use","id":"call_r1_0","name":"f","input":{"a": 1}},{"type":"tool_use","id":"call_r1_1","name":"f","input":{}}],)"
      R"("stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":4,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":2}})");
}

TEST(Ollama, AMessageBecomesAWholeAnswer) {
  const std::string_view body =
      R"({"id":"c","model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"yes","reasoning_content":"hm"},"finish_reason":"length"}],)"
      R"("usage":{"prompt_tokens":4,"completion_tokens":2}})";
  EXPECT_EQ(
      answer(chat, api, body),
      R"({"model":"m","created_at":"1970-01-01T00:00:07.000Z","message":{"role":"assistant","content":"yes","thinking":"hm"},"done":true,"done_reason":"length",)"
      R"("total_duration":0,"load_duration":0,"prompt_eval_count":4,"prompt_eval_duration":0,"eval_count":2,"eval_duration":0})");
  EXPECT_EQ(answer(chat, generate, body),
            R"({"model":"m","created_at":"1970-01-01T00:00:07.000Z","response":"yes","thinking":"hm","done":true,"done_reason":"length",)"
            R"("total_duration":0,"load_duration":0,"prompt_eval_count":4,"prompt_eval_duration":0,"eval_count":2,"eval_duration":0})");
}

TEST(Ollama, ErrorsAreOneText) {
  const TranslatedError out =
      translate_error(claude, api, 429, R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"}})", "r");
  EXPECT_EQ(out.status, 429);
  EXPECT_EQ(out.body, R"({"error":"slow down"})");
  EXPECT_EQ(translate_error(api, claude, 404, R"({"error":"model 'x' not found"})", "r").body,
            R"({"type":"error","error":{"type":"not_found_error","message":"model 'x' not found"},"request_id":"r"})");
  EXPECT_EQ(answer(api, chat, R"({"error":"out of memory"})"), "failed: out of memory");
}

// ---- streams

TEST(Ollama, AStreamOfLinesBecomesChunks) {
  const Streamed out = streamed(api, claude,
                                line(R"("content":"","thinking":"hm")") +
                                    line(R"("content":"Gr\u00fc)"
                                         "\xC3\x9F"
                                         R"(e")") +
                                    last_line());
  EXPECT_NE(out.text.find(R"({"type":"thinking_delta","thinking":"hm"})"), std::string::npos);
  EXPECT_NE(out.text.find("\"text\":\"Gr\xC3\xBC\xC3\x9F"
                          "e\""),
            std::string::npos);
  EXPECT_NE(out.text.find(R"("stop_reason":"end_turn")"), std::string::npos);
  EXPECT_EQ(out.usage.input_tokens, 11);
  EXPECT_EQ(out.usage.output_tokens, 3);
}

TEST(Ollama, ChunksBecomeLines) {
  const std::string head = R"(data: {"id":"c1","model":"gpt","choices":[{"index":0,"delta":{)";
  const Streamed out = streamed(chat, api,
                                head +
                                    R"("role":"assistant","reasoning_content":"hm"}}]})"
                                    "\n\n" +
                                    head +
                                    R"("content":"a"}}]})"
                                    "\n\n" +
                                    head +
                                    R"("tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":"{\"a\""}}]}}]})"
                                    "\n\n" +
                                    head +
                                    R"("tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]})"
                                    "\n\n" +
                                    head +
                                    R"(},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":11,"completion_tokens":3}})"
                                    "\n\ndata: [DONE]\n\n");
  EXPECT_EQ(out.text, told(R"("content":"","thinking":"hm")") + told(R"("content":"a")") +
                          told(R"("content":"","tool_calls":[{"id":"t","function":{"index":0,"name":"f","arguments":{"a":1}}}])") +
                          told_last("stop", counts));
}

// Edge case 4: what is no event of the format (compressed bytes, a page) is named, never taken for an end.
TEST(Ollama, Edge4BytesThatAreNoLinesAreAnError) {
  EXPECT_EQ(run(api, chat, "\x1f\x8b\x08garbage\n", {}).error, "the provider sent a line that is no JSON object");
  EXPECT_EQ(run(api, chat, "<html>\n", {}).error, "the provider sent a line that is no JSON object");
}

// Edge case 5: a provider's ping is an empty line of the answer; a comment would break these clients.
TEST(Ollama, Edge5APingIsAnEmptyPiece) {
  const Streamed out = run(claude, api,
                           "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"c\"}}\n\nevent: ping\ndata: "
                           "{\"type\":\"ping\"}\n\n",
                           {});
  EXPECT_TRUE(out.text.starts_with(told(R"("content":"")"))) << out.text;
}

// Edge case 8: calls come in several lines, each with index 0 and without an id.
TEST(Ollama, Edge8EachCallIsAnotherOne) {
  const std::string call = R"("content":"","tool_calls":[{"function":{"index":0,"name":"f","arguments":{"a":1}}}])";
  const Streamed out = streamed(api, chat, line(call) + line(call) + last_line());
  EXPECT_NE(out.text.find(R"("index":0,"id":"call_r1_0")"), std::string::npos);
  EXPECT_NE(out.text.find(R"("index":1,"id":"call_r1_1")"), std::string::npos);
}

// Edge case 16: thinking ends before a call begins.
TEST(Ollama, Edge16ThinkingIsClosedBeforeACall) {
  const Streamed out = streamed(api, claude,
                                line(R"("content":"","thinking":"hm")") +
                                    line(R"("content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}])") + last_line());
  EXPECT_LT(out.text.find(R"({"type":"content_block_stop","index":0})"), out.text.find(R"("type":"tool_use")"));
}

// Edge case 20: "stop" is said though tools were called; what was cut off stays cut off.
TEST(Ollama, Edge20ACallIsAReasonAndACutAnswerIsCut) {
  const std::string call = line(R"("content":"","tool_calls":[{"function":{"name":"f","arguments":{}}}])");
  EXPECT_NE(streamed(api, chat, call + last_line("stop")).text.find(R"("finish_reason":"tool_calls")"), std::string::npos);
  EXPECT_NE(streamed(api, chat, call + last_line("length")).text.find(R"("finish_reason":"length")"), std::string::npos);
  EXPECT_EQ(finish_word(api, llm::Finish::tool_use), "stop");
  EXPECT_EQ(finish_word(api, llm::Finish::filtered), "content_filter");
}

// Edge case 21: a count that is 0 was told; one that is absent was not.
TEST(Ollama, Edge21NoCountIsNotZero) {
  const auto zero = run(api, chat, R"({"model":"q","message":{"content":""},"done":true,"prompt_eval_count":0,"eval_count":1})", {});
  EXPECT_EQ(zero.usage.input_tokens, 0);
  const auto absent = run(api, chat, R"({"model":"q","message":{"content":"a"},"done":true,"eval_count":1})", {});
  EXPECT_EQ(absent.usage.input_tokens, -1);
  EXPECT_EQ(absent.usage.output_tokens, 1);
}

TEST(Ollama, AStreamWithoutADoneLineIsCutOff) {
  const Streamed out = streamed(api, chat, line(R"("content":"a")"));
  EXPECT_EQ(out.error, "the provider's answer was cut off: its stream ended before a line that is done");
  EXPECT_EQ(out.text.find("[DONE]"), std::string::npos);
}

TEST(Ollama, AnErrorInsideAStreamIsTold) {
  EXPECT_NE(streamed(api, claude, line(R"("content":"a")") + "{\"error\":\"out of memory\"}\n").text.find(R"("message":"out of memory")"),
            std::string::npos);
  const Streamed out =
      run(claude, api, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n", {});
  EXPECT_EQ(out.text, "{\"error\":\"busy\"}\n");
}

TEST(Ollama, DurationsAreTold) {
  ReplyContext timed = context;
  std::int64_t now = 0;
  timed.elapsed_ns = [&now] { return now += 1000; };
  StreamTranslator translator(api, generate, timed);
  (void)translator.feed(line(R"("content":"a")"));
  const std::string out(translator.feed(last_line()));
  EXPECT_NE(
      out.find(
          R"("total_duration":2000,"load_duration":0,"prompt_eval_count":11,"prompt_eval_duration":1000,"eval_count":3,"eval_duration":1000)"),
      std::string::npos)
      << out;
}

TEST(Ollama, ARequestThatSaysNothingLoadsTheModel) {
  EXPECT_EQ(ollama::parse_load(api, R"({"model":"m","messages":[]})"), ollama::Load::load);
  EXPECT_EQ(ollama::parse_load(api, R"({"model":"m","keep_alive":0})"), ollama::Load::unload);
  EXPECT_EQ(ollama::parse_load(generate, R"({"model":"m","prompt":"","keep_alive":"0s"})"), ollama::Load::unload);
  EXPECT_FALSE(ollama::parse_load(generate, R"({"model":"m","prompt":"a"})"));
  EXPECT_FALSE(ollama::parse_load(api, R"({"model":"m","messages":[{"role":"user","content":""}]})"));
  EXPECT_FALSE(ollama::parse_load(api, "[]"));
  EXPECT_EQ(
      ollama::write_loaded(api, ollama::Load::load, {.model = "m", .at_s = 7}),
      R"({"model":"m","created_at":"1970-01-01T00:00:07.000Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"load"})");
  EXPECT_EQ(ollama::write_pause(api, {.model = "m", .at_s = 7}), told(R"("content":"")"));
  EXPECT_EQ(ollama::write_loaded(generate, ollama::Load::unload, {.model = "m", .at_s = 7}),
            R"({"model":"m","created_at":"1970-01-01T00:00:07.000Z","response":"","done":true,"done_reason":"unload"})");
}

TEST(Ollama, GeminisSignatureOfACallFindsItsWayBack) {
  const std::string_view body =
      R"({"model":"m","stream":false,"messages":[{"role":"user","content":"w"},{"role":"assistant","content":"","tool_calls":[{"id":"t","function":{"name":"f","arguments":{}},)"
      R"("extra_content":{"google":{"thought_signature":"SIG"}}}]},{"role":"tool","tool_name":"f","content":"F"}]})";
  EXPECT_EQ(notes(api, chat, body), "messages[1][0] left out, noted");
}

}  // namespace
}  // namespace flotte::dialect
