// First in, first out, turn by turn.
#include "dialect/openai_chat/pair_calls.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flotte::dialect::openai_chat {

void pair_calls(llm::Request& request, Ledger& ledger) {
  const Place messages("messages");
  std::vector<std::string> unanswered;  // calls of the last turn of the assistant
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    llm::Message& message = request.messages[i];
    if (message.role == llm::Role::assistant) unanswered.clear();
    std::size_t calls = 0;
    for (llm::Part& part : message.parts) {
      if (auto* call = std::get_if<llm::ToolCall>(&part.value)) {
        if (call->id.empty()) call->id = fmt::format("call_{}_{}", i, calls);
        ++calls;
        unanswered.push_back(call->id);
      } else if (auto* result = std::get_if<llm::ToolResult>(&part.value)) {
        auto found = unanswered.begin();
        if (!result->call_id.empty()) found = std::find(unanswered.begin(), unanswered.end(), result->call_id);
        if (result->call_id.empty() && found == unanswered.end()) ledger.wrong(Place(Place(messages, i), "tool_call_id"), "is missing");
        if (found == unanswered.end()) continue;
        result->call_id = *found;
        unanswered.erase(found);
      }
    }
  }
}

}  // namespace flotte::dialect::openai_chat
