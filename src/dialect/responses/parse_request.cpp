// A Responses request, member by member.
#include <algorithm>
#include <array>

#include "dialect/openai_chat/pair_calls.hpp"
#include "dialect/responses/echo.hpp"
#include "dialect/responses/read_items.hpp"
#include "dialect/responses/read_tools.hpp"
#include "dialect/responses/request.hpp"

namespace flotte::dialect::responses {
namespace {

using detail::Elements;
using detail::Fields;
using detail::member;
using detail::Value;
using llm::Request;

void read_instructions(const Value& value, Request& request, Ledger& ledger) {
  if (!value.is_string()) return ledger.wrong(Place("instructions"), "is not text");
  request.messages.insert(request.messages.begin(), {llm::Role::system, {{llm::Text{value.text()}, {}, {}}}, {}});
}

/// The instructions and the first messages of the developer are one prompt: templates of many models know a single one, at the beginning.
void join_prompts(Request& request) {
  const auto is_prompt = [](const llm::Message& m) { return m.role == llm::Role::system || m.role == llm::Role::developer; };
  const auto end = std::find_if_not(request.messages.begin(), request.messages.end(), is_prompt);
  if (end - request.messages.begin() < 2) return;
  llm::Message& first = request.messages.front();
  for (auto m = request.messages.begin() + 1; m != end; ++m)
    for (llm::Part& part : m->parts) first.parts.push_back(std::move(part));
  request.messages.erase(request.messages.begin() + 1, end);
}

void read_format(const Value& value, Request& request, Ledger& ledger) {
  using FormatKind = llm::ResponseFormat::Kind;
  const Place here("text.format");
  const std::string type = member(value, "type").text();
  llm::ResponseFormat& format = request.format;
  format.kind = type == "json_object" ? FormatKind::json_object : type == "json_schema" ? FormatKind::json_schema : FormatKind::text;
  if (format.kind == FormatKind::text && type != "text") ledger.wrong(Place(here, "type"), "is not text, json_object or json_schema");
  if (format.kind != FormatKind::json_schema) return;
  format.name = member(value, "name").text();
  format.description = member(value, "description").text();
  format.strict = member(value, "strict").is_true();
  const Value schema = member(value, "schema");
  format.schema.text = schema.raw;
  if (schema.raw.empty()) ledger.wrong(Place(here, "schema"), "is missing");
}

void read_text(const Value& value, Request& request, Ledger& ledger) {
  const Place here("text");
  for (Fields f(value); f.next();) {
    if (f.is_null()) continue;
    if (f.is("format"))
      read_format(f, request, ledger);
    else
      ledger.meet(f.is("verbosity") ? Feature::verbosity : Feature::unknown_field, Place(here, f.key()));
  }
}

void read_reasoning(const Value& value, Request& request, Ledger& ledger) {
  const Place here("reasoning");
  for (Fields f(value); f.next();) {
    if (f.is("effort") && f.is_string())
      request.reasoning.effort = f.text();
    else if (!f.is("summary") && !f.is("generate_summary") && !f.is_null())  // what a model thinks is told wherever it tells it
      ledger.meet(Feature::unknown_field, Place(here, f.key()));
  }
  if (request.reasoning.effort == "none") request.reasoning = {llm::ReasoningWish::Mode::off, {}, {}};
}

void read_include(const Value& value, Request&, Ledger& ledger) {
  const Place here("include");
  for (Elements e(value); e.next();) {
    const std::string word = e.text();
    if (word == "reasoning.encrypted_content") continue;
    ledger.meet(word == "message.output_text.logprobs" ? Feature::logprobs : Feature::unknown_field, Place(here, e.index()));
  }
}

void read_store(const Value& value, Request&, Ledger& ledger) {
  if (value.is_true()) ledger.meet(Feature::stored, Place("store"));
}
void read_background(const Value& value, Request&, Ledger& ledger) {
  if (value.is_true()) ledger.meet(Feature::background, Place("background"));
}
void read_truncation(const Value& value, Request&, Ledger& ledger) {
  if (value.text() != "disabled") ledger.meet(Feature::truncation, Place("truncation"));
}
void read_tier(const Value& value, Request&, Ledger& ledger) {
  if (value.text() != "auto" && value.text() != "default") ledger.meet(Feature::service_tier, Place("service_tier"));
}
void read_logprobs(const Value& value, Request&, Ledger& ledger) {
  if (value.whole() != 0) ledger.meet(Feature::logprobs, Place("top_logprobs"));
}
void read_metadata(const Value& value, Request&, Ledger& ledger) {
  if (Fields(value).next()) ledger.meet(Feature::stored, Place("metadata"));
}

struct Member {
  std::string_view name;
  void (*read)(const Value&, Request&, Ledger&);
};
constexpr std::array members{
    Member{"model", [](const Value& v, Request& r, Ledger&) { r.model = v.text(); }},
    Member{"input", read_input},
    Member{"instructions", [](const Value&, Request&, Ledger&) {}},  // when the input is there
    Member{"tools", [](const Value& v, Request& r, Ledger& l) { read_tools(v, Place("tools"), r, l); }},
    Member{"tool_choice", read_tool_choice},
    Member{"parallel_tool_calls", [](const Value& v, Request& r, Ledger&) { r.tool_choice.parallel = v.is_true(); }},
    Member{"max_output_tokens", [](const Value& v, Request& r, Ledger&) { r.max_tokens = v.whole(); }},
    Member{"temperature", [](const Value& v, Request& r, Ledger&) { r.sampling.temperature = v.number(); }},
    Member{"top_p", [](const Value& v, Request& r, Ledger&) { r.sampling.top_p = v.number(); }},
    Member{"text", read_text},
    Member{"reasoning", read_reasoning},
    Member{"stream", [](const Value& v, Request& r, Ledger&) { r.stream = v.is_true(); }},
    Member{"stream_options", [](const Value&, Request&, Ledger&) {}},  // obfuscation: nothing that could be missed
    Member{"user", [](const Value& v, Request& r, Ledger&) { r.user = v.text(); }},
    Member{"safety_identifier", [](const Value& v, Request& r, Ledger&) { r.user = v.text(); }},
    Member{"include", read_include},
    Member{"store", read_store},
    Member{"background", read_background},
    Member{"truncation", read_truncation},
    Member{"service_tier", read_tier},
    Member{"top_logprobs", read_logprobs},
    Member{"metadata", read_metadata},
};

/// Members that the vocabulary has no place for.
struct Unplaced {
  std::string_view name;
  Feature feature;
};
constexpr std::array unplaced{
    Unplaced{"previous_response_id", Feature::earlier_response},
    Unplaced{"conversation", Feature::earlier_response},
    Unplaced{"prompt", Feature::prompt_template},
    Unplaced{"prompt_cache_key", Feature::stored},
    Unplaced{"prompt_cache_retention", Feature::stored},
    Unplaced{"client_metadata", Feature::stored},  // Codex
    Unplaced{"context_management", Feature::context_edits},
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
  if (request.messages.empty()) ledger.wrong(Place("input"), "is missing or empty");
  const Value whole{Kind::object, body};
  if (const Value instructions = member(whole, "instructions"); !instructions.is_null()) read_instructions(instructions, request, ledger);
  join_prompts(request);
  keep_allowed_tools(member(whole, "tool_choice"), request);
  openai_chat::pair_calls(request, ledger);
  request.include_usage = true;  // these clients always get it
  request.echo = make_echo(body);
  return request;
}

}  // namespace flotte::dialect::responses
