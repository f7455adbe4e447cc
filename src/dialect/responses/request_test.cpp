// Requests of Responses clients, and requests to Responses servers. The numbers are those of the list of edge cases that break gateways.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

constexpr Format chat = Format::openai_chat, claude = Format::anthropic, responses = Format::responses;

Translation translated(Format from, Format to, std::string_view body, const Target& target = {}) {
  auto result = translate_request(from, to, body, target);
  EXPECT_TRUE(result) << result.error().text();
  if (!result) return {};
  EXPECT_TRUE(json::parse(result->body)) << result->body;
  return std::move(*result);
}
std::string body_of(Format from, Format to, std::string_view body) { return translated(from, to, body).body; }

std::vector<std::string> noted(Format from, Format to, std::string_view body) {
  std::vector<std::string> fields;
  for (const Note& note : translated(from, to, body).notes) fields.push_back(note.field);
  return fields;
}

std::string refusal(Format from, Format to, std::string_view body) {
  const auto result = translate_request(from, to, body, {});
  return result ? "not refused: " + result->body : result.error().text();
}

std::string input(std::string_view items, std::string_view more = "") {
  return R"({"model":"m","input":[)" + std::string(items) + "]" + std::string(more) + "}";
}
/// What the messages of a chat request become.
std::string messages(std::string_view json) { return R"({"model":"m","messages":[)" + std::string(json) + "]}"; }

using Fields = std::vector<std::string>;

TEST(ResponsesRequest, IsTextOrItems) {
  EXPECT_EQ(body_of(responses, chat, R"({"model":"m","input":"hi","instructions":"Be brief."})"),
            messages(R"({"role":"system","content":"Be brief."},{"role":"user","content":"hi"})"));
  EXPECT_EQ(body_of(responses, chat,
                    input(R"({"role":"developer","content":"d"},{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},
                       {"type":"input_image","image_url":"data:image/png;base64,iVBORw==","detail":"low"},
                       {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERg=="}]})")),
            messages(R"({"role":"system","content":"d"},{"role":"user","content":[{"type":"text","text":"a"},)"
                     R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw==","detail":"low"}},)"
                     R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERg=="}}]})"));
}

TEST(ResponsesRequest, Case25JoinsTheFirstPromptsBecauseTemplatesKnowOne) {
  const std::string body = R"({"model":"m","max_output_tokens":9,"instructions":"A","input":[{"role":"developer","content":"B"},
      {"role":"system","content":[{"type":"input_text","text":"C"}]},{"role":"user","content":"u"},{"role":"developer","content":"D"}]})";
  EXPECT_NE(
      body_of(responses, chat, body)
          .find(R"("messages":[{"role":"system","content":"A\n\nB\n\nC"},{"role":"user","content":"u"},{"role":"system","content":"D"}])"),
      std::string::npos);
  EXPECT_NE(body_of(responses, claude, body)
                .find(R"("system":[{"type":"text","text":"A"},{"type":"text","text":"B"},{"type":"text","text":"C"}])"),
            std::string::npos);
}

TEST(ResponsesRequest, Case26JoinsTheItemsOfOneTurnAndTakesTypelessOnesWithoutIds) {
  const std::string conversation = input(R"({"role":"user","content":"a"},
      {"role":"assistant","content":[{"type":"output_text","text":"I look.","annotations":[]}]},
      {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"x\": 1}"},
      {"type":"function_call","call_id":"c2","name":"g","arguments":""},
      {"type":"function_call_output","call_id":"c1","output":"1"},
      {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"2"}]},
      {"role":"assistant","content":[{"type":"refusal","refusal":"No."}]},{"role":"user","content":[]})");
  EXPECT_EQ(body_of(responses, chat, conversation),
            messages(R"({"role":"user","content":"a"},{"role":"assistant","content":"I look.","tool_calls":[)"
                     R"({"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}},)"
                     R"({"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
                     R"({"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2","content":"2"},)"
                     R"({"role":"assistant","content":"No."},{"role":"user","content":""})"));
  EXPECT_EQ(refusal(responses, chat, input(R"({"content":"a"})")), "input[0]: has neither a type nor a role");
  EXPECT_EQ(refusal(responses, chat, input(R"({"type":"function_call_output","output":"1"})")), "input[0].call_id: is missing");
}

