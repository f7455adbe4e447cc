// response.created ... response.completed, written.
#include <algorithm>
#include <utility>

#include "dialect/responses/read_items.hpp"
#include "dialect/responses/stream.hpp"

namespace flotte::dialect::responses {

using detail::JsonWriter;
using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

JsonWriter StreamWriter::event(std::string_view type) {
  out_.append("event: ").append(type).append("\ndata: ");
  JsonWriter w(out_);
  w.open('{').pair("type", type).key("sequence_number").whole(sequence_++);
  return w;
}

JsonWriter StreamWriter::event(std::string_view type, const Item& item) {
  JsonWriter w = event(type);
  w.pair("item_id", item.id).key("output_index").whole(static_cast<std::int64_t>(item.index));
  if (item.kind == PartKind::reasoning) w.key("summary_index").whole(0);
  if (item.kind == PartKind::text || item.kind == PartKind::refusal) w.key("content_index").whole(0);
  return w;
}

void StreamWriter::send() { out_ += "}\n\n"; }

StreamWriter::Item* StreamWriter::find(std::size_t part) {
  for (std::size_t i = items_.size(); i-- > 0;)
    if (items_[i].part == part) return items_[i].ended ? nullptr : &items_[i];
  return nullptr;
}

void StreamWriter::on_event(const Event& event) {
  Item* item = nullptr;
  switch (event.kind) {
    case Kind::start: return start(event);
    case Kind::part_begin: return begin_item(event);
    case Kind::part_delta:
      if ((item = find(event.part))) grow_item(*item, event.text);
      return;
    case Kind::signature:
      if ((item = find(event.part))) item->signature += event.text;
      return;
    case Kind::part_end:
      if ((item = find(event.part))) end_item(*item);
      return;
    case Kind::usage: usage_ = event.usage; return;
    case Kind::finish: finish_ = event.finish; return;
    case Kind::ping: out_ += ": ping\n\n"; return;
    case Kind::error: return fail(event);
    case Kind::end: return finish();
  }
}

void StreamWriter::write_response(std::string_view type, const ResponseText::Outcome& outcome) {
  JsonWriter w = event(type);
  w.key("response");
  response_.write(w, outcome);
  send();
}

void StreamWriter::start(const Event& event) {
  started_ = true;
  usage_ = event.usage;
  response_.begin(event.id, event.name);
  write_response("response.created", {.status = Status::in_progress});
  write_response("response.in_progress", {.status = Status::in_progress});
}

void StreamWriter::begin_item(const Event& event) {
  Item item{.part = event.part, .index = done_.size(), .kind = event.part_kind};
  if (item.kind == PartKind::encrypted_reasoning) {
    std::string json;
    JsonWriter thought(json);
    write_thought(thought, response_.next_id("rs_"), {{}, {}, std::string(event.text)});
    return add_whole(std::move(json));
  }
  if (item.kind == PartKind::tool_call) {
    item.call = response_.name_call(event.id, event.name);
    item.signature = event.text;
  }
  const bool words = item.kind == PartKind::text || item.kind == PartKind::refusal;
  item.id = response_.next_id(words ? "msg_" : item.kind == PartKind::reasoning ? std::string_view("rs_") : item.call.prefix());
  done_.emplace_back();
  JsonWriter w = this->event("response.output_item.added");
  w.key("output_index").whole(static_cast<std::int64_t>(item.index)).key("item");
  if (words)
    write_words(w, item.id, item.kind, {}, Status::in_progress);
  else if (item.kind == PartKind::reasoning)
    write_thought(w, item.id, {});
  else
    write_call(w, item.id, item.call, {}, Status::in_progress);
  send();
  if (words) {
    JsonWriter part = this->event("response.content_part.added", item);
    write_content(part.key("part"), item.kind, {});
    send();
  }
  items_.push_back(std::move(item));
}

void StreamWriter::grow_item(Item& item, std::string_view text) {
  if (text.empty()) return;
  item.text += text;
  if (item.kind == PartKind::reasoning && !std::exchange(item.summary, true)) {
    event("response.reasoning_summary_part.added", item).key("part").open('{').pair("type", "summary_text").pair("text", "").close('}');
    send();
  }
  switch (item.kind) {
    case PartKind::text: event("response.output_text.delta", item).pair("delta", text).key("logprobs").raw("[]"); return send();
    case PartKind::refusal: event("response.refusal.delta", item).pair("delta", text); return send();
    case PartKind::reasoning: event("response.reasoning_summary_text.delta", item).pair("delta", text); return send();
    case PartKind::tool_call:
      if (item.call.search) return;
      if (item.call.free_text) return grow_input(item, item.free.feed(text));
      event("response.function_call_arguments.delta", item).pair("delta", text);
      return send();
    case PartKind::encrypted_reasoning: return;
  }
}

void StreamWriter::end_item(Item& item) {
  item.ended = true;
  switch (item.kind) {
    case PartKind::text:
    case PartKind::refusal: return end_words(item);
    case PartKind::reasoning: return end_thought(item);
    case PartKind::tool_call: return end_call(item);
    case PartKind::encrypted_reasoning: return;
  }
}

void StreamWriter::end_words(Item& item) {
  if (item.kind == PartKind::refusal)
    event("response.refusal.done", item).pair("refusal", item.text);
  else
    event("response.output_text.done", item).pair("text", item.text).key("logprobs").raw("[]");
  send();
  JsonWriter part = event("response.content_part.done", item);
  write_content(part.key("part"), item.kind, item.text);
  send();
  std::string json;
  JsonWriter w(json);
  write_words(w, item.id, item.kind, item.text, Status::completed);
  add_done(item, std::move(json));
}

void StreamWriter::end_thought(Item& item) {
  if (item.summary) {
    event("response.reasoning_summary_text.done", item).pair("text", item.text);
    send();
    event("response.reasoning_summary_part.done", item)
        .key("part")
        .open('{')
        .pair("type", "summary_text")
        .pair("text", item.text)
        .close('}');
    send();
  }
  std::string json;
  JsonWriter w(json);
  write_thought(w, item.id, {item.text, item.signature, {}});
  add_done(item, std::move(json));
}

void StreamWriter::grow_input(Item& item, std::string_view text) {
  if (text.empty()) return;
  item.input += text;
  event("response.custom_tool_call_input.delta", item).pair("delta", text);
  send();
}

void StreamWriter::end_call(Item& item) {
  if (item.text.empty()) grow_item(item, "{}");  // clients parse them, and nothing is no JSON
  if (item.call.free_text) {
    if (!item.free.begun()) grow_input(item, unwrap_input(item.text));
    event("response.custom_tool_call_input.done", item).pair("input", item.input);
    send();
  } else if (!item.call.search) {
    event("response.function_call_arguments.done", item).pair("name", item.call.name).pair("arguments", item.text);
    send();
  }
  const std::string& text = item.call.free_text ? item.input : item.text;
  std::string json, signature;
  JsonWriter w(json), s(signature);
  write_call(w, item.id, item.call, text, Status::completed);
  const std::string call_id = item.call.call_id;
  const std::string call_signature = std::exchange(item.signature, {});
  add_done(item, std::move(json));
  if (call_signature.empty()) return;
  write_call_signature(s, response_.next_id("rs_"), call_id, call_signature);
  add_whole(std::move(signature));
}

void StreamWriter::add_done(const Item& item, std::string json) {
  event("response.output_item.done").key("output_index").whole(static_cast<std::int64_t>(item.index)).key("item").raw(json);
  send();
  done_[item.index] = std::move(json);
}

void StreamWriter::add_whole(std::string json) {
  const auto index = static_cast<std::int64_t>(done_.size());
  for (const std::string_view type : {"response.output_item.added", "response.output_item.done"}) {
    event(type).key("output_index").whole(index).key("item").raw(json);
    send();
  }
  done_.push_back(std::move(json));
}

std::string StreamWriter::output() const {
  std::string joined;
  for (const std::string& json : done_) {
    if (json.empty()) continue;
    if (!joined.empty()) joined += ',';
    joined += json;
  }
  return joined;
}

void StreamWriter::fail(const Event& error) {
  if (!std::exchange(started_, true)) response_.begin({}, {});
  const std::string code = error_code(error.name, error.text), items = output();
  // The official libraries raise on the first, agents read the second.
  JsonWriter w = event("error");
  write_error_members(w, code, error.text);
  send();
  write_response("response.failed",
                 {.status = Status::failed, .usage = usage_, .output = items, .error_code = code, .error_words = error.text});
}

void StreamWriter::finish() {
  for (std::size_t i = 0; i < items_.size(); ++i)
    if (!items_[i].ended) end_item(items_[i]);
  const Status status = status_of(finish_);
  const std::string items = output();
  write_response(status == Status::incomplete ? "response.incomplete" : "response.completed",
                 {.status = status, .finish = finish_, .usage = usage_, .output = items});
}

}  // namespace flotte::dialect::responses
