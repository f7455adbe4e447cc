// Chunks, read. Servers differ in how they tell tool calls: see call_of.
#include <fmt/format.h>

#include <utility>

#include "dialect/error_words.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/openai_chat/read_message.hpp"
#include "dialect/openai_chat/stream.hpp"

namespace flotte::dialect::openai_chat {

using detail::member;
using detail::Value;
using llm::Event;
using llm::Finish;
using llm::PartKind;
using Kind = Event::Kind;

void StreamReader::on_data(std::string_view event_name, std::string_view data, llm::EventSink& sink) {
  if (closed_) return;
  if (data == "[DONE]") {
    if (!started_) return fail("server_error", "the provider's stream ended without an answer", sink);
    return complete(sink);
  }
  const auto chunk = detail::parse_value(data);
  if (!chunk || !chunk->is_object()) return fail("server_error", "the provider sent an event that is no JSON object", sink);
  const Value error = member(*chunk, "error");
  const bool has_choices = member(*chunk, "choices").is_array();
  if (event_name == "error" || (!error.is_null() && (!has_choices || member(*chunk, "choices").empty_array()))) {
    const ProviderError parsed = parse_error(0, data);
    return fail(parsed.kind.empty() ? parsed.code : parsed.kind, parsed.message, sink);
  }
  on_chunk(*chunk, sink);
}

void StreamReader::on_close(llm::EventSink& sink) {
  if (closed_) return;
  if (finish_ == Finish::none)
    return fail("server_error",
                "the provider's answer was cut off: its stream ended before a "
                "finish_reason",
                sink);
  complete(sink);  // some servers leave [DONE] out
}

void StreamReader::fail(std::string_view kind, std::string_view message, llm::EventSink& sink) {
  closed_ = true;
  sink.on_event({.kind = Kind::error, .text = message, .name = kind});
}

void StreamReader::on_chunk(const Value& chunk, llm::EventSink& sink) {
  if (const Value usage = member(chunk, "usage"); usage.is_object()) {
    usage_.take(Format::openai_chat, usage);
    if (started_) sink.on_event({.kind = Kind::usage, .usage = usage_.usage()});
  }
  if (!std::exchange(started_, true)) {
    id_ = member(chunk, "id").text();
    const std::string model = member(chunk, "model").text();
    sink.on_event({.kind = Kind::start, .id = id_, .name = model, .usage = usage_.usage()});
  }
  const Value choices = member(chunk, "choices");
  for (detail::Elements e(choices); e.next();) {
    if (member(e, "index").whole().value_or(0) == 0)
      on_choice(e, sink);
    else
      ledger_.meet(Feature::unknown_field, Place("choices[1]"));
  }
}

void StreamReader::on_choice(const Value& choice, llm::EventSink& sink) {
  on_delta(member(choice, "delta"), sink);
  const std::string reason = member(choice, "finish_reason").text();
  if (reason.empty()) return;
  if (reason == "error") return fail("server_error", "the provider ended its answer with an error", sink);
  finish_ = parse_finish(Format::openai_chat, reason);
  stop_sequence_ = member(choice, "stop_reason").text();  // vLLM
  if (!stop_sequence_.empty() && finish_ == Finish::end_turn) finish_ = Finish::stop_sequence;
}

void StreamReader::on_delta(const Value& delta, llm::EventSink& sink) {
  std::string reasoning, content, refusal;
  Value calls, details;
  for (detail::Fields f(delta); f.next();) {
    if (f.is("content") && f.is_array())  // Mistral, while it thinks
      for (detail::Elements e(f); e.next();) {
        const bool thought = member(e, "type").text() == "thinking";
        (thought ? reasoning : content) += thought ? thought_of(e) : member(e, "text").text();
      }
    else if (f.is("content"))
      content = f.text();
    else if (f.is("reasoning_content") || (f.is("reasoning") && reasoning.empty()))
      reasoning = f.text();
    else if (f.is("reasoning_details"))
      details = f;
    else if (f.is("refusal"))
      refusal = f.text();
    else if (f.is("tool_calls"))
      calls = f;
  }
  on_words(PartKind::reasoning, reasoning, sink);
  on_details(details, sink);
  on_words(PartKind::text, content, sink);
  on_words(PartKind::refusal, refusal, sink);
  for (detail::Elements e(calls); e.next();) on_call(e, sink);
}

void StreamReader::on_words(PartKind kind, std::string_view text, llm::EventSink& sink) {
  if (text.empty()) return;
  if (!words_open_ || words_kind_ != kind) {
    make_room(sink);
    words_open_ = true;
    words_kind_ = kind;
    words_part_ = parts_++;
    sink.on_event({.kind = Kind::part_begin, .part = words_part_, .part_kind = kind});
  }
  sink.on_event({.kind = Kind::part_delta, .part = words_part_, .part_kind = kind, .text = text});
}

void StreamReader::on_details(const Value& details, llm::EventSink& sink) {
  for (detail::Elements e(details); e.next();) {
    const std::string signature = member(e, "signature").text(), data = member(e, "data").text();
    if (!signature.empty() && words_open_ && words_kind_ == PartKind::reasoning)
      sink.on_event({.kind = Kind::signature, .part = words_part_, .part_kind = PartKind::reasoning, .text = signature});
    if (data.empty()) continue;
    make_room(sink);
    const std::size_t part = parts_++;
    sink.on_event({.kind = Kind::part_begin, .part = part, .part_kind = PartKind::encrypted_reasoning, .text = data});
    sink.on_event({.kind = Kind::part_end, .part = part});
  }
}

/// By index; where that is absent, or every call has the same one (Ollama), another id begins another call.
StreamReader::Call& StreamReader::call_of(const Value& value, const std::string& id) {
  const auto index = member(value, "index").whole();
  Call* found = nullptr;
  for (Call& call : calls_)
    if (index ? call.index == *index : id.empty() || call.id == id) found = &call;
  if (found && !id.empty() && !found->id.empty() && found->id != id && found->progress.complete()) found = nullptr;
  if (found) return *found;
  calls_.push_back({.index = index.value_or(static_cast<std::int64_t>(calls_.size())), .id = id, .name = {}, .held = {}});
  return calls_.back();
}

void StreamReader::on_call(const Value& value, llm::EventSink& sink) {
  const std::string id = member(value, "id").text();
  Call& call = call_of(value, id);
  if (call.id.empty()) call.id = id;
  const Value function = member(value, "function");
  if (call.name.empty()) call.name = member(function, "name").text();
  const Value arguments = member(function, "arguments");
  const std::string text = arguments.is_object() ? std::string(arguments.raw) : arguments.text();
  if (!call.begun && (call.name.empty() || (call.id.empty() && text.empty()))) {
    call.held += text;
    return;
  }
  if (!call.begun) begin_call(call, sink);
  grow_call(call, text, sink);
}

void StreamReader::begin_call(Call& call, llm::EventSink& sink) {
  make_room(sink);
  call.begun = true;
  call.part = parts_++;
  if (call.id.empty()) call.id = fmt::format("call_{}_{}", context_.request_id.empty() ? id_ : context_.request_id, &call - calls_.data());
  sink.on_event({.kind = Kind::part_begin, .part = call.part, .part_kind = PartKind::tool_call, .id = call.id, .name = call.name});
  grow_call(call, std::exchange(call.held, {}), sink);
}

void StreamReader::grow_call(Call& call, std::string_view text, llm::EventSink& sink) {
  if (text.empty() || call.ended) return;
  call.progress.feed(text);
  sink.on_event({.kind = Kind::part_delta, .part = call.part, .part_kind = PartKind::tool_call, .text = text});
  if (call.part + 1 == parts_ || !call.progress.complete()) return;
  call.ended = true;  // the next part has begun already and waits for this end
  sink.on_event({.kind = Kind::part_end, .part = call.part});
}

void StreamReader::make_room(llm::EventSink& sink) {
  if (std::exchange(words_open_, false)) sink.on_event({.kind = Kind::part_end, .part = words_part_});
  for (Call& call : calls_) {
    if (!call.begun || call.ended || !call.progress.complete()) continue;
    call.ended = true;
    sink.on_event({.kind = Kind::part_end, .part = call.part});
  }
}

void StreamReader::complete(llm::EventSink& sink) {
  closed_ = true;
  bool called = false;
  for (Call& call : calls_) {
    if (!call.begun && !call.name.empty()) begin_call(call, sink);
    if (!call.begun) ledger_.meet(Feature::unknown_field, Place("tool_calls"));
    called = called || call.begun;
  }
  make_room(sink);
  for (Call& call : calls_)
    if (call.begun && !std::exchange(call.ended, true)) sink.on_event({.kind = Kind::part_end, .part = call.part});
  // Some servers say "stop" though they called tools; what was cut off stays cut off.
  if (called && (finish_ == Finish::end_turn || finish_ == Finish::none)) finish_ = Finish::tool_use;
  sink.on_event({.kind = Kind::usage, .usage = usage_.usage()});
  sink.on_event({.kind = Kind::finish, .stop_sequence = stop_sequence_, .finish = finish_ == Finish::none ? Finish::end_turn : finish_});
  sink.on_event({.kind = Kind::end});
}

}  // namespace flotte::dialect::openai_chat
