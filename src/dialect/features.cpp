// The table, and its page.
#include "dialect/features.hpp"

#include <array>

#include "base/assert.hpp"
#include "dialect/detail/column.hpp"

namespace flotte::dialect {
namespace {

using F = Feature;

constexpr std::array rows{
    FeatureRow{F::text, "text of users and of the assistant"},
    FeatureRow{F::system, "system prompt"},
    FeatureRow{F::system_later, "system or developer message after the first turn"},
    FeatureRow{F::developer, "developer message"},
    FeatureRow{F::adjacent_roles, "neighbouring messages of one role"},
    FeatureRow{F::empty_content, "empty text and empty messages"},
    FeatureRow{F::prefill, "the assistant's answer begun by the client"},
    FeatureRow{F::participant_name, "name of a participant"},
    FeatureRow{F::image_base64, "image in place"},
    FeatureRow{F::image_url, "image by URL"},
    FeatureRow{F::image_detail, "detail of an image"},
    FeatureRow{F::image_file, "image by file id"},
    FeatureRow{F::document_base64, "document (PDF) in place"},
    FeatureRow{F::document_text, "document of plain text"},
    FeatureRow{F::document_url, "document by URL"},
    FeatureRow{F::document_file, "document by file id"},
    FeatureRow{F::audio, "audio, in or out"},
    FeatureRow{F::tools, "tools of the client"},
    FeatureRow{F::tool_strict, "strict schema of a tool"},
    FeatureRow{F::tool_other, "tools that the provider runs or that are not functions"},
    FeatureRow{F::tool_choice, "tool choice: auto, any, one tool, none"},
    FeatureRow{F::tool_choice_subset, "tool choice: some of the tools (`allowed_tools`)"},
    FeatureRow{F::parallel_calls, "several tool calls in one answer, allowed or not"},
    FeatureRow{F::broken_arguments, "arguments of a call that are no JSON object"},
    FeatureRow{F::tool_name, "tool name with other characters than letters, digits, _ and -, or longer than 64"},
    FeatureRow{F::functions, "`functions` and `function_call`, the deprecated form of tools"},
    FeatureRow{F::tool_result, "tool result"},
    FeatureRow{F::tool_result_media, "image or document in a tool result"},
    FeatureRow{F::tool_result_error, "tool result marked as an error"},
    FeatureRow{F::tool_result_again, "second result for the same call"},
    FeatureRow{F::tool_result_alone, "result of a tool whose call the client leaves out (some of Ollama's)"},
    FeatureRow{F::reasoning_past, "earlier thinking with its signature"},
    FeatureRow{F::reasoning_unsigned, "earlier thinking without a signature"},
    FeatureRow{F::reasoning_encrypted, "encrypted thinking"},
    FeatureRow{F::reasoning_effort, "how much to think, as a word"},
    FeatureRow{F::reasoning_budget, "how much to think, in tokens"},
    FeatureRow{F::reasoning_blocked, "thinking where the API does not allow it"},
    FeatureRow{F::reasoning_answer, "thinking in the answer"},
    FeatureRow{F::json_schema, "answer by a JSON schema"},
    FeatureRow{F::schema_name, "name and description of that schema"},
    FeatureRow{F::json_object, "answer as any JSON object"},
    FeatureRow{F::stop, "stop sequences"},
    FeatureRow{F::max_tokens, "bound of the answer's length"},
    FeatureRow{F::max_tokens_missing, "no bound of the answer's length"},
    FeatureRow{F::max_tokens_raised, "bound that leaves no room behind the thinking budget"},
    FeatureRow{F::temperature, "temperature"},
    FeatureRow{F::top_p, "top_p"},
    FeatureRow{F::top_k, "top_k"},
    FeatureRow{F::seed, "seed"},
    FeatureRow{F::penalties, "presence and frequency penalty"},
    FeatureRow{F::logit_bias, "logit bias"},
    FeatureRow{F::logprobs, "log probabilities"},
    FeatureRow{F::several_answers, "several answers at once (`n`)"},
    FeatureRow{F::cache_marks, "prompt-cache marks"},
    FeatureRow{F::citations, "citations"},
    FeatureRow{F::user, "id of the end user"},
    FeatureRow{F::service_tier, "service tier and speed"},
    FeatureRow{F::stored, "storing, metadata and cache keys of the provider"},
    FeatureRow{F::prediction, "predicted output"},
    FeatureRow{F::verbosity, "verbosity"},
    FeatureRow{F::web_search, "search by the provider"},
    FeatureRow{F::search_offered, "search by the provider, offered beside the client's own tools"},
    FeatureRow{F::remote_tools, "tool servers that the provider connects to (`mcp_servers`)"},
    FeatureRow{F::context_edits, "context edits by the provider"},
    FeatureRow{F::container, "code container of the provider"},
    FeatureRow{F::refusal, "refusal by the model"},
    FeatureRow{F::usage, "usage with cached, written and thinking tokens"},
    FeatureRow{F::finish, "why the answer ended"},
    FeatureRow{F::errors, "errors, also inside a stream"},
    FeatureRow{F::safety_settings, "safety settings of the provider"},
    FeatureRow{F::cached_content, "content that the provider keeps (`cachedContent`)"},
    FeatureRow{F::video, "video"},
    FeatureRow{F::output_media, "an answer in pictures or sound"},
    FeatureRow{F::media_resolution, "resolution at which media are read"},
    FeatureRow{F::earlier_response, "an earlier answer that the provider keeps (`previous_response_id`, `conversation`, `item_reference`)"},
    FeatureRow{F::background, "an answer made in the background"},
    FeatureRow{F::prompt_template, "a prompt that the provider keeps"},
    FeatureRow{F::truncation, "leaving out the middle of a long conversation"},
    FeatureRow{F::custom_tool, "tool whose input is free text (`custom`)"},
    FeatureRow{F::engine_options, "settings of the engine (`num_ctx`, `keep_alive` and others)"},
    FeatureRow{F::raw_prompt, "prompt without the model's template, or with a suffix"},
    FeatureRow{F::other_sampling, "further sampling settings (`min_p`, `repeat_penalty` and others)"},
    FeatureRow{F::schema_keywords, "words of a schema beyond types, properties, items, enums and bounds"},
    FeatureRow{F::schema_recursive, "schema that contains itself"},
    FeatureRow{F::part_signature, "signature of a tool call or a text (Gemini's `thoughtSignature`)"},
    FeatureRow{F::embedding_tokens, "embeddings of tokens instead of text"},
    FeatureRow{F::embedding_task, "what an embedding is for (`taskType`, `title`)"},
    FeatureRow{F::embedding_media, "embeddings of pictures or sound"},
    FeatureRow{F::unknown_field, "a field that is not known here"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].feature != static_cast<Feature>(i)) return false;
  return rows.size() == feature_count;
}
static_assert(in_order(), "one row for every feature, in the order of the enumeration");

void append_cell(std::string& out, const Cell& cell) {
  out.append(" ").append(to_string(cell.fate));
  if (!cell.how.empty()) out.append(": ").append(cell.how);
  out += " |";
}

}  // namespace

