// Two vocabularies, one sum.
#include "dialect/usage_words.hpp"

#include <algorithm>

namespace flotte::dialect {
namespace {
std::int64_t told(std::int64_t n) { return std::max<std::int64_t>(n, 0); }
}  // namespace

void UsageReader::keep(std::int64_t& field, const detail::Value& value) {
  // Bounded, so that sums cannot overflow.
  field = std::max(field, std::min<std::int64_t>(value.whole().value_or(-1), std::int64_t{1} << 50));
}

void UsageReader::take(Format format, const detail::Value& usage) {
  cached_apart_ = format == Format::anthropic;
  const bool plain_names = cached_apart_ || format == Format::responses;
  for (detail::Fields f(usage); f.next();) {
    if (f.is(plain_names ? "input_tokens" : "prompt_tokens"))
      keep(input_, f);
    else if (f.is(plain_names ? "output_tokens" : "completion_tokens"))
      keep(output_, f);
    else if (f.is("cache_read_input_tokens") || f.is("prompt_cache_hit_tokens"))  // the second: DeepSeek
      keep(cached_, f);
    else if (f.is("cache_creation_input_tokens"))
      keep(created_, f);
    else if (f.is("cache_creation"))
      take_detail(f);
    else if (f.is("service_tier"))
      batch_ = batch_ || f.raw == "\"batch\"" || f.raw == "\"flex\"";
    else if (f.is("prompt_tokens_details") || f.is("completion_tokens_details") || f.is("input_tokens_details") ||
             f.is("output_tokens_details"))
      take_detail(f);
  }
}

void UsageReader::take_detail(const detail::Value& details) {
  for (detail::Fields f(details); f.next();) {
    if (f.is("cached_tokens")) keep(cached_, f);
    if (f.is("reasoning_tokens")) keep(reasoning_, f);
    if (f.is("ephemeral_1h_input_tokens")) keep(created_1h_, f);
  }
}

llm::Usage UsageReader::usage() const noexcept {
  llm::Usage usage;
  usage.input_tokens = input_;
  if (cached_apart_ && input_ >= 0) usage.input_tokens += told(cached_) + told(created_);
  usage.cached_tokens = cached_;
  usage.cache_creation_tokens = created_;
  usage.cache_creation_1h_tokens = created_1h_;
  usage.batch = batch_;
  usage.output_tokens = output_;
  usage.reasoning_tokens = reasoning_;
  return usage;
}

void write_usage(detail::JsonWriter& w, Format format, const llm::Usage& usage) {
  const std::int64_t input = told(usage.input_tokens), output = told(usage.output_tokens);
  const std::int64_t cached = told(usage.cached_tokens), created = told(usage.cache_creation_tokens);
  w.key("usage").open('{');
  if (format == Format::anthropic) {
    w.key("input_tokens").whole(told(input - cached - created)).key("cache_creation_input_tokens").whole(created);
    w.key("cache_read_input_tokens").whole(cached).key("output_tokens").whole(output);
  } else if (format == Format::responses) {
    w.key("input_tokens").whole(input).key("input_tokens_details").open('{').key("cached_tokens").whole(cached).close('}');
    w.key("output_tokens").whole(output).key("output_tokens_details").open('{');
    w.key("reasoning_tokens").whole(told(usage.reasoning_tokens)).close('}').key("total_tokens").whole(input + output);
  } else {
    w.key("prompt_tokens").whole(input).key("completion_tokens").whole(output).key("total_tokens").whole(input + output);
    w.key("prompt_tokens_details").open('{').key("cached_tokens").whole(cached).close('}');
    w.key("completion_tokens_details").open('{').key("reasoning_tokens").whole(told(usage.reasoning_tokens)).close('}');
  }
  w.close('}');
}

}  // namespace flotte::dialect
