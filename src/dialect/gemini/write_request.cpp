// A generateContent request, field by field.
#include <algorithm>

#include "dialect/gemini/request.hpp"
#include "dialect/gemini/thinking.hpp"
#include "dialect/gemini/write_contents.hpp"
#include "dialect/gemini/write_schema.hpp"

namespace flotte::dialect::gemini {
namespace {

using detail::JsonWriter;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && (is_letter(name.front()) || name.front() == '_') &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':' || c == '-'; });
}

GeminiSchema checked_schema(const llm::JsonText& schema, const Place& place, Ledger& ledger) {
  GeminiSchema written = write_schema(schema.text);
  if (written.too_large) ledger.wrong(place, "is a schema that grows too large when its references are written out; make it smaller");
  if (written.changed) ledger.meet(Feature::schema_keywords, place);
  if (written.recursive) ledger.meet(Feature::schema_recursive, place);
  return written;
}

void write_tools(JsonWriter& w, const llm::Request& request, Ledger& ledger) {
  if (request.tools.empty()) return;
  const Place tools("tools");
  w.key("tools").open('[').open('{').key("functionDeclarations").open('[');
  for (std::size_t i = 0; i < request.tools.size(); ++i) {
    const llm::Tool& tool = request.tools[i];
    const Place here(tools, i);
    if (!plain_name(tool.name)) ledger.meet(Feature::tool_name, Place(here, "name"));
    if (tool.strict.value_or(false)) ledger.meet(Feature::tool_strict, Place(here, "strict"));
    if (tool.cache) ledger.meet(Feature::cache_marks, here);
    w.open('{').pair("name", tool.name);
    if (!tool.description.empty()) w.pair("description", tool.description);
    if (!tool.parameters.empty()) {
      const GeminiSchema schema = checked_schema(tool.parameters, Place(here, "parameters"), ledger);
      // A function without parameters has no schema: the API refuses an empty one.
      if (schema.text != R"({"type":"object"})" && schema.text != "{}")
        w.key(schema.form == SchemaForm::open_api ? "parameters" : "parametersJsonSchema").raw(schema.text);
    }
    w.close('}');
  }
  w.close(']').close('}').close(']');
}

void write_tool_choice(JsonWriter& w, const llm::Request& request, Ledger& ledger) {
  using Mode = llm::ToolChoice::Mode;
  const llm::ToolChoice& choice = request.tool_choice;
  if (request.tools.empty()) return;
  if (choice.parallel == false) ledger.meet(Feature::parallel_calls, Place("parallel_tool_calls"));
  if (choice.mode == Mode::unset) return;
  const auto chosen = [&choice](const llm::Tool& tool) { return tool.name == choice.name; };
  if (choice.mode == Mode::named && std::none_of(request.tools.begin(), request.tools.end(), chosen))
    ledger.wrong(Place("tool_choice"), "names no tool of this request");
  w.key("toolConfig").open('{').key("functionCallingConfig").open('{');
  w.pair("mode", choice.mode == Mode::automatic ? "AUTO" : choice.mode == Mode::none ? "NONE" : "ANY");
  if (choice.mode == Mode::named) w.key("allowedFunctionNames").open('[').text(choice.name).close(']');
  w.close('}').close('}');
}

void write_format(JsonWriter& w, const llm::ResponseFormat& format, Ledger& ledger) {
  using Kind = llm::ResponseFormat::Kind;
  if (format.kind != Kind::json_object && format.kind != Kind::json_schema) return;
  w.pair("responseMimeType", "application/json");
  if (format.kind == Kind::json_object) return;
  if (!format.name.empty() || !format.description.empty()) ledger.meet(Feature::schema_name, Place("response_format.json_schema.name"));
  const GeminiSchema schema = checked_schema(format.schema, Place("response_format.json_schema.schema"), ledger);
  w.key(schema.form == SchemaForm::open_api ? "responseSchema" : "responseJsonSchema").raw(schema.text);
}

std::string generation_config(const llm::Request& request, std::string_view model, Ledger& ledger) {
  std::string out;
  JsonWriter w(out);
  const llm::Sampling& s = request.sampling;
  const auto number = [&w](std::string_view name, const std::optional<double>& value) {
    if (value) w.key(name).number(*value);
  };
  w.open('{');
  number("temperature", s.temperature);
  number("topP", s.top_p);
  if (s.top_k) w.key("topK").whole(*s.top_k);
  if (s.seed) w.key("seed").whole(*s.seed);
  number("presencePenalty", s.presence_penalty);
  number("frequencyPenalty", s.frequency_penalty);
  if (request.max_tokens) w.key("maxOutputTokens").whole(*request.max_tokens);
  if (!request.stop.empty()) {
    w.key("stopSequences").open('[');
    for (const std::string& stop : request.stop) w.text(stop);
    w.close(']');
  }
  write_format(w, request.format, ledger);
  write_thinking(w, request.reasoning, model, ledger);
  w.close('}');
  return out;
}

}  // namespace

std::string write_request(const llm::Request& request, const Target& target, Ledger& ledger) {
  const std::string_view model = target.model.empty() ? std::string_view(request.model) : std::string_view(target.model);
  const Contents contents = make_contents(request, model, ledger);
  if (contents.turns.empty()) ledger.wrong(Place("messages"), "has no message of a user with content");
  std::string out;
  JsonWriter w(out);
  w.open('{');
  if (!contents.system.empty()) w.key("systemInstruction").open('{').key("parts").open('[').raw(contents.system).close(']').close('}');
  w.key("contents").open('[');
  for (const Turn& turn : contents.turns) {
    w.open('{').pair("role", turn.model ? "model" : "user").key("parts").open('[');
    if (!turn.responses.empty()) w.raw(turn.responses);
    if (!turn.parts.empty()) w.raw(turn.parts);
    w.close(']').close('}');
  }
  w.close(']');
  write_tools(w, request, ledger);
  write_tool_choice(w, request, ledger);
  if (const std::string config = generation_config(request, model, ledger); config != "{}") w.key("generationConfig").raw(config);
  if (!request.user.empty()) ledger.meet(Feature::user, Place("user"));
  w.close('}');
  return out;
}

}  // namespace flotte::dialect::gemini
