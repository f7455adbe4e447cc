// Ollama's column of the matrix, and what its clients say of others': a request that says the thing is noted or refused as the table
// promises.
#include <gtest/gtest.h>

#include <algorithm>

#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

struct Sample {
  Format from, to;
  Feature feature;
  std::string_view content;  // of the user's message; empty: "hi"
  std::string_view more;     // further members of the request; a second "messages" counts beside the first
};
constexpr Format chat = Format::openai_chat, claude = Format::anthropic, api = Format::ollama, generate = Format::ollama_generate,
                 completions = Format::completions, gemini = Format::gemini;
using F = Feature;

constexpr Sample samples[] = {
    {chat, api, F::participant_name, "", R"(,"messages":[{"role":"user","name":"n","content":"a"}])"},
    {chat, api, F::image_url, R"([{"type":"image_url","image_url":{"url":"http://x"}}])", ""},
    {chat, api, F::image_detail, R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO","detail":"low"}}])", ""},
    {claude, api, F::image_file, R"([{"type":"image","source":{"type":"file","file_id":"f"}}])", ""},
    {claude, api, F::document_base64, R"([{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}}])",
     ""},
    {claude, api, F::document_text, R"([{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"}}])", ""},
    {claude, api, F::document_url, R"([{"type":"document","source":{"type":"url","url":"http://x"}}])", ""},
    {claude, api, F::document_file, R"([{"type":"document","source":{"type":"file","file_id":"f"}}])", ""},
    {chat, api, F::audio, R"([{"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}}])", ""},
    {chat, api, F::tool_strict, "", R"(,"tools":[{"type":"function","function":{"name":"f","strict":true}}])"},
    {chat, api, F::tool_other, "", R"(,"tools":[{"type":"custom","custom":{"name":"x"}}])"},
    {chat, api, F::tool_choice, "", R"(,"tool_choice":"required","tools":[{"type":"function","function":{"name":"f"}}])"},
    {chat, api, F::tool_choice, "", R"(,"tool_choice":"none","tools":[{"type":"function","function":{"name":"f"}}])"},
    {chat, api, F::tool_choice_subset, "", R"(,"tool_choice":{"type":"allowed_tools"})"},
    {chat, api, F::parallel_calls, "", R"(,"parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f"}}])"},
    {chat, api, F::broken_arguments, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"oops"}}]}])"},
    {chat, api, F::functions, "", R"(,"functions":[{"name":"f"}])"},
    {claude, api, F::tool_result_media,
     R"([{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}}]}])",
     ""},
    {claude, api, F::tool_result_error, R"([{"type":"tool_result","tool_use_id":"t","content":"x","is_error":true}])", ""},
    {claude, api, F::reasoning_past, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"c","signature":"s"}]}])"},
    {claude, api, F::reasoning_encrypted, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"redacted_thinking","data":"d"}]}])"},
    {chat, api, F::part_signature, "",
     R"(,"messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}]}])"},
    {chat, api, F::reasoning_effort, "", R"(,"reasoning_effort":"low")"},
    {claude, api, F::reasoning_budget, "", R"(,"thinking":{"type":"enabled","budget_tokens":2048})"},
    {chat, api, F::schema_name, "", R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}})"},
    {chat, api, F::logit_bias, "", R"(,"logit_bias":{"1":1})"},
    {chat, api, F::logprobs, "", R"(,"logprobs":true)"},
    {chat, api, F::several_answers, "", R"(,"n":2)"},
    {claude, api, F::cache_marks, R"([{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}])", ""},
    {claude, api, F::citations, R"([{"type":"text","text":"a","citations":[{}]}])", ""},
    {chat, api, F::user, "", R"(,"user":"u")"},
    {chat, api, F::service_tier, "", R"(,"service_tier":"flex")"},
    {chat, api, F::stored, "", R"(,"metadata":{"a":"b"})"},
    {chat, api, F::prediction, "", R"(,"prediction":{})"},
    {chat, api, F::verbosity, "", R"(,"verbosity":"low")"},
    {chat, api, F::web_search, "", R"(,"web_search_options":{})"},
    {claude, api, F::remote_tools, "", R"(,"mcp_servers":[{}])"},
    {claude, api, F::context_edits, "", R"(,"context_management":{})"},
    {claude, api, F::container, "", R"(,"container":"c")"},
    {chat, api, F::output_media, "", R"(,"modalities":["text","audio"])"},
    {chat, api, F::unknown_field, "", R"(,"brand_new":1)"},
    {api, chat, F::tool_result_alone, "", R"(,"messages":[{"role":"user","content":"a"},{"role":"tool","content":"b"}])"},
    {api, chat, F::engine_options, "", R"(,"keep_alive":"5m")"},
    {api, claude, F::engine_options, "", R"(,"options":{"num_ctx":4096})"},
    {api, gemini, F::engine_options, "", R"(,"options":{"num_gpu":1})"},
    {api, chat, F::other_sampling, "", R"(,"options":{"min_p":0.1})"},
    {api, claude, F::other_sampling, "", R"(,"options":{"repeat_penalty":1.1})"},
    {api, chat, F::truncation, "", R"(,"truncate":true)"},
    {api, claude, F::logprobs, "", R"(,"logprobs":true)"},
    {api, chat, F::unknown_field, "", R"(,"brand_new":1)"},
    {generate, chat, F::raw_prompt, "", R"(,"prompt":"a","raw":true)"},
    {generate, claude, F::raw_prompt, "", R"(,"prompt":"a","template":"{{ .Prompt }}")"},
    {generate, claude, F::raw_prompt, "", R"(,"prompt":"a","suffix":"b")"},
    {generate, chat, F::earlier_response, "", R"(,"prompt":"a","context":[1])"},
    {completions, api, F::several_answers, "", R"(,"prompt":["a","b"])"},
    {completions, claude, F::raw_prompt, "", R"(,"prompt":"a","echo":true)"},
};