TEST(ResponsesRequest, Case13ToolsOfFreeTextAndOfNamespacesBecomeFunctions) {
  const std::string body = input(R"({"role":"user","content":"a"},
      {"type":"custom_tool_call","call_id":"c1","name":"apply_patch","input":"*** \"Begin\"\n"},
      {"type":"custom_tool_call_output","call_id":"c1","output":"Done"},
      {"type":"function_call","call_id":"c2","namespace":"mail","name":"send","arguments":"{}"},
      {"type":"function_call_output","call_id":"c2","output":"sent"},
      {"type":"additional_tools","role":"developer","tools":[{"type":"function","name":"late","parameters":{}}]})",
                                 R"(,"tools":[{"type":"custom","name":"apply_patch","description":"Patch.",
        "format":{"type":"grammar","syntax":"lark","definition":"start: x"}},
      {"type":"namespace","name":"mail","description":"Mail.","tools":[{"type":"function","name":"send","parameters":{"type":"object"}}]},
      {"type":"web_search","external_web_access":false}])");
  const Translation out = translated(responses, chat, body);
  EXPECT_NE(out.body.find(
                R"({"id":"c1","type":"function","function":{"name":"apply_patch","arguments":"{\"input\":\"*** \\\"Begin\\\"\\n\"}"}})"),
            std::string::npos)
      << out.body;
  EXPECT_NE(
      out.body.find(
          R"("tools":[{"type":"function","function":{"name":"late","parameters":{}}},)"
          R"({"type":"function","function":{"name":"apply_patch","description":"Patch.\n\n`input` must follow this grammar (lark):\nstart: x",)"
          R"("parameters":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}}},)"
          R"({"type":"function","function":{"name":"mail__send","parameters":{"type":"object"}}}])"),
      std::string::npos)
      << out.body;
  EXPECT_NE(out.body.find(R"({"name":"mail__send","arguments":"{}"})"), std::string::npos) << out.body;
  EXPECT_EQ(out.free_text_tools, Fields{"apply_patch"});
  EXPECT_EQ(noted(responses, chat, body), (Fields{"tools[0]", "tools[2]"}));
}

TEST(ResponsesRequest, Case13TheClientsOwnSearchAmongToolsIsAFunction) {
  const Translation out =
      translated(responses, chat,
                 input(R"({"role":"user","content":"a"},
      {"type":"tool_search_call","call_id":"c1","execution":"client","status":"completed","arguments":{"query":"mail"}},
      {"type":"tool_search_output","call_id":"c1","execution":"client","status":"completed","tools":[
        {"type":"namespace","name":"mail","tools":[{"type":"function","name":"send","defer_loading":true,"parameters":{}}]}]},
      {"type":"tool_search_call","call_id":"c2","execution":"client","arguments":{}},
      {"type":"tool_search_output","call_id":"c2","execution":"client","tools":[]},
      {"type":"additional_tools","tools":[{"type":"namespace","name":"mail","tools":[{"type":"function","name":"send","parameters":{}}]}]})",
                       R"(,"tools":[{"type":"tool_search","execution":"client","description":"Search.","parameters":{"type":"object"}}])"));
  EXPECT_EQ(
      out.body,
      R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[)"
      R"({"id":"c1","type":"function","function":{"name":"tool_search","arguments":"{\"query\":\"mail\"}"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"These tools can be called now:\nmail__send"},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c2","type":"function","function":{"name":"tool_search","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"c2","content":"No tool was found."}],)"
      R"("tools":[{"type":"function","function":{"name":"mail__send","parameters":{}}},)"
      R"({"type":"function","function":{"name":"tool_search","description":"Search.","parameters":{"type":"object"}}}]})");
  EXPECT_TRUE(out.notes.empty());
  EXPECT_NE(
      refusal(responses, chat, input(R"({"role":"user","content":"a"})", R"(,"tools":[{"type":"tool_search"}])")).find("tools[0] cannot"),
      std::string::npos);
}

TEST(ResponsesRequest, Case13RefusesToolsThatOnlyTheProviderRuns) {
  const auto tool = [](std::string_view json) {
    return refusal(responses, chat, input(R"({"role":"user","content":"a"})", R"(,"tools":[)" + std::string(json) + "]"));
  };
  EXPECT_EQ(tool(R"({"type":"web_search"})"),
            "tools[0] cannot be sent to OpenAI chat completions (give the model a search tool of your own)");
  EXPECT_EQ(tool(R"({"type":"code_interpreter"})"),
            "tools[0] cannot be sent to OpenAI chat completions (only tools with an input schema of the client's own can be translated)");
  EXPECT_EQ(tool(R"({"type":"mcp","server_url":"https://x"})"),
            "tools[0] cannot be sent to OpenAI chat completions (connect to the tool server yourself and send its tools)");
  EXPECT_EQ(refusal(responses, chat, input(R"({"type":"local_shell_call","call_id":"c"})")),
            "input[0] cannot be sent to OpenAI chat completions (only tools with an input schema of the client's own can be translated)");
}

TEST(ResponsesRequest, Case13PicturesInResultsGoWhereTheTargetHasAPlace) {
  const std::string body = input(R"({"role":"user","content":"a"},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},
      {"type":"function_call_output","call_id":"c1","output":[{"type":"input_image","image_url":"data:image/png;base64,iVBORw=="}]})");
  EXPECT_NE(body_of(responses, claude, body)
                .find(R"({"type":"tool_result","tool_use_id":"c1","content":[{"type":"image","source":{"type":"base64",)"),
            std::string::npos);
  EXPECT_NE(body_of(responses, chat, body).find(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}})"),
            std::string::npos);
}

