// The matrix, cell by cell: a request that says the thing is noted or refused as the table promises.
#include <gtest/gtest.h>

#include <algorithm>

#include "dialect/translate.hpp"

namespace flotte::dialect {
namespace {

struct Sample {
  Format from;
  Feature feature;
  std::string_view message;  // content of the user's message; empty: "hi"
  std::string_view more;     // further members of the request
};
constexpr Format openai = Format::openai_chat, claude = Format::anthropic;
using F = Feature;

constexpr Sample samples[] = {
    {openai, F::image_detail, R"([{"type":"image_url","image_url":{"url":"http://x","detail":"low"}}])", ""},
    {openai, F::document_file, R"([{"type":"file","file":{"file_id":"f"}}])", ""},
    {openai, F::audio, R"([{"type":"input_audio","input_audio":{}}])", ""},
    {openai, F::output_media, "", R"(,"modalities":["text","audio"])"},
    {openai, F::tool_other, "", R"(,"tools":[{"type":"custom","custom":{"name":"x"}}])"},
    {openai, F::tool_choice_subset, "", R"(,"tool_choice":{"type":"allowed_tools"})"},
    {openai, F::tool_name, "", R"(,"tools":[{"type":"function","function":{"name":"a.b"}}])"},
    {openai, F::functions, "", R"(,"functions":[{"name":"f"}])"},
    {openai, F::reasoning_blocked, "",
     R"(,"reasoning_effort":"low","tool_choice":"required","tools":[{"type":"function","function":{"name":"f"}}])"},
    {openai, F::schema_name, "", R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}})"},
    {openai, F::json_object, "", R"(,"response_format":{"type":"json_object"})"},
    {openai, F::stop, "", R"(,"stop":["\n"])"},
    {openai, F::max_tokens_missing, "", ""},
    {openai, F::temperature, "", R"(,"temperature":1.2)"},
    {openai, F::top_p, "", R"(,"temperature":1,"top_p":0.5)"},
    {openai, F::seed, "", R"(,"seed":1)"},
    {openai, F::penalties, "", R"(,"frequency_penalty":0.5)"},
    {openai, F::logit_bias, "", R"(,"logit_bias":{"1":1})"},
    {openai, F::logprobs, "", R"(,"logprobs":true)"},
    {openai, F::several_answers, "", R"(,"n":2)"},
    {openai, F::service_tier, "", R"(,"service_tier":"flex")"},
    {openai, F::stored, "", R"(,"metadata":{"a":"b"})"},
    {openai, F::prediction, "", R"(,"prediction":{})"},
    {openai, F::verbosity, "", R"(,"verbosity":"low")"},
    {openai, F::web_search, "", R"(,"web_search_options":{})"},
    {openai, F::unknown_field, "", R"(,"brand_new":1)"},
    {claude, F::image_file, R"([{"type":"image","source":{"type":"file","file_id":"f"}}])", ""},
    {claude, F::document_text, R"([{"type":"document","source":{"type":"text","media_type":"text/plain","data":"d"}}])", ""},
    {claude, F::document_url, R"([{"type":"document","source":{"type":"url","url":"http://x"}}])", ""},
    {claude, F::document_file, R"([{"type":"document","source":{"type":"file","file_id":"f"}}])", ""},
    {claude, F::tool_other, R"([{"type":"server_tool_use","id":"s","name":"web_search","input":{}}])", ""},
    {claude, F::tool_other, "", R"(,"tools":[{"type":"bash_20250124","name":"bash"}])"},
    {claude, F::tool_result_media,
     R"([{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"http://x"}}]}])", ""},
    {claude, F::tool_result_error, R"([{"type":"tool_result","tool_use_id":"t","content":"x","is_error":true}])", ""},
    {claude, F::reasoning_budget, "", R"(,"thinking":{"type":"enabled","budget_tokens":2048})"},
    {claude, F::top_k, "", R"(,"top_k":1)"},
    {claude, F::cache_marks, R"([{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}])", ""},
    {claude, F::citations, R"([{"type":"text","text":"a","citations":[{}]}])", ""},
    {claude, F::user, "", R"(,"metadata":{"user_id":"0123456789012345678901234567890123456789012345678901234567890123456789"})"},
    {claude, F::service_tier, "", R"(,"service_tier":"auto")"},
    {claude, F::stored, "", R"(,"metadata":{"x":1})"},
    {claude, F::remote_tools, "", R"(,"mcp_servers":[{}])"},
    {claude, F::context_edits, "", R"(,"context_management":{})"},
    {claude, F::container, "", R"(,"container":"c")"},
    {claude, F::unknown_field, "", R"(,"brand_new":1)"},
};

TEST(Matrix, IsWhatHappens) {
  for (const Sample& sample : samples) {
    const Format to = sample.from == openai ? claude : openai;
    std::string body = R"({"model":"m","messages":[{"role":"user","content":)";
    body.append(sample.message.empty() ? "\"hi\"" : sample.message).append("}]").append(sample.more).append("}");
    const auto result = translate_request(sample.from, to, body, {});
    const Cell& cell = row_of(sample.feature).to(to);
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
