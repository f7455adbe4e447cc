// The quota windows that a provider tells in the heads of its answers: how much is left of a limit, and when it begins anew. What is used
// up is not asked for again before that. Reading is pure; what was read is kept in atomics that all loops share.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "http/message.hpp"

namespace flotte::route {

enum class QuotaKind : std::uint8_t { requests, tokens, input_tokens, output_tokens };
std::string_view to_string(QuotaKind kind) noexcept;

/// Negative: not told.
struct QuotaWindow {
  std::int64_t limit = -1, remaining = -1;
  std::optional<milliseconds> reset;  // from now
};
/// By kind.
using QuotaWindows = std::array<QuotaWindow, 4>;

/// anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset} and
/// x-ratelimit-{limit,remaining,reset}-{requests,tokens}, as OpenAI and those after it write them. Nothing where there is none.
std::optional<QuotaWindows> read_quota(const http::Headers& headers, WallTime now);

/// What is known of one target's quota. Times are steady milliseconds.
class Quota {
 public:
  /// Newer answers replace what older ones said.
  void learn(const QuotaWindows& windows, SteadyTime now) noexcept;
  /// How long it is in vain to ask with about so many tokens; nothing where it may be asked.
  std::optional<milliseconds> wait(std::int64_t input_tokens, SteadyTime now) const noexcept;
  /// Something was told and is not over.
  bool known(SteadyTime now) const noexcept;
  /// [{kind, limit, remaining, reset_at}]: what was told last and is not over. `remaining` and `limit` are null where they were not told.
  json::array to_json(SteadyTime now, WallTime wall) const;

 private:
  struct Window {
    std::atomic<std::int64_t> limit{-1}, remaining{-1}, reset_at{0};
  };
  std::array<Window, 4> windows_;
};

/// A reset that is further away is asked for again after that: what a head says is not always right.
inline constexpr milliseconds longest_quota_window{std::chrono::hours(6)};

}  // namespace flotte::route
