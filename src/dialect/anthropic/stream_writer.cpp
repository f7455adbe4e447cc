// message_start ... message_stop, written.
#include <algorithm>

#include "dialect/anthropic/stream.hpp"
#include "dialect/detail/json_writer.hpp"
#include "dialect/error_words.hpp"
#include "dialect/finish_words.hpp"

namespace flotte::dialect::anthropic {

using detail::JsonWriter;
using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

void StreamWriter::send(std::string_view name, std::string_view json) {
  out_.append("event: ").append(name).append("\ndata: ").append(json).append("\n\n");
}

void StreamWriter::on_event(const Event& event) {
  const bool mine = open_ && event.part == open_part_;
  switch (event.kind) {
    case Kind::start: return start(event);
    case Kind::part_begin:
      if (open_)
        return void(waiting_.push_back(
            {event.part, event.part_kind, std::string(event.id), std::string(event.name), {}, {}, std::string(event.text)}));
      open_part_ = event.part;
      return begin_block(event.part_kind, event.id, event.name, event.text);
    case Kind::part_delta:
      if (mine) return grow_block(event.part_kind, event.text);
      if (Waiting* w = waiting(event.part)) w->text += event.text;
      return;
    case Kind::signature:
      if (mine) return sign_block(event.text);
      if (Waiting* w = waiting(event.part)) w->signature += event.text;
      return;
    case Kind::part_end:
      if (Waiting* w = waiting(event.part)) w->ended = true;
      if (!mine) return;
      end_block();
      return open_waiting();
    case Kind::usage: usage_ = event.usage; return;
    case Kind::finish:
      finish_ = event.finish;
      stop_sequence_ = event.stop_sequence;
      return;
    case Kind::ping: return send("ping", R"({"type":"ping"})");
    case Kind::error:
      return send("error", write_error(Format::anthropic, {std::string(event.name), {}, std::string(event.text), 0}, context_.request_id));
    case Kind::end: return finish();
  }
}

void StreamWriter::start(const Event& event) {
  usage_ = event.usage;
  llm::Usage first = event.usage;
  if (first.input_tokens < 0) first.input_tokens = context_.estimated_input;
  json_.clear();
  JsonWriter w(json_);
  w.open('{').pair("type", "message_start").key("message").open('{');
  w.pair("id", event.id.empty() ? "msg_" + context_.request_id : event.id).pair("type", "message").pair("role", "assistant");
  w.pair("model", context_.model.empty() ? event.name : std::string_view(context_.model)).key("content").raw("[]");
  w.key("stop_reason").null().key("stop_sequence").null();
  write_usage(w, Format::anthropic, first);
  w.close('}').close('}');
  send("message_start", json_);
}

void StreamWriter::begin_block(PartKind kind, std::string_view id, std::string_view name, std::string_view data) {
  open_ = true;
  open_kind_ = kind;
  json_.clear();
  JsonWriter w(json_);
  w.open('{').pair("type", "content_block_start").key("index").whole(static_cast<std::int64_t>(block_)).key("content_block").open('{');
  switch (kind) {
    case PartKind::text:
    case PartKind::refusal: w.pair("type", "text").pair("text", ""); break;
    case PartKind::tool_call: w.pair("type", "tool_use").pair("id", id).pair("name", name).key("input").raw("{}"); break;
    case PartKind::reasoning: w.pair("type", "thinking").pair("thinking", "").pair("signature", ""); break;
    case PartKind::encrypted_reasoning: w.pair("type", "redacted_thinking").pair("data", data); break;
  }
  w.close('}').close('}');
  send("content_block_start", json_);
}

void StreamWriter::grow_block(PartKind, std::string_view text) {
  struct Words {
    std::string_view type, field;
  };
  if (text.empty() || open_kind_ == PartKind::encrypted_reasoning) return;
  const Words words = open_kind_ == PartKind::tool_call   ? Words{"input_json_delta", "partial_json"}
                      : open_kind_ == PartKind::reasoning ? Words{"thinking_delta", "thinking"}
                                                          : Words{"text_delta", "text"};
  json_.clear();
  JsonWriter w(json_);
  w.open('{').pair("type", "content_block_delta").key("index").whole(static_cast<std::int64_t>(block_));
  w.key("delta").open('{').pair("type", words.type).pair(words.field, text).close('}').close('}');
  send("content_block_delta", json_);
}

void StreamWriter::sign_block(std::string_view signature) {
  if (open_kind_ != PartKind::reasoning) return;
  json_.clear();
  JsonWriter w(json_);
  w.open('{').pair("type", "content_block_delta").key("index").whole(static_cast<std::int64_t>(block_));
  w.key("delta").open('{').pair("type", "signature_delta").pair("signature", signature).close('}').close('}');
  send("content_block_delta", json_);
}

void StreamWriter::end_block() {
  open_ = false;
  json_.clear();
  JsonWriter w(json_);
  w.open('{').pair("type", "content_block_stop").key("index").whole(static_cast<std::int64_t>(block_++)).close('}');
  send("content_block_stop", json_);
}

StreamWriter::Waiting* StreamWriter::waiting(std::size_t part) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [part](const Waiting& w) { return w.part == part; });
  return found == waiting_.end() ? nullptr : &*found;
}

void StreamWriter::open_waiting() {
  while (!open_ && !waiting_.empty()) {
    const Waiting next = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    open_part_ = next.part;
    begin_block(next.kind, next.id, next.name, next.data);
    grow_block(next.kind, next.text);
    if (!next.signature.empty()) sign_block(next.signature);
    if (next.ended) end_block();
  }
}

void StreamWriter::finish() {
  while (open_) {
    end_block();
    for (Waiting& w : waiting_) w.ended = true;
    open_waiting();
  }
  json_.clear();
  JsonWriter w(json_);
  w.open('{')
      .pair("type", "message_delta")
      .key("delta")
      .open('{')
      .pair("stop_reason", finish_word(Format::anthropic, finish_))
      .key("stop_sequence");
  stop_sequence_.empty() ? w.null() : w.text(stop_sequence_);
  w.close('}');
  write_usage(w, Format::anthropic, usage_);
  w.close('}');
  send("message_delta", json_);
  send("message_stop", R"({"type":"message_stop"})");
}

}  // namespace flotte::dialect::anthropic
