// A request to /api/chat, field by field.
#include <fmt/format.h>

#include "dialect/detail/json_writer.hpp"
#include "dialect/ollama/forced_call.hpp"
#include "dialect/ollama/request.hpp"
#include "dialect/ollama/write_messages.hpp"

namespace flotte::dialect::ollama {
namespace {

using detail::JsonWriter;
using ChoiceMode = llm::ToolChoice::Mode;

/// The API has no tool choice: what is to be called is asked for in words, and what is not is left out.
std::string instruction_of(const llm::Request& request, Ledger& ledger) {
  const llm::ToolChoice& choice = request.tool_choice;
  if (request.tools.empty()) return {};
  if (choice.parallel == false) ledger.meet(Feature::parallel_calls, Place("parallel_tool_calls"));
  if (choice.mode == ChoiceMode::unset || choice.mode == ChoiceMode::automatic) return {};
  ledger.meet(Feature::tool_choice, Place("tool_choice"));
  if (const llm::Tool* tool = forced_tool(request)) return forced_instruction(*tool);
  if (choice.mode == ChoiceMode::required) return "Answer with a call of one of the tools.";
  return choice.mode == ChoiceMode::named ? fmt::format("Answer with a call of the tool {}.", choice.name) : std::string();
}

void write_tools(JsonWriter& w, const llm::Request& request, Ledger& ledger) {
  const llm::ToolChoice& choice = request.tool_choice;
  if (request.tools.empty() || choice.mode == ChoiceMode::none) return;
  if (const llm::Tool* tool = forced_tool(request)) return void(w.key("format").raw(tool->parameters.text));
  w.key("tools").open('[');
  for (const llm::Tool& tool : request.tools) {
    if (choice.mode == ChoiceMode::named && tool.name != choice.name) continue;
    if (tool.strict == true) ledger.meet(Feature::tool_strict, Place("tools"));
    w.open('{').pair("type", "function").key("function").open('{').pair("name", tool.name);
    w.pair("description", tool.description).key("parameters");
    w.raw(tool.parameters.empty() ? R"({"type":"object","properties":{}})" : tool.parameters.text).close('}').close('}');
  }
  w.close(']');
}

void write_format(JsonWriter& w, const llm::Request& request, Ledger& ledger) {
  const llm::ResponseFormat& format = request.format;
  const bool forced = forced_tool(request) != nullptr;
  using FormatKind = llm::ResponseFormat::Kind;
  if (format.kind == FormatKind::json_object && !forced) w.pair("format", "json");
  if (format.kind != FormatKind::json_schema) return;
  if (!format.schema.text.starts_with('{')) return ledger.wrong(Place("response_format.json_schema.schema"), "is not an object");
  if (!format.name.empty() || !format.description.empty()) ledger.meet(Feature::schema_name, Place("response_format.json_schema.name"));
  w.key("format").raw(format.schema.text);
}

/// Levels are for gpt-oss; all other models that think know on and off.
void write_think(JsonWriter& w, const llm::Request& request, const Target& target, Ledger& ledger) {
  using Mode = llm::ReasoningWish::Mode;
  const llm::ReasoningWish& wish = request.reasoning;
  if (wish.mode == Mode::off) return void(w.key("think").boolean(false));
  if (wish.mode == Mode::unset && wish.effort.empty() && !wish.budget_tokens) return;
  if (target.effort == Target::Effort::leave_out) return void(ledger.meet(Feature::reasoning_blocked, Place("reasoning")));
  if (wish.budget_tokens) ledger.meet(Feature::reasoning_budget, Place("thinking.budget_tokens"));
  std::string_view level = wish.effort;
  if (level.empty() && wish.budget_tokens) level = *wish.budget_tokens <= 4096 ? "low" : *wish.budget_tokens <= 16384 ? "medium" : "high";
  if (!level.empty() && level != "low" && level != "medium") level = level == "minimal" ? "low" : "high";
  const std::string_view model = target.model.empty() ? request.model : target.model;
  if (model.find("gpt-oss") != std::string_view::npos && !level.empty()) return void(w.pair("think", level));
  if (!wish.effort.empty()) ledger.meet(Feature::reasoning_effort, Place("reasoning_effort"));
  w.key("think").boolean(true);
}

void write_options(JsonWriter& w, const llm::Request& request) {
  const llm::Sampling& s = request.sampling;
  std::string options;
  JsonWriter o(options);
  const auto number = [&o](std::string_view name, const std::optional<double>& value) {
    if (value) o.key(name).number(*value);
  };
  const auto whole = [&o](std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) o.key(name).whole(*value);
  };
  number("temperature", s.temperature);
  number("top_p", s.top_p);
  whole("top_k", s.top_k);
  whole("seed", s.seed);
  number("presence_penalty", s.presence_penalty);
  number("frequency_penalty", s.frequency_penalty);
  whole("num_predict", request.max_tokens);
  if (!request.stop.empty()) {
    o.key("stop").open('[');
    for (const std::string& stop : request.stop) o.text(stop);
    o.close(']');
  }
  if (!options.empty()) w.key("options").open('{').raw(options).close('}');
}

}  // namespace

std::string write_request(const llm::Request& request, const Target& target, Ledger& ledger) {
  const std::string instruction = instruction_of(request, ledger);
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("model", target.model.empty() ? request.model : target.model);
  w.key("messages").open('[').raw(write_messages(request, instruction, ledger)).close(']');
  write_tools(w, request, ledger);
  write_format(w, request, ledger);
  write_think(w, request, target, ledger);
  write_options(w, request);
  if (!request.user.empty()) ledger.meet(Feature::user, Place("user"));
  // Else a server cuts what does not fit its context out of the middle and says nothing.
  w.key("truncate").boolean(false);
  w.key("stream").boolean(request.stream).close('}');
  return out;
}

}  // namespace flotte::dialect::ollama
