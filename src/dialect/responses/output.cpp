// Items and responses. Source: OpenAI API reference, "The response object". Fields that are null or empty are there because its clients'
// parsers demand them.
#include "dialect/responses/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dialect/detail/thought_mark.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/responses/echo.hpp"
#include "dialect/responses/read_tools.hpp"
#include "dialect/usage_words.hpp"

namespace flotte::dialect::responses {
namespace {
using detail::JsonWriter;

/// A word of the error as OpenAI's chat completions have it.
std::string word_of(const ProviderError& error, std::string_view member) {
  const std::string json = write_error(Format::openai_chat, error, {});
  const auto value = detail::parse_value(json);
  return value ? detail::member(detail::member(*value, "error"), member).text() : std::string();
}

}  // namespace

std::string_view to_string(Status status) noexcept {
  switch (status) {
    case Status::in_progress: return "in_progress";
    case Status::completed: return "completed";
    case Status::incomplete: return "incomplete";
    case Status::failed: return "failed";
  }
  return "";
}

Status status_of(llm::Finish finish) noexcept {
  return finish_word(Format::responses, finish).empty() ? Status::completed : Status::incomplete;
}

std::string error_code(std::string_view kind, std::string_view message) {
  const std::string code = word_of({std::string(kind), {}, std::string(message), 0}, "code");
  if (code.empty()) return "invalid_prompt";
  if (code == "server_overloaded") return "server_is_overloaded";
  return code == "internal_error" ? "server_error" : code;
}

void write_error_members(JsonWriter& w, std::string_view code, std::string_view message) {
  w.pair("code", code).pair("message", message).key("param").null();
  w.key("error").open('{').pair("type", code).pair("code", code).pair("message", message).key("param").null().close('}');
}

std::string failed_stream(std::string_view request_id, std::string_view code, std::string_view message) {
  const ReplyContext context{.request_id = std::string(request_id.empty() ? "none" : request_id)};
  ResponseText response(context);
  response.begin({}, {});
  std::string out = "event: error\ndata: ";
  JsonWriter w(out);
  w.open('{').pair("type", "error").key("sequence_number").whole(0);
  write_error_members(w, code, message);
  w.close('}');
  out += "\n\nevent: response.failed\ndata: ";
  w.open('{').pair("type", "response.failed").key("sequence_number").whole(1).key("response");
  response.write(w, {.status = Status::failed, .error_code = code, .error_words = message});
  w.close('}');
  return out += "\n\n";
}

std::string error_kind(const ProviderError& error) {
  const bool wrong = error.code.starts_with("invalid_") || error.code.starts_with("image_") || error.code == "context_length_exceeded";
  if (wrong && error.code != "invalid_api_key") return "invalid_request_error";
  // The type is often the name of what ran out ("tokens").
  const std::string known = error.code.empty() ? std::string() : word_of({{}, error.code, error.message, 0}, "type");
  if (!known.empty() && known != "server_error") return known;
  return error.kind.empty() || error.kind == "error" ? "server_error" : error.kind;
}

void ResponseText::begin(std::string_view provider_id, std::string_view model) {
  seed_ = context_.request_id.empty() ? std::string(provider_id) : context_.request_id;
  if (seed_.starts_with("resp_")) seed_.erase(0, 5);
  id_ = context_.request_id.empty() && provider_id.starts_with("resp_") ? std::string(provider_id) : "resp_" + seed_;
  model_ = context_.model.empty() ? model : std::string_view(context_.model);
}

std::string ResponseText::next_id(std::string_view prefix) { return fmt::format("{}{}_{}", prefix, seed_, items_++); }

NamedCall ResponseText::name_call(std::string_view call_id, std::string_view flat) const {
  NamedCall call{.call_id = std::string(call_id), .name = std::string(flat)};
  const auto& free = context_.free_text_tools;
  call.free_text = std::find(free.begin(), free.end(), flat) != free.end();
  // Only here, because it reads the tools again.
  const bool special = context_.echo.find(R"("namespace")") != std::string::npos || flat == tool_search;
  if (!special) return call;
  const std::string echo = "{" + context_.echo + "}";
  ToolName name = tool_name_of(detail::member({Kind::object, echo}, "tools"), flat);
  call.name = std::move(name.name);
  call.name_space = std::move(name.name_space);
  call.search = name.search;
  return call;
}

void ResponseText::write(JsonWriter& w, const Outcome& outcome) const {
  w.open('{').pair("id", id_).pair("object", "response").key("created_at").whole(context_.created_s);
  w.pair("status", to_string(outcome.status)).key("error");
  if (outcome.status == Status::failed)
    w.open('{').pair("code", outcome.error_code).pair("message", outcome.error_words).close('}');
  else
    w.null();
  w.key("incomplete_details");
  if (outcome.status == Status::incomplete)
    w.open('{').pair("reason", finish_word(Format::responses, outcome.finish)).close('}');
  else
    w.null();
  w.pair("model", model_).key("output").open('[');
  if (!outcome.output.empty()) w.raw(outcome.output);
  w.close(']');
  if (outcome.status == Status::in_progress || (outcome.status == Status::failed && !outcome.usage.known()))
    w.key("usage").null();
  else
    write_usage(w, Format::responses, outcome.usage);
  w.raw(context_.echo.empty() ? make_echo({}) : context_.echo).close('}');
}

void write_content(JsonWriter& w, llm::PartKind kind, std::string_view text) {
  w.open('{');
  if (kind == llm::PartKind::refusal)
    w.pair("type", "refusal").pair("refusal", text);
  else
    w.pair("type", "output_text").pair("text", text).key("annotations").raw("[]").key("logprobs").raw("[]");
  w.close('}');
}

void write_words(JsonWriter& w, std::string_view id, llm::PartKind kind, std::string_view text, Status status) {
  w.open('{').pair("id", id).pair("type", "message").pair("status", to_string(status)).pair("role", "assistant").key("content").open('[');
  if (status != Status::in_progress) write_content(w, kind, text);
  w.close(']').close('}');
}

void write_call(JsonWriter& w, std::string_view id, const NamedCall& call, std::string_view text, Status status) {
  if (call.search) {
    const auto arguments = detail::parse_value(text);
    w.open('{').pair("id", id).pair("type", "tool_search_call").pair("status", to_string(status)).pair("call_id", call.call_id);
    w.pair("execution", "client").key("arguments").raw(arguments && arguments->is_object() ? arguments->raw : "{}").close('}');
    return;
  }
  w.open('{').pair("id", id).pair("type", call.free_text ? "custom_tool_call" : "function_call").pair("status", to_string(status));
  w.pair("call_id", call.call_id).pair("name", call.name);
  if (!call.name_space.empty()) w.pair("namespace", call.name_space);
  w.pair(call.free_text ? "input" : "arguments", text).close('}');
}

void write_thought(JsonWriter& w, std::string_view id, const llm::Reasoning& thought) {
  const auto mark = detail::read_thought_mark(thought.encrypted.empty() ? thought.signature : thought.encrypted);
  const bool own = mark.maker == detail::openai_maker;
  const std::size_t colon = own ? mark.payload.find(':') : std::string_view::npos;
  const std::string_view own_id = colon == std::string_view::npos ? std::string_view() : mark.payload.substr(0, colon);
  w.open('{').pair("id", own_id.empty() ? id : own_id).pair("type", "reasoning").key("summary").open('[');
  if (!thought.text.empty()) w.open('{').pair("type", "summary_text").pair("text", thought.text).close('}');
  w.close(']').key("encrypted_content");
  if (own)
    w.text(colon == std::string_view::npos ? mark.payload : mark.payload.substr(colon + 1));
  else if (!thought.signature.empty() || !thought.encrypted.empty())
    w.text(detail::seal_thought({thought, {}}));
  else
    w.null();
  w.close('}');
}

void write_call_signature(JsonWriter& w, std::string_view id, std::string_view call_id, std::string_view signature) {
  w.open('{').pair("id", id).pair("type", "reasoning").key("summary").raw("[]");
  w.pair("encrypted_content", detail::seal_thought({{{}, std::string(signature), {}}, std::string(call_id)})).close('}');
}

}  // namespace flotte::dialect::responses
