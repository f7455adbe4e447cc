// A Messages request, member by member.
#include <array>

#include "dialect/anthropic/read_parts.hpp"
#include "dialect/anthropic/request.hpp"

namespace flotte::dialect::anthropic {
namespace {

using detail::Elements;
using detail::Fields;
using detail::Value;

void read_system(const Value& value, llm::Request& request, Ledger& ledger) {
  auto parts = read_content(value, Place("system"), ledger);
  if (!parts.empty()) request.messages.insert(request.messages.begin(), llm::Message{llm::Role::system, std::move(parts), {}});
}

/// A user's message may hold results of tools and other parts: the results become a message of their own, before the rest.
void add_message(llm::Role role, std::vector<llm::Part> parts, llm::Request& request) {
  llm::Message results{llm::Role::tool, {}, {}}, rest{role, {}, {}};
  for (llm::Part& part : parts) (part.as<llm::ToolResult>() ? results : rest).parts.push_back(std::move(part));
  const bool only_results = rest.parts.empty() && !results.parts.empty();
  if (!results.parts.empty()) request.messages.push_back(std::move(results));
  if (!only_results) request.messages.push_back(std::move(rest));
}

void read_messages(const Value& value, llm::Request& request, Ledger& ledger) {
  const Place messages("messages");
  if (!value.is_array()) return ledger.wrong(messages, "is not an array");
  for (Elements e(value); e.next();) {
    const Place here(messages, e.index());
    std::vector<llm::Part> parts;
    std::string role;
    for (Fields f(e); f.next();) {
      if (f.is("role"))
        role = f.text();
      else if (f.is("content"))
        parts = read_content(f, Place(here, "content"), ledger);
      else
        ledger.meet(Feature::unknown_field, Place(here, f.key()));
    }
    if (role == "user")
      add_message(llm::Role::user, std::move(parts), request);
    else if (role == "assistant")
      add_message(llm::Role::assistant, std::move(parts), request);
    else if (role == "system")
      add_message(llm::Role::system, std::move(parts), request);
    else
      ledger.wrong(Place(here, "role"), "is not user, assistant or system");
  }
}

void read_tools(const Value& value, llm::Request& request, Ledger& ledger) {
  const Place tools("tools");
  for (Elements e(value); e.next();) {
    const Place here(tools, e.index());
    llm::Tool tool;
    for (Fields f(e); f.next();) {
      if (f.is("name"))
        tool.name = f.text();
      else if (f.is("description"))
        tool.description = f.text();
      else if (f.is("input_schema"))
        tool.parameters.text = f.raw;
      else if (f.is("strict"))
        tool.strict = f.is_true();
      else if (f.is("cache_control"))
        tool.cache = read_cache_mark(f, Place(here, "cache_control"), ledger);
      else if (f.is("type")) {
        if (!f.is_null() && f.text() != "custom" && !ledger.meet(Feature::tool_other, here)) break;
      } else if (!f.is_null()) {
        ledger.meet(Feature::unknown_field, Place(here, f.key()));
      }
    }
    if (tool.name.empty()) ledger.wrong(Place(here, "name"), "is missing");
    request.tools.push_back(std::move(tool));
  }
}

void read_tool_choice(const Value& value, llm::Request& request, Ledger& ledger) {
  using Mode = llm::ToolChoice::Mode;
  const std::string type = detail::member(value, "type").text();
  llm::ToolChoice& choice = request.tool_choice;
  choice.mode = type == "auto" ? Mode::automatic : type == "any" ? Mode::required : type == "none" ? Mode::none : Mode::named;
  if (choice.mode == Mode::named) choice.name = detail::member(value, "name").text();
  if (choice.mode == Mode::named && (type != "tool" || choice.name.empty()))
    ledger.wrong(Place("tool_choice"), "is not auto, any, none or a tool with a name");
  if (const Value only = detail::member(value, "disable_parallel_tool_use"); only.kind == Kind::boolean) choice.parallel = !only.is_true();
}

void read_thinking(const Value& value, llm::Request& request, Ledger& ledger) {
  using Mode = llm::ReasoningWish::Mode;
  const std::string type = detail::member(value, "type").text();
  llm::ReasoningWish& wish = request.reasoning;
  wish.mode = type == "disabled" ? Mode::off : type == "adaptive" ? Mode::adaptive : Mode::on;
  wish.budget_tokens = detail::member(value, "budget_tokens").whole();
  if (wish.mode == Mode::on && type != "enabled") ledger.wrong(Place("thinking.type"), "is not enabled, adaptive or disabled");
}

void read_output_format(const Value& value, llm::Request& request, Ledger& ledger) {
  if (!value.is_object()) return;
  if (detail::member(value, "type").text() != "json_schema") return ledger.wrong(Place("output_config.format.type"), "is not json_schema");
  request.format.kind = llm::ResponseFormat::Kind::json_schema;
  request.format.schema.text = detail::member(value, "schema").raw;
  if (request.format.schema.empty()) ledger.wrong(Place("output_config.format.schema"), "is missing");
}

void read_output_config(const Value& value, llm::Request& request, Ledger& ledger) {
  for (Fields f(value); f.next();) {
    if (f.is("effort"))
      request.reasoning.effort = f.text();
    else if (f.is("format"))
      read_output_format(f, request, ledger);
    else
      ledger.meet(Feature::unknown_field, Place(Place("output_config"), f.key()));
  }
}

void read_metadata(const Value& value, llm::Request& request, Ledger& ledger) {
  for (Fields f(value); f.next();) {
    if (f.is("user_id"))
      request.user = f.text();
    else
      ledger.meet(Feature::stored, Place(Place("metadata"), f.key()));
  }
}

void read_stop(const Value& value, llm::Request& request, Ledger&) {
  for (Elements e(value); e.next();) request.stop.push_back(e.text());
}

struct Member {
  std::string_view name;
  void (*read)(const Value&, llm::Request&, Ledger&);
};
constexpr std::array members{
    Member{"model", [](const Value& v, llm::Request& r, Ledger&) { r.model = v.text(); }},
    Member{"system", read_system},
    Member{"messages", read_messages},
    Member{"tools", read_tools},
    Member{"tool_choice", read_tool_choice},
    Member{"max_tokens", [](const Value& v, llm::Request& r, Ledger&) { r.max_tokens = v.whole(); }},
    Member{"stream", [](const Value& v, llm::Request& r, Ledger&) { r.stream = v.is_true(); }},
    Member{"stop_sequences", read_stop},
    Member{"temperature", [](const Value& v, llm::Request& r, Ledger&) { r.sampling.temperature = v.number(); }},
    Member{"top_p", [](const Value& v, llm::Request& r, Ledger&) { r.sampling.top_p = v.number(); }},
    Member{"top_k", [](const Value& v, llm::Request& r, Ledger&) { r.sampling.top_k = v.whole(); }},
    Member{"thinking", read_thinking},
    Member{"output_config", read_output_config},
    Member{"output_format", read_output_format},
    Member{"metadata", read_metadata},
};

/// Members that the vocabulary has no place for.
struct Unplaced {
  std::string_view name;
  Feature feature;
};
constexpr std::array unplaced{
    Unplaced{"service_tier", Feature::service_tier},        Unplaced{"speed", Feature::service_tier},
    Unplaced{"inference_geo", Feature::service_tier},       Unplaced{"mcp_servers", Feature::remote_tools},
    Unplaced{"context_management", Feature::context_edits}, Unplaced{"container", Feature::container},
    Unplaced{"cache_control", Feature::cache_marks},
};

void read_member(const Fields& f, llm::Request& request, Ledger& ledger) {
  for (const Member& m : members)
    if (f.is(m.name)) return m.read(f, request, ledger);
  for (const Unplaced& u : unplaced)
    if (f.is(u.name)) return void(ledger.meet(u.feature, Place(f.key())));
  ledger.meet(Feature::unknown_field, Place(f.key()));
}

}  // namespace

Result<llm::Request> parse_request(std::string_view body, Ledger& ledger) {
  llm::Request request;
  Fields f(body);
  while (f.next())
    if (!f.is_null()) read_member(f, request, ledger);
  if (!f.ok()) return Failure(f.error());
  if (request.model.empty()) ledger.wrong(Place("model"), "is missing");
  if (request.messages.empty()) ledger.wrong(Place("messages"), "is missing or empty");
  request.include_usage = true;  // these clients always get it
  return request;
}

}  // namespace flotte::dialect::anthropic