TEST(ResponsesRequest, Case30RefusesWhatNeedsAnEarlierResponseAndSaysWhatToDo) {
  const std::string_view way_out = "nothing is kept there; send the whole conversation (`store: false`)";
  for (const std::string_view more : {R"(,"previous_response_id":"resp_1")", R"(,"conversation":"conv_1")"})
    EXPECT_NE(refusal(responses, chat, input(R"({"role":"user","content":"a"})", more)).find(way_out), std::string::npos) << more;
  EXPECT_NE(refusal(responses, claude, input(R"({"type":"item_reference","id":"msg_1"})")).find(way_out), std::string::npos);
  EXPECT_NE(refusal(responses, claude, input(R"({"id":"msg_1"})")).find(way_out), std::string::npos);
  EXPECT_EQ(refusal(responses, chat, input(R"({"role":"user","content":"a"})", R"(,"background":true)")),
            "background cannot be sent to OpenAI chat completions (ask for a stream, or give the hub a task)");
  EXPECT_EQ(refusal(responses, chat, input(R"({"role":"user","content":"a"})", R"(,"prompt":{"id":"p"})")),
            "prompt cannot be sent to OpenAI chat completions (send the prompt itself)");
  // What OpenAI does unless it is told not to is no reason to refuse.
  EXPECT_EQ(noted(responses, chat, input(R"({"role":"user","content":"a"})", R"(,"store":true,"truncation":"auto","background":false)")),
            (Fields{"store", "truncation"}));
}

TEST(ResponsesRequest, Case29CarriesItsParameters) {
  EXPECT_EQ(
      body_of(responses, chat,
              input(R"({"role":"user","content":"a"})",
                    R"(,"max_output_tokens":50,"temperature":0.5,"top_p":0.9,"reasoning":{"effort":"low","summary":"auto"},
      "text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},"stream":true,"user":"u",
      "tools":[{"type":"function","name":"f","strict":false,"parameters":{"type":"object"}},{"type":"function","name":"g"}],
      "tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false,"include":["reasoning.encrypted_content"],
      "store":false,"service_tier":"auto","metadata":{},"stream_options":{"include_obfuscation":false})")),
      R"({"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f",)"
      R"("parameters":{"type":"object"},"strict":false}},{"type":"function","function":{"name":"g"}}],)"
      R"("tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,"max_completion_tokens":50,)"
      R"("temperature":0.5,"top_p":0.9,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}},)"
      R"("reasoning_effort":"low","user":"u","stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(noted(responses, chat,
                  input(R"({"role":"user","content":"a"})",
                        R"(,"text":{"verbosity":"low"},"service_tier":"flex","prompt_cache_key":"k","metadata":{"a":"b"},"brand_new":1)")),
            (Fields{"text.verbosity", "service_tier", "prompt_cache_key", "metadata", "brand_new"}));
}

TEST(ResponsesRequest, Case14SendsTheToolsThatAreAllowed) {
  const std::string_view tools =
      R"(,"tools":[{"type":"function","name":"f"},{"type":"function","name":"g"}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"g"}]})";
  EXPECT_EQ(
      body_of(responses, chat, input(R"({"role":"user","content":"a"})", tools)),
      R"({"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"g"}}],"tool_choice":"required"})");
  EXPECT_EQ(refusal(responses, claude, input(R"({"role":"user","content":"a"})", tools)),
            "tool_choice cannot be sent to Anthropic Messages (send only the tools that may be called)");
}

