// A call that the client demands, from servers that cannot be told to call: the answer is bound to the schema of the tool's arguments, and
// becomes the call. Internal to dialect.
#pragma once
#include <string>
#include <string_view>

#include "llm/answer.hpp"
#include "llm/request.hpp"

namespace flotte::dialect::ollama {

/// The tool that has to be called, where it is one with a schema and the answer is not bound to another one; else null.
const llm::Tool* forced_tool(const llm::Request& request);
/// What the model is told, at the end of the system prompt.
std::string forced_instruction(const llm::Tool& tool);
/// The text of a whole answer becomes a call of that tool; nothing happens where there is none, or a call already.
void force_call(llm::Answer& answer, std::string_view tool);

}  // namespace flotte::dialect::ollama
