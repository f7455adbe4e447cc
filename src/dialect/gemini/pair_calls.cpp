// First in, first out, by name.
#include "dialect/gemini/pair_calls.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flotte::dialect::gemini {
namespace {

struct Open {
  std::string id, name;
  bool made;  // the id is ours
};

}  // namespace

void pair_calls(llm::Request& request, Ledger& ledger) {
  const Place contents("contents");
  std::vector<Open> open;
  llm::Role before = llm::Role::user;
  for (std::size_t i = 0; i < request.messages.size(); ++i) {
    llm::Message& message = request.messages[i];
    // Of the last turn of the model, which may come in several contents.
    if (message.role == llm::Role::assistant && before != llm::Role::assistant) open.clear();
    before = message.role;
    std::size_t calls = 0;
    for (llm::Part& part : message.parts) {
      if (auto* call = std::get_if<llm::ToolCall>(&part.value)) {
        const bool made = call->id.empty();
        if (made) call->id = fmt::format("call_{}_{}", i, calls);
        ++calls;
        open.push_back({call->id, call->name, made});
      } else if (auto* result = std::get_if<llm::ToolResult>(&part.value)) {
        auto found = open.end();
        if (!result->call_id.empty())
          found = std::find_if(open.begin(), open.end(), [&](const Open& o) { return o.id == result->call_id; });
        if (found == open.end())
          found = std::find_if(open.begin(), open.end(),
                               [&](const Open& o) { return o.name == result->name && (o.made || result->call_id.empty()); });
        if (found == open.end()) {
          ledger.wrong(Place(Place(contents, i), "functionResponse"), "answers no functionCall of the turn before it");
          continue;
        }
        result->call_id = found->id;
        open.erase(found);
      }
    }
  }
}

}  // namespace flotte::dialect::gemini
