// What a call costs.
#include "route/price.hpp"

#include <algorithm>
#include <limits>

#include "base/money.hpp"

namespace flotte::route {
namespace {

constexpr std::int64_t million = 1'000'000;

void write_rates(json::object& o, const std::string& prefix, const Price::Rates& rates) {
  o[prefix + "input"] = format_usd(rates.input * million);
  o[prefix + "cached_input"] = format_usd(rates.cached_input * million);
  o[prefix + "output"] = format_usd(rates.output * million);
}

bool read_rates(const json::object& o, const std::string& prefix, Price::Rates& rates) {
  const std::pair<const char*, std::int64_t*> known[] = {
      {"input", &rates.input}, {"cached_input", &rates.cached_input}, {"output", &rates.output}};
  for (const auto& [name, place] : known) {
    const auto usd = parse_usd(json::string_or(o, prefix + name, ""));
    if (!usd || *usd < 0) return false;
    *place = *usd / million;
  }
  return true;
}

}  // namespace

std::optional<std::int64_t> Price::cost(const llm::Usage& usage) const noexcept {
  if (!usage.known()) return std::nullopt;
  const std::int64_t input = std::max<std::int64_t>(usage.input_tokens, 0);
  const std::int64_t cached = std::clamp<std::int64_t>(usage.cached_tokens, 0, input);
  const std::int64_t output = std::max<std::int64_t>(usage.output_tokens, 0);
  const Rates& by = long_over > 0 && input > long_over ? long_rates : rates;
  // Numbers of tokens come from outside: the sum is made where it cannot overflow.
  const __int128 sum = static_cast<__int128>(input - cached) * by.input + static_cast<__int128>(cached) * by.cached_input +
                       static_cast<__int128>(output) * by.output;
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return sum > most ? most : static_cast<std::int64_t>(sum);
}

json::object Price::to_json() const {
  json::object o;
  write_rates(o, "", rates);
  if (long_over > 0) {
    o["long_over"] = long_over;
    write_rates(o, "long_", long_rates);
  }
  return o;
}

std::optional<Price> Price::from_json(const json::object& o) {
  Price price;
  if (!read_rates(o, "", price.rates)) return std::nullopt;
  price.long_over = json::int_or(o, "long_over", 0);
  if (price.long_over > 0 && !read_rates(o, "long_", price.long_rates)) return std::nullopt;
  return price;
}

}  // namespace flotte::route
