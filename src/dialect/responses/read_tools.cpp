// One function for each type of tool, and their table.
#include "dialect/responses/read_tools.hpp"

#include <algorithm>
#include <array>

namespace flotte::dialect::responses {
namespace {

using detail::Elements;
using detail::Fields;
using detail::member;
using detail::Value;
using llm::Request;

/// Around a tool: the list's place and the namespace it is in.
struct Around {
  const Place& place;
  std::string_view name_space;
};

void read_function(const Value& value, const Around& around, Request& request, Ledger& ledger) {
  llm::Tool tool;
  for (Fields f(value); f.next();) {
    if (f.is("name"))
      tool.name = flat_name(around.name_space, f.text());
    else if (f.is("description"))
      tool.description = f.text();
    else if (f.is("parameters") && f.is_object())
      tool.parameters.text = f.raw;
    else if (f.is("strict") && f.kind == Kind::boolean)
      tool.strict = f.is_true();
    else if (!f.is("type") && !f.is("defer_loading") && !f.is_null())  // all of them are loaded
      ledger.meet(Feature::unknown_field, Place(around.place, f.key()));
  }
  if (member(value, "name").text().empty()) ledger.wrong(Place(around.place, "name"), "is missing");
  request.tools.push_back(std::move(tool));
}

/// Tools of free text: the grammar, which a function cannot have, is told in words.
void read_custom(const Value& value, const Around& around, Request& request, Ledger& ledger) {
  ledger.meet(Feature::custom_tool, around.place);
  llm::Tool tool;
  tool.free_text = true;
  tool.name = flat_name(around.name_space, member(value, "name").text());
  tool.description = member(value, "description").text();
  const Value format = member(value, "format");
  if (const std::string grammar = member(format, "definition").text(); !grammar.empty()) {
    if (!tool.description.empty()) tool.description += "\n\n";
    tool.description += "`input` must follow this grammar (" + member(format, "syntax").text() + "):\n" + grammar;
  }
  tool.parameters.text = R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false})";
  if (member(value, "name").text().empty()) ledger.wrong(Place(around.place, "name"), "is missing");
  request.tools.push_back(std::move(tool));
}

void read_list(const Value& list, const Around& around, Request& request, Ledger& ledger);

void read_namespace(const Value& value, const Around& around, Request& request, Ledger& ledger) {
  if (!around.name_space.empty()) return ledger.wrong(around.place, "is a namespace within a namespace");
  const std::string name = member(value, "name").text();
  if (name.empty()) return ledger.wrong(Place(around.place, "name"), "is missing");
  const Place tools(around.place, "tools");
  read_list(member(value, "tools"), {tools, name}, request, ledger);
}

void read_tool_search(const Value& value, const Around& around, Request& request, Ledger& ledger) {
  if (member(value, "execution").text() != "client") return void(ledger.meet(Feature::tool_other, around.place));
  llm::Tool tool;
  tool.name = tool_search;
  tool.description = member(value, "description").text();
  if (const Value parameters = member(value, "parameters"); parameters.is_object()) tool.parameters.text = parameters.raw;
  request.tools.push_back(std::move(tool));
}

void refuse_server(const Value&, const Around& around, Request&, Ledger& ledger) { ledger.meet(Feature::remote_tools, around.place); }

/// "web_search", "web_search_preview", with or without a date.
bool is_search(std::string_view type) { return type.starts_with("web_search"); }

struct ToolType {
  std::string_view type;
  void (*read)(const Value&, const Around&, Request&, Ledger&);
};
constexpr std::array tool_types{
    ToolType{"function", read_function},     ToolType{"custom", read_custom}, ToolType{"namespace", read_namespace},
    ToolType{tool_search, read_tool_search}, ToolType{"mcp", refuse_server},
};

void read_list(const Value& list, const Around& around, Request& request, Ledger& ledger) {
  for (Elements e(list); e.next();) {
    const std::string type = member(e, "type").text();
    if (is_search(type)) continue;  // once all others are known
    const Place here(around.place, e.index());
    const ToolType* found = nullptr;
    for (const ToolType& row : tool_types)
      if (row.type == type) found = &row;
    if (found)
      found->read(e, {here, around.name_space}, request, ledger);
    else
      ledger.meet(Feature::tool_other, here);
  }
}

/// The tool that a choice or an element of `allowed_tools` names.
std::string chosen(const Value& value) { return flat_name(member(value, "namespace").text(), member(value, "name").text()); }

bool is_function_choice(const Value& value) {
  const std::string type = member(value, "type").text();
  return type == "function" || type == "custom";
}

}  // namespace

void read_tools(const Value& list, const Place& place, Request& request, Ledger& ledger) {
  if (!list.is_array()) return ledger.wrong(place, "is not an array");
  read_list(list, {place, {}}, request, ledger);
  for (Elements e(list); e.next();)
    if (is_search(member(e, "type").text()))
      ledger.meet(request.tools.empty() ? Feature::web_search : Feature::search_offered, Place(place, e.index()));
}

void read_later_tools(const Value& list, const Place& place, Request& request, Ledger& ledger) {
  Request later;
  read_tools(list, place, later, ledger);
  for (llm::Tool& tool : later.tools) {
    const auto same = [&tool](const llm::Tool& known) { return known.name == tool.name; };
    if (std::none_of(request.tools.begin(), request.tools.end(), same)) request.tools.push_back(std::move(tool));
  }
}

void read_tool_choice(const Value& value, Request& request, Ledger& ledger) {
  using Mode = llm::ToolChoice::Mode;
  llm::ToolChoice& choice = request.tool_choice;
  const Place here("tool_choice");
  const bool subset = member(value, "type").text() == "allowed_tools";
  if (value.is_string() || subset) {
    const std::string word = subset ? member(value, "mode").text() : value.text();
    choice.mode = word == "none" ? Mode::none : word == "required" ? Mode::required : Mode::automatic;
    if (choice.mode == Mode::automatic && word != "auto") ledger.wrong(here, "is not auto, none, required or a tool");
    if (subset) ledger.meet(Feature::tool_choice_subset, here);
    return;
  }
  choice.mode = Mode::named;
  choice.name = chosen(value);
  if (choice.name.empty() || !is_function_choice(value)) ledger.meet(Feature::tool_other, here);
}

void keep_allowed_tools(const Value& choice, Request& request) {
  if (member(choice, "type").text() != "allowed_tools") return;
  std::vector<std::string> allowed;
  for (Elements e(member(choice, "tools")); e.next();)
    if (is_function_choice(e)) allowed.push_back(chosen(e));
  std::erase_if(request.tools, [&](const llm::Tool& t) { return std::find(allowed.begin(), allowed.end(), t.name) == allowed.end(); });
}

std::string flat_name(std::string_view name_space, std::string_view name) {
  std::string flat(name_space);
  if (!flat.empty() && !flat.ends_with("__")) flat += "__";
  return flat.append(name);
}

ToolName tool_name_of(const Value& tools, std::string_view flat) {
  for (Elements e(tools); e.next();) {
    const std::string type = member(e, "type").text();
    if (type == tool_search && flat == tool_search) return {.name = std::string(flat), .name_space = {}, .search = true};
    if (type != "namespace") continue;
    std::string name_space = member(e, "name").text();
    for (Elements inner(member(e, "tools")); inner.next();) {
      std::string name = member(inner, "name").text();
      if (flat_name(name_space, name) == flat) return {.name = std::move(name), .name_space = std::move(name_space)};
    }
  }
  return {.name = std::string(flat), .name_space = {}};
}

}  // namespace flotte::dialect::responses
