// Reading and remembering quota windows.
#include "route/quota.hpp"

#include <algorithm>
#include <charconv>

#include "route/later.hpp"

namespace flotte::route {
namespace {

enum class Part : std::uint8_t { limit, remaining, reset };
struct Known {
  std::string_view name;  // lower case
  QuotaKind kind;
  Part part;
};

constexpr std::string_view anthropic_prefix = "anthropic-ratelimit-", common_prefix = "x-ratelimit-";
// Behind the prefix.
constexpr Known anthropic_names[] = {
    {"requests-limit", QuotaKind::requests, Part::limit},
    {"requests-remaining", QuotaKind::requests, Part::remaining},
    {"requests-reset", QuotaKind::requests, Part::reset},
    {"tokens-limit", QuotaKind::tokens, Part::limit},
    {"tokens-remaining", QuotaKind::tokens, Part::remaining},
    {"tokens-reset", QuotaKind::tokens, Part::reset},
    {"input-tokens-limit", QuotaKind::input_tokens, Part::limit},
    {"input-tokens-remaining", QuotaKind::input_tokens, Part::remaining},
    {"input-tokens-reset", QuotaKind::input_tokens, Part::reset},
    {"output-tokens-limit", QuotaKind::output_tokens, Part::limit},
    {"output-tokens-remaining", QuotaKind::output_tokens, Part::remaining},
    {"output-tokens-reset", QuotaKind::output_tokens, Part::reset},
};
constexpr Known common_names[] = {
    {"limit-requests", QuotaKind::requests, Part::limit},
    {"remaining-requests", QuotaKind::requests, Part::remaining},
    {"reset-requests", QuotaKind::requests, Part::reset},
    {"limit-tokens", QuotaKind::tokens, Part::limit},
    {"remaining-tokens", QuotaKind::tokens, Part::remaining},
    {"reset-tokens", QuotaKind::tokens, Part::reset},
    {"limit", QuotaKind::requests, Part::limit},
    {"remaining", QuotaKind::requests, Part::remaining},
    {"reset", QuotaKind::requests, Part::reset},
};

bool begins(std::string_view name, std::string_view prefix) noexcept {
  return name.size() > prefix.size() && http::same_name(name.substr(0, prefix.size()), prefix);
}

template <std::size_t N>
const Known* find(const Known (&names)[N], std::string_view name) noexcept {
  for (const Known& known : names)
    if (http::same_name(name, known.name)) return &known;
  return nullptr;
}

std::int64_t whole(std::string_view text) noexcept {
  std::int64_t value = -1;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size() && value >= 0 ? value : -1;
}

}  // namespace

std::string_view to_string(QuotaKind kind) noexcept {
  switch (kind) {
    case QuotaKind::requests: return "requests";
    case QuotaKind::tokens: return "tokens";
    case QuotaKind::input_tokens: return "input_tokens";
    case QuotaKind::output_tokens: return "output_tokens";
  }
  return "requests";
}

std::optional<QuotaWindows> read_quota(const http::Headers& headers, WallTime now) {
  std::optional<QuotaWindows> windows;
  for (const auto& [name, value] : headers) {
    const Known* known = nullptr;
    if (begins(name, anthropic_prefix))
      known = find(anthropic_names, name.substr(anthropic_prefix.size()));
    else if (begins(name, common_prefix))
      known = find(common_names, name.substr(common_prefix.size()));
    if (!known) continue;
    if (!windows) windows.emplace();
    QuotaWindow& window = (*windows)[static_cast<std::size_t>(known->kind)];
    if (known->part == Part::reset)
      window.reset = parse_wait(value, now);
    else
      (known->part == Part::limit ? window.limit : window.remaining) = whole(value);
  }
  return windows;
}

void Quota::learn(const QuotaWindows& windows, SteadyTime now) noexcept {
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const QuotaWindow& told = windows[i];
    Window& window = windows_[i];
    // Without a time nobody knows when it is over.
    if (told.remaining < 0 || !told.reset) continue;
    const std::int64_t reset_at = (now + std::min(*told.reset, longest_quota_window)).time_since_epoch().count();
    window.limit.store(told.limit, std::memory_order_relaxed);
    window.remaining.store(told.remaining, std::memory_order_relaxed);
    window.reset_at.store(reset_at, std::memory_order_relaxed);
  }
}

std::optional<milliseconds> Quota::wait(std::int64_t input_tokens, SteadyTime now) const noexcept {
  std::optional<milliseconds> longest;
  const std::int64_t at = now.time_since_epoch().count();
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const std::int64_t reset_at = windows_[i].reset_at.load(std::memory_order_relaxed);
    if (reset_at <= at) continue;
    const std::int64_t remaining = windows_[i].remaining.load(std::memory_order_relaxed);
    const std::int64_t limit = windows_[i].limit.load(std::memory_order_relaxed);
    const auto kind = static_cast<QuotaKind>(i);
    const bool counts_input = kind == QuotaKind::tokens || kind == QuotaKind::input_tokens;
    // A request larger than the whole limit would wait for ever: the provider may say no itself.
    const bool too_little = counts_input && input_tokens > remaining && limit >= 0 && input_tokens <= limit;
    if (remaining > 0 && !too_little) continue;
    longest = std::max(longest.value_or(milliseconds(0)), milliseconds(reset_at - at));
  }
  return longest;
}

bool Quota::known(SteadyTime now) const noexcept {
  return std::any_of(windows_.begin(), windows_.end(), [at = now.time_since_epoch().count()](const Window& window) {
    return window.reset_at.load(std::memory_order_relaxed) > at;
  });
}

json::array Quota::to_json(SteadyTime now, WallTime wall) const {
  json::array out;
  const auto number = [](std::int64_t value) { return value < 0 ? json::value(nullptr) : json::value(value); };
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const milliseconds left = milliseconds(windows_[i].reset_at.load(std::memory_order_relaxed)) - now.time_since_epoch();
    if (left.count() <= 0) continue;
    json::object o;
    o["kind"] = to_string(static_cast<QuotaKind>(i));
    o["limit"] = number(windows_[i].limit.load(std::memory_order_relaxed));
    o["remaining"] = number(windows_[i].remaining.load(std::memory_order_relaxed));
    o["reset_at"] = to_rfc3339(wall + left);
    out.push_back(std::move(o));
  }
  return out;
}

}  // namespace flotte::route
