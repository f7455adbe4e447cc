// message_start ... message_stop, read.
#include <array>
#include <utility>

#include "dialect/anthropic/stream.hpp"
#include "dialect/error_words.hpp"
#include "dialect/finish_words.hpp"

namespace flotte::dialect::anthropic {

using detail::member;
using detail::Value;
using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

void StreamReader::on_data(std::string_view event_name, std::string_view data, llm::EventSink& sink) {
  if (closed_) return;
  const auto event = detail::parse_value(data);
  if (!event || !event->is_object()) return fail("api_error", "the provider sent an event that is no JSON object", sink);
  std::string type = member(*event, "type").text();
  if (type.empty()) type = event_name;
  if (type == "content_block_delta") return on_block_delta(*event, sink);
  if (type == "message_start") return on_start(member(*event, "message"), sink);
  if (type == "content_block_start") return on_block_start(*event, sink);
  if (type == "content_block_stop") return on_block_stop(*event, sink);
  if (type == "message_delta") return on_message_delta(*event, sink);
  if (type == "ping") return sink.on_event({.kind = Kind::ping});
  if (type == "error") {
    const ProviderError error = parse_error(0, data);
    return fail(error.kind, error.message, sink);
  }
  if (type == "message_stop") {
    closed_ = true;
    sink.on_event({.kind = Kind::end});
    return;
  }
  ledger_.meet(Feature::unknown_field, Place(type));
}

void StreamReader::on_close(llm::EventSink& sink) {
  if (!closed_)
    fail("api_error",
         "the provider's answer was cut off: its stream ended before "
         "message_stop",
         sink);
}

void StreamReader::fail(std::string_view kind, std::string_view message, llm::EventSink& sink) {
  closed_ = true;
  sink.on_event({.kind = Kind::error, .text = message, .name = kind});
}

void StreamReader::on_start(const Value& message, llm::EventSink& sink) {
  if (std::exchange(started_, true)) return;  // some gateways say it twice
  usage_.take(Format::anthropic, member(message, "usage"));
  const std::string id = member(message, "id").text(), model = member(message, "model").text();
  sink.on_event({.kind = Kind::start, .id = id, .name = model, .usage = usage_.usage()});
}

StreamReader::Block* StreamReader::find(const Value& event) {
  const std::int64_t index = member(event, "index").whole().value_or(0);
  for (std::size_t i = blocks_.size(); i-- > 0;)
    if (blocks_[i].index == index && blocks_[i].open) return &blocks_[i];
  return nullptr;
}

void StreamReader::on_block_start(const Value& event, llm::EventSink& sink) {
  const Value block = member(event, "content_block");
  const std::string type = member(block, "type").text();
  const std::int64_t index = member(event, "index").whole().value_or(0);
  Event begin{.kind = Kind::part_begin, .part = parts_};
  std::string id, name, data, first;
  if (type == "text") {
    first = member(block, "text").text();
  } else if (type == "tool_use") {
    begin.part_kind = PartKind::tool_call;
    id = member(block, "id").text();
    name = member(block, "name").text();
    // Its input comes in deltas; a server that sends it whole sends it here.
    if (const Value input = member(block, "input"); input.is_object() && detail::Fields(input).next()) first = input.raw;
  } else if (type == "thinking") {
    begin.part_kind = PartKind::reasoning;
    first = member(block, "thinking").text();
  } else if (type == "redacted_thinking") {
    begin.part_kind = PartKind::encrypted_reasoning;
    data = member(block, "data").text();
  } else {
    ledger_.meet(Feature::unknown_field, Place("content_block." + type));
    return;
  }
  begin.id = id;
  begin.name = name;
  begin.text = data;
  blocks_.push_back({index, parts_++, true});
  sink.on_event(begin);
  if (!first.empty()) sink.on_event({.kind = Kind::part_delta, .part = begin.part, .part_kind = begin.part_kind, .text = first});
}

void StreamReader::on_block_delta(const Value& event, llm::EventSink& sink) {
  struct DeltaType {
    std::string_view type, field;
    PartKind kind;
  };
  static constexpr std::array types{
      DeltaType{"text_delta", "text", PartKind::text},
      DeltaType{"input_json_delta", "partial_json", PartKind::tool_call},
      DeltaType{"thinking_delta", "thinking", PartKind::reasoning},
  };
  const Value delta = member(event, "delta");
  const std::string type = member(delta, "type").text();
  Block* block = find(event);
  if (type == "signature_delta" && block) {
    const std::string signature = member(delta, "signature").text();
    return sink.on_event({.kind = Kind::signature, .part = block->part, .part_kind = PartKind::reasoning, .text = signature});
  }
  for (const DeltaType& row : types) {
    if (type != row.type) continue;
    if (!block && row.kind == PartKind::tool_call) return;  // of a block of the provider's own tools, which was noted
    if (!block) {
      // The start of a block got lost on the way: its kind is plain from the delta.
      blocks_.push_back({member(event, "index").whole().value_or(0), parts_++, true});
      block = &blocks_.back();
      sink.on_event({.kind = Kind::part_begin, .part = block->part, .part_kind = row.kind});
    }
    const std::string text = member(delta, row.field).text();
    if (!text.empty()) sink.on_event({.kind = Kind::part_delta, .part = block->part, .part_kind = row.kind, .text = text});
    return;
  }
  ledger_.meet(type == "citations_delta" ? Feature::citations : Feature::unknown_field, Place(type));
}

void StreamReader::on_block_stop(const Value& event, llm::EventSink& sink) {
  Block* block = find(event);
  if (!block) return;
  block->open = false;
  sink.on_event({.kind = Kind::part_end, .part = block->part});
}

void StreamReader::on_message_delta(const Value& event, llm::EventSink& sink) {
  if (const Value usage = member(event, "usage"); usage.is_object()) {
    usage_.take(Format::anthropic, usage);
    sink.on_event({.kind = Kind::usage, .usage = usage_.usage()});
  }
  const Value delta = member(event, "delta");
  const std::string reason = member(delta, "stop_reason").text();
  if (reason.empty() || std::exchange(finished_, true)) return;
  const std::string sequence = member(delta, "stop_sequence").text();
  sink.on_event({.kind = Kind::finish, .stop_sequence = sequence, .finish = parse_finish(Format::anthropic, reason)});
}

}  // namespace flotte::dialect::anthropic
