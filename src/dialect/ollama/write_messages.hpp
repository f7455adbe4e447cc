// Messages of Ollama's chat as JSON. Internal to dialect.
#pragma once
#include <string>
#include <string_view>

#include "dialect/ledger.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::ollama {

/// The elements of `messages`, joined by commas. `instruction` is put at the end of the first system prompt; one is made where there is
/// none.
std::string write_messages(const llm::Request& request, std::string_view instruction, Ledger& ledger);
/// Where a call stands in its answer; `signature`: Gemini's, for clients that send it back (`extra_content`).
struct CallPlace {
  std::size_t index = 0;
  std::string_view signature = {};
};
/// An element of `tool_calls`: whole, its arguments an object. Notes arguments that are none.
void write_call(std::string& out, const llm::ToolCall& call, const CallPlace& where, const Place& place, Ledger& ledger);

}  // namespace flotte::dialect::ollama
