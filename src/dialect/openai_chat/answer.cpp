// Whole answers of OpenAI chat completions.
#include "dialect/detail/codec.hpp"
#include "dialect/detail/json_writer.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/openai_chat/read_message.hpp"
#include "dialect/openai_chat/request.hpp"
#include "dialect/openai_chat/stream.hpp"
#include "dialect/usage_words.hpp"

namespace flotte::dialect::openai_chat {
namespace {

using detail::JsonWriter;
using detail::member;
using detail::Value;

bool is_answer(const Value& body) {
  const Value choices = member(body, "choices");
  return choices.is_array() && !choices.empty_array();
}

void read_answer(const Value& body, llm::Answer& answer, Ledger& ledger) {
  answer.id = member(body, "id").text();
  answer.model = member(body, "model").text();
  UsageReader usage;
  usage.take(Format::openai_chat, member(body, "usage"));
  answer.usage = usage.usage();
  const Place choices("choices");
  for (detail::Elements e(member(body, "choices")); e.next();) {
    const Place here(choices, e.index());
    if (e.index() > 0) {
      ledger.meet(Feature::unknown_field, here);
      continue;
    }
    answer.parts = read_message(member(e, "message"), Place(here, "message"), ledger, "assistant").parts;
    answer.finish = parse_finish(Format::openai_chat, member(e, "finish_reason").text());
    answer.stop_sequence = member(e, "stop_reason").text();
  }
  if (!answer.stop_sequence.empty() && answer.finish == llm::Finish::end_turn) answer.finish = llm::Finish::stop_sequence;
}

struct ChatMessage {
  std::string content, refusal, reasoning, details, calls, signature;
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
    if (const auto* text = part.as<llm::Text>()) {
      message.content += text->text;
      if (!part.signature.empty()) message.signature = part.signature;
    }
    if (const auto* refusal = part.as<llm::Refusal>()) message.refusal += refusal->text;
    if (const auto* thought = part.as<llm::Reasoning>()) add_reasoning(*thought, message);
    if (const auto* call = part.as<llm::ToolCall>()) {
      calls.open('{').pair("id", call->id).pair("type", "function").key("function").open('{').pair("name", call->name);
      calls.pair("arguments", call->broken.empty() ? call->arguments.text : call->broken).close('}');
      if (!part.signature.empty()) write_signature(calls, part.signature);
      calls.close('}');
    }
  }
  return message;
}

std::string write_answer(const llm::Answer& answer, const ReplyContext& context, Ledger&) {
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
  if (!message.signature.empty()) write_signature(w, message.signature);
  w.close('}').key("logprobs").null().pair("finish_reason", finish_word(Format::openai_chat, answer.finish)).close('}').close(']');
  write_usage(w, Format::openai_chat, answer.usage);
  w.close('}');
  return out;
}

std::unique_ptr<detail::StreamReader> make_reader(Ledger& ledger, const ReplyContext& context) {
  return std::make_unique<StreamReader>(ledger, context);
}
std::unique_ptr<detail::StreamWriter> make_writer(std::string& out, const ReplyContext& context) {
  return std::make_unique<StreamWriter>(out, context);
}

}  // namespace

constinit const detail::Codec codec{
    .format = Format::openai_chat,
    .parse_request = parse_request,
    .write_answer = write_answer,
    .make_writer = make_writer,
    .write_request = write_request,
    .is_answer = is_answer,
    .read_answer = read_answer,
    .make_reader = make_reader,
};

}  // namespace flotte::dialect::openai_chat