std::span<const FeatureRow> features() noexcept { return rows; }
const FeatureRow& row_of(Feature feature) noexcept {
  const auto at = static_cast<std::size_t>(feature);
  FLOTTE_ASSERT(at < rows.size());
  return rows[at];
}

const Cell& FeatureRow::to(Format format) const noexcept {
  const auto at = static_cast<std::size_t>(feature);
  switch (format) {
    case Format::openai_chat: return openai_chat::column()[at].cell;
    case Format::anthropic: return anthropic::column()[at].cell;
    case Format::responses: return responses::column()[at].cell;
    case Format::gemini: return gemini::column()[at].cell;
    case Format::ollama: return ollama::column()[at].cell;
    // Formats that only clients speak: what an answer says to them is like what it says to their family.
    case Format::ollama_generate: return ollama::column()[at].cell;
    case Format::completions: break;
  }
  return openai_chat::column()[at].cell;
}

std::string_view to_string(Fate fate) noexcept {
  switch (fate) {
    case Fate::carried: return "carried";
    case Fate::approximated: return "approximated";
    case Fate::dropped: return "left out, noted";
    case Fate::refused: return "refused";
  }
  return "";
}

std::string matrix_document() {
  std::string out =
      "# Dialects\n\n"
      "What happens where a client speaks one API and the provider another. Printed from the table in `src/dialect/features.cpp` by a "
      "test\n"
      "(`FLOTTE_UPDATE=1` writes it again); the translators act by the same table. Where both speak the same API nothing is translated, "
      "and\n"
      "what only one of the two can say is of interest in the other's column alone.\n\n"
      "*carried*: means the same there. *approximated*: done as the sentence says, and a note is kept. *left out, noted*: the request "
      "goes\n"
      "on without it, and a note names the field. *refused*: the request is answered 400 with the field's name and the sentence.\n\n"
      "| feature |";
  for (const Format format : provider_formats) out.append(" to ").append(name_of(format)).append(" |");
  out += "\n| --- |";
  for (std::size_t i = 0; i < provider_formats.size(); ++i) out += " --- |";
  out += '\n';
  for (const FeatureRow& row : rows) {
    out.append("| ").append(row.title).append(" |");
    for (const Format format : provider_formats) append_cell(out, row.to(format));
    out += '\n';
  }
  return out;
}

}  // namespace flotte::dialect
