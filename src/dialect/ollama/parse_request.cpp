// Requests to /api/chat and /api/generate, member by member.
#include <array>

#include "dialect/ollama/read_message.hpp"
#include "dialect/ollama/request.hpp"

namespace flotte::dialect::ollama {
namespace {

using detail::Elements;
using detail::Fields;
using detail::member;
using detail::Value;
using llm::Request;

struct Option {
  std::string_view name;
  void (*read)(const Value&, Request&);
};
constexpr std::array options{
    Option{"temperature", [](const Value& v, Request& r) { r.sampling.temperature = v.number(); }},
    Option{"top_p", [](const Value& v, Request& r) { r.sampling.top_p = v.number(); }},
    Option{"top_k", [](const Value& v, Request& r) { r.sampling.top_k = v.whole(); }},
    Option{"seed", [](const Value& v, Request& r) { r.sampling.seed = v.whole(); }},
    Option{"presence_penalty", [](const Value& v, Request& r) { r.sampling.presence_penalty = v.number(); }},
    Option{"frequency_penalty", [](const Value& v, Request& r) { r.sampling.frequency_penalty = v.number(); }},
    Option{"num_predict",
           [](const Value& v, Request& r) {
             if (v.whole().value_or(-1) >= 0) r.max_tokens = v.whole();  // -1 and -2: no bound
           }},
    Option{"stop",
           [](const Value& v, Request& r) {
             if (v.is_string()) r.stop.push_back(v.text());
             for (Elements e(v); e.next();) r.stop.push_back(e.text());
           }},
};

/// Options that the vocabulary has no place for.
struct Unplaced {
  std::string_view name;
  Feature feature;
};
constexpr std::array further_options{
    Unplaced{"min_p", Feature::other_sampling},         Unplaced{"typical_p", Feature::other_sampling},
    Unplaced{"tfs_z", Feature::other_sampling},         Unplaced{"repeat_penalty", Feature::other_sampling},
    Unplaced{"repeat_last_n", Feature::other_sampling}, Unplaced{"penalize_newline", Feature::other_sampling},
    Unplaced{"mirostat", Feature::other_sampling},      Unplaced{"mirostat_eta", Feature::other_sampling},
    Unplaced{"mirostat_tau", Feature::other_sampling},
};

/// All others are settings of the engine: `num_ctx`, `num_gpu` and the like; their names change from release to release.
void read_options(const Value& value, Request& request, Ledger& ledger) {
  const Place place("options");
  for (Fields f(value); f.next();) {
    if (f.is_null()) continue;
    const Option* known = nullptr;
    for (const Option& o : options)
      if (f.is(o.name)) known = &o;
    if (known) {
      known->read(f, request);
      continue;
    }
    Feature feature = Feature::engine_options;
    for (const Unplaced& u : further_options)
      if (f.is(u.name)) feature = u.feature;
    ledger.meet(feature, Place(place, f.key()));
  }
}

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
      else if (!f.is_null())
        ledger.meet(Feature::unknown_field, Place(here, f.key()));
    }
    if (tool.name.empty()) ledger.wrong(here, "has no function.name");
    request.tools.push_back(std::move(tool));
  }
}

void read_format(const Value& value, Request& request, Ledger& ledger) {
  using FormatKind = llm::ResponseFormat::Kind;
  const std::string word = value.text();
  if (value.is_string() && word.empty()) return;
  if (value.is_object()) {
    request.format.kind = FormatKind::json_schema;
    request.format.schema.text = value.raw;
  } else if (word == "json") {
    request.format.kind = FormatKind::json_object;
  } else {
    ledger.wrong(Place("format"), "is neither \"json\" nor a JSON schema");
  }
}

void read_think(const Value& value, Request& request, Ledger& ledger) {
  using Mode = llm::ReasoningWish::Mode;
  if (value.kind == Kind::boolean)
    request.reasoning.mode = value.is_true() ? Mode::adaptive : Mode::off;
  else if (value.is_string())
    request.reasoning.effort = value.text();
  else
    ledger.wrong(Place("think"), "is neither true, false nor a level");
}

void read_logprobs(const Value& value, Request&, Ledger& ledger) {
  if (value.is_true()) ledger.meet(Feature::logprobs, Place("logprobs"));
}

