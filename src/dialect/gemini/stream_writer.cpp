// Chunks, written.
#include <algorithm>

#include "dialect/detail/json_writer.hpp"
#include "dialect/detail/thought_mark.hpp"
#include "dialect/error_words.hpp"
#include "dialect/gemini/sealed.hpp"
#include "dialect/gemini/stream.hpp"
#include "dialect/gemini/write_answer_parts.hpp"

namespace flotte::dialect::gemini {

using detail::JsonWriter;
using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

void StreamWriter::send_json(std::string_view json) {
  if (context_.json_array)
    out_.append(any_ ? ",\r\n" : "[").append(json);
  else
    out_.append("data: ").append(json).append("\r\n\r\n");
  any_ = true;
}

void StreamWriter::send(std::string_view part, std::string_view finish_reason) {
  std::string json;
  JsonWriter w(json);
  w.open('{').key("candidates").open('[').open('{').key("content").open('{').key("parts").open('[').raw(part).close(']');
  w.pair("role", "model").close('}');
  if (!finish_reason.empty()) w.pair("finishReason", finish_reason);
  w.key("index").whole(0).close('}').close(']');
  if (!finish_reason.empty() || usage_.known()) write_usage_metadata(w, usage_);
  w.pair("modelVersion", model_).pair("responseId", id_).close('}');
  send_json(json);
}

StreamWriter::Open* StreamWriter::find(std::size_t part) {
  const auto found = std::find_if(open_.begin(), open_.end(), [part](const Open& o) { return o.part == part; });
  return found == open_.end() ? nullptr : &*found;
}

void StreamWriter::on_event(const Event& event) {
  switch (event.kind) {
    case Kind::start:
      id_ = event.id.empty() ? context_.request_id : std::string(event.id);
      model_ = context_.model.empty() ? std::string(event.name) : context_.model;
      usage_ = event.usage;
      if (usage_.input_tokens < 0 && context_.estimated_input > 0) usage_.input_tokens = context_.estimated_input;
      return;
    case Kind::part_begin: return part_begin(event);
    case Kind::part_delta: return part_delta(event);
    case Kind::part_end: return part_end(event);
    case Kind::signature:
      if (Open* open = find(event.part)) open->signature.append(event.text);
      return;
    case Kind::usage: usage_ = event.usage; return;
    case Kind::finish: finish_ = event.finish; return;
    case Kind::ping: return;  // clients read nothing but chunks; silence is broken by the gateway's comments
    case Kind::error: return error(event);
    case Kind::end: return finish();
  }
}

void StreamWriter::part_begin(const Event& event) {
  if (event.part_kind == PartKind::text || event.part_kind == PartKind::refusal) return;
  open_.push_back({event.part, event.part_kind, std::string(event.id), std::string(event.name), {}, {}});
  if (event.part_kind == PartKind::tool_call) open_.back().signature = event.text;
  if (event.part_kind == PartKind::encrypted_reasoning) open_.back().text = event.text;
}

void StreamWriter::part_delta(const Event& event) {
  if (Open* open = find(event.part)) open->text.append(event.text);
  if (event.part_kind == PartKind::tool_call || event.part_kind == PartKind::encrypted_reasoning) return;
  if (!event.text.empty()) send_text(event.text, event.part_kind == PartKind::reasoning);
}

void StreamWriter::part_end(const Event& event) {
  Open* found = find(event.part);
  if (!found) return;
  const Open open = std::move(*found);
  open_.erase(open_.begin() + (found - open_.data()));
  if (open.kind == PartKind::tool_call) return send_call(open);
  if (open.kind == PartKind::encrypted_reasoning)
    thoughts_.push_back({{}, {}, open.text});
  else if (!open.signature.empty())
    thoughts_.push_back({open.text, open.signature, {}});
}

void StreamWriter::sign(JsonWriter& w, std::string_view own) {
  const std::string sealed = thoughts_.empty() ? std::string() : seal_thoughts(thoughts_);
  thoughts_.clear();
  if (!own.empty() || !sealed.empty()) w.pair("thoughtSignature", own.empty() ? std::string_view(sealed) : own);
}

void StreamWriter::send_text(std::string_view text, bool thought) {
  std::string part;
  JsonWriter w(part);
  w.open('{').pair("text", text);
  if (thought)
    w.key("thought").boolean(true);
  else
    sign(w, {});
  w.close('}');
  send(part, {});
}

void StreamWriter::send_call(const Open& call) {
  std::string part;
  JsonWriter w(part);
  w.open('{');
  write_function_call(w, call.id, call.name, call.text);
  sign(w, call.signature);
  w.close('}');
  send(part, {});
}

void StreamWriter::finish() {
  for (const Open& open : open_)
    if (open.kind == PartKind::tool_call) send_call(open);
  std::string part;
  JsonWriter w(part);
  w.open('{').pair("text", "");
  sign(w, {});
  w.close('}');
  send(part, ending_word(finish_));
  if (context_.json_array) out_ += "]";
}

void StreamWriter::error(const Event& event) {
  const ProviderError error{.kind = std::string(event.name), .code = {}, .message = std::string(event.text), .status = 0};
  send_json(write_error(Format::gemini, error, context_.request_id));
  if (context_.json_array) out_ += "]";
}

}  // namespace flotte::dialect::gemini
