// What a call used, as every dialect tells it in its own words.
#pragma once
#include <cstdint>

namespace flotte::llm {

/// `input_tokens` includes cached ones and those that were written to a cache. A value of -1 was not told.
struct Usage {
  std::int64_t input_tokens = -1, cached_tokens = -1, output_tokens = -1;
  std::int64_t cache_creation_tokens = -1;     // part of the input: written to a provider's cache
  std::int64_t reasoning_tokens = -1;          // part of the output
  std::int64_t cache_creation_1h_tokens = -1;  // part of cache_creation_tokens: those that are kept for an hour
  bool batch = false;                          // the provider says that it was served, and is paid, as a batch (batch, flex)
  bool known() const noexcept { return input_tokens >= 0 || output_tokens >= 0; }
};

}  // namespace flotte::llm
