// Lines, written.
#include <algorithm>
#include <utility>

#include "dialect/error_words.hpp"
#include "dialect/ollama/stream.hpp"
#include "dialect/ollama/write_messages.hpp"
#include "dialect/openai_chat/read_message.hpp"

namespace flotte::dialect::ollama {

using detail::JsonWriter;
using llm::Event;
using llm::PartKind;
using Kind = Event::Kind;

void StreamWriter::on_event(const Event& event) {
  const auto open = std::find_if(calls_.begin(), calls_.end(), [&](const Call& c) { return c.part == event.part; });
  switch (event.kind) {
    case Kind::start:
      model_ = event.name;
      usage_ = event.usage;
      return;
    case Kind::part_begin:
      if (first_ns_ < 0 && context_.elapsed_ns) first_ns_ = context_.elapsed_ns();
      if (event.part_kind == PartKind::tool_call)
        calls_.push_back({event.part, std::string(event.id), std::string(event.name), std::string(event.text), {}});
      return;
    case Kind::part_delta:
      if (open != calls_.end()) return void(open->arguments += event.text);
      if (event.part_kind == PartKind::reasoning) return words(event.text, {});
      if (event.part_kind == PartKind::text || event.part_kind == PartKind::refusal) words({}, event.text);
      return;
    case Kind::part_end:
      if (open == calls_.end()) return;
      call(*open);
      calls_.erase(open);
      return;
    case Kind::signature: return;  // these clients have no place for it
    case Kind::usage: usage_ = event.usage; return;
    case Kind::finish: finish_ = event.finish; return;
    case Kind::ping: return words({}, {});
    case Kind::error:
      out_.append(write_error(Format::ollama, {std::string(event.name), {}, std::string(event.text), 0}, {})).append("\n");
      return;
    case Kind::end: return finish();
  }
}

void StreamWriter::words(std::string_view thinking, std::string_view content) {
  JsonWriter w(out_);
  begin_line(w, line_, model(), {.content = content, .thinking = thinking}, context_);
  w.key("done").boolean(false).close('}');
  out_ += '\n';
}

void StreamWriter::call(const Call& call) {
  if (line_ == Line::generate) return;  // nothing of this API can hold it, and its requests have no tools
  llm::ToolCall whole{.id = call.id, .name = call.name, .arguments = {}, .broken = {}};
  openai_chat::set_arguments(whole, call.arguments);
  std::string calls;
  Ledger unheard(Format::ollama);
  write_call(calls, whole, {.index = called_++, .signature = call.signature}, Place("tool_calls"), unheard);
  JsonWriter w(out_);
  begin_line(w, line_, model(), {.content = {}, .thinking = {}, .calls = calls}, context_);
  w.key("done").boolean(false).close('}');
  out_ += '\n';
}

void StreamWriter::finish() {
  for (const Call& open : std::exchange(calls_, {})) call(open);
  JsonWriter w(out_);
  begin_line(w, line_, model(), {}, context_);
  end_line(w, finish_, usage_, {.first_ns = first_ns_}, context_);
  out_ += '\n';
}

}  // namespace flotte::dialect::ollama