std::string body_of(const Sample& sample) {
  std::string body = R"({"model":"m")";
  const bool talks = sample.from != generate && sample.from != completions;
  if (talks && !sample.more.starts_with(R"(,"messages")"))
    body.append(R"(,"messages":[{"role":"user","content":)").append(sample.content.empty() ? "\"hi\"" : sample.content).append("}]");
  return body.append(sample.more).append("}");
}

TEST(OllamaMatrix, IsWhatHappens) {
  for (const Sample& sample : samples) {
    const std::string body = body_of(sample);
    const auto result = translate_request(sample.from, sample.to, body, {});
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

/// Every cell of the column that promises something has a request that shows it, or is about what no other API translated here can say.
TEST(OllamaMatrix, HasARequestForEveryCellThatPromisesSomething) {
  constexpr F others[] = {F::video,          F::safety_settings, F::cached_content,    F::media_resolution,  F::earlier_response,
                          F::background,     F::prompt_template, F::truncation,        F::custom_tool,       F::embedding_tokens,
                          F::embedding_task, F::embedding_media, F::reasoning_blocked, F::tool_result_alone, F::search_offered};
  for (const FeatureRow& row : features()) {
    if (row.to(api).fate == Fate::carried || std::find(std::begin(others), std::end(others), row.feature) != std::end(others)) continue;
    EXPECT_TRUE(std::any_of(std::begin(samples), std::end(samples), [&](const Sample& s) {
      return s.to == api && s.feature == row.feature;
    })) << row.title;
  }
}

TEST(OllamaMatrix, AServerWhoseModelsMayNotThinkIsNotAskedTo) {
  const auto out = translate_request(chat, api, R"({"model":"m","messages":[{"role":"user","content":"hi"}],"reasoning_effort":"low"})",
                                     {.effort = Target::Effort::leave_out});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->body.find("think"), std::string::npos);
  ASSERT_EQ(out->notes.size(), 1U);
  EXPECT_EQ(out->notes.front().feature, F::reasoning_blocked);
}

}  // namespace
}  // namespace flotte::dialect
