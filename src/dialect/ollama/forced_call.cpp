// One tool, one object.
#include "dialect/ollama/forced_call.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dialect/openai_chat/read_message.hpp"

namespace flotte::dialect::ollama {

const llm::Tool* forced_tool(const llm::Request& request) {
  using Mode = llm::ToolChoice::Mode;
  const llm::ToolChoice& choice = request.tool_choice;
  const bool required = choice.mode == Mode::required && request.tools.size() == 1;
  if (request.format.kind == llm::ResponseFormat::Kind::json_schema || (!required && choice.mode != Mode::named)) return nullptr;
  const auto found =
      std::find_if(request.tools.begin(), request.tools.end(), [&](const llm::Tool& tool) { return required || tool.name == choice.name; });
  return found != request.tools.end() && found->parameters.text.starts_with('{') ? &*found : nullptr;
}

std::string forced_instruction(const llm::Tool& tool) {
  return fmt::format("Answer with one JSON object and nothing else: the arguments of a call of the tool {}.{}{} Their schema is {}",
                     tool.name, tool.description.empty() ? "" : " ", tool.description, tool.parameters.text);
}

void force_call(llm::Answer& answer, std::string_view tool) {
  std::string text;
  for (const llm::Part& part : answer.parts) {
    if (part.as<llm::ToolCall>()) return;
    if (const auto* words = part.as<llm::Text>()) text += words->text;
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return;
  std::erase_if(answer.parts, [](const llm::Part& part) { return part.as<llm::Text>() != nullptr; });
  llm::ToolCall call{.id = {}, .name = std::string(tool), .arguments = {}, .broken = {}};
  openai_chat::set_arguments(call, std::move(text));
  answer.parts.push_back({std::move(call), {}, {}});
}

}  // namespace flotte::dialect::ollama
