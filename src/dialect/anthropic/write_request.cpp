// A Messages request, field by field, in the order of Anthropic's documents.
#include "dialect/anthropic/request.hpp"
#include "dialect/anthropic/thinking.hpp"
#include "dialect/anthropic/turns.hpp"
#include "dialect/anthropic/write_parts.hpp"
#include "dialect/detail/fields.hpp"

namespace flotte::dialect::anthropic {
namespace {

using detail::JsonWriter;

bool plain_name(std::string_view name) { return !name.empty() && name.size() <= 64 && plain_id(name) == name; }

/// The API demands a schema of an object, with its type.
void write_schema(JsonWriter& w, const llm::JsonText& schema) {
  if (schema.empty()) return void(w.raw(R"({"type":"object","properties":{}})"));
  const detail::Value value{Kind::object, schema.text};
  if (!detail::member(value, "type").is_null()) return void(w.raw(schema.text));
  const std::size_t first = schema.text.find_first_not_of(" \t\r\n", 1);
  const std::string rest = schema.text.substr(first);
  w.raw((rest == "}" ? "{\"type\":\"object\"" : "{\"type\":\"object\",") + rest);
}

void write_tools(JsonWriter& w, const llm::Request& request, Ledger& ledger) {
  if (request.tools.empty()) return;
  const Place tools("tools");
  w.key("tools").open('[');
  for (std::size_t i = 0; i < request.tools.size(); ++i) {
    const llm::Tool& tool = request.tools[i];
    if (!plain_name(tool.name)) ledger.meet(Feature::tool_name, Place(Place(tools, i), "name"));
    w.open('{').pair("name", tool.name);
    if (!tool.description.empty()) w.pair("description", tool.description);
    write_schema(w.key("input_schema"), tool.parameters);
    if (tool.strict.value_or(false)) w.key("strict").boolean(true);
    if (tool.cache) {
      w.key("cache_control").open('{').pair("type", "ephemeral");
      if (!tool.cache->ttl.empty()) w.pair("ttl", tool.cache->ttl);
      w.close('}');
    }
    w.close('}');
  }
  w.close(']');
}

void write_tool_choice(JsonWriter& w, const llm::Request& request) {
  using Mode = llm::ToolChoice::Mode;
  const llm::ToolChoice& choice = request.tool_choice;
  const bool single = choice.parallel == false;
  if (request.tools.empty() || (choice.mode == Mode::unset && !single)) return;
  w.key("tool_choice").open('{');
  switch (choice.mode) {
    case Mode::unset:
    case Mode::automatic: w.pair("type", "auto"); break;
    case Mode::required: w.pair("type", "any"); break;
    case Mode::none: w.pair("type", "none"); break;
    case Mode::named: w.pair("type", "tool").pair("name", choice.name); break;
  }
  if (single && choice.mode != Mode::none) w.key("disable_parallel_tool_use").boolean(true);
  w.close('}');
}

void write_thinking(JsonWriter& w, const ThinkingPlan& plan) {
  using Mode = ThinkingPlan::Mode;
  if (plan.mode == Mode::off) w.key("thinking").open('{').pair("type", "disabled").close('}');
  if (plan.mode == Mode::adaptive) w.key("thinking").open('{').pair("type", "adaptive").close('}');
  if (plan.mode == Mode::budget) w.key("thinking").open('{').pair("type", "enabled").key("budget_tokens").whole(plan.budget).close('}');
}

void write_output_config(JsonWriter& w, const llm::Request& request, const ThinkingPlan& plan, Ledger& ledger) {
  const bool schema = request.format.kind == llm::ResponseFormat::Kind::json_schema;
  if (!schema && plan.effort.empty()) return;
  w.key("output_config").open('{');
  if (!plan.effort.empty()) w.pair("effort", plan.effort);
  if (schema) {
    if (!request.format.name.empty() || !request.format.description.empty())
      ledger.meet(Feature::schema_name, Place("response_format.json_schema.name"));
    w.key("format").open('{').pair("type", "json_schema").key("schema").raw(request.format.schema.text).close('}');
  }
  w.close('}');
}

void write_sampling(JsonWriter& w, const llm::Request& request, const ThinkingPlan& plan, Ledger& ledger) {
  const llm::Sampling& s = request.sampling;
  if (s.temperature) {
    const bool fits = plan.thinks() ? *s.temperature == 1 : *s.temperature <= 1;
    if (!fits) ledger.meet(Feature::temperature, Place("temperature"));
    if (fits || !plan.thinks()) w.key("temperature").number(fits ? *s.temperature : 1);
  }
  if (s.top_p && s.temperature)
    ledger.meet(Feature::top_p, Place("top_p"));
  else if (s.top_p)
    w.key("top_p").number(*s.top_p);
  if (s.top_k) w.key("top_k").whole(*s.top_k);
  if (s.seed) ledger.meet(Feature::seed, Place("seed"));
  if (s.presence_penalty.value_or(0) != 0) ledger.meet(Feature::penalties, Place("presence_penalty"));
  if (s.frequency_penalty.value_or(0) != 0) ledger.meet(Feature::penalties, Place("frequency_penalty"));
}

void write_stop(JsonWriter& w, const llm::Request& request, Ledger& ledger) {
  std::vector<std::string_view> usable;
  for (const std::string& stop : request.stop) {
    if (stop.find_first_not_of(" \t\r\n") == std::string::npos)
      ledger.meet(Feature::stop, Place("stop"));
    else
      usable.push_back(stop);
  }
  if (usable.empty()) return;
  w.key("stop_sequences").open('[');
  for (const std::string_view stop : usable) w.text(stop);
  w.close(']');
}

}  // namespace

std::string write_request(const llm::Request& request, const Target& target, Ledger& ledger) {
  Conversation conversation = make_turns(request, ledger);
  if (conversation.turns.empty()) ledger.wrong(Place("messages"), "has no message of a user with content");
  if (request.format.kind == llm::ResponseFormat::Kind::json_object) {
    ledger.meet(Feature::json_object, Place("response_format"));
    JsonWriter system(conversation.system);
    write_text(system,
               "Answer with one JSON object and nothing else: no text around "
               "it, no code fence.",
               {});
  }
  const ThinkingPlan plan = plan_thinking(request, target, ledger);
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("model", target.model.empty() ? request.model : target.model).key("max_tokens").whole(plan.max_tokens);
  if (!conversation.system.empty()) w.key("system").open('[').raw(conversation.system).close(']');
  w.key("messages").open('[');
  for (const Turn& turn : conversation.turns) {
    w.open('{').pair("role", turn.assistant ? "assistant" : "user").key("content").open('[');
    if (!turn.results.empty()) w.raw(turn.results);
    if (!turn.blocks.empty()) w.raw(turn.blocks);
    w.close(']').close('}');
  }
  w.close(']');
  write_tools(w, request, ledger);
  write_tool_choice(w, request);
  write_thinking(w, plan);
  write_output_config(w, request, plan, ledger);
  write_sampling(w, request, plan, ledger);
  write_stop(w, request, ledger);
  if (!request.user.empty()) w.key("metadata").open('{').pair("user_id", request.user).close('}');
  if (request.stream) w.key("stream").boolean(true);
  w.close('}');
  return out;
}

}  // namespace flotte::dialect::anthropic
