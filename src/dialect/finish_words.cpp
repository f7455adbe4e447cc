// The table: the first row of a reason is the one that is written.
#include "dialect/finish_words.hpp"

#include <array>

namespace flotte::dialect {
namespace {

using llm::Finish;

struct Row {
  Finish finish;
  std::string_view openai_chat, anthropic, ollama, responses;  // the last: why an answer is incomplete
};
// clang-format off
constexpr std::array rows{
    Row{Finish::end_turn,      "stop",           "end_turn",                      "stop",           ""},
    Row{Finish::max_tokens,    "length",         "max_tokens",                    "length",         "max_output_tokens"},
    Row{Finish::tool_use,      "tool_calls",     "tool_use",                      "stop",           ""},
    Row{Finish::tool_use,      "function_call",  "",                              "",               ""},
    Row{Finish::filtered,      "content_filter", "refusal",                       "content_filter", "content_filter"},
    Row{Finish::stop_sequence, "stop",           "stop_sequence",                 "stop",           ""},
    Row{Finish::pause_turn,    "stop",           "pause_turn",                    "stop",           ""},
    Row{Finish::context_full,  "length",         "model_context_window_exceeded", "length",         "max_output_tokens"},
    Row{Finish::context_full,  "model_length",   "",                              "",               ""},  // Mistral
};
// clang-format on

std::string_view word_of(const Row& row, Format format) {
  if (format == Format::ollama || format == Format::ollama_generate) return row.ollama;
  return format == Format::anthropic ? row.anthropic : format == Format::responses ? row.responses : row.openai_chat;
}

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
