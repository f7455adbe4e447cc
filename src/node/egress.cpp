// Reading and asking the list.
#include "node/egress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace flotte::node {

Result<Egress::Place> Egress::parse_place(std::string_view text) {
  const auto wrong = [text] {
    return fail(Code::invalid_argument, fmt::format("\"{}\" is no host with a port", text.substr(0, 300)), "write HOST:PORT");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong();
  Place place;
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) return wrong();
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return wrong();
  for (const char c : host) {
    if (c <= ' ' || c > '~' || c == '/' || c == '[' || c == ']') return wrong();
    place.host += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  // A name may end in a dot; it is the same place.
  if (place.host.ends_with('.')) place.host.pop_back();
  if (place.host.empty()) return wrong();
  place.port = static_cast<std::uint16_t>(port);
  return place;
}

Result<Egress> Egress::parse(const std::vector<std::string>& lines) {
  Egress egress;
  for (const std::string& line : lines) {
    auto place = parse_place(line);
    if (!place) return pass(place, "egress");
    const std::size_t star = place->host.find('*');
    if (star != std::string::npos &&
        (star != 0 || place->host.size() < 3 || place->host[1] != '.' || place->host.find('*', 1) != std::string::npos))
      return fail(Code::invalid_argument, fmt::format("egress: \"{}\": a '*' stands only at the front, before a dot", line),
                  "name each host, or write *.example.org:443");
    egress.places_.push_back(std::move(*place));
  }
  return egress;
}

bool Egress::allows(std::string_view host, std::uint16_t port) const noexcept {
  return std::any_of(places_.begin(), places_.end(), [&](const Place& place) {
    if (place.port != port) return false;
    if (!place.host.starts_with('*')) return place.host == host;
    const std::string_view end = std::string_view(place.host).substr(1);
    return host.size() > end.size() && host.ends_with(end);
  });
}

}  // namespace flotte::node
