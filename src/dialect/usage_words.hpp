// Usage in the words of each format. OpenAI counts cached tokens within the input, Anthropic beside it. Pure.
#pragma once
#include <string>

#include "dialect/detail/fields.hpp"
#include "dialect/detail/json_writer.hpp"
#include "dialect/format.hpp"
#include "llm/usage.hpp"

namespace flotte::dialect {

/// What one `usage` object tells. Anthropic spreads it over two events, each cumulative: feed them all, the larger number counts.
class UsageReader {
 public:
  void take(Format format, const detail::Value& usage);
  llm::Usage usage() const noexcept;

 private:
  void take_detail(const detail::Value& details);
  void keep(std::int64_t& field, const detail::Value& value);
  std::int64_t input_ = -1, output_ = -1, cached_ = -1, created_ = -1, reasoning_ = -1, created_1h_ = -1;
  bool cached_apart_ = false, batch_ = false;
};

/// `"usage":{...}`; numbers that were not told are 0.
void write_usage(detail::JsonWriter& w, Format format, const llm::Usage& usage);

}  // namespace flotte::dialect
