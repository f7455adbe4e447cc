// A generateContent request, member by member.
#include <algorithm>
#include <array>

#include "dialect/gemini/names.hpp"
#include "dialect/gemini/pair_calls.hpp"
#include "dialect/gemini/read_parts.hpp"
#include "dialect/gemini/read_schema.hpp"
#include "dialect/gemini/request.hpp"

namespace flotte::dialect::gemini {
namespace {

using detail::Elements;
using detail::Fields;
using detail::Value;
using llm::Request;

struct Member {
  std::string_view name;
  void (*read)(const Value&, Request&, Ledger&);
};
/// Members that the vocabulary has no place for.
struct Unplaced {
  std::string_view name;
  Feature feature;
};

template <std::size_t M, std::size_t U>
void read_members(const Value& object, const std::array<Member, M>& members, const std::array<Unplaced, U>& unplaced,
                  std::string_view around, Request& request, Ledger& ledger) {
  const auto place_and_meet = [&](Feature feature, std::string_view key) {
    const Place outer(around);
    ledger.meet(feature, around.empty() ? Place(key) : Place(outer, key));
  };
  for (Fields f(object); f.next();) {
    if (f.is_null()) continue;
    const auto member = std::find_if(members.begin(), members.end(), [&f](const Member& m) { return is_named(f.key(), m.name); });
    if (member != members.end()) {
      member->read(f, request, ledger);
      continue;
    }
    const auto other = std::find_if(unplaced.begin(), unplaced.end(), [&f](const Unplaced& u) { return is_named(f.key(), u.name); });
    place_and_meet(other == unplaced.end() ? Feature::unknown_field : other->feature, f.key());
  }
}

/// Calls are only a model's, results only a user's; results become a message of their own, before the rest.
void add_content(const std::string& role, std::vector<llm::Part> parts, const Place& place, Request& request, Ledger& ledger) {
  const bool model = role == "model";
  if (!model && !role.empty() && role != "user" && role != "function") ledger.wrong(Place(place, "role"), "is not user or model");
  llm::Message results{llm::Role::tool, {}, {}}, rest{model ? llm::Role::assistant : llm::Role::user, {}, {}};
  for (llm::Part& part : parts) {
    if (part.as<llm::ToolCall>() && !model) ledger.wrong(place, "has a functionCall that is not the model's");
    if (part.as<llm::ToolResult>() && model) ledger.wrong(place, "has a functionResponse that is the model's");
    (part.as<llm::ToolResult>() ? results : rest).parts.push_back(std::move(part));
  }
  const bool only_results = rest.parts.empty() && !results.parts.empty();
  if (!results.parts.empty()) request.messages.push_back(std::move(results));
  if (!only_results) request.messages.push_back(std::move(rest));
}

void read_content(const Value& content, const Place& place, Request& request, Ledger& ledger) {
  if (content.is_string()) return add_content("user", {{llm::Text{content.text()}}}, place, request, ledger);
  std::vector<llm::Part> parts;
  std::string role;
  for (Fields f(content); f.next();) {
    if (f.is("role"))
      role = f.text();
    else if (f.is("parts"))
      parts = read_parts(f, Place(place, "parts"), ledger);
    else if (!f.is_null())
      ledger.meet(Feature::unknown_field, Place(place, f.key()));
  }
  add_content(role, std::move(parts), place, request, ledger);
}

void read_contents(const Value& value, Request& request, Ledger& ledger) {
  const Place contents("contents");
  if (!value.is_array()) return read_content(value, contents, request, ledger);
  for (Elements e(value); e.next();) read_content(e, Place(contents, e.index()), request, ledger);
}

void read_system(const Value& value, Request& request, Ledger& ledger) {
  const Place place("systemInstruction");
  std::vector<llm::Part> parts;
  if (value.is_string())
    parts.push_back({llm::Text{value.text()}});
  else
    parts = read_parts(field(value, "parts"), Place(place, "parts"), ledger);
  for (const llm::Part& part : parts)
    if (!part.as<llm::Text>()) return ledger.wrong(place, "has something else than text");
  if (!parts.empty()) request.messages.insert(request.messages.begin(), llm::Message{llm::Role::system, std::move(parts), {}});
}

void read_declaration(const Value& declaration, const Place& place, Request& request, Ledger& ledger) {
  llm::Tool tool;
  for (Fields f(declaration); f.next();) {
    if (f.is("name"))
      tool.name = f.text();
    else if (f.is("description"))
      tool.description = f.text();
    else if (f.is("parameters") || is_named(f.key(), "parametersJsonSchema"))
      tool.parameters.text = read_schema(f);
    else if (!f.is_null())
      ledger.meet(Feature::unknown_field, Place(place, f.key()));
  }
  if (tool.name.empty()) ledger.wrong(Place(place, "name"), "is missing");
  request.tools.push_back(std::move(tool));
}

void read_tool(const Value& tool, const Place& place, Request& request, Ledger& ledger) {
  static constexpr std::array searches{"googleSearch", "googleSearchRetrieval", "enterpriseWebSearch"};
  for (Fields f(tool); f.next();) {
    const Place here(place, f.key());
    if (f.is_null()) continue;
    if (is_named(f.key(), "functionDeclarations"))
      for (Elements e(f); e.next();) read_declaration(e, Place(here, e.index()), request, ledger);
    else if (std::any_of(searches.begin(), searches.end(), [&f](std::string_view name) { return is_named(f.key(), name); }))
      ledger.meet(Feature::web_search, here);
    else
      ledger.meet(is_named(f.key(), "mcpServers") ? Feature::remote_tools : Feature::tool_other, here);
  }
}

void read_tools(const Value& value, Request& request, Ledger& ledger) {
  const Place tools("tools");
  if (value.is_object()) return read_tool(value, tools, request, ledger);
  for (Elements e(value); e.next();) read_tool(e, Place(tools, e.index()), request, ledger);
}

void read_tool_config(const Value& value, Request& request, Ledger& ledger) {
  using Mode = llm::ToolChoice::Mode;
  const Place place("toolConfig");
  for (Fields f(value); f.next();)
    if (!f.is_null() && !is_named(f.key(), "functionCallingConfig")) ledger.meet(Feature::unknown_field, Place(place, f.key()));
  const Value config = field(value, "functionCallingConfig");
  const std::string mode = field(config, "mode").text();
  llm::ToolChoice& choice = request.tool_choice;
  if (mode == "AUTO" || mode == "VALIDATED") choice.mode = Mode::automatic;
  if (mode == "ANY") choice.mode = Mode::required;
  if (mode == "NONE") choice.mode = Mode::none;
  if (choice.mode == Mode::unset && !mode.empty() && mode != "MODE_UNSPECIFIED")
    ledger.wrong(Place(place, "functionCallingConfig.mode"), "is not AUTO, ANY, NONE or VALIDATED");
}

/// Tools that may not be called are not sent: that says the same, in every dialect.
void keep_allowed(const Value& tool_config, Request& request, Ledger& ledger) {
  using Mode = llm::ToolChoice::Mode;
  std::vector<std::string> names;
  for (Elements e(field(field(tool_config, "functionCallingConfig"), "allowedFunctionNames")); e.next();) names.push_back(e.text());
  if (names.empty()) return;
  std::erase_if(request.tools, [&names](const llm::Tool& tool) { return std::find(names.begin(), names.end(), tool.name) == names.end(); });
  if (request.tools.empty())
    return ledger.wrong(Place("toolConfig.functionCallingConfig.allowedFunctionNames"), "names no declared function");
  if (names.size() == 1 && request.tool_choice.mode == Mode::required) request.tool_choice = {Mode::named, names.front(), {}};
}

void read_format(const Value& config, Request& request, Ledger& ledger) {
  using Kind = llm::ResponseFormat::Kind;
  const std::string type = field(config, "responseMimeType").text();
  Value schema = field(config, "responseJsonSchema");
  if (!schema.is_object()) schema = field(config, "responseSchema");
  if (!type.empty() && type != "text/plain" && type != "application/json")
    return ledger.wrong(Place("generationConfig.responseMimeType"), "is not text/plain or application/json");
  if (schema.is_object()) {
    request.format.kind = Kind::json_schema;
    AnswerSchema answer = read_answer_schema(schema);
    request.format.schema.text = std::move(answer.text);
    request.format.strict = answer.all_required;
  } else if (type == "application/json") {
    request.format.kind = Kind::json_object;
  }
}

void read_thinking(const Value& value, Request& request, Ledger& ledger) {
  using Mode = llm::ReasoningWish::Mode;
  llm::ReasoningWish& wish = request.reasoning;
  for (Fields f(value); f.next();) {
    if (is_named(f.key(), "thinkingBudget") && f.whole()) {
      const std::int64_t budget = *f.whole();
      wish.mode = budget == 0 ? Mode::off : budget < 0 ? Mode::adaptive : Mode::on;
      if (budget > 0) wish.budget_tokens = budget;
    } else if (is_named(f.key(), "thinkingLevel")) {
      wish.effort = f.text();
      for (char& c : wish.effort)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      if (wish.effort == "thinking_level_unspecified") wish.effort.clear();
    } else if (!is_named(f.key(), "includeThoughts") && !f.is_null()) {
      ledger.meet(Feature::unknown_field, Place(Place("generationConfig.thinkingConfig"), f.key()));
    }
  }
}

void read_modalities(const Value& value, Request&, Ledger& ledger) {
  for (Elements e(value); e.next();)
    if (e.text() != "TEXT" && e.text() != "text")
      ledger.meet(Feature::output_media, Place(Place("generationConfig.responseModalities"), e.index()));
}

void read_count(const Value& value, Request&, Ledger& ledger) {
  if (value.whole() != 1) ledger.meet(Feature::several_answers, Place("generationConfig.candidateCount"));
}

void read_stop(const Value& value, Request& request, Ledger&) {
  for (Elements e(value); e.next();) request.stop.push_back(e.text());
}

void read_logprobs(const Value& value, Request&, Ledger& ledger) {
  if (value.is_true()) ledger.meet(Feature::logprobs, Place("generationConfig.responseLogprobs"));
}

constexpr auto nothing = [](const Value&, Request&, Ledger&) {};
/// Protocol buffers take whole numbers as 5.0 too.
std::optional<std::int64_t> whole(const Value& v) {
  if (v.whole()) return v.whole();
  const auto number = v.number();
  if (!number || *number < -9e15 || *number > 9e15) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

constexpr std::array config_members{
    Member{"temperature", [](const Value& v, Request& r, Ledger&) { r.sampling.temperature = v.number(); }},
    Member{"topP", [](const Value& v, Request& r, Ledger&) { r.sampling.top_p = v.number(); }},
    Member{"topK", [](const Value& v, Request& r, Ledger&) { r.sampling.top_k = whole(v); }},
    Member{"seed", [](const Value& v, Request& r, Ledger&) { r.sampling.seed = whole(v); }},
    Member{"presencePenalty", [](const Value& v, Request& r, Ledger&) { r.sampling.presence_penalty = v.number(); }},
    Member{"frequencyPenalty", [](const Value& v, Request& r, Ledger&) { r.sampling.frequency_penalty = v.number(); }},
    Member{"maxOutputTokens", [](const Value& v, Request& r, Ledger&) { r.max_tokens = whole(v); }},
    Member{"stopSequences", read_stop},
    Member{"candidateCount", read_count},
    Member{"thinkingConfig", read_thinking},
    Member{"responseModalities", read_modalities},
    Member{"responseLogprobs", read_logprobs},
    Member{"logprobs", nothing},            // only beside responseLogprobs
    Member{"responseMimeType", nothing},    // these are read together
    Member{"responseSchema", nothing},      //
    Member{"responseJsonSchema", nothing},  //
};
constexpr std::array config_unplaced{
    Unplaced{"mediaResolution", Feature::media_resolution},
    Unplaced{"speechConfig", Feature::output_media},
    Unplaced{"imageConfig", Feature::output_media},
};

void read_config(const Value& value, Request& request, Ledger& ledger) {
  read_members(value, config_members, config_unplaced, "generationConfig", request, ledger);
  read_format(value, request, ledger);
}

constexpr std::array members{
    Member{"model", [](const Value& v, Request& r, Ledger&) { r.model = v.text(); }},
    Member{"contents", read_contents},
    Member{"systemInstruction", nothing},  // after the contents, before which it stands
    Member{"tools", read_tools},
    Member{"toolConfig", read_tool_config},
    Member{"generationConfig", read_config},
};
constexpr std::array unplaced{
    Unplaced{"safetySettings", Feature::safety_settings},
    Unplaced{"cachedContent", Feature::cached_content},
    Unplaced{"labels", Feature::stored},
    Unplaced{"store", Feature::stored},
    Unplaced{"serviceTier", Feature::service_tier},
};

}  // namespace

Result<Request> parse_request(std::string_view body, Ledger& ledger) {
  Fields whole_body(body);
  Value inner;
  while (whole_body.next())
    if (is_named(whole_body.key(), "generateContentRequest")) inner = whole_body;
  if (!whole_body.ok()) return Failure(whole_body.error());
  const Value object = inner.is_object() ? inner : Value{Kind::object, body};
  Request request;
  read_members(object, members, unplaced, {}, request, ledger);
  pair_calls(request, ledger);
  if (const Value system = field(object, "systemInstruction"); !system.is_null()) read_system(system, request, ledger);
  keep_allowed(field(object, "toolConfig"), request, ledger);
  const bool spoken =
      std::any_of(request.messages.begin(), request.messages.end(), [](const llm::Message& m) { return m.role != llm::Role::system; });
  if (!spoken) ledger.wrong(Place("contents"), "is missing or empty");
  if (request.model.starts_with("models/")) request.model.erase(0, 7);
  request.include_usage = true;  // these clients always get it
  return request;
}

}  // namespace flotte::dialect::gemini
