// A Responses request, field by field.
#include <algorithm>

#include "dialect/detail/json_writer.hpp"
#include "dialect/responses/request.hpp"
#include "dialect/responses/write_items.hpp"

namespace flotte::dialect::responses {
namespace {

using detail::JsonWriter;

constexpr std::int64_t least_tokens = 16;

void write_tools(JsonWriter& w, const llm::Request& request) {
  if (request.tools.empty()) return;
  w.key("tools").open('[');
  for (const llm::Tool& tool : request.tools) {
    w.open('{').pair("type", "function").pair("name", tool.name);
    if (!tool.description.empty()) w.pair("description", tool.description);
    w.key("parameters").raw(tool.parameters.empty() ? R"({"type":"object","properties":{}})" : tool.parameters.text);
    // Strict unless it is said: most schemas of other clients are not made for it.
    w.key("strict").boolean(tool.strict.value_or(false)).close('}');
  }
  w.close(']');
}

void write_tool_choice(JsonWriter& w, const llm::Request& request) {
  using Mode = llm::ToolChoice::Mode;
  const llm::ToolChoice& choice = request.tool_choice;
  if (request.tools.empty()) return;
  switch (choice.mode) {
    case Mode::unset: break;
    case Mode::automatic: w.pair("tool_choice", "auto"); break;
    case Mode::required: w.pair("tool_choice", "required"); break;
    case Mode::none: w.pair("tool_choice", "none"); break;
    case Mode::named: w.key("tool_choice").open('{').pair("type", "function").pair("name", choice.name).close('}');
  }
  if (choice.parallel) w.key("parallel_tool_calls").boolean(*choice.parallel);
}

void write_format(JsonWriter& w, const llm::ResponseFormat& format) {
  using FormatKind = llm::ResponseFormat::Kind;
  if (format.kind == FormatKind::unset || format.kind == FormatKind::text) return;
  w.key("text").open('{').key("format").open('{');
  if (format.kind == FormatKind::json_schema) {
    w.pair("type", "json_schema").pair("name", format.name.empty() ? "answer" : format.name);
    if (!format.description.empty()) w.pair("description", format.description);
    w.key("schema").raw(format.schema.text).key("strict").boolean(format.strict.value_or(true));
  } else {
    w.pair("type", "json_object");
  }
  w.close('}').close('}');
}

std::string effort_of(const llm::ReasoningWish& wish, Ledger& ledger) {
  if (!wish.effort.empty()) return wish.effort == "max" ? "high" : wish.effort;
  if (!wish.budget_tokens) return {};
  ledger.meet(Feature::reasoning_budget, Place("thinking.budget_tokens"));
  return *wish.budget_tokens <= 4096 ? "low" : *wish.budget_tokens <= 16384 ? "medium" : "high";
}

bool has_own_thoughts(const llm::Request& request) {
  for (const llm::Message& message : request.messages)
    for (const llm::Part& part : message.parts)
      if (const auto* thought = part.as<llm::Reasoning>(); thought && is_own(*thought)) return true;
  return false;
}

/// Models that do not think refuse all of it, so it is asked for only where the client does.
void write_reasoning(JsonWriter& w, const llm::Request& request, const Target& target, Ledger& ledger) {
  using Mode = llm::ReasoningWish::Mode;
  const llm::ReasoningWish& wish = request.reasoning;
  const bool wanted = wish.mode == Mode::adaptive || wish.mode == Mode::on || !wish.effort.empty() || wish.budget_tokens;
  const bool asked = wanted && wish.mode != Mode::off && target.effort != Target::Effort::leave_out;
  if (asked) {
    w.key("reasoning").open('{');
    if (const std::string effort = effort_of(wish, ledger); !effort.empty()) w.pair("effort", effort);
    // Clients that ask for thinking itself show it.
    if (wish.mode == Mode::adaptive || wish.mode == Mode::on) w.pair("summary", "auto");
    w.close('}');
  }
  if (asked || has_own_thoughts(request)) w.key("include").open('[').text("reasoning.encrypted_content").close(']');
}

void write_limit(JsonWriter& w, const llm::Request& request, Ledger& ledger) {
  if (!request.max_tokens) return;
  if (*request.max_tokens < least_tokens) ledger.meet(Feature::max_tokens, Place("max_tokens"));
  w.key("max_output_tokens").whole(std::max(*request.max_tokens, least_tokens));
}

void write_sampling(JsonWriter& w, const llm::Sampling& s, Ledger& ledger) {
  if (s.temperature) w.key("temperature").number(*s.temperature);
  if (s.top_p) w.key("top_p").number(*s.top_p);
  if (s.top_k) ledger.meet(Feature::top_k, Place("top_k"));
  if (s.seed) ledger.meet(Feature::seed, Place("seed"));
  if (s.presence_penalty.value_or(0) != 0) ledger.meet(Feature::penalties, Place("presence_penalty"));
  if (s.frequency_penalty.value_or(0) != 0) ledger.meet(Feature::penalties, Place("frequency_penalty"));
}

void write_user(JsonWriter& w, const std::string& user, Ledger& ledger) {
  if (user.empty()) return;
  if (user.size() <= 64)
    w.pair("safety_identifier", user);
  else
    ledger.meet(Feature::user, Place("user"));
}

}  // namespace

std::string write_request(const llm::Request& request, const Target& target, Ledger& ledger) {
  const std::string items = write_items(request, ledger);
  if (items.empty()) ledger.wrong(Place("messages"), "has nothing that can be sent");
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("model", target.model.empty() ? request.model : target.model).key("input").open('[').raw(items).close(']');
  write_tools(w, request);
  write_tool_choice(w, request);
  write_limit(w, request, ledger);
  write_sampling(w, request.sampling, ledger);
  if (!request.stop.empty()) ledger.meet(Feature::stop, Place("stop"));
  write_format(w, request.format);
  write_reasoning(w, request, target, ledger);
  write_user(w, request.user, ledger);
  w.key("store").boolean(false);
  if (request.stream) w.key("stream").boolean(true);
  w.close('}');
  return out;
}

}  // namespace flotte::dialect::responses
