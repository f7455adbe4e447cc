// Whole answers of Gemini.
#include <fmt/format.h>

#include "dialect/detail/codec.hpp"
#include "dialect/detail/json_writer.hpp"
#include "dialect/detail/thought_mark.hpp"
#include "dialect/gemini/names.hpp"
#include "dialect/gemini/read_parts.hpp"
#include "dialect/gemini/request.hpp"
#include "dialect/gemini/sealed.hpp"
#include "dialect/gemini/stream.hpp"
#include "dialect/gemini/words.hpp"
#include "dialect/gemini/write_answer_parts.hpp"
#include "dialect/gemini/write_media.hpp"

namespace flotte::dialect::gemini {

using detail::JsonWriter;

void write_function_call(JsonWriter& w, std::string_view id, std::string_view name, std::string_view arguments) {
  const auto value = detail::parse_value(arguments);
  w.key("functionCall").open('{');
  if (!id.empty()) w.pair("id", id);
  w.pair("name", name).key("args");
  if (value && value->is_object())
    w.raw(value->raw);
  else if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos)
    w.raw("{}");
  else
    w.open('{').pair("arguments", arguments).close('}');
  w.close('}');
}

namespace {

using detail::Elements;
using detail::member;
using detail::Value;

bool is_answer(const Value& body) {
  const Value candidates = member(body, "candidates");
  if (candidates.is_array() && !candidates.empty_array()) return true;
  return !field(field(body, "promptFeedback"), "blockReason").text().empty() && member(body, "error").is_null();
}

/// Media have no place in the answers of other dialects; signatures go the way that the client sends back.
void settle_part(llm::Part part, const Place& place, llm::Answer& answer, Ledger& ledger) {
  if (part.as<llm::Image>() || part.as<llm::Audio>() || part.as<llm::Video>() || part.as<llm::Document>())
    if (!ledger.meet(Feature::output_media, place)) return;
  const auto* text = part.as<llm::Text>();
  const bool empty = text && text->text.empty();
  if (!part.signature.empty() && !(text ? signs_texts(ledger.to()) : signs_calls(ledger.to()))) {
    // Gemini does not insist on those of texts: a client without a place for them goes without.
    if (text)
      ledger.meet(Feature::part_signature, place);
    else
      answer.parts.push_back({llm::Reasoning{{}, {}, detail::mark_thought(maker, part.signature)}});
    part.signature.clear();
  } else if (empty && !part.signature.empty() && !answer.parts.empty() && answer.parts.back().as<llm::Text>()) {
    answer.parts.back().signature = part.signature;
    return;
  }
  if (!empty || !part.signature.empty()) answer.parts.push_back(std::move(part));
}

void read_candidate(const Value& candidate, const Place& place, llm::Answer& answer, Ledger& ledger) {
  const Place content(place, "content.parts");
  for (llm::Part& part : read_parts(member(member(candidate, "content"), "parts"), content, ledger))
    settle_part(std::move(part), content, answer, ledger);
  if (!field(candidate, "groundingMetadata").is_null() || !field(candidate, "citationMetadata").is_null())
    ledger.meet(Feature::citations, place);
  const std::string word = field(candidate, "finishReason").text();
  const Ending ending = parse_ending(word);
  if (ending.failure) {
    const std::string why = field(candidate, "finishMessage").text();
    ledger.wrong(Place(place, "finishReason"), fmt::format("the model ended its answer with {}{}{}", word, why.empty() ? "" : ": ", why));
  }
  answer.finish = ending.finish;
}

void read_answer(const Value& body, llm::Answer& answer, Ledger& ledger) {
  answer.id = field(body, "responseId").text();
  answer.model = field(body, "modelVersion").text();
  UsageSum usage;
  usage.take(field(body, "usageMetadata"));
  answer.usage = usage.usage();
  const Place candidates("candidates");
  for (Elements e(member(body, "candidates")); e.next();) {
    const Place here(candidates, e.index());
    if (e.index() == 0)
      read_candidate(e, here, answer, ledger);
    else
      ledger.meet(Feature::unknown_field, here);
  }
  const std::string blocked = field(field(body, "promptFeedback"), "blockReason").text();
  if (blocked.empty()) return;
  answer.parts.push_back({llm::Refusal{blocked_sentence(blocked)}});
  answer.finish = llm::Finish::filtered;
}

/// Thoughts that other makers signed travel with the part behind them.
class PartsWriter {
 public:
  PartsWriter(JsonWriter& w, Ledger& ledger) : w_(w), ledger_(ledger) {}

  void add(const llm::Part& part) {
    if (const auto* thought = part.as<llm::Reasoning>()) return add_thought(*thought);
    if (part.as<llm::Image>() || part.as<llm::Audio>() || part.as<llm::Video>() || part.as<llm::Document>())
      return write_media(w_, part, Place("content"), ledger_);
    const auto* refusal = part.as<llm::Refusal>();
    w_.open('{');
    if (const auto* call = part.as<llm::ToolCall>())
      write_function_call(w_, call->id, call->name, call->broken.empty() ? call->arguments.text : call->broken);
    else if (const auto* text = part.as<llm::Text>(); text || refusal)
      w_.pair("text", text ? text->text : refusal->text);
    sign(part.signature);
    w_.close('}');
    any_ = true;
  }

  void finish() {
    if (any_ && sealed_.empty()) return;
    w_.open('{').pair("text", "");
    sign({});
    w_.close('}');
  }

 private:
  void add_thought(const llm::Reasoning& thought) {
    if (!thought.signature.empty() || !thought.encrypted.empty()) sealed_.push_back(thought);
    if (!thought.text.empty()) w_.open('{').pair("text", thought.text).key("thought").boolean(true).close('}');
  }
  void sign(std::string_view own) {
    const std::string sealed = sealed_.empty() ? std::string() : seal_thoughts(sealed_);
    sealed_.clear();
    if (!own.empty() || !sealed.empty()) w_.pair("thoughtSignature", own.empty() ? std::string_view(sealed) : own);
  }

  JsonWriter& w_;
  Ledger& ledger_;
  std::vector<llm::Reasoning> sealed_;
  bool any_ = false;
};

std::string write_answer(const llm::Answer& answer, const ReplyContext& context, Ledger& ledger) {
  std::string out;
  JsonWriter w(out);
  w.open('{').key("candidates").open('[').open('{').key("content").open('{').key("parts").open('[');
  PartsWriter parts(w, ledger);
  for (const llm::Part& part : answer.parts) parts.add(part);
  parts.finish();
  w.close(']').pair("role", "model").close('}').pair("finishReason", ending_word(answer.finish)).key("index").whole(0);
  w.close('}').close(']');
  write_usage_metadata(w, answer.usage);
  w.pair("modelVersion", answer.model).pair("responseId", answer.id.empty() ? context.request_id : answer.id).close('}');
  return out;
}

std::unique_ptr<detail::StreamReader> make_reader(Ledger& ledger, const ReplyContext& context) {
  return std::make_unique<StreamReader>(ledger, context);
}
std::unique_ptr<detail::StreamWriter> make_writer(std::string& out, const ReplyContext& context) {
  return std::make_unique<StreamWriter>(out, context);
}

}  // namespace

constinit const detail::Codec codec{
    .format = Format::gemini,
    .parse_request = parse_request,
    .write_answer = write_answer,
    .make_writer = make_writer,
    .write_request = write_request,
    .is_answer = is_answer,
    .read_answer = read_answer,
    .make_reader = make_reader,
};

}  // namespace flotte::dialect::gemini