struct Member {
  std::string_view name;
  void (*read)(const Value&, Request&, Ledger&);
};
/// Of both requests.
constexpr std::array members{
    Member{"model", [](const Value& v, Request& r, Ledger&) { r.model = v.text(); }},
    Member{"stream", [](const Value& v, Request& r, Ledger&) { r.stream = v.is_true(); }},
    Member{"options", read_options},
    Member{"format", read_format},
    Member{"think", read_think},
    Member{"logprobs", read_logprobs},
    Member{"top_logprobs", [](const Value&, Request&, Ledger&) {}},  // says nothing without the one before it
    Member{"keep_alive", [](const Value&, Request&, Ledger& l) { l.meet(Feature::engine_options, Place("keep_alive")); }},
    Member{"truncate", [](const Value&, Request&, Ledger& l) { l.meet(Feature::truncation, Place("truncate")); }},
    Member{"shift", [](const Value&, Request&, Ledger& l) { l.meet(Feature::truncation, Place("shift")); }},
};

void read_member(const Fields& f, Request& request, Ledger& ledger) {
  for (const Member& m : members)
    if (f.is(m.name)) return m.read(f, request, ledger);
  ledger.meet(Feature::unknown_field, Place(f.key()));
}

Request empty_request() {
  Request request;
  request.stream = true;
  request.include_usage = true;  // these clients always get it
  return request;
}

/// What a request to /api/generate says to the model.
struct Prompt {
  std::string text, system;
  std::vector<llm::Part> images;
};

bool is_empty(const Value& v) { return v.is_null() || v.empty_array() || (v.is_string() && v.raw.size() == 2); }

/// False where the member is one that both requests have.
bool read_prompt_member(const Fields& f, Prompt& prompt, Ledger& ledger) {
  if (f.is("prompt"))
    prompt.text = f.text();
  else if (f.is("system"))
    prompt.system = f.text();
  else if (f.is("images"))
    read_images(f, Place("images"), prompt.images, ledger);
  else if (f.is("context"))
    is_empty(f) ? void() : void(ledger.meet(Feature::earlier_response, Place("context")));
  else if (f.is("raw"))
    f.is_true() ? void(ledger.meet(Feature::raw_prompt, Place("raw"))) : void();
  else if (f.is("suffix") || f.is("template"))
    is_empty(f) ? void() : void(ledger.meet(Feature::raw_prompt, Place(f.key())));
  else
    return false;
  return true;
}

}  // namespace

Result<Request> parse_chat(std::string_view body, Ledger& ledger) {
  Request request = empty_request();
  Fields f(body);
  while (f.next()) {
    if (f.is_null()) continue;
    if (f.is("messages"))
      read_messages(f, request, ledger);
    else if (f.is("tools"))
      read_tools(f, request, ledger);
    else
      read_member(f, request, ledger);
  }
  if (!f.ok()) return Failure(f.error());
  if (request.model.empty()) ledger.wrong(Place("model"), "is missing");
  if (request.messages.empty()) ledger.wrong(Place("messages"), "is missing or empty");
  pair_by_name(request, ledger);
  return request;
}

Result<Request> parse_generate(std::string_view body, Ledger& ledger) {
  Request request = empty_request();
  Prompt prompt;
  Fields f(body);
  while (f.next())
    if (!f.is_null() && !read_prompt_member(f, prompt, ledger)) read_member(f, request, ledger);
  if (!f.ok()) return Failure(f.error());
  if (request.model.empty()) ledger.wrong(Place("model"), "is missing");
  if (prompt.text.empty() && prompt.images.empty()) ledger.wrong(Place("prompt"), "is missing or empty");
  if (!prompt.system.empty()) request.messages.push_back({llm::Role::system, {{llm::Text{std::move(prompt.system)}, {}, {}}}, {}});
  llm::Message user{llm::Role::user, {{llm::Text{std::move(prompt.text)}, {}, {}}}, {}};
  for (llm::Part& image : prompt.images) user.parts.push_back(std::move(image));
  request.messages.push_back(std::move(user));
  return request;
}

}  // namespace flotte::dialect::ollama
