// The table, and its page.
#include "dialect/features.hpp"

#include <array>

#include "base/assert.hpp"

namespace flotte::dialect {
namespace {

constexpr Cell carried{Fate::carried, ""};
constexpr Cell as(std::string_view how) { return {Fate::carried, how}; }
constexpr Cell approximated(std::string_view how) { return {Fate::approximated, how}; }
constexpr Cell dropped(std::string_view how) { return {Fate::dropped, how}; }
constexpr Cell refused(std::string_view how) { return {Fate::refused, how}; }

using F = Feature;

constexpr std::array rows{
    FeatureRow{F::text, "text of users and of the assistant", carried, carried},
    FeatureRow{F::system, "system prompt", as("a `system` message"), as("top-level `system`")},
    FeatureRow{F::system_later, "system or developer message after the first turn", carried,
               approximated("in its place in the user's turn, between <system> tags")},
    FeatureRow{F::developer, "developer message", carried, as("as system")},
    FeatureRow{F::adjacent_roles, "neighbouring messages of one role", carried, as("merged into one message")},
    FeatureRow{F::empty_content, "empty text and empty messages", as("empty text"), approximated("left out; the API refuses empty text")},
    FeatureRow{F::prefill, "the assistant's answer begun by the client", as("as the last message; many servers do not continue it"),
               approximated("white space at its end is cut off, which the API refuses")},
    FeatureRow{F::participant_name, "name of a participant", carried, dropped("messages have no names there")},
    FeatureRow{F::image_base64, "image in place", as("a data: URL"), carried},
    FeatureRow{F::image_url, "image by URL", carried, carried},
    FeatureRow{F::image_detail, "detail of an image", carried, dropped("images have no `detail` there; the API chooses by their size")},
    FeatureRow{F::image_file, "image by file id",
               refused("an image in another provider's file store cannot be "
                       "read; send it in place"),
               refused("an image in another provider's file store cannot be "
                       "read; send it in place")},
    FeatureRow{F::document_base64, "document (PDF) in place", as("a `file` part"), carried},
    FeatureRow{F::document_text, "document of plain text", approximated("as text, its title before it"), carried},
    FeatureRow{F::document_url, "document by URL",
               refused("chat completions take no document by URL; send it in "
                       "place (base64)"),
               carried},
    FeatureRow{F::document_file, "document by file id",
               refused("a file in another provider's store cannot be read; "
                       "send it in place"),
               refused("a file in another provider's store cannot be read; "
                       "send it in place as `file_data`")},
    FeatureRow{F::audio, "audio, in or out", carried, refused("Anthropic Messages has no audio; send a transcript")},
    FeatureRow{F::tools, "tools of the client", carried, carried},
    FeatureRow{F::tool_strict, "strict schema of a tool", carried, carried},
    FeatureRow{F::tool_other, "tools that the provider runs or that are not functions",
               refused("only tools with an input schema of the client's own "
                       "can be translated"),
               refused("only tools of the type `function` can be translated")},
    FeatureRow{F::tool_choice, "tool choice: auto, any, one tool, none", carried, carried},
    FeatureRow{F::tool_choice_subset, "tool choice: some of the tools (`allowed_tools`)", carried,
               refused("send only the tools that may be called")},
    FeatureRow{F::parallel_calls, "several tool calls in one answer, allowed or not", as("`parallel_tool_calls`"),
               as("`disable_parallel_tool_use`")},
    FeatureRow{F::broken_arguments, "arguments of a call that are no JSON object", carried,
               approximated("as an object with the text under `arguments`")},
    FeatureRow{F::tool_name,
               "tool name with other characters than letters, digits, _ and -, or "
               "longer than 64",
               carried, refused("rename the tool: letters, digits, _ and -, at most 64")},
    FeatureRow{F::functions, "`functions` and `function_call`, the deprecated form of tools", carried, refused("send `tools` instead")},
    FeatureRow{F::tool_result, "tool result", as("a `tool` message each"),
               as("the results of a turn in one user message, before any text")},
    FeatureRow{F::tool_result_media, "image or document in a tool result",
               approximated("in a user message behind the results of that "
                            "turn, named by its call"),
               carried},
    FeatureRow{F::tool_result_error, "tool result marked as an error", approximated("its text begins with \"Error: \""), carried},
    FeatureRow{F::tool_result_again, "second result for the same call", carried,
               dropped("the API refuses a second result; the first one counts")},
    FeatureRow{F::reasoning_past, "earlier thinking with its signature",
               dropped("thinking belongs to the provider that signed it; where the "
                       "server reads it, it is sent as `reasoning_content`"),
               carried},
    FeatureRow{F::reasoning_unsigned, "earlier thinking without a signature",
               dropped("the server is not known to read `reasoning_content`"),
               dropped("the API accepts no thinking that it has not signed, "
                       "and nothing is forged")},
    FeatureRow{F::reasoning_encrypted, "encrypted thinking", dropped("only the provider that wrote it can read it"), carried},
    FeatureRow{F::reasoning_effort, "how much to think, as a word", as("`reasoning_effort`, for servers that know it"),
               as("`output_config.effort` with adaptive thinking, or a budget "
                  "for models that know only budgets")},
    FeatureRow{F::reasoning_budget, "how much to think, in tokens",
               approximated("`reasoning_effort`: low up to 4096 tokens, medium "
                            "up to 16384, else high"),
               carried},
    FeatureRow{F::reasoning_blocked, "thinking where the API does not allow it", carried,
               approximated("no thinking for this request: the tool choice is forced, "
                            "or the last calls lack their signed thinking")},
    FeatureRow{F::reasoning_answer, "thinking in the answer",
               as("`reasoning_content`; signature and encrypted thinking in "
                  "`reasoning_details`, from where they find their way back"),
               as("a `thinking` block; its signature is empty where there is none")},
    FeatureRow{F::json_schema, "answer by a JSON schema", as("`response_format`, strict"), as("`output_config.format`")},
    FeatureRow{F::schema_name, "name and description of that schema", carried, dropped("the schema has no name there")},
    FeatureRow{F::json_object, "answer as any JSON object", carried,
               approximated("an instruction at the end of the system prompt; "
                            "give a schema for a guarantee")},
    FeatureRow{F::stop, "stop sequences", carried, approximated("those of white space only are left out; the API refuses them")},
    FeatureRow{F::max_tokens, "bound of the answer's length",
               as("`max_completion_tokens`, or `max_tokens` for servers that "
                  "know only that"),
               carried},
    FeatureRow{F::max_tokens_missing, "no bound of the answer's length", carried,
               approximated("`max_tokens` is compulsory: the model's own bound "
                            "where it is known, else 8192")},
    FeatureRow{F::max_tokens_raised, "bound that leaves no room behind the thinking budget", carried,
               approximated("the budget is lowered below `max_tokens`, or thinking "
                            "left out where less than 1024 tokens remain")},
    FeatureRow{F::temperature, "temperature", carried, approximated("values over 1 become 1, and with thinking it is left out")},
    FeatureRow{F::top_p, "top_p", carried,
               dropped("beside a temperature it is left out: newer models "
                       "refuse the two together")},
    FeatureRow{F::top_k, "top_k", dropped("not part of chat completions"), carried},
    FeatureRow{F::seed, "seed", carried, dropped("the API has no seed")},
    FeatureRow{F::penalties, "presence and frequency penalty", carried, dropped("the API has no penalties")},
    FeatureRow{F::logit_bias, "logit bias", carried, dropped("the API has no logit bias")},
    FeatureRow{F::logprobs, "log probabilities", carried, refused("the API gives no log probabilities")},
    FeatureRow{F::several_answers, "several answers at once (`n`)", carried, refused("the API gives one answer; ask again")},
    FeatureRow{F::cache_marks, "prompt-cache marks", dropped("the server caches by itself"), carried},
    FeatureRow{F::citations, "citations", dropped("the text is there, its sources are not"),
               dropped("the text is there, its sources are not")},
    FeatureRow{F::user, "id of the end user", approximated("`user`; left out where it is longer than 64 bytes"), as("`metadata.user_id`")},
    FeatureRow{F::service_tier, "service tier and speed", dropped("tiers have other names and prices there"),
               dropped("tiers have other names and prices there")},
    FeatureRow{F::stored, "storing, metadata and cache keys of the provider", dropped("nothing to store it in there"),
               dropped("nothing to store it in there")},
    FeatureRow{F::prediction, "predicted output", carried, dropped("it saves time, not meaning")},
    FeatureRow{F::verbosity, "verbosity", carried, dropped("ask for it in the prompt")},
    FeatureRow{F::web_search, "search by the provider", refused("give the model a search tool of your own"),
               refused("give the model a search tool of your own")},
    FeatureRow{F::remote_tools, "tool servers that the provider connects to (`mcp_servers`)",
               refused("connect to the tool server yourself and send its tools"), carried},
    FeatureRow{F::context_edits, "context edits by the provider", dropped("the whole conversation is sent"), carried},
    FeatureRow{F::container, "code container of the provider", refused("there is no container to go on in"), carried},
    FeatureRow{F::refusal, "refusal by the model", as("`finish_reason` content_filter"), as("`stop_reason` refusal, its words as text")},
    FeatureRow{F::usage, "usage with cached, written and thinking tokens", as("cached tokens are part of `prompt_tokens`"),
               as("cached tokens are taken out of `input_tokens`")},
    FeatureRow{F::finish, "why the answer ended", as("pause_turn becomes stop"), carried},
    FeatureRow{F::errors, "errors, also inside a stream", carried, carried},
    FeatureRow{F::unknown_field, "a field that is not known here", dropped("not known to the translator"),
               dropped("not known to the translator")},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].feature != static_cast<Feature>(i)) return false;
  return rows.size() == static_cast<std::size_t>(F::unknown_field) + 1;
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
      "| feature | to OpenAI chat completions | to Anthropic Messages |\n| --- | --- | --- |\n";
  for (const FeatureRow& row : rows) {
    out.append("| ").append(row.title).append(" |");
    append_cell(out, row.to_openai_chat);
    append_cell(out, row.to_anthropic);
    out += '\n';
  }
  return out;
}

}  // namespace flotte::dialect
