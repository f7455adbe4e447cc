// Network cards, their subnets, and whether traffic is paid for.
#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <limits>

#include "base/file.hpp"
#include "machine/detail/parts.hpp"

namespace flotte::machine::detail {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return out;
    line.remove_prefix(begin);
    out.push_back(line.substr(0, line.find_first_of(" \t")));
    line.remove_prefix(out.back().size());
  }
}

/// Eight hexadecimal digits as the kernel writes an address on a little-endian machine: the last byte first.
std::optional<std::uint32_t> parse_address(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return __builtin_bswap32(value);
}

}  // namespace

Routes parse_routes(std::string_view text) {
  Routes out;
  std::uint32_t best = std::numeric_limits<std::uint32_t>::max();
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto words = words_of(line);
    if (words.size() < 8) continue;
    const auto destination = parse_address(words[1]), gateway = parse_address(words[2]), mask = parse_address(words[7]);
    if (!destination || !gateway || !mask) continue;  // the heading
    if (*mask == 0) {
      std::uint32_t metric = 0;
      std::from_chars(words[6].data(), words[6].data() + words[6].size(), metric);
      if (metric >= best) continue;
      best = metric;
      out.default_card = words[0];
      continue;
    }
    const bool link_local = (*destination >> 16) == 0xA9FE;
    if (*gateway != 0 || link_local) continue;
    const std::uint32_t d = *destination;
    out.subnets.emplace_back(std::string(words[0]),
                             fmt::format("{}.{}.{}.{}/{}", d >> 24, (d >> 16) & 255, (d >> 8) & 255, d & 255, std::popcount(*mask)));
  }
  return out;
}

Routes read_routes(const std::string& root) {
  const auto text = read_file(root + "/proc/net/route", 1024 * 1024);
  return text ? parse_routes(*text) : Routes{};
}

std::vector<wire::NetworkCard> read_networks(const std::string& root) {
  std::vector<wire::NetworkCard> out;
  const Routes routes = read_routes(root);
  const std::string directory = root + "/sys/class/net";
  for (const std::string& name : names_in(directory)) {
    const std::string card = directory + "/" + name;
    // Hardware has a device behind it; type 1 is Ethernet, and Wi-Fi too.
    if (!exists(card + "/device") || read_number(card + "/type").value_or(0) != 1) continue;
    wire::NetworkCard found{name, read_word(card + "/address"), {}, !exists(card + "/wireless") && !exists(card + "/phy80211")};
    for (const auto& [of, subnet] : routes.subnets)
      if (of == name && found.subnet.empty()) found.subnet = subnet;
    out.push_back(std::move(found));
  }
  return out;
}

std::optional<bool> parse_metered(std::string_view answer, std::string_view card) {
  bool ours = false;
  while (!answer.empty()) {
    std::string_view line = answer.substr(0, answer.find('\n'));
    answer.remove_prefix(std::min(answer.size(), line.size() + 1));
    constexpr std::string_view device = "GENERAL.DEVICE:", metered = "GENERAL.METERED:";
    if (line.starts_with(device)) ours = line.substr(device.size()) == card;
    if (!ours || !line.starts_with(metered)) continue;
    line.remove_prefix(metered.size());
    if (line.starts_with("yes")) return true;
    if (line.starts_with("no")) return false;
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace flotte::machine::detail
