// Lines, read.
#include <fmt/format.h>

#include <utility>

#include "dialect/error_words.hpp"
#include "dialect/finish_words.hpp"
#include "dialect/ollama/read_message.hpp"
#include "dialect/ollama/stream.hpp"
#include "dialect/openai_chat/read_message.hpp"

namespace flotte::dialect::ollama {

using detail::member;
using detail::Value;
using llm::Event;
using llm::Finish;
using llm::PartKind;
using Kind = Event::Kind;

void StreamReader::on_data(std::string_view, std::string_view data, llm::EventSink& sink) {
  if (closed_) return;
  const auto line = detail::parse_value(data);
  if (!line || !line->is_object()) return fail("server_error", "the provider sent a line that is no JSON object", sink);
  if (!member(*line, "error").is_null()) {
    const ProviderError error = parse_error(0, data);
    return fail(error.kind.empty() ? error.code : error.kind, error.message, sink);
  }
  on_line(*line, sink);
}

void StreamReader::on_close(llm::EventSink& sink) {
  if (!closed_) fail("server_error", "the provider's answer was cut off: its stream ended before a line that is done", sink);
}

void StreamReader::fail(std::string_view kind, std::string_view message, llm::EventSink& sink) {
  closed_ = true;
  sink.on_event({.kind = Kind::error, .text = message, .name = kind});
}

void StreamReader::on_line(const Value& line, llm::EventSink& sink) {
  if (!std::exchange(started_, true)) {
    const std::string model = member(line, "model").text();
    sink.on_event({.kind = Kind::start, .name = model, .usage = read_usage(line)});
  }
  const Value message = member(line, "message");
  on_words(PartKind::reasoning, member(message, "thinking").text(), sink);
  if (context_.forced_tool.empty())
    on_words(PartKind::text, member(message, "content").text(), sink);
  else
    forced_ += member(message, "content").text();
  for (detail::Elements e(member(message, "tool_calls")); e.next() && !closed_;) on_call(e, sink);
  if (!closed_ && member(line, "done").is_true()) complete(line, sink);
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

void StreamReader::on_call(const Value& value, llm::EventSink& sink) {
  Ledger names(ledger_.to());
  llm::ToolCall call = read_call(value, Place("message.tool_calls"), names);
  if (names.refused()) return fail("server_error", "the provider called a tool without a name", sink);
  tell_call(std::move(call), sink);
}

void StreamReader::tell_call(llm::ToolCall call, llm::EventSink& sink) {
  if (call.id.empty()) call.id = fmt::format("call_{}_{}", context_.request_id.empty() ? "0" : context_.request_id, calls_);
  ++calls_;
  end_words(sink);
  const std::size_t part = parts_++;
  sink.on_event({.kind = Kind::part_begin, .part = part, .part_kind = PartKind::tool_call, .id = call.id, .name = call.name});
  const std::string_view arguments = call.broken.empty() ? call.arguments.text : call.broken;
  sink.on_event({.kind = Kind::part_delta, .part = part, .part_kind = PartKind::tool_call, .text = arguments});
  sink.on_event({.kind = Kind::part_end, .part = part});
}

void StreamReader::complete(const Value& line, llm::EventSink& sink) {
  closed_ = true;
  end_words(sink);
  if (calls_ == 0 && forced_.find_first_not_of(" \t\r\n") != std::string::npos) {
    llm::ToolCall call{.id = {}, .name = context_.forced_tool, .arguments = {}, .broken = {}};
    openai_chat::set_arguments(call, std::move(forced_));
    tell_call(std::move(call), sink);
  }
  Finish finish = parse_finish(Format::ollama, member(line, "done_reason").text());
  // The server says "stop" though it called tools; what was cut off stays cut off.
  if (finish == Finish::none || finish == Finish::end_turn) finish = calls_ > 0 ? Finish::tool_use : Finish::end_turn;
  sink.on_event({.kind = Kind::usage, .usage = read_usage(line)});
  sink.on_event({.kind = Kind::finish, .finish = finish});
  sink.on_event({.kind = Kind::end});
}

}  // namespace flotte::dialect::ollama
