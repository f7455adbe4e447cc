// Merging and ordering. Source: Anthropic's documents on tool use: results stand directly behind their calls, all of a turn in one message,
// before any text.
#include "dialect/anthropic/turns.hpp"

#include <set>

#include "dialect/anthropic/write_parts.hpp"
#include "dialect/detail/thought_mark.hpp"

namespace flotte::dialect::anthropic {
namespace {

using detail::JsonWriter;

bool is_system(llm::Role role) { return role == llm::Role::system || role == llm::Role::developer; }

class Builder {
 public:
  explicit Builder(Ledger& ledger) : ledger_(ledger) {}

  void add(const llm::Message& message, const Place& place, bool last) {
    if (!message.name.empty()) ledger_.meet(Feature::participant_name, Place(place, "name"));
    if (is_system(message.role)) return add_system(message, place);
    const bool assistant = message.role == llm::Role::assistant;
    Turn& turn = turn_of(assistant);
    const bool was_empty = turn.empty();
    if (message.parts.empty()) ledger_.meet(Feature::empty_content, place);
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const bool end = last && assistant && i + 1 == message.parts.size();
      add_part(message.parts[i], Place(place, i), turn, end);
    }
    if (was_empty && turn.empty()) out_.turns.pop_back();
  }

  Conversation take() { return std::move(out_); }

 private:
  Turn& turn_of(bool assistant) {
    if (out_.turns.empty() || out_.turns.back().assistant != assistant) out_.turns.push_back({assistant, {}, {}});
    return out_.turns.back();
  }

  void add_system(const llm::Message& message, const Place& place) {
    const bool later = !out_.turns.empty();
    if (later) ledger_.meet(Feature::system_later, place);
    std::string& blocks = later ? turn_of(false).blocks : out_.system;
    JsonWriter w(blocks);
    for (const llm::Part& part : message.parts) {
      const auto* text = part.as<llm::Text>();
      if (!text)
        ledger_.wrong(place, "has something else than text");
      else if (later)
        write_text(w, "<system>\n" + text->text + "\n</system>", part.cache);
      else
        write_part(w, part, place, ledger_);
    }
    if (later && out_.turns.back().empty()) out_.turns.pop_back();
  }

  void add_part(const llm::Part& part, const Place& place, Turn& turn, bool end_of_prefill) {
    if (const auto* result = part.as<llm::ToolResult>()) {
      if (!answered_.insert(result->call_id).second) return void(ledger_.meet(Feature::tool_result_again, place));
      JsonWriter w(turn.results);
      write_part(w, part, place, ledger_);
      return;
    }
    const auto* thought = part.as<llm::Reasoning>();
    if (thought && detail::is_marked(*thought)) return void(ledger_.meet(Feature::reasoning_unsigned, place));
    if (!part.signature.empty()) ledger_.meet(Feature::part_signature, place);
    // Ids need to be unique within a turn only: some servers count their calls from 0 in each answer.
    if (part.as<llm::ToolCall>()) answered_.clear();
    JsonWriter w(turn.blocks);
    const auto* text = part.as<llm::Text>();
    if (end_of_prefill && text && !text->text.empty() && std::string_view(" \t\r\n").find(text->text.back()) != std::string_view::npos) {
      ledger_.meet(Feature::prefill, place);
      const std::size_t end = text->text.find_last_not_of(" \t\r\n");
      if (end != std::string::npos) write_text(w, std::string_view(text->text).substr(0, end + 1), part.cache);
      return;
    }
    write_part(w, part, place, ledger_);
  }

  Ledger& ledger_;
  Conversation out_;
  std::set<std::string> answered_;
};

}  // namespace

Conversation make_turns(const llm::Request& request, Ledger& ledger) {
  Builder builder(ledger);
  const Place messages("messages");
  for (std::size_t i = 0; i < request.messages.size(); ++i)
    builder.add(request.messages[i], Place(messages, i), i + 1 == request.messages.size());
  return builder.take();
}

}  // namespace flotte::dialect::anthropic
