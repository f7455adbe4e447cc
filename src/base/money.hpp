// Money, exact: whole trillionths of a US dollar, so that a price per million tokens with up to six decimals is a whole number per token.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flotte {

/// Amounts are `std::int64_t ..._pico_usd`: up to 9.2 million dollars.
inline constexpr std::int64_t pico_per_usd = 1'000'000'000'000;

/// "1.50", "0.0105", "0.00": every digit that says something, at least two decimals. For JSON and tables.
std::string format_usd(std::int64_t pico_usd);
/// For people: cents above a dollar, four decimals above a cent, two digits that count below, so that little is not nothing.
std::string round_usd(std::int64_t pico_usd);
/// The opposite of format_usd: digits with at most twelve decimals, perhaps a '-'. Nothing for anything else, or beyond the range.
std::optional<std::int64_t> parse_usd(std::string_view text) noexcept;
/// a + b, held at the ends of the range.
std::int64_t add_usd(std::int64_t a, std::int64_t b) noexcept;

}  // namespace flotte
