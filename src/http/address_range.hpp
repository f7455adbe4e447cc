// What kind of network an address belongs to. Sources: the IANA registries of special-purpose addresses (RFC 6890). Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace flotte::http {

enum class AddressRange : std::uint8_t {
  open,             // the internet
  private_network,  // this machine, or a network of somebody's own
  link_local,       // the wire itself; in a cloud also the machine's own data and credentials
};

/// Of an address that is written out; nothing for a name. IPv4 inside IPv6 counts as what it is.
std::optional<AddressRange> range_of(std::string_view address);

/// A name that can only mean something near: "localhost", without a dot, or below .local, .lan, .internal, .home.arpa.
bool is_near_name(std::string_view host) noexcept;

}  // namespace flotte::http
