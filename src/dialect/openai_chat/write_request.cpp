// A chat completions request, field by field.
#include "dialect/detail/json_writer.hpp"
#include "dialect/openai_chat/request.hpp"
#include "dialect/openai_chat/write_messages.hpp"

namespace flotte::dialect::openai_chat {
namespace {

using detail::JsonWriter;

void write_tools(JsonWriter& w, const llm::Request& request, const Target& target) {
  if (request.tools.empty()) return;
  w.key("tools").open('[');
  for (const llm::Tool& tool : request.tools) {
    w.open('{').pair("type", "function").key("function").open('{').pair("name", tool.name);
    if (!tool.description.empty()) w.pair("description", tool.description);
    if (!tool.parameters.empty())
      w.key("parameters").raw(tool.parameters.text);
    else if (target.mistral)
      w.key("parameters").raw(R"({"type":"object","properties":{}})");
    if (tool.strict) w.key("strict").boolean(*tool.strict);
    w.close('}').close('}');
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
    case Mode::named:
      w.key("tool_choice").open('{').pair("type", "function").key("function").open('{').pair("name", choice.name).close('}').close('}');
  }
  if (choice.parallel) w.key("parallel_tool_calls").boolean(*choice.parallel);
}

void write_format(JsonWriter& w, const llm::ResponseFormat& format) {
  using FormatKind = llm::ResponseFormat::Kind;
  if (format.kind == FormatKind::unset) return;
  w.key("response_format").open('{');
  if (format.kind == FormatKind::json_schema) {
    w.pair("type", "json_schema").key("json_schema").open('{').pair("name", format.name.empty() ? "answer" : format.name);
    if (!format.description.empty()) w.pair("description", format.description);
    w.key("schema").raw(format.schema.text).key("strict").boolean(format.strict.value_or(true)).close('}');
  } else {
    w.pair("type", format.kind == FormatKind::json_object ? "json_object" : "text");
  }
  w.close('}');
}

void write_effort(JsonWriter& w, const llm::ReasoningWish& wish, const Target& target, Ledger& ledger) {
  if (target.effort == Target::Effort::leave_out || wish.mode == llm::ReasoningWish::Mode::off) return;
  if (!wish.effort.empty()) return void(w.pair("reasoning_effort", wish.effort == "max" ? "high" : wish.effort));
  if (!wish.budget_tokens) return;
  ledger.meet(Feature::reasoning_budget, Place("thinking.budget_tokens"));
  w.pair("reasoning_effort", *wish.budget_tokens <= 4096 ? "low" : *wish.budget_tokens <= 16384 ? "medium" : "high");
}

void write_sampling(JsonWriter& w, const llm::Sampling& s, const Target& target, Ledger& ledger) {
  const auto number = [&w](std::string_view name, const std::optional<double>& value) {
    if (value) w.key(name).number(*value);
  };
  number("temperature", s.temperature);
  number("top_p", s.top_p);
  number("presence_penalty", s.presence_penalty);
  number("frequency_penalty", s.frequency_penalty);
  if (s.seed) w.key(target.mistral ? "random_seed" : "seed").whole(*s.seed);
  if (s.top_k) ledger.meet(Feature::top_k, Place("top_k"));
}

void write_user(JsonWriter& w, const std::string& user, const Target& target, Ledger& ledger) {
  if (user.empty()) return;
  if (user.size() <= 64 && !target.mistral)
    w.pair("user", user);
  else
    ledger.meet(Feature::user, Place("metadata.user_id"));
}

}  // namespace

std::string write_request(const llm::Request& request, const Target& target, Ledger& ledger) {
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("model", target.model.empty() ? request.model : target.model);
  w.key("messages").open('[').raw(write_messages(request, target, ledger)).close(']');
  write_tools(w, request, target);
  write_tool_choice(w, request);
  if (request.max_tokens)
    w.key(target.limit == Target::Limit::max_tokens ? "max_tokens" : "max_completion_tokens").whole(*request.max_tokens);
  write_sampling(w, request.sampling, target, ledger);
  if (!request.stop.empty()) {
    w.key("stop").open('[');
    for (const std::string& stop : request.stop) w.text(stop);
    w.close(']');
  }
  write_format(w, request.format);
  write_effort(w, request.reasoning, target, ledger);
  write_user(w, request.user, target, ledger);
  if (request.stream) w.key("stream").boolean(true);
  // Mistral tells its usage unasked, and refuses to be asked.
  if (request.stream && !target.mistral) w.key("stream_options").open('{').key("include_usage").boolean(true).close('}');
  w.close('}');
  return out;
}

}  // namespace flotte::dialect::openai_chat
