// Merging and ordering. Sources: Gemini's documents "Function calling" (the responses of a turn stand in the content behind the calls, as
// many as there are calls) and "Thought signatures".
#include "dialect/gemini/write_contents.hpp"

#include <algorithm>

#include "dialect/gemini/model_kind.hpp"
#include "dialect/gemini/sealed.hpp"
#include "dialect/gemini/write_media.hpp"

namespace flotte::dialect::gemini {
namespace {

using detail::JsonWriter;
using llm::Part;

/// What the documents name for calls that another model made: newer models refuse calls of the current turn without any signature.
constexpr std::string_view of_another_model = "skip_thought_signature_validator";

struct Call {
  std::string id, name;
  bool answered = false;
};

bool is_system(llm::Role role) { return role == llm::Role::system || role == llm::Role::developer; }

class Builder {
 public:
  Builder(const llm::Request& request, std::string_view model, Ledger& ledger)
      : ledger_(ledger), checks_signatures_(kind_of(model) == ModelKind::levels) {
    // Signatures are checked from the last words of the user on.
    for (std::size_t i = 0; i < request.messages.size(); ++i)
      if (request.messages[i].role == llm::Role::user) current_turn_ = i;
  }

  void add(const llm::Message& message, std::size_t index, const Place& place) {
    if (!message.name.empty()) ledger_.meet(Feature::participant_name, Place(place, "name"));
    if (message.parts.empty()) ledger_.meet(Feature::empty_content, place);
    if (is_system(message.role)) return add_system(message, place);
    const bool model = message.role == llm::Role::assistant;
    if (model && (out_.turns.empty() || !out_.turns.back().model)) calls_.clear();
    Turn& turn = turn_of(model);
    signature_.clear();
    bool signed_call = !checks_signatures_ || index < current_turn_;
    for (std::size_t i = 0; i < message.parts.size(); ++i) add_part(message.parts[i], Place(place, i), turn, signed_call);
    if (!signature_.empty()) write_text({}, turn);
    if (turn.empty()) out_.turns.pop_back();
  }

  Contents take() { return std::move(out_); }

 private:
  Turn& turn_of(bool model) {
    if (out_.turns.empty() || out_.turns.back().model != model) out_.turns.push_back({model, {}, {}});
    return out_.turns.back();
  }

  void add_system(const llm::Message& message, const Place& place) {
    const bool later = !out_.turns.empty();
    if (later) ledger_.meet(Feature::system_later, place);
    std::string& parts = later ? turn_of(false).parts : out_.system;
    JsonWriter w(parts);
    for (const Part& part : message.parts) {
      const auto* text = part.as<llm::Text>();
      if (!text)
        ledger_.wrong(place, "has something else than text");
      else if (!text->text.empty())
        w.open('{').pair("text", later ? "<system>\n" + text->text + "\n</system>" : text->text).close('}');
    }
    if (later && out_.turns.back().empty()) out_.turns.pop_back();
  }

  void add_part(const Part& part, const Place& place, Turn& turn, bool& signed_call) {
    if (part.cache) ledger_.meet(Feature::cache_marks, place);
    if (!part.signature.empty()) signature_ = part.signature;
    const auto* refusal = part.as<llm::Refusal>();
    if (const auto* thought = part.as<llm::Reasoning>())
      add_thought(*thought, place);
    else if (const auto* result = part.as<llm::ToolResult>())
      add_result(*result, place, turn);
    else if (const auto* call = part.as<llm::ToolCall>())
      add_call(*call, place, turn, signed_call);
    else if (const auto* text = part.as<llm::Text>(); text || refusal)
      add_text(text ? text->text : refusal->text, place, turn);
    else
      add_media(part, place, turn);
  }

  void add_thought(const llm::Reasoning& thought, const Place& place) {
    const std::string_view mine = signature_in(thought);
    if (!mine.empty()) return void(signature_ = mine);
    ledger_.meet(!thought.encrypted.empty()  ? Feature::reasoning_encrypted
                 : thought.signature.empty() ? Feature::reasoning_unsigned
                                             : Feature::reasoning_past,
                 place);
  }

  void add_text(std::string_view text, const Place& place, Turn& turn) {
    if (text.empty() && signature_.empty()) return void(ledger_.meet(Feature::empty_content, place));
    write_text(text, turn);
  }

  void write_text(std::string_view text, Turn& turn) {
    JsonWriter w(turn.parts);
    w.open('{').pair("text", text);
    sign(w);
    w.close('}');
  }

  void sign(JsonWriter& w) {
    if (!signature_.empty()) w.pair("thoughtSignature", signature_);
    signature_.clear();
  }

  void add_media(const Part& part, const Place& place, Turn& turn) {
    JsonWriter w(turn.parts);
    write_media(w, part, place, ledger_);
  }

  void add_call(const llm::ToolCall& call, const Place& place, Turn& turn, bool& signed_call) {
    calls_.push_back({call.id, call.name});
    JsonWriter w(turn.parts);
    w.open('{').key("functionCall").open('{');
    if (!call.id.empty()) w.pair("id", call.id);
    w.pair("name", call.name).key("args");
    if (call.broken.empty()) {
      w.raw(call.arguments.empty() ? "{}" : call.arguments.text);
    } else {
      ledger_.meet(Feature::broken_arguments, place);
      w.open('{').pair("arguments", call.broken).close('}');
    }
    w.close('}');
    if (signature_.empty() && !signed_call) {
      ledger_.meet(Feature::part_signature, place);
      signature_ = of_another_model;
    }
    signed_call = true;  // of calls side by side only the first has one
    sign(w);
    w.close('}');
  }

  void add_result(const llm::ToolResult& result, const Place& place, Turn& turn) {
    const auto same = [&result](const Call& call) { return call.id == result.call_id; };
    auto call = std::find_if(calls_.begin(), calls_.end(), [&](const Call& c) { return same(c) && !c.answered; });
    if (call == calls_.end()) {
      if (std::any_of(calls_.begin(), calls_.end(), same)) return void(ledger_.meet(Feature::tool_result_again, place));
      return ledger_.wrong(place, "is the result of no tool call of the turn before it");
    }
    call->answered = true;
    std::string text;
    JsonWriter w(turn.responses), media(turn.parts);
    for (std::size_t i = 0; i < result.parts.size(); ++i) {
      const Place here(place, i);
      if (const auto* words = result.parts[i].as<llm::Text>()) {
        if (!text.empty()) text += '\n';
        text += words->text;
        continue;
      }
      ledger_.meet(Feature::tool_result_media, here);
      write_media(media, result.parts[i], here, ledger_);
    }
    w.open('{').key("functionResponse").open('{');
    if (!call->id.empty()) w.pair("id", call->id);
    w.pair("name", call->name).key("response").open('{').pair(result.error ? "error" : "output", text).close('}').close('}').close('}');
  }

  Ledger& ledger_;
  const bool checks_signatures_;
  std::size_t current_turn_ = 0;
  Contents out_;
  std::vector<Call> calls_;  // of the model's last turn
  std::string signature_;    // of the part that comes next
};

}  // namespace

Contents make_contents(const llm::Request& request, std::string_view model, Ledger& ledger) {
  Builder builder(request, model, ledger);
  const Place messages("messages");
  for (std::size_t i = 0; i < request.messages.size(); ++i) builder.add(request.messages[i], i, Place(messages, i));
  return builder.take();
}

}  // namespace flotte::dialect::gemini
