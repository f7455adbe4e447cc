// What the gateway must know of a whole answer (or of one chunk of a stream): usage, and whether it is really an error. Reads the words of
// all APIs that pass through: none of them means something else in another. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "llm/usage.hpp"

namespace flotte::dialect {

struct OpenAiFacts {
  bool object = false;         // a valid JSON object
  bool error = false;          // it has an `error` that is not null, and no choices
  bool choices = false;        // `choices` has at least one element
  bool empty_choices = false;  // `choices` is there and has none
  bool has_usage = false;      // `usage` or `usageMetadata` is an object, or Ollama's counts are there
  bool done = false;           // `done` is true (Ollama)
  llm::Usage usage;
};

/// Usage as it is written; -1: not told. Anthropic counts cached tokens beside the input, OpenAI within it.
struct UsageWords {
  std::int64_t input = -1, output = -1, cached = -1;
  std::int64_t cache_read = -1, cache_creation = -1, cache_creation_1h = -1;  // Anthropic's
  bool batch = false;
  /// What a later event tells replaces what an earlier one told.
  void take(const UsageWords& later) noexcept;
  llm::Usage usage() const noexcept;
};
UsageWords read_usage_words(std::string_view object);

/// Reads the top-level members only; text inside answers cannot mislead it.
OpenAiFacts read_openai_facts(std::string_view json);

/// A service tier (with its quotes) at the price of a batch: Anthropic's "batch", OpenAI's "flex".
bool is_batch_tier(std::string_view json) noexcept;

/// The value of a `usage` object. Cached tokens are part of the input tokens in the result.
llm::Usage read_openai_usage(std::string_view object);

/// The first sentence of an `{"error": ...}` body for messages of our own: at most 300 bytes, without control characters; may be empty.
std::string openai_error_message(std::string_view json);

}  // namespace flotte::dialect
