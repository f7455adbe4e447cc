// Whole answers and errors.
#include <fmt/format.h>

#include "dialect/anthropic/read_parts.hpp"
#include "dialect/anthropic/write_parts.hpp"
#include "dialect/detail/json_writer.hpp"
#include "dialect/error_words.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/openai_chat/read_message.hpp"
#include "dialect/translate.hpp"
#include "dialect/usage_words.hpp"
#include "llm/answer.hpp"

namespace flotte::dialect {
namespace {

using detail::JsonWriter;
using detail::member;
using detail::Value;

void read_anthropic(const Value& body, llm::Answer& answer, Ledger& ledger) {
  answer.parts = anthropic::read_content(member(body, "content"), Place("content"), ledger);
  answer.finish = parse_finish(Format::anthropic, member(body, "stop_reason").text());
  answer.stop_sequence = member(body, "stop_sequence").text();
}

void read_openai(const Value& body, llm::Answer& answer, Ledger& ledger) {
  const Place choices("choices");
  for (detail::Elements e(member(body, "choices")); e.next();) {
    const Place here(choices, e.index());
    if (e.index() > 0) {
      ledger.meet(Feature::unknown_field, here);
      continue;
    }
    answer.parts = openai_chat::read_message(member(e, "message"), Place(here, "message"), ledger, "assistant").parts;
    answer.finish = parse_finish(Format::openai_chat, member(e, "finish_reason").text());
    answer.stop_sequence = member(e, "stop_reason").text();
  }
  if (!answer.stop_sequence.empty() && answer.finish == llm::Finish::end_turn) answer.finish = llm::Finish::stop_sequence;
}

/// Ids that the provider left out, and the reason that some servers get wrong.
void mend_calls(llm::Answer& answer, const ReplyContext& context) {
  std::size_t calls = 0;
  for (llm::Part& part : answer.parts) {
    auto* call = std::get_if<llm::ToolCall>(&part.value);
    if (!call) continue;
    if (call->id.empty()) call->id = fmt::format("call_{}_{}", context.request_id.empty() ? answer.id : context.request_id, calls);
    ++calls;
  }
  const bool plain = answer.finish == llm::Finish::end_turn || answer.finish == llm::Finish::none;
  if (plain) answer.finish = calls > 0 ? llm::Finish::tool_use : llm::Finish::end_turn;
}

std::string write_anthropic(const llm::Answer& answer, const ReplyContext& context, Ledger& ledger) {
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("id", answer.id.empty() ? "msg_" + context.request_id : answer.id).pair("type", "message").pair("role", "assistant");
  w.pair("model", answer.model).key("content").open('[');
  const Place content("content");
  for (std::size_t i = 0; i < answer.parts.size(); ++i) {
    // Of an answer, unlike of a request, thinking without a signature may be shown.
    const auto* thought = answer.parts[i].as<llm::Reasoning>();
    if (thought && thought->encrypted.empty() && thought->signature.empty())
      w.open('{').pair("type", "thinking").pair("thinking", thought->text).pair("signature", "").close('}');
    else
      anthropic::write_part(w, answer.parts[i], Place(content, i), ledger);
  }
  w.close(']').pair("stop_reason", finish_word(Format::anthropic, answer.finish)).key("stop_sequence");
  answer.stop_sequence.empty() || answer.finish != llm::Finish::stop_sequence ? w.null() : w.text(answer.stop_sequence);
  write_usage(w, Format::anthropic, answer.usage);
  w.close('}');
  return out;
}

struct ChatMessage {
  std::string content, refusal, reasoning, details, calls;
};

void add_reasoning(const llm::Reasoning& thought, ChatMessage& message) {
  message.reasoning += thought.text;
  JsonWriter w(message.details);
  if (!thought.encrypted.empty()) w.open('{').pair("type", "reasoning.encrypted").pair("data", thought.encrypted).close('}');
  if (!thought.signature.empty())
    w.open('{').pair("type", "reasoning.text").pair("text", thought.text).pair("signature", thought.signature).close('}');
}

ChatMessage chat_message(const llm::Answer& answer) {
  ChatMessage message;
  JsonWriter calls(message.calls);
  for (const llm::Part& part : answer.parts) {
    if (const auto* text = part.as<llm::Text>()) message.content += text->text;
    if (const auto* refusal = part.as<llm::Refusal>()) message.refusal += refusal->text;
    if (const auto* thought = part.as<llm::Reasoning>()) add_reasoning(*thought, message);
    if (const auto* call = part.as<llm::ToolCall>()) {
      calls.open('{').pair("id", call->id).pair("type", "function").key("function").open('{').pair("name", call->name);
      calls.pair("arguments", call->broken.empty() ? call->arguments.text : call->broken).close('}').close('}');
    }
  }
  return message;
}

std::string write_openai(const llm::Answer& answer, const ReplyContext& context, Ledger&) {
  const ChatMessage message = chat_message(answer);
  std::string out;
  JsonWriter w(out);
  w.open('{').pair("id", answer.id.empty() ? "chatcmpl-" + context.request_id : answer.id).pair("object", "chat.completion");
  w.key("created").whole(context.created_s).pair("model", answer.model).key("choices").open('[').open('{').key("index").whole(0);
  w.key("message").open('{').pair("role", "assistant").key("content");
  message.content.empty() && !(message.calls.empty() && message.refusal.empty()) ? w.null() : w.text(message.content);
  w.key("refusal");
  message.refusal.empty() ? w.null() : w.text(message.refusal);
  if (!message.reasoning.empty()) w.pair("reasoning_content", message.reasoning);
  if (!message.details.empty()) w.key("reasoning_details").open('[').raw(message.details).close(']');
  if (!message.calls.empty()) w.key("tool_calls").open('[').raw(message.calls).close(']');
  w.close('}').key("logprobs").null().pair("finish_reason", finish_word(Format::openai_chat, answer.finish)).close('}').close(']');
  write_usage(w, Format::openai_chat, answer.usage);
  w.close('}');
  return out;
}

/// What makes a body an answer of that format.
bool is_answer(Format format, const Value& body) {
  if (format == Format::anthropic) return member(body, "content").is_array();
  const Value choices = member(body, "choices");
  return choices.is_array() && !choices.empty_array();
}

}  // namespace

Result<TranslatedAnswer> translate_answer(Format provider, Format client, std::string_view body, const ReplyContext& context) {
  const auto value = detail::parse_value(body);
  if (!value || !value->is_object() || !is_answer(provider, *value)) {
    const ProviderError error = parse_error(200, body);
    const bool told = value && value->is_object() && !member(*value, "error").is_null();
    return fail(told ? Code::unavailable : Code::corrupt,
                told ? error.message : fmt::format("no answer of {}: {}", name_of(provider), error.message));
  }
  Ledger ledger(client);
  llm::Answer answer;
  answer.id = member(*value, "id").text();
  answer.model = context.model.empty() ? member(*value, "model").text() : context.model;
  UsageReader usage;
  usage.take(provider, member(*value, "usage"));
  answer.usage = usage.usage();
  provider == Format::anthropic ? read_anthropic(*value, answer, ledger) : read_openai(*value, answer, ledger);
  if (ledger.refused()) return fail(Code::corrupt, ledger.refusal()->message, ledger.refusal()->hint);
  mend_calls(answer, context);
  TranslatedAnswer out;
  out.body = client == Format::anthropic ? write_anthropic(answer, context, ledger) : write_openai(answer, context, ledger);
  if (ledger.refused()) return fail(Code::corrupt, ledger.refusal()->message, ledger.refusal()->hint);
  out.usage = answer.usage;
  out.notes = std::move(ledger.notes());
  return out;
}

TranslatedError translate_error(Format, Format client, int status, std::string_view body, std::string_view request_id) {
  const ProviderError error = parse_error(status, body);
  return {status_of(client, error), write_error(client, error, request_id)};
}

}  // namespace flotte::dialect
