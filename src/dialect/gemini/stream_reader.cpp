// Chunks, read.
#include <fmt/format.h>

#include <utility>

#include "dialect/detail/thought_mark.hpp"
#include "dialect/error_words.hpp"
#include "dialect/gemini/names.hpp"
#include "dialect/gemini/read_parts.hpp"
#include "dialect/gemini/sealed.hpp"
#include "dialect/gemini/stream.hpp"

namespace flotte::dialect::gemini {

using detail::Elements;
using detail::Value;
using llm::Event;
using llm::Finish;
using llm::PartKind;
using Kind = Event::Kind;

void StreamReader::on_data(std::string_view, std::string_view data, llm::EventSink& sink) {
  if (closed_ || data == "[DONE]") return;
  const auto chunk = detail::parse_value(data);
  if (!chunk || !chunk->is_object()) return fail("INTERNAL", "the provider sent an event that is no JSON object", sink);
  if (!detail::member(*chunk, "error").is_null()) {
    const ProviderError error = parse_error(0, data);
    return fail(error.kind, error.message, sink);
  }
  on_chunk(*chunk, sink);
}

void StreamReader::on_close(llm::EventSink& sink) {
  if (closed_) return;
  if (finish_ == Finish::none) return fail("INTERNAL", "the provider's answer was cut off: its stream ended before a finishReason", sink);
  complete(sink);
}

void StreamReader::fail(std::string_view kind, std::string_view message, llm::EventSink& sink) {
  closed_ = true;
  sink.on_event({.kind = Kind::error, .text = message, .name = kind});
}

void StreamReader::on_chunk(const Value& chunk, llm::EventSink& sink) {
  if (const Value usage = field(chunk, "usageMetadata"); usage.is_object()) {
    usage_.take(usage);
    if (started_) sink.on_event({.kind = Kind::usage, .usage = usage_.usage()});
  }
  if (!std::exchange(started_, true)) {
    id_ = field(chunk, "responseId").text();
    const std::string model = field(chunk, "modelVersion").text();
    sink.on_event({.kind = Kind::start, .id = id_, .name = model, .usage = usage_.usage()});
  }
  for (Elements e(detail::member(chunk, "candidates")); e.next() && !closed_;) {
    if (e.index() == 0)
      on_candidate(e, sink);
    else
      ledger_.meet(Feature::unknown_field, Place("candidates[1]"));
  }
  const std::string blocked = field(field(chunk, "promptFeedback"), "blockReason").text();
  if (!blocked.empty() && !closed_) block(blocked, sink);
}

void StreamReader::on_candidate(const Value& candidate, llm::EventSink& sink) {
  const Place place("candidates[0].content.parts");
  const Value content = detail::member(candidate, "content");
  for (Elements e(detail::member(content, "parts")); e.next() && !closed_;) {
    const Place here(place, e.index());
    for (const llm::Part& part : read_part(e, here, ledger_))
      if (!closed_) on_part(part, here, sink);
    if (ledger_.refused() && !closed_) fail("INTERNAL", ledger_.refusal()->text(), sink);
  }
  if (!field(candidate, "groundingMetadata").is_null() || !field(candidate, "citationMetadata").is_null())
    ledger_.meet(Feature::citations, Place("candidates[0]"));
  const std::string word = field(candidate, "finishReason").text();
  const Ending ending = parse_ending(word);
  if (closed_ || ending.finish == Finish::none) return;
  if (ending.failure) {
    const std::string why = field(candidate, "finishMessage").text();
    return fail("INTERNAL", fmt::format("the model ended its answer with {}{}{}", word, why.empty() ? "" : ": ", why), sink);
  }
  finish_ = ending.finish;
}

void StreamReader::on_part(const llm::Part& part, const Place& place, llm::EventSink& sink) {
  if (const auto* call = part.as<llm::ToolCall>()) return on_call(part, *call, sink);
  if (const auto* thought = part.as<llm::Reasoning>()) {
    on_words(PartKind::reasoning, thought->text, sink);
    const bool mine = words_open_ && words_kind_ == PartKind::reasoning && !thought->signature.empty();
    if (mine) sink.on_event({.kind = Kind::signature, .part = words_part_, .part_kind = PartKind::reasoning, .text = thought->signature});
    return;
  }
  if (const auto* text = part.as<llm::Text>()) {
    on_words(PartKind::text, text->text, sink);
    if (!part.signature.empty()) sign_text(part.signature, sink);
    return;
  }
  ledger_.meet(Feature::output_media, place);
}

void StreamReader::on_words(PartKind kind, std::string_view text, llm::EventSink& sink) {
  if (text.empty()) return;
  if (!words_open_ || words_kind_ != kind) {
    end_words(sink);
    words_open_ = true;
    words_kind_ = kind;
    words_part_ = parts_++;
    sink.on_event({.kind = Kind::part_begin, .part = words_part_, .part_kind = kind});
  }
  sink.on_event({.kind = Kind::part_delta, .part = words_part_, .part_kind = kind, .text = text});
}

void StreamReader::end_words(llm::EventSink& sink) {
  if (std::exchange(words_open_, false)) sink.on_event({.kind = Kind::part_end, .part = words_part_});
}

/// Gemini does not insist on those of texts: a client without a place for them goes without.
void StreamReader::sign_text(std::string_view signature, llm::EventSink& sink) {
  if (!signs_texts(ledger_.to())) return void(ledger_.meet(Feature::part_signature, Place("candidates[0]")));
  if (words_open_ && words_kind_ == PartKind::text)
    sink.on_event({.kind = Kind::signature, .part = words_part_, .part_kind = PartKind::text, .text = signature});
}

void StreamReader::seal(std::string_view signature, llm::EventSink& sink) {
  const std::string sealed = detail::mark_thought(maker, signature);
  const std::size_t part = parts_++;
  sink.on_event({.kind = Kind::part_begin, .part = part, .part_kind = PartKind::encrypted_reasoning, .text = sealed});
  sink.on_event({.kind = Kind::part_end, .part = part});
}

void StreamReader::on_call(const llm::Part& part, const llm::ToolCall& call, llm::EventSink& sink) {
  end_words(sink);
  const bool own = signs_calls(ledger_.to());
  if (!own && !part.signature.empty()) seal(part.signature, sink);
  std::string id = call.id;
  if (id.empty()) id = fmt::format("call_{}_{}", context_.request_id.empty() ? id_ : context_.request_id, calls_);
  ++calls_;
  const std::size_t index = parts_++;
  const std::string_view signature = own ? std::string_view(part.signature) : std::string_view();
  sink.on_event(
      {.kind = Kind::part_begin, .part = index, .part_kind = PartKind::tool_call, .text = signature, .id = id, .name = call.name});
  const std::string& arguments = call.broken.empty() ? call.arguments.text : call.broken;
  sink.on_event({.kind = Kind::part_delta, .part = index, .part_kind = PartKind::tool_call, .text = arguments});
  sink.on_event({.kind = Kind::part_end, .part = index});
}

void StreamReader::block(std::string_view reason, llm::EventSink& sink) {
  const std::string sentence = blocked_sentence(reason);
  on_words(PartKind::refusal, sentence, sink);
  finish_ = Finish::filtered;
}

void StreamReader::complete(llm::EventSink& sink) {
  closed_ = true;
  end_words(sink);
  // Gemini says STOP though it called tools; what was cut off stays cut off.
  if (calls_ > 0 && finish_ == Finish::end_turn) finish_ = Finish::tool_use;
  sink.on_event({.kind = Kind::usage, .usage = usage_.usage()});
  sink.on_event({.kind = Kind::finish, .finish = finish_});
  sink.on_event({.kind = Kind::end});
}

}  // namespace flotte::dialect::gemini
