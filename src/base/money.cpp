// Money as text and back.
#include "base/money.hpp"

#include <fmt/format.h>

#include <limits>

namespace flotte {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

std::string signed_text(std::int64_t pico_usd, std::size_t decimals) {
  // The smallest number has no positive twin; what is shown of it is one trillionth short.
  const std::int64_t size = pico_usd < 0 ? -(pico_usd == std::numeric_limits<std::int64_t>::min() ? -most : pico_usd) : pico_usd;
  std::string out = fmt::format("{}{}.{:012}", pico_usd < 0 ? "-" : "", size / pico_per_usd, size % pico_per_usd);
  out.resize(out.size() - (12 - decimals));
  return out;
}

}  // namespace

std::string format_usd(std::int64_t pico_usd) {
  std::string out = signed_text(pico_usd, 12);
  while (out.back() == '0' && out[out.size() - 3] != '.') out.pop_back();
  return out;
}

std::string round_usd(std::int64_t pico_usd) {
  const std::int64_t size = pico_usd < 0 ? -(pico_usd + 1) : pico_usd;
  std::int64_t step = size >= pico_per_usd ? pico_per_usd / 100 : size >= pico_per_usd / 100 ? pico_per_usd / 10'000 : 1;
  while (step < pico_per_usd / 10'000 && size / step >= 100) step *= 10;
  if (size > most - step) return signed_text(pico_usd, 2);
  return format_usd((pico_usd + (pico_usd < 0 ? -step : step) / 2) / step * step);
}

std::optional<std::int64_t> parse_usd(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !digit(text.front())) return std::nullopt;
  std::int64_t whole = 0, fraction = 0;
  for (; !text.empty() && digit(text.front()); text.remove_prefix(1)) {
    whole = whole * 10 + (text.front() - '0');
    if (whole > 9'000'000) return std::nullopt;
  }
  if (!text.empty()) {
    if (text.front() != '.' || text.size() == 1) return std::nullopt;
    text.remove_prefix(1);
    for (std::int64_t scale = pico_per_usd / 10; !text.empty(); text.remove_prefix(1), scale /= 10) {
      if (!digit(text.front()) || (scale == 0 && text.front() != '0')) return std::nullopt;
      fraction += (text.front() - '0') * scale;
    }
  }
  const std::int64_t size = whole * pico_per_usd + fraction;
  return negative ? -size : size;
}

std::int64_t add_usd(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a > 0 ? most : -most;
}

}  // namespace flotte
