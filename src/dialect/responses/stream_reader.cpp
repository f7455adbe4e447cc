// response.created ... response.completed, read.
#include <array>
#include <utility>

#include "dialect/detail/json_writer.hpp"
#include "dialect/error_words.hpp"
#include "dialect/openai_chat/read_message.hpp"
#include "dialect/responses/read_items.hpp"
#include "dialect/responses/read_tools.hpp"
#include "dialect/responses/stream.hpp"
#include "dialect/usage_words.hpp"

namespace flotte::dialect::responses {

using detail::member;
using detail::Value;
using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

struct StreamReader::EventType {
  std::string_view type;
  void (StreamReader::*read)(const Value&, llm::EventSink&);
};

void StreamReader::on_data(std::string_view event_name, std::string_view data, llm::EventSink& sink) {
  static constexpr std::array types{
      EventType{"response.output_text.delta", &StreamReader::on_text_delta},
      EventType{"response.function_call_arguments.delta", &StreamReader::on_arguments_delta},
      EventType{"response.reasoning_summary_text.delta", &StreamReader::on_summary_delta},
      EventType{"response.reasoning_text.delta", &StreamReader::on_thought_delta},
      EventType{"response.refusal.delta", &StreamReader::on_refusal_delta},
      EventType{"response.created", &StreamReader::on_response},
      EventType{"response.in_progress", &StreamReader::on_response},
      EventType{"response.queued", &StreamReader::on_response},
      EventType{"response.output_item.added", &StreamReader::on_item_added},
      EventType{"response.output_item.done", &StreamReader::on_item_done},
      EventType{"response.output_text.done", &StreamReader::on_text_done},
      EventType{"response.function_call_arguments.done", &StreamReader::on_arguments_done},
      EventType{"response.output_text.annotation.added", &StreamReader::on_annotation},
      EventType{"response.completed", &StreamReader::on_completed},
      EventType{"response.incomplete", &StreamReader::on_completed},
      EventType{"response.failed", &StreamReader::on_failed},
      EventType{"response.cancelled", &StreamReader::on_failed},
      EventType{"error", &StreamReader::on_failed},
      // What these say comes again at the end of the item.
      EventType{"response.content_part.added", &StreamReader::nothing},
      EventType{"response.content_part.done", &StreamReader::nothing},
      EventType{"response.refusal.done", &StreamReader::nothing},
      EventType{"response.reasoning_summary_part.added", &StreamReader::nothing},
      EventType{"response.reasoning_summary_part.done", &StreamReader::nothing},
      EventType{"response.reasoning_summary_text.done", &StreamReader::nothing},
      EventType{"response.reasoning_text.done", &StreamReader::nothing},
      EventType{"response.custom_tool_call_input.delta", &StreamReader::nothing},
      EventType{"response.custom_tool_call_input.done", &StreamReader::nothing},
  };
  if (closed_ || data == "[DONE]") return;
  const auto event = detail::parse_value(data);
  if (!event || !event->is_object()) return fail("server_error", "the provider sent an event that is no JSON object", sink);
  std::string type = member(*event, "type").text();
  if (type.empty() || event_name == "error") type = event_name;
  if (type.empty() && !member(*event, "error").is_null()) type = "error";
  for (const EventType& row : types)
    if (row.type == type) return (this->*row.read)(*event, sink);
  ledger_.meet(Feature::unknown_field, Place(type));
}

void StreamReader::nothing(const Value&, llm::EventSink&) {}

void StreamReader::on_close(llm::EventSink& sink) {
  if (!closed_) fail("server_error", "the provider's answer was cut off: its stream ended before response.completed", sink);
}

void StreamReader::fail(std::string_view kind, std::string_view message, llm::EventSink& sink) {
  closed_ = true;
  sink.on_event({.kind = Kind::error, .text = message, .name = kind});
}

void StreamReader::on_failed(const Value& event, llm::EventSink& sink) {
  const Value response = member(event, "response");
  const Value& from = response.is_object() ? response : event;
  const ProviderError error = parse_error(0, from.raw);
  const bool told = !member(from, "error").is_null() || member(from, "message").is_string();
  fail(error_kind(error), told ? std::string_view(error.message) : "the provider's answer failed, and it did not say why", sink);
}

void StreamReader::begin(const Value& response, llm::EventSink& sink) {
  if (std::exchange(started_, true)) return;
  id_ = member(response, "id").text();
  const std::string model = member(response, "model").text();
  UsageReader usage;
  usage.take(Format::responses, member(response, "usage"));
  sink.on_event({.kind = Kind::start, .id = id_, .name = model, .usage = usage.usage()});
}

void StreamReader::on_response(const Value& event, llm::EventSink& sink) { begin(member(event, "response"), sink); }

StreamReader::Item& StreamReader::item_of(const Value& event, llm::EventSink& sink) {
  begin({}, sink);
  // Some servers write another id in each event of an item.
  const Value index = member(event, "output_index");
  std::string key = index.kind == dialect::Kind::number ? std::string(index.raw) : member(event, "item_id").text();
  if (key.empty()) key = member(member(event, "item"), "id").text();
  for (Item& item : items_)
    if (item.key == key) return item;
  for (Item& item : items_)
    if (item.open && item.kind != PartKind::tool_call) end_part(item, sink);
  items_.push_back({.key = std::move(key)});
  return items_.back();
}

void StreamReader::begin_part(Item& item, PartKind kind, llm::EventSink& sink) {
  item.open = item.begun = true;
  item.kind = kind;
  item.part = parts_++;
  sink.on_event({.kind = Kind::part_begin, .part = item.part, .part_kind = kind, .id = item.call_id, .name = item.name});
}

void StreamReader::end_part(Item& item, llm::EventSink& sink) {
  if (std::exchange(item.open, false)) sink.on_event({.kind = Kind::part_end, .part = item.part});
}

void StreamReader::grow_words(Item& item, PartKind kind, std::int64_t place, std::string_view text, llm::EventSink& sink) {
  if (text.empty() || item.ended) return;
  const bool thought = kind == PartKind::reasoning;
  if (item.open && !thought && (item.kind != kind || item.place != place)) end_part(item, sink);
  if (!item.open && thought && item.begun) return;  // it was ended by the next item, wrongly
  const bool again = item.open && item.place != place;
  if (!item.open) begin_part(item, kind, sink);
  item.place = place;
  if (again) sink.on_event({.kind = Kind::part_delta, .part = item.part, .part_kind = kind, .text = "\n\n"});
  sink.on_event({.kind = Kind::part_delta, .part = item.part, .part_kind = kind, .text = text});
}

void StreamReader::on_text_delta(const Value& event, llm::EventSink& sink) {
  const std::string text = member(event, "delta").text();
  grow_words(item_of(event, sink), PartKind::text, member(event, "content_index").whole().value_or(0), text, sink);
}

void StreamReader::on_refusal_delta(const Value& event, llm::EventSink& sink) {
  const std::string text = member(event, "delta").text();
  grow_words(item_of(event, sink), PartKind::refusal, member(event, "content_index").whole().value_or(0), text, sink);
}

void StreamReader::on_text_done(const Value& event, llm::EventSink& sink) {
  Item& item = item_of(event, sink);
  const std::int64_t place = member(event, "content_index").whole().value_or(0);
  if (!item.begun) grow_words(item, PartKind::text, place, member(event, "text").text(), sink);
  if (item.open && item.kind == PartKind::text && item.place == place) end_part(item, sink);
}

void StreamReader::on_summary_delta(const Value& event, llm::EventSink& sink) {
  Item& item = item_of(event, sink);
  if (item.begun && !item.summary) return;  // the thought itself has come
  item.summary = true;
  grow_words(item, PartKind::reasoning, member(event, "summary_index").whole().value_or(0), member(event, "delta").text(), sink);
}

void StreamReader::on_thought_delta(const Value& event, llm::EventSink& sink) {
  Item& item = item_of(event, sink);
  if (item.summary) return;
  grow_words(item, PartKind::reasoning, member(event, "content_index").whole().value_or(0), member(event, "delta").text(), sink);
}

void StreamReader::on_annotation(const Value&, llm::EventSink&) { ledger_.meet(Feature::citations, Place("output_text.annotations")); }

void StreamReader::on_item_added(const Value& event, llm::EventSink& sink) {
  Item& item = item_of(event, sink);
  const Value value = member(event, "item");
  if (item.begun || item.ended || member(value, "type").text() != "function_call") return;
  item.call_id = member(value, "call_id").text();
  item.name = flat_name(member(value, "namespace").text(), member(value, "name").text());
  item.kind = PartKind::tool_call;
  if (item.name.empty() || item.call_id.empty()) return;  // until the item is done
  begin_part(item, PartKind::tool_call, sink);
  grow_call(item, std::exchange(item.held, {}), sink);
}

void StreamReader::grow_call(Item& item, std::string_view text, llm::EventSink& sink) {
  if (text.empty() || item.ended) return;
  if (!item.open) {
    item.held += text;
    return;
  }
  item.grown = true;
  sink.on_event({.kind = Kind::part_delta, .part = item.part, .part_kind = PartKind::tool_call, .text = text});
}

void StreamReader::on_arguments_delta(const Value& event, llm::EventSink& sink) {
  Item& item = item_of(event, sink);
  if (item.begun && item.kind != PartKind::tool_call) return;
  item.kind = PartKind::tool_call;
  grow_call(item, member(event, "delta").text(), sink);
}

void StreamReader::on_arguments_done(const Value& event, llm::EventSink& sink) {
  Item& item = item_of(event, sink);
  if (item.kind == PartKind::tool_call && item.open && !item.grown) grow_call(item, member(event, "arguments").text(), sink);
}

void StreamReader::on_item_done(const Value& event, llm::EventSink& sink) {
  finish_item(item_of(event, sink), member(event, "item"), sink);
}

void StreamReader::finish_item(Item& item, const Value& value, llm::EventSink& sink) {
  if (item.ended) return;
  const std::string type = member(value, "type").text();
  if (type == "function_call" || type == "custom_tool_call") return finish_call(item, value, sink);
  if (type == "reasoning") return finish_thought(item, value, sink);
  if (type == "message") {
    if (!item.begun) {
      for (detail::Elements e(member(value, "content")); e.next();) {
        const bool refusal = member(e, "type").text() == "refusal";
        const std::string text = member(e, refusal ? "refusal" : "text").text();
        grow_words(item, refusal ? PartKind::refusal : PartKind::text, static_cast<std::int64_t>(e.index()), text, sink);
      }
    }
  } else {
    ledger_.meet(Feature::unknown_field, Place("output." + type));
  }
  end_part(item, sink);
  item.ended = true;
}

void StreamReader::finish_thought(Item& item, const Value& value, llm::EventSink& sink) {
  std::vector<llm::Part> parts;
  read_output_item(value, Place("output"), parts, ledger_);
  const auto* thought = parts.empty() ? nullptr : parts.front().as<llm::Reasoning>();
  if (thought && !item.begun && !thought->text.empty()) grow_words(item, PartKind::reasoning, 0, thought->text, sink);
  if (thought) {
    const std::string& token = thought->signature.empty() ? thought->encrypted : thought->signature;
    if (item.open && !token.empty())
      sink.on_event({.kind = Kind::signature, .part = item.part, .part_kind = PartKind::reasoning, .text = token});
    if (!item.begun && !token.empty()) {
      item.begun = item.open = true;
      item.part = parts_++;
      sink.on_event({.kind = Kind::part_begin, .part = item.part, .part_kind = PartKind::encrypted_reasoning, .text = token});
    }
  }
  end_part(item, sink);
  item.ended = true;
}

void StreamReader::finish_call(Item& item, const Value& value, llm::EventSink& sink) {
  const bool custom = member(value, "type").text() == "custom_tool_call";
  if (!item.begun) {
    if (item.call_id.empty()) item.call_id = member(value, "call_id").text();
    if (item.call_id.empty()) item.call_id = "call_" + (context_.request_id.empty() ? id_ : context_.request_id) + "_" + item.key;
    if (item.name.empty()) item.name = flat_name(member(value, "namespace").text(), member(value, "name").text());
    if (item.name.empty()) return void(ledger_.meet(Feature::unknown_field, Place("output.name")));
    begin_part(item, PartKind::tool_call, sink);
    grow_call(item, std::exchange(item.held, {}), sink);
  }
  if (item.kind == PartKind::tool_call && !item.grown)
    grow_call(item, custom ? wrap_input(member(value, "input").text()) : member(value, "arguments").text(), sink);
  called_ = called_ || item.kind == PartKind::tool_call;
  end_part(item, sink);
  item.ended = true;
}

void StreamReader::on_completed(const Value& event, llm::EventSink& sink) {
  const Value response = member(event, "response");
  begin(response, sink);
  if (items_.empty())
    for (detail::Elements e(member(response, "output")); e.next();) {
      items_.push_back({.key = std::to_string(e.index())});
      finish_item(items_.back(), e, sink);
    }
  for (Item& item : items_) {
    called_ = called_ || (item.open && item.kind == PartKind::tool_call);
    end_part(item, sink);
  }
  closed_ = true;
  UsageReader usage;
  usage.take(Format::responses, member(response, "usage"));
  llm::Finish finish = finish_of(response);
  if (called_ && finish == llm::Finish::end_turn) finish = llm::Finish::tool_use;
  sink.on_event({.kind = Kind::usage, .usage = usage.usage()});
  sink.on_event({.kind = Kind::finish, .finish = finish});
  sink.on_event({.kind = Kind::end});
}

}  // namespace flotte::dialect::responses
