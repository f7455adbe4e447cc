// Gemini's words for why an answer ended, and its usage. Source: Gemini API reference, "GenerateContentResponse". Internal to dialect.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/detail/fields.hpp"
#include "dialect/detail/json_writer.hpp"
#include "llm/answer.hpp"
#include "llm/usage.hpp"

namespace flotte::dialect::gemini {

struct Ending {
  llm::Finish finish = llm::Finish::none;
  bool failure = false;  // the model did something that is no answer (MALFORMED_FUNCTION_CALL): an error for the client
};
/// An empty word: not told yet. One that is not known is the plain end.
Ending parse_ending(std::string_view word) noexcept;
std::string_view ending_word(llm::Finish finish) noexcept;

/// The answer to a prompt that was not let through (`promptFeedback.blockReason`).
std::string blocked_sentence(std::string_view reason);

/// `usageMetadata` of every chunk is cumulative: feed them all, the larger number counts. The prompt includes what was cached; thoughts are
/// counted beside the candidates, and both are the output.
class UsageSum {
 public:
  void take(const detail::Value& metadata);
  llm::Usage usage() const noexcept;

 private:
  std::int64_t prompt_ = -1, cached_ = -1, candidates_ = -1, thoughts_ = -1, tools_ = -1;
};

/// `"usageMetadata":{...}`.
void write_usage_metadata(detail::JsonWriter& w, const llm::Usage& usage);

}  // namespace flotte::dialect::gemini
