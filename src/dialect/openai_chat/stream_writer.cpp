// Chunks, written.
#include <algorithm>
#include <utility>

#include "dialect/detail/json_writer.hpp"
#include "dialect/error_words.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/openai_chat/stream.hpp"

namespace flotte::dialect::openai_chat {

using detail::JsonWriter;
using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

void write_signature(JsonWriter& w, std::string_view signature) {
  w.key("extra_content").open('{').key("google").open('{').pair("thought_signature", signature).close('}').close('}');
}

void StreamWriter::head() {
  out_ += "data: ";
  JsonWriter w(out_);
  w.open('{').pair("id", id_).pair("object", "chat.completion.chunk").key("created").whole(context_.created_s).pair("model", model_);
}

void StreamWriter::begin_chunk() {
  head();
  JsonWriter w(out_);
  w.key("choices").open('[').open('{').key("index").whole(0).key("delta").open('{');
}

void StreamWriter::end_chunk(std::string_view finish_reason) {
  JsonWriter w(out_);
  w.close('}').key("finish_reason");
  finish_reason.empty() ? w.null() : w.text(finish_reason);
  w.close('}').close(']').close('}');
  out_ += "\n\n";
}

StreamWriter::Call* StreamWriter::find(std::size_t part) {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [part](const Call& c) { return c.part == part; });
  return found == calls_.end() ? nullptr : &*found;
}

void StreamWriter::on_event(const Event& event) {
  switch (event.kind) {
    case Kind::start:
      id_ = event.id.empty() ? "chatcmpl-" + context_.request_id : std::string(event.id);
      model_ = context_.model.empty() ? std::string(event.name) : context_.model;
      usage_ = event.usage;
      begin_chunk();
      JsonWriter(out_).pair("role", "assistant").pair("content", "");
      return end_chunk({});
    case Kind::part_begin: return part_begin(event);
    case Kind::part_delta: return part_delta(event);
    case Kind::part_end:
      // A call without arguments: clients parse them, and nothing is no JSON.
      if (Call* call = find(event.part)) end_call(*call);
      return;
    case Kind::signature:
      if (event.part_kind == PartKind::text) {
        begin_chunk();
        JsonWriter w(out_);
        write_signature(w, event.text);
        return end_chunk({});
      }
      return detail("reasoning.text", "signature", event.text);
    case Kind::usage: usage_ = event.usage; return;
    case Kind::finish: begin_chunk(); return end_chunk(finish_word(Format::openai_chat, event.finish));
    case Kind::ping: out_ += ": ping\n\n"; return;
    case Kind::error:
      out_.append("data: ")
          .append(write_error(Format::openai_chat, {std::string(event.name), {}, std::string(event.text), 0}, {}))
          .append("\n\n");
      return;
    case Kind::end: return finish();
  }
}

void StreamWriter::part_begin(const Event& event) {
  if (event.part_kind == PartKind::encrypted_reasoning) return detail("reasoning.encrypted", "data", event.text);
  if (event.part_kind != PartKind::tool_call) return;
  calls_.push_back({event.part, calls_.size(), false, {}, {}, {}});
  Call& call = calls_.back();
  if (!context_.whole_calls) return begin_call(call, event.id, event.name, "", event.text);
  call.id = event.id;
  call.name = event.name;
}

void StreamWriter::begin_call(const Call& call, std::string_view id, std::string_view name, std::string_view text,
                              std::string_view signature) {
  begin_chunk();
  JsonWriter w(out_);
  w.key("tool_calls").open('[').open('{').key("index").whole(static_cast<std::int64_t>(call.index));
  w.pair("id", id).pair("type", "function").key("function").open('{').pair("name", name).pair("arguments", text);
  w.close('}');
  if (!signature.empty()) write_signature(w, signature);
  w.close('}').close(']');
  end_chunk({});
}

void StreamWriter::end_call(Call& call) {
  const bool none = !std::exchange(call.arguments, true);
  if (context_.whole_calls) return begin_call(call, call.id, call.name, none ? "{}" : call.held, {});
  if (none) arguments(call, "{}");
}

void StreamWriter::part_delta(const Event& event) {
  if (event.part_kind == PartKind::tool_call) {
    if (Call* call = find(event.part)) {
      call->arguments = true;
      context_.whole_calls ? void(call->held += event.text) : arguments(*call, event.text);
    }
    return;
  }
  begin_chunk();
  const bool text = event.part_kind == PartKind::text;
  JsonWriter(out_).pair(text ? "content" : event.part_kind == PartKind::refusal ? "refusal" : "reasoning_content", event.text);
  end_chunk({});
}

void StreamWriter::arguments(const Call& call, std::string_view text) {
  begin_chunk();
  JsonWriter w(out_);
  w.key("tool_calls").open('[').open('{').key("index").whole(static_cast<std::int64_t>(call.index));
  w.key("function").open('{').pair("arguments", text).close('}').close('}').close(']');
  end_chunk({});
}

void StreamWriter::detail(std::string_view type, std::string_view field, std::string_view value) {
  begin_chunk();
  JsonWriter w(out_);
  w.key("reasoning_details").open('[').open('{').pair("type", type).pair(field, value).close('}').close(']');
  end_chunk({});
}

void StreamWriter::finish() {
  if (context_.include_usage) {
    head();
    JsonWriter w(out_);
    w.key("choices").raw("[]");
    write_usage(w, Format::openai_chat, usage_);
    w.close('}');
    out_ += "\n\n";
  }
  out_ += "data: [DONE]\n\n";
}

}  // namespace flotte::dialect::openai_chat
