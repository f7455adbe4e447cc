// How a provider's calls leave: `via` of a [[provider]]. A door that cannot be used is an error of the call; nothing ever leaves by another
// one instead.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace flotte::route {

struct Door {
  enum class Kind : std::uint8_t { direct, proxy, interface, node };
  Kind kind = Kind::direct;
  std::string name;            // of the interface (or one of this machine's addresses), of the node, or the proxy's host
  std::uint16_t port = 0;      // of the proxy
  Secret proxy_authorization;  // whole value of Proxy-Authorization, or empty

  /// direct, proxy:http://[user:password@]host:port, interface:NAME, node:NAME. Error: invalid_argument, without credentials.
  static Result<Door> parse(std::string_view text);
  /// As it was written, without credentials.
  std::string text() const;
  bool operator==(const Door& other) const {
    return kind == other.kind && name == other.name && port == other.port &&
           proxy_authorization.reveal() == other.proxy_authorization.reveal();
  }
};

}  // namespace flotte::route
