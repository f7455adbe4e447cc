// Sizes in words.
#include "fleet/size_texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/units.hpp"

namespace flotte::fleet {
namespace {

constexpr std::uint64_t mib = 1024 * 1024;

struct Wanted {
  std::string_view name;     // memory | vram | cores
  std::uint64_t amount = 0;  // bytes, or a number of cores
};

std::optional<Wanted> parse_wanted(std::string_view label) {
  const std::size_t at = label.find(">=");
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view name = label.substr(0, at);
  const auto amount = parse_size(label.substr(at + 2));
  const bool known = name == "memory" || name == "vram" || name == "cores";
  return known && amount ? std::optional(Wanted{name, *amount}) : std::nullopt;
}

/// "24 GiB": in the greatest unit of which there is at least one, with a decimal where it is not whole.
std::string size_text(std::uint64_t bytes) {
  static constexpr std::string_view units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  double amount = static_cast<double>(bytes);
  for (; amount >= 1024 && unit + 1 < std::size(units); ++unit) amount /= 1024;
  std::string text = fmt::format("{:.1f}", amount);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return fmt::format("{} {}", text, units[unit]);
}

std::string amount_text(std::string_view name, std::uint64_t amount) {
  return name == "cores" ? fmt::format("{} core{}", amount, amount == 1 ? "" : "s") : size_text(amount);
}

std::string_view of_what(std::string_view name) { return name == "memory" ? " of memory" : name == "vram" ? " of GPU memory" : ""; }

}  // namespace

std::string size_wish(std::string_view label) {
  const auto wanted = parse_wanted(label);
  return wanted ? fmt::format("at least {}{}", amount_text(wanted->name, wanted->amount), of_what(wanted->name)) : std::string();
}

std::string size_miss(const std::vector<std::string>& labels, std::string_view label) {
  const auto wanted = parse_wanted(label);
  if (!wanted) return {};
  const std::string name = fmt::format("{}=", wanted->name);
  std::optional<std::uint64_t> most;
  for (const std::string& has : labels) {
    std::uint64_t amount = 0;
    if (!has.starts_with(name)) continue;
    const auto [end, error] = std::from_chars(has.data() + name.size(), has.data() + has.size(), amount);
    if (error == std::errc() && end == has.data() + has.size()) most = std::max(most.value_or(0), amount);
  }
  const std::string asked = amount_text(wanted->name, wanted->amount);
  const std::string_view what = wanted->name == "cores" ? " cores" : wanted->name == "vram" ? " GPU memory" : " memory";
  if (!most) return fmt::format("has no{} that is known, not {}", what, asked);
  return fmt::format("has {}{}, not {}", amount_text(wanted->name, wanted->name == "cores" ? *most : *most * mib), of_what(wanted->name),
                     asked);
}

}  // namespace flotte::fleet
