// Parts to events, events to parts.
#include "dialect/detail/answer_events.hpp"

#include <algorithm>

#include "dialect/detail/fields.hpp"

namespace flotte::dialect::detail {
namespace {

using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

bool can_tell(const llm::Part& part) {
  return part.as<llm::Text>() || part.as<llm::ToolCall>() || part.as<llm::Reasoning>() || part.as<llm::Refusal>();
}

/// One part: its kind, what it begins with and what is streamed into it.
struct Told {
  PartKind kind = PartKind::text;
  std::string_view id, name, first, text, signature;
};

Told told(const llm::Part& part) {
  if (const auto* text = part.as<llm::Text>()) return {.text = text->text, .signature = part.signature};
  if (const auto* refusal = part.as<llm::Refusal>()) return {.kind = PartKind::refusal, .text = refusal->text};
  if (const auto* call = part.as<llm::ToolCall>())
    return {.kind = PartKind::tool_call,
            .id = call->id,
            .name = call->name,
            .first = part.signature,
            .text = call->arguments.empty() ? call->broken : call->arguments.text};
  const auto* thought = part.as<llm::Reasoning>();
  if (!thought->encrypted.empty()) return {.kind = PartKind::encrypted_reasoning, .first = thought->encrypted};
  return {.kind = PartKind::reasoning, .text = thought->text, .signature = thought->signature};
}

}  // namespace

bool tell_answer(const llm::Answer& answer, llm::EventSink& sink) {
  if (!std::all_of(answer.parts.begin(), answer.parts.end(), can_tell)) return false;
  sink.on_event({.kind = Kind::start, .id = answer.id, .name = answer.model, .usage = answer.usage});
  for (std::size_t i = 0; i < answer.parts.size(); ++i) {
    const Told part = told(answer.parts[i]);
    sink.on_event({.kind = Kind::part_begin, .part = i, .part_kind = part.kind, .text = part.first, .id = part.id, .name = part.name});
    if (!part.text.empty()) sink.on_event({.kind = Kind::part_delta, .part = i, .part_kind = part.kind, .text = part.text});
    if (!part.signature.empty()) sink.on_event({.kind = Kind::signature, .part = i, .part_kind = part.kind, .text = part.signature});
    sink.on_event({.kind = Kind::part_end, .part = i, .part_kind = part.kind});
  }
  sink.on_event({.kind = Kind::usage, .usage = answer.usage});
  sink.on_event({.kind = Kind::finish, .stop_sequence = answer.stop_sequence, .finish = answer.finish});
  sink.on_event({.kind = Kind::end});
  return true;
}

llm::Part* AnswerGatherer::find(std::size_t part) {
  const auto found = std::find(numbers_.begin(), numbers_.end(), part);
  return found == numbers_.end() ? nullptr : &answer_.parts[static_cast<std::size_t>(found - numbers_.begin())];
}

void AnswerGatherer::begin(const Event& event) {
  llm::Part part;
  switch (event.part_kind) {
    case PartKind::text: part.value = llm::Text{}; break;
    case PartKind::refusal: part.value = llm::Refusal{}; break;
    case PartKind::reasoning: part.value = llm::Reasoning{}; break;
    case PartKind::encrypted_reasoning: part.value = llm::Reasoning{.encrypted = std::string(event.text)}; break;
    case PartKind::tool_call:
      part.value = llm::ToolCall{.id = std::string(event.id), .name = std::string(event.name)};
      part.signature = event.text;
      break;
  }
  numbers_.push_back(event.part);
  answer_.parts.push_back(std::move(part));
}

void AnswerGatherer::grow(llm::Part& part, std::string_view text) {
  if (auto* t = std::get_if<llm::Text>(&part.value)) t->text += text;
  if (auto* r = std::get_if<llm::Refusal>(&part.value)) r->text += text;
  if (auto* thought = std::get_if<llm::Reasoning>(&part.value)) thought->text += text;
  if (auto* call = std::get_if<llm::ToolCall>(&part.value)) call->arguments.text += text;
}

void AnswerGatherer::on_event(const Event& event) {
  llm::Part* part = find(event.part);
  switch (event.kind) {
    case Kind::start:
      answer_.id = event.id;
      answer_.model = event.name;
      answer_.usage = event.usage;
      break;
    case Kind::part_begin: begin(event); break;
    case Kind::part_delta:
      if (part) grow(*part, event.text);
      break;
    case Kind::signature:
      if (!part) break;
      if (auto* thought = std::get_if<llm::Reasoning>(&part->value))
        thought->signature += event.text;
      else
        part->signature += event.text;
      break;
    case Kind::part_end: {
      auto* call = part ? std::get_if<llm::ToolCall>(&part->value) : nullptr;
      if (!call || call->arguments.empty()) break;
      const auto value = parse_value(call->arguments.text);
      if (!value || !value->is_object()) call->broken = std::exchange(call->arguments.text, {});
      break;
    }
    case Kind::usage: answer_.usage = event.usage; break;
    case Kind::finish:
      answer_.finish = event.finish;
      answer_.stop_sequence = event.stop_sequence;
      break;
    case Kind::error: error_ = event.text; break;
    case Kind::end: complete_ = true; break;
    case Kind::ping: break;
  }
}

}  // namespace flotte::dialect::detail
