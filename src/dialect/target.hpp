// What is known of the server that a translated request goes to. Everything has a default that its API's own servers accept. Pure.
#pragma once
#include <cstdint>
#include <string>

namespace flotte::dialect {

struct Target {
  std::string model;  // empty: the name that the client asked for

  // Anthropic Messages
  std::int64_t default_max_tokens = 8192;  // where the client gave none: the model's own bound, if it is known
  enum class Thinking { adaptive, budget } thinking = Thinking::adaptive;  // budget: models before adaptive thinking

  // OpenAI chat completions
  enum class Limit {
    max_completion_tokens,
    max_tokens
  } limit = Limit::max_completion_tokens;  // max_tokens: Mistral, Ollama, older
                                           // servers
  enum class PastReasoning { leave_out, reasoning_content } past_reasoning = PastReasoning::leave_out;
  enum class Effort { send, leave_out } effort = Effort::send;  // models that do not think refuse the field
  bool system_role_for_developer = true;                        // most compatible servers know no developer
  bool mistral = false;  // its own names for things, ids of nine letters and digits, and no field that it does not know: it refuses those
};

}  // namespace flotte::dialect
