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
  if (rates.cache_write >= 0) o[prefix + "cache_write"] = format_usd(rates.cache_write * million);
  if (rates.cache_write_1h >= 0) o[prefix + "cache_write_1h"] = format_usd(rates.cache_write_1h * million);
}

bool read_rates(const json::object& o, const std::string& prefix, Price::Rates& rates) {
  struct Known {
    const char* name;
    std::int64_t* place;
    bool needed;
  };
  const Known known[] = {{"input", &rates.input, true},
                         {"cached_input", &rates.cached_input, true},
                         {"output", &rates.output, true},
                         {"cache_write", &rates.cache_write, false},
                         {"cache_write_1h", &rates.cache_write_1h, false}};
  for (const auto& [name, place, needed] : known) {
    const std::string text = json::string_or(o, prefix + name, "");
    if (text.empty() && !needed) continue;
    const auto usd = parse_usd(text);
    if (!usd || *usd < 0) return false;
    *place = *usd / million;
  }
  return true;
}

/// Never negative, and no more than there is.
std::int64_t part(std::int64_t tokens, std::int64_t of) { return std::clamp<std::int64_t>(tokens, 0, of); }

}  // namespace

bool Price::Rates::free() const noexcept {
  return input == 0 && cached_input == 0 && output == 0 && cache_write <= 0 && cache_write_1h <= 0;
}

std::optional<std::int64_t> Price::cost(const llm::Usage& usage) const noexcept {
  if (!usage.known()) return std::nullopt;
  const std::int64_t input = std::max<std::int64_t>(usage.input_tokens, 0);
  const std::int64_t cached = part(usage.cached_tokens, input);
  const std::int64_t written = part(usage.cache_creation_tokens, input - cached);
  const std::int64_t written_1h = part(usage.cache_creation_1h_tokens, written);
  const std::int64_t output = std::max<std::int64_t>(usage.output_tokens, 0);
  const bool is_long = long_over > 0 && input > long_over;
  const Rates& by = is_long ? long_rates : usage.batch && batch_rates ? *batch_rates : rates;
  const std::int64_t write = by.cache_write >= 0 ? by.cache_write : by.input;
  const std::int64_t write_1h = by.cache_write_1h >= 0 ? by.cache_write_1h : write;
  // Numbers of tokens come from outside: the sum is made where it cannot overflow.
  const auto times = [](std::int64_t tokens, std::int64_t rate) { return static_cast<__int128>(tokens) * rate; };
  const __int128 sum = times(input - cached - written, by.input) + times(cached, by.cached_input) + times(written - written_1h, write) +
                       times(written_1h, write_1h) + times(output, by.output);
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
  if (batch_rates) write_rates(o, "batch_", *batch_rates);
  return o;
}

std::optional<Price> Price::from_json(const json::object& o) {
  Price price;
  if (!read_rates(o, "", price.rates)) return std::nullopt;
  price.long_over = json::int_or(o, "long_over", 0);
  if (price.long_over > 0 && !read_rates(o, "long_", price.long_rates)) return std::nullopt;
  if (!o.contains("batch_input")) return price;
  Rates batch;
  if (!read_rates(o, "batch_", batch)) return std::nullopt;
  price.batch_rates = batch;
  return price;
}

}  // namespace flotte::route
