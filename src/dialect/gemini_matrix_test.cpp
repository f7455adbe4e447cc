// Gemini's column of the matrix, and its row: a request that says the thing is noted or refused as the table promises.
#include <gtest/gtest.h>

#include <algorithm>

#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

struct Sample {
  Format from, to;
  Feature feature;
  std::string_view content;  // of the user's message; empty: "hi"
  std::string_view more;     // further members of the request
};
constexpr Format openai = Format::openai_chat, claude = Format::anthropic, gemini = Format::gemini;
using F = Feature;

constexpr Sample samples[] = {
    {openai, gemini, F::image_url, R"([{"type":"image_url","image_url":{"url":"http://x"}}])", ""},
    {openai, gemini, F::image_detail, R"([{"type":"image_url","image_url":{"url":"http://x","detail":"low"}}])", ""},
    {openai, gemini, F::document_file, R"([{"type":"file","file":{"file_id":"f"}}])", ""},
    {openai, gemini, F::empty_content, R"("")", R"(,"messages":[{"role":"user","content":""},{"role":"user","content":"b"}])"},
    {openai, gemini, F::system_later, "", R"(,"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"}])"},
    {openai, gemini, F::participant_name, "", R"(,"messages":[{"role":"user","name":"n","content":"a"}])"},
    {openai, gemini, F::tool_strict, "", R"(,"tools":[{"type":"function","function":{"name":"f","strict":true}}])"},
    {openai, gemini, F::tool_other, "", R"(,"tools":[{"type":"custom","custom":{"name":"x"}}])"},
    {openai, gemini, F::tool_choice_subset, "", R"(,"tool_choice":{"type":"allowed_tools"})"},
    {openai, gemini, F::parallel_calls, "", R"(,"parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f"}}])"},
    {openai, gemini, F::tool_name, "", R"(,"tools":[{"type":"function","function":{"name":"a b"}}])"},
    {openai, gemini, F::functions, "", R"(,"functions":[{"name":"f"}])"},
    {openai, gemini, F::broken_arguments, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"oops"}}]}])"},
    {openai, gemini, F::part_signature, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]}])"},
    {openai, gemini, F::reasoning_unsigned, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_content":"c"}])"},
    {openai, gemini, F::reasoning_past, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_details":[{"text":"c","signature":"s"}]}])"},
    {openai, gemini, F::reasoning_encrypted, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_details":[{"data":"d"}]}])"},
    {openai, gemini, F::reasoning_blocked, "", R"(,"reasoning_effort":"none")"},
    {openai, gemini, F::schema_name, "", R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}})"},
    {openai, gemini, F::schema_keywords, "",
     R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","not":{}}}}}}])"},
    {openai, gemini, F::schema_recursive, "",
     R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"$ref":"#"}}}}}])"},
    {openai, gemini, F::logit_bias, "", R"(,"logit_bias":{"1":1})"},
    {openai, gemini, F::logprobs, "", R"(,"logprobs":true)"},
    {openai, gemini, F::several_answers, "", R"(,"n":2)"},
    {openai, gemini, F::output_media, "", R"(,"modalities":["text","audio"])"},
    {openai, gemini, F::service_tier, "", R"(,"service_tier":"flex")"},
    {openai, gemini, F::stored, "", R"(,"metadata":{"a":"b"})"},
    {openai, gemini, F::prediction, "", R"(,"prediction":{})"},
    {openai, gemini, F::verbosity, "", R"(,"verbosity":"low")"},
    {openai, gemini, F::user, "", R"(,"user":"u")"},
    {openai, gemini, F::unknown_field, "", R"(,"brand_new":1)"},
    {claude, gemini, F::image_file, R"([{"type":"image","source":{"type":"file","file_id":"f"}}])", ""},
    {claude, gemini, F::document_text, R"([{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"}}])", ""},
    {claude, gemini, F::tool_result_media, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":)"
     R"([{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"http://x"}}]}]}])"},
    {claude, gemini, F::tool_result_again, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":)"
     R"([{"type":"tool_result","tool_use_id":"t","content":"1"},{"type":"tool_result","tool_use_id":"t","content":"2"}]}])"},
    {claude, gemini, F::reasoning_budget, "", R"(,"thinking":{"type":"enabled","budget_tokens":2048})"},
    {claude, gemini, F::cache_marks, R"([{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}])", ""},
    {claude, gemini, F::citations, R"([{"type":"text","text":"a","citations":[{}]}])", ""},
    {claude, gemini, F::remote_tools, "", R"(,"mcp_servers":[{}])"},
    {claude, gemini, F::context_edits, "", R"(,"context_management":{})"},
    {claude, gemini, F::container, "", R"(,"container":"c")"},
    {gemini, claude, F::video, R"([{"inlineData":{"mimeType":"video/mp4","data":"AAAA"}}])", ""},
    {gemini, openai, F::video, R"([{"fileData":{"fileUri":"https://youtu.be/x"}}])", ""},
    {gemini, claude, F::audio, R"([{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}}])", ""},
    {gemini, openai, F::document_file, R"([{"fileData":{"fileUri":"gs://b/x","mimeType":"application/pdf"}}])", ""},
    {gemini, openai, F::media_resolution, "", R"(,"generationConfig":{"mediaResolution":"MEDIA_RESOLUTION_LOW"})"},
    {gemini, openai, F::output_media, "", R"(,"generationConfig":{"responseModalities":["AUDIO"]})"},
    {gemini, openai, F::safety_settings, "", R"(,"safetySettings":[])"},
    {gemini, claude, F::safety_settings, "", R"(,"safety_settings":[])"},
    {gemini, openai, F::cached_content, "", R"(,"cachedContent":"c")"},
    {gemini, openai, F::web_search, "", R"(,"tools":[{"googleSearch":{}}])"},
    {gemini, openai, F::tool_other, "", R"(,"tools":[{"codeExecution":{}}])"},
    {gemini, claude, F::several_answers, "", R"(,"generationConfig":{"candidateCount":2})"},
    {gemini, claude, F::logprobs, "", R"(,"generationConfig":{"responseLogprobs":true,"logprobs":2})"},
    {gemini, openai, F::stored, "", R"(,"labels":{"a":"b"})"},
    {gemini, openai, F::part_signature, "",
     R"(,"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b","thoughtSignature":"U2ln"}]}])"},
    {gemini, claude, F::part_signature, "",
     R"(,"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b","thoughtSignature":"U2ln"}]}])"},
    {gemini, Format::responses, F::part_signature, "",
     R"(,"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b","thoughtSignature":"U2ln"}]}])"},
    {gemini, Format::ollama, F::part_signature, "",
     R"(,"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b","thoughtSignature":"U2ln"}]}])"},
    {openai, claude, F::part_signature, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","extra_content":{"google":{"thought_signature":"U2ln"}}}])"},
    {gemini, openai, F::unknown_field, "", R"(,"brandNew":1)"},
};

std::string body_of(const Sample& sample) {
  if (sample.from == gemini) {
    if (sample.more.starts_with(",\"contents\"")) return "{" + std::string(sample.more.substr(1)) + "}";
    return R"({"contents":[{"role":"user","parts":)" + std::string(sample.content.empty() ? R"([{"text":"hi"}])" : sample.content) + "}]" +
           std::string(sample.more) + "}";
  }
  if (sample.more.starts_with(",\"messages\"")) return R"({"model":"m","max_tokens":9)" + std::string(sample.more) + "}";
  return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":)" +
         std::string(sample.content.empty() ? "\"hi\"" : sample.content) + "}]" + std::string(sample.more) + "}";
}

TEST(GeminiMatrix, IsWhatHappens) {
  for (const Sample& sample : samples) {
    const std::string body = body_of(sample);
    const auto result = translate_request(sample.from, sample.to, body, {.model = "gemini-3-flash"});
    const Cell& cell = row_of(sample.feature).to(sample.to);
    EXPECT_NE(cell.fate, Fate::carried) << body;
    if (cell.fate == Fate::refused) {
      ASSERT_FALSE(result) << body;
      EXPECT_EQ(result.error().hint, cell.how) << body;
      continue;
    }
    ASSERT_TRUE(result) << body << result.error().text();
    EXPECT_TRUE(std::any_of(result->notes.begin(), result->notes.end(), [&](const Note& note) {
      return note.feature == sample.feature && note.fate == cell.fate;
    })) << body;
  }
}

}  // namespace
}  // namespace flotte::dialect
