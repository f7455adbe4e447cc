// Numbers with units.
#include "base/units.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace flotte {
namespace {

template <std::size_t N>
std::optional<std::int64_t> parse(std::string_view text, const std::array<std::pair<std::string_view, std::int64_t>, N>& units) {
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || !(text[0] >= '0' && text[0] <= '9')) return std::nullopt;
  const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  for (const auto& [word, factor] : units) {
    std::int64_t out = 0;
    if (word == unit) return __builtin_mul_overflow(number, factor, &out) ? std::nullopt : std::optional(out);
  }
  return std::nullopt;
}

using Unit = std::pair<std::string_view, std::int64_t>;
constexpr std::array<Unit, 5> durations{{{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 6> sizes{{{"", 1},
                                     {"B", 1},
                                     {"K", std::int64_t{1} << 10},
                                     {"M", std::int64_t{1} << 20},
                                     {"G", std::int64_t{1} << 30},
                                     {"T", std::int64_t{1} << 40}}};

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto ms = parse(text, durations);
  return ms ? std::optional(std::chrono::milliseconds(*ms)) : std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto bytes = parse(text, sizes);
  return bytes ? std::optional(static_cast<std::uint64_t>(*bytes)) : std::nullopt;
}

}  // namespace flotte
