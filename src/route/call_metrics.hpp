// What one loop has counted of its calls, by model, provider and kind. Plain numbers of one thread: a copy is taken to be read, and the
// copies of all loops are added up. Names follow OpenTelemetry's `gen_ai` conventions where it has one.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/metrics.hpp"
#include "route/call_end.hpp"

namespace flotte::route {

class CallMetrics {
 public:
  /// Different sets of labels; what comes after that is counted under the model "other".
  static constexpr std::size_t series_limit = 500;

  void on_end(const CallEnd& end);
  void add(const CallMetrics& other);
  void write(MetricsText& text) const;
  std::size_t series() const noexcept { return series_.size(); }

 private:
  struct Labels {
    std::string model, provider, operation, error;
  };
  struct Series {
    explicit Series(Labels l);
    Labels labels;
    Histogram duration, first_token, token_gap, input, output;
    std::uint64_t cached_tokens = 0, reasoning_tokens = 0, unpriced = 0;
    std::int64_t cost_pico_usd = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>{}(s); }
  };
  Series& series_of(std::string_view model, std::string_view provider, std::string_view operation, std::string_view error);

  std::unordered_map<std::string, Series, Hash, std::equal_to<>> series_;
  std::string key_;  // its memory serves every look-up
};

}  // namespace flotte::route
