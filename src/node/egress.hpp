// What a hub may reach through this machine: `[node] egress` of its own file. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace flotte::node {

class Egress {
 public:
  /// "api.anthropic.com:443", "*.example.org:443" (any name below it), "10.0.0.7:8080", "[fd00::7]:8080". Error: invalid_argument.
  static Result<Egress> parse(const std::vector<std::string>& lines);
  bool allows(std::string_view host, std::uint16_t port) const noexcept;

  struct Place {
    std::string host;  // lower case
    std::uint16_t port = 0;
    bool operator==(const Place&) const = default;
  };
  /// "host:port" or "[address]:port" taken apart.
  static Result<Place> parse_place(std::string_view text);

 private:
  std::vector<Place> places_;
};

}  // namespace flotte::node
