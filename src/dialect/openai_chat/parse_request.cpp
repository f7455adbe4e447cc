// A chat completions request, member by member.
#include <array>

#include "dialect/openai_chat/pair_calls.hpp"
#include "dialect/openai_chat/read_message.hpp"
#include "dialect/openai_chat/request.hpp"

namespace flotte::dialect::openai_chat {
namespace {

using detail::Elements;
using detail::Fields;
using detail::member;
using detail::Value;
using llm::Request;

void read_messages(const Value& value, Request& request, Ledger& ledger) {
  const Place messages("messages");
  if (!value.is_array()) return ledger.wrong(messages, "is not an array");
  for (Elements e(value); e.next();) request.messages.push_back(read_message(e, Place(messages, e.index()), ledger));
}

void read_tools(const Value& value, Request& request, Ledger& ledger) {
  const Place tools("tools");
  for (Elements e(value); e.next();) {
    const Place here(tools, e.index());
    if (const std::string type = member(e, "type").text(); !type.empty() && type != "function") {
      ledger.meet(Feature::tool_other, here);
      continue;
    }
    llm::Tool tool;
    for (Fields f(member(e, "function")); f.next();) {
      if (f.is("name"))
        tool.name = f.text();
      else if (f.is("description"))
        tool.description = f.text();
      else if (f.is("parameters") && f.is_object())
        tool.parameters.text = f.raw;
      else if (f.is("strict"))
        f.is_null() ? void() : void(tool.strict = f.is_true());
      else if (!f.is_null())
        ledger.meet(Feature::unknown_field, Place(here, f.key()));
    }
    if (const Value mark = member(e, "cache_control"); mark.is_object()) tool.cache = llm::CacheMark{member(mark, "ttl").text()};
    if (tool.name.empty()) ledger.wrong(here, "has no function.name");
    request.tools.push_back(std::move(tool));
  }
}

void read_tool_choice(const Value& value, Request& request, Ledger& ledger) {
  using Mode = llm::ToolChoice::Mode;
  llm::ToolChoice& choice = request.tool_choice;
  const Place here("tool_choice");
  if (value.is_string()) {
    const std::string word = value.text();
    choice.mode = word == "none" ? Mode::none : word == "required" || word == "any" ? Mode::required : Mode::automatic;
    if (choice.mode == Mode::automatic && word != "auto") ledger.wrong(here, "is not auto, none, required or a function");
    return;
  }
  if (member(value, "type").text() == "allowed_tools") return void(ledger.meet(Feature::tool_choice_subset, here));
  choice.mode = Mode::named;
  choice.name = member(member(value, "function"), "name").text();
  if (choice.name.empty()) ledger.wrong(here, "is not auto, none, required or a function");
}

void read_format(const Value& value, Request& request, Ledger& ledger) {
  using FormatKind = llm::ResponseFormat::Kind;
  const std::string type = member(value, "type").text();
  llm::ResponseFormat& format = request.format;
  const Place here("response_format");
  format.kind = type == "json_object" ? FormatKind::json_object : type == "json_schema" ? FormatKind::json_schema : FormatKind::text;
  if (format.kind == FormatKind::text && type != "text") ledger.wrong(Place(here, "type"), "is not text, json_object or json_schema");
  if (format.kind != FormatKind::json_schema) return;
  const Value schema = member(value, "json_schema");
  format.name = member(schema, "name").text();
  format.description = member(schema, "description").text();
  format.schema.text = member(schema, "schema").raw;
  if (const Value strict = member(schema, "strict"); strict.kind == Kind::boolean) format.strict = strict.is_true();
  if (format.schema.empty()) ledger.wrong(Place(here, "json_schema.schema"), "is missing");
}

void read_stop(const Value& value, Request& request, Ledger&) {
  if (value.is_string()) request.stop.push_back(value.text());
  for (Elements e(value); e.next();) request.stop.push_back(e.text());
}

void read_stream_options(const Value& value, Request& request, Ledger&) {
  request.include_usage = member(value, "include_usage").is_true();
}

void read_effort(const Value& value, Request& request, Ledger&) {
  request.reasoning.effort = value.text();
  if (request.reasoning.effort == "none") request.reasoning = {llm::ReasoningWish::Mode::off, {}, {}};
}

/// OpenRouter's form.
void read_reasoning(const Value& value, Request& request, Ledger&) {
  request.reasoning.effort = member(value, "effort").text();
  request.reasoning.budget_tokens = member(value, "max_tokens").whole();
  if (request.reasoning.budget_tokens) request.reasoning.mode = llm::ReasoningWish::Mode::on;
}

void read_answers(const Value& value, Request&, Ledger& ledger) {
  if (value.whole() != 1) ledger.meet(Feature::several_answers, Place("n"));
}

void read_logprobs(const Value& value, Request&, Ledger& ledger) {
  if (value.is_true()) ledger.meet(Feature::logprobs, Place("logprobs"));
}

void read_modalities(const Value& value, Request&, Ledger& ledger) {
  for (Elements e(value); e.next();)
    if (e.text() != "text") ledger.meet(Feature::output_media, Place(Place("modalities"), e.index()));
}

struct Member {
  std::string_view name;
  void (*read)(const Value&, Request&, Ledger&);
};
constexpr std::array members{
    Member{"model", [](const Value& v, Request& r, Ledger&) { r.model = v.text(); }},
    Member{"messages", read_messages},
    Member{"tools", read_tools},
    Member{"tool_choice", read_tool_choice},
    Member{"parallel_tool_calls", [](const Value& v, Request& r, Ledger&) { r.tool_choice.parallel = v.is_true(); }},
    Member{"max_tokens", [](const Value& v, Request& r, Ledger&) { r.max_tokens = v.whole(); }},
    Member{"max_completion_tokens", [](const Value& v, Request& r, Ledger&) { r.max_tokens = v.whole(); }},
    Member{"stream", [](const Value& v, Request& r, Ledger&) { r.stream = v.is_true(); }},
    Member{"stream_options", read_stream_options},
    Member{"stop", read_stop},
    Member{"temperature", [](const Value& v, Request& r, Ledger&) { r.sampling.temperature = v.number(); }},
    Member{"top_p", [](const Value& v, Request& r, Ledger&) { r.sampling.top_p = v.number(); }},
    Member{"top_k", [](const Value& v, Request& r, Ledger&) { r.sampling.top_k = v.whole(); }},
    Member{"seed", [](const Value& v, Request& r, Ledger&) { r.sampling.seed = v.whole(); }},
    Member{"random_seed", [](const Value& v, Request& r, Ledger&) { r.sampling.seed = v.whole(); }},  // Mistral
    Member{"presence_penalty", [](const Value& v, Request& r, Ledger&) { r.sampling.presence_penalty = v.number(); }},
    Member{"frequency_penalty", [](const Value& v, Request& r, Ledger&) { r.sampling.frequency_penalty = v.number(); }},
    Member{"response_format", read_format},
    Member{"reasoning_effort", read_effort},
    Member{"reasoning", read_reasoning},
    Member{"user", [](const Value& v, Request& r, Ledger&) { r.user = v.text(); }},
    Member{"safety_identifier", [](const Value& v, Request& r, Ledger&) { r.user = v.text(); }},
    Member{"n", read_answers},
    Member{"logprobs", read_logprobs},
    Member{"modalities", read_modalities},
};

/// Members that the vocabulary has no place for.
struct Unplaced {
  std::string_view name;
  Feature feature;
};
constexpr std::array unplaced{
    Unplaced{"functions", Feature::functions},
    Unplaced{"function_call", Feature::functions},
    Unplaced{"logit_bias", Feature::logit_bias},
    Unplaced{"top_logprobs", Feature::logprobs},
    Unplaced{"audio", Feature::output_media},
    Unplaced{"web_search_options", Feature::web_search},
    Unplaced{"prediction", Feature::prediction},
    Unplaced{"verbosity", Feature::verbosity},
    Unplaced{"service_tier", Feature::service_tier},
    Unplaced{"metadata", Feature::stored},
    Unplaced{"store", Feature::stored},
    Unplaced{"prompt_cache_key", Feature::stored},
    Unplaced{"prompt_cache_retention", Feature::stored},
};

void read_member(const Fields& f, Request& request, Ledger& ledger) {
  for (const Member& m : members)
    if (f.is(m.name)) return m.read(f, request, ledger);
  for (const Unplaced& u : unplaced)
    if (f.is(u.name)) return void(ledger.meet(u.feature, Place(f.key())));
  ledger.meet(Feature::unknown_field, Place(f.key()));
}

}  // namespace

Result<Request> parse_request(std::string_view body, Ledger& ledger) {
  Request request;
  Fields f(body);
  while (f.next())
    if (!f.is_null()) read_member(f, request, ledger);
  if (!f.ok()) return Failure(f.error());
  if (request.model.empty()) ledger.wrong(Place("model"), "is missing");
  if (request.messages.empty()) ledger.wrong(Place("messages"), "is missing or empty");
  pair_calls(request, ledger);
  return request;
}

}  // namespace flotte::dialect::openai_chat
