// The tables.
#include "dialect/gemini/words.hpp"

#include <algorithm>
#include <array>

#include "dialect/gemini/names.hpp"

namespace flotte::dialect::gemini {
namespace {

using llm::Finish;

struct Row {
  std::string_view word;
  Ending ending;
};
/// The first row of a finish is the one that is written.
constexpr std::array rows{
    Row{"STOP", {Finish::end_turn, false}},
    Row{"MAX_TOKENS", {Finish::max_tokens, false}},
    Row{"SAFETY", {Finish::filtered, false}},
    Row{"RECITATION", {Finish::filtered, false}},
    Row{"PROHIBITED_CONTENT", {Finish::filtered, false}},
    Row{"BLOCKLIST", {Finish::filtered, false}},
    Row{"SPII", {Finish::filtered, false}},
    Row{"LANGUAGE", {Finish::filtered, false}},
    Row{"OTHER", {Finish::filtered, false}},
    Row{"MODEL_ARMOR", {Finish::filtered, false}},
    Row{"IMAGE_SAFETY", {Finish::filtered, false}},
    Row{"IMAGE_PROHIBITED_CONTENT", {Finish::filtered, false}},
    Row{"IMAGE_RECITATION", {Finish::filtered, false}},
    Row{"IMAGE_OTHER", {Finish::filtered, false}},
    Row{"NO_IMAGE", {Finish::filtered, false}},
    Row{"MALFORMED_FUNCTION_CALL", {Finish::end_turn, true}},
    Row{"UNEXPECTED_TOOL_CALL", {Finish::end_turn, true}},
    Row{"TOO_MANY_TOOL_CALLS", {Finish::end_turn, true}},
    Row{"MISSING_THOUGHT_SIGNATURE", {Finish::end_turn, true}},
    Row{"MALFORMED_RESPONSE", {Finish::end_turn, true}},
};

std::int64_t told(std::int64_t n) { return std::max<std::int64_t>(n, 0); }

}  // namespace

Ending parse_ending(std::string_view word) noexcept {
  if (word.empty() || word == "FINISH_REASON_UNSPECIFIED") return {};
  for (const Row& row : rows)
    if (row.word == word) return row.ending;
  return {Finish::end_turn, false};
}

std::string_view ending_word(Finish finish) noexcept {
  if (finish == Finish::context_full) return "MAX_TOKENS";
  for (const Row& row : rows)
    if (row.ending.finish == finish) return row.word;
  return "STOP";
}

std::string blocked_sentence(std::string_view reason) {
  return std::string("The provider blocked the prompt: ").append(reason).append(".");
}

void UsageSum::take(const detail::Value& metadata) {
  const auto keep = [](std::int64_t& field, const detail::Value& value) {
    // Bounded, so that sums cannot overflow.
    field = std::max(field, std::min<std::int64_t>(value.whole().value_or(-1), std::int64_t{1} << 50));
  };
  for (detail::Fields f(metadata); f.next();) {
    if (is_named(f.key(), "promptTokenCount")) keep(prompt_, f);
    if (is_named(f.key(), "cachedContentTokenCount")) keep(cached_, f);
    if (is_named(f.key(), "candidatesTokenCount")) keep(candidates_, f);
    if (is_named(f.key(), "thoughtsTokenCount")) keep(thoughts_, f);
    if (is_named(f.key(), "toolUsePromptTokenCount")) keep(tools_, f);
  }
}

llm::Usage UsageSum::usage() const noexcept {
  llm::Usage usage;
  usage.input_tokens = prompt_ < 0 ? prompt_ : prompt_ + told(tools_);
  usage.cached_tokens = cached_;
  usage.output_tokens = candidates_ < 0 && thoughts_ < 0 ? -1 : told(candidates_) + told(thoughts_);
  usage.reasoning_tokens = thoughts_;
  return usage;
}

void write_usage_metadata(detail::JsonWriter& w, const llm::Usage& usage) {
  const std::int64_t input = told(usage.input_tokens), output = told(usage.output_tokens), thoughts = told(usage.reasoning_tokens);
  w.key("usageMetadata").open('{').key("promptTokenCount").whole(input);
  if (usage.cached_tokens > 0) w.key("cachedContentTokenCount").whole(usage.cached_tokens);
  w.key("candidatesTokenCount").whole(told(output - thoughts));
  if (thoughts > 0) w.key("thoughtsTokenCount").whole(thoughts);
  w.key("totalTokenCount").whole(input + std::max(output, thoughts)).close('}');
}

}  // namespace flotte::dialect::gemini