TEST(ResponsesRequest, IsWrittenForAServerThatKeepsNothing) {
  EXPECT_EQ(
      body_of(
          claude, responses,
          R"({"model":"m","max_tokens":4,"system":"Be brief.","stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"a"},
        {"type":"image","source":{"type":"url","url":"http://x"}},{"type":"document","source":{"type":"url","url":"http://d"}}]},
      {"role":"assistant","content":[{"type":"text","text":"I look."},{"type":"tool_use","id":"t1","name":"f","input":{"a": 1}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":"no"}]}],
      "tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},
      "output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}},"thinking":{"type":"adaptive"}})"),
      R"({"model":"m","input":[{"type":"message","role":"system","content":"Be brief."},{"type":"message","role":"user","content":[)"
      R"({"type":"input_text","text":"a"},{"type":"input_image","image_url":"http://x","detail":"auto"},{"type":"input_file","file_url":"http://d"}]},)"
      R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"I look.","annotations":[]}]},)"
      R"({"type":"function_call","call_id":"t1","name":"f","arguments":"{\"a\": 1}"},)"
      R"({"type":"function_call_output","call_id":"t1","output":"Error: no"}],)"
      R"("tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false}],"tool_choice":"required","parallel_tool_calls":false,)"
      R"("max_output_tokens":16,"text":{"format":{"type":"json_schema","name":"answer","schema":{"type":"object"},"strict":true}},)"
      R"("reasoning":{"effort":"high","summary":"auto"},"include":["reasoning.encrypted_content"],"store":false,"stream":true})");
  const Translation stopped = translated(chat, responses, R"({"model":"m","stop":"x","messages":[{"role":"user","content":"a"}]})");
  EXPECT_EQ(stopped.stop, Fields{"x"});
  EXPECT_EQ(stopped.body.find("stop"), std::string::npos);
  EXPECT_TRUE(translated(chat, claude, R"({"model":"m","stop":"x","messages":[{"role":"user","content":"a"}]})").stop.empty());
}

TEST(ResponsesRequest, Case17BringsThinkingBackToItsMakerAndToNobodyElse) {
  // What an Anthropic client has of an OpenAI model, and what it has of an Anthropic one.
  const std::string history =
      R"({"model":"m","max_tokens":99,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[
        {"type":"thinking","thinking":"Hm.","signature":"flotte.openai:rs_1:ENC"},{"type":"redacted_thinking","data":"flotte.openai:rs_2:ENC2"},
        {"type":"thinking","thinking":"So.","signature":"SIG"},{"type":"redacted_thinking","data":"RED"},{"type":"text","text":"b"}]},
        {"role":"user","content":"c"}]})";
  EXPECT_EQ(
      body_of(claude, responses, history),
      R"({"model":"m","input":[{"type":"message","role":"user","content":"a"},)"
      R"({"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"ENC"},)"
      R"({"id":"rs_2","type":"reasoning","summary":[],"encrypted_content":"ENC2"},)"
      R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"b","annotations":[]}]},)"
      R"({"type":"message","role":"user","content":"c"}],"max_output_tokens":99,"include":["reasoning.encrypted_content"],"store":false})");
  EXPECT_EQ(noted(claude, responses, history), (Fields{"messages[1][2]", "messages[1][3]"}));
  EXPECT_NE(body_of(claude, claude, history)
                .find(R"("content":[{"type":"thinking","thinking":"So.","signature":"SIG"},{"type":"redacted_thinking","data":"RED"},)"
                      R"({"type":"text","text":"b"}])"),
            std::string::npos);
  EXPECT_EQ(noted(claude, claude, history), (Fields{"messages[1][0]", "messages[1][1]"}));
}

TEST(ResponsesRequest, Case19EncryptedThinkingOfOpenAiIsNotSentToAnthropic) {
  const std::string body = input(R"({"role":"user","content":"a"},
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"ENC"},
      {"type":"reasoning","summary":[],"encrypted_content":"ENC2"},{"type":"reasoning","id":"rs_3","summary":[],"content":null},
      {"role":"assistant","content":"b"},{"role":"user","content":"c"})",
                                 R"(,"max_output_tokens":9)");
  EXPECT_NE(body_of(responses, claude, body).find(R"({"role":"assistant","content":[{"type":"text","text":"b"}]})"), std::string::npos);
  EXPECT_EQ(noted(responses, claude, body), (Fields{"messages[1][0]", "messages[1][1]"}));
  EXPECT_NE(body_of(responses, responses, body)
                .find(R"({"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"ENC"},)"),
            std::string::npos);
}

TEST(ResponsesRequest, Case19ShowsOpenThinkingToServersThatReadIt) {
  Target target;
  target.past_reasoning = Target::PastReasoning::reasoning_content;
  const std::string body = input(R"({"role":"user","content":"a"},{"type":"reasoning","id":"rs_1","summary":[],
      "content":[{"type":"reasoning_text","text":"Hm."}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
      {"type":"function_call_output","call_id":"c","output":"1"})");
  EXPECT_NE(translated(responses, chat, body, target).body.find(R"("reasoning_content":"Hm.","tool_calls":[)"), std::string::npos);
}

}  // namespace
}  // namespace flotte::dialect
