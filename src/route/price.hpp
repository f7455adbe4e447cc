// What a call costs: prices per token in whole trillionths of a dollar, and one multiplication. Pure; no floating point.
#pragma once
#include <cstdint>
#include <optional>

#include "base/json.hpp"
#include "llm/usage.hpp"

namespace flotte::route {

struct Price {
  /// Trillionths of a dollar per token; a dollar per million tokens is a million of them. Writing to a cache: kept for five minutes, or for
  /// an hour; negative: it costs what input costs.
  struct Rates {
    std::int64_t input = 0, cached_input = 0, output = 0;
    std::int64_t cache_write = -1, cache_write_1h = -1;
    bool operator==(const Rates&) const = default;
    bool free() const noexcept;
  };
  Rates rates;
  std::int64_t long_over = 0;  // a call with more input tokens than that is charged by `long_rates`, wholly; 0 = never
  Rates long_rates;
  std::optional<Rates> batch_rates{};  // of a call that was served as a batch and is not long; nothing: as others

  /// Trillionths of a dollar, at most 9.2 million dollars. Nothing where the usage was not told.
  std::optional<std::int64_t> cost(const llm::Usage& usage) const noexcept;
  bool free() const noexcept { return rates.free() && (long_over == 0 || long_rates.free()) && (!batch_rates || batch_rates->free()); }
  /// {input, cached_input, output, cache_write?, cache_write_1h?}, the same behind "long_" with long_over and behind "batch_": dollars per
  /// million tokens, as text.
  json::object to_json() const;
  static std::optional<Price> from_json(const json::object& o);
  bool operator==(const Price&) const = default;
};

}  // namespace flotte::route
