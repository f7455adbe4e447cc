// The one table of what goes wrong: statuses and the words of each dialect. Pure.
#pragma once
#include <string_view>

namespace flotte::dialect::detail {

struct ErrorRow {
  int status;         // Anthropic's clients know all of them
  int openai_status;  // everybody else's: 529 is Anthropic's alone
  std::string_view anthropic, openai_type;
  std::string_view openai_code;  // may be empty: OpenAI says null
  std::string_view gemini;
};

/// The row of a status; of one without a row that of its class (400, or 500 for all else).
const ErrorRow& error_row(int status) noexcept;
/// The row that holds one of those words, whoever's they are; the code says more than the kind. 500's where none does.
const ErrorRow& error_row(std::string_view code, std::string_view kind) noexcept;

}  // namespace flotte::dialect::detail
