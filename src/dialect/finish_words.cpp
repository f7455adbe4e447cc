// The table: the first row of a reason is the one that is written.
#include "dialect/finish_words.hpp"

#include <array>

namespace flotte::dialect {
namespace {

using llm::Finish;

struct Row {
  Finish finish;
  std::string_view openai_chat, anthropic;
};
constexpr std::array rows{
    Row{Finish::end_turn, "stop", "end_turn"},          Row{Finish::max_tokens, "length", "max_tokens"},
    Row{Finish::tool_use, "tool_calls", "tool_use"},    Row{Finish::tool_use, "function_call", ""},
    Row{Finish::filtered, "content_filter", "refusal"}, Row{Finish::stop_sequence, "stop", "stop_sequence"},
    Row{Finish::pause_turn, "stop", "pause_turn"},      Row{Finish::context_full, "length", "model_context_window_exceeded"},
    Row{Finish::context_full, "model_length", ""},  // Mistral
};

std::string_view word_of(const Row& row, Format format) { return format == Format::anthropic ? row.anthropic : row.openai_chat; }

}  // namespace

Finish parse_finish(Format format, std::string_view word) noexcept {
  if (word.empty()) return Finish::none;
  for (const Row& row : rows)
    if (word_of(row, format) == word) return row.finish;
  return Finish::end_turn;
}

std::string_view finish_word(Format format, Finish finish) noexcept {
  for (const Row& row : rows)
    if (row.finish == finish) return word_of(row, format);
  return word_of(rows.front(), format);
}

}  // namespace flotte::dialect
