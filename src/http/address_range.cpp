// The table of prefixes.
#include "http/address_range.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <string>

namespace flotte::http {
namespace {

struct Prefix {
  std::uint32_t address;
  int bits;
  AddressRange range;
};
constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) { return a << 24 | b << 16 | c << 8 | d; }
constexpr std::array prefixes{
    Prefix{v4(0, 0, 0, 0), 8, AddressRange::private_network},     Prefix{v4(10, 0, 0, 0), 8, AddressRange::private_network},
    Prefix{v4(100, 64, 0, 0), 10, AddressRange::private_network}, Prefix{v4(127, 0, 0, 0), 8, AddressRange::private_network},
    Prefix{v4(169, 254, 0, 0), 16, AddressRange::link_local},     Prefix{v4(172, 16, 0, 0), 12, AddressRange::private_network},
    Prefix{v4(192, 0, 0, 0), 24, AddressRange::private_network},  Prefix{v4(192, 168, 0, 0), 16, AddressRange::private_network},
    Prefix{v4(198, 18, 0, 0), 15, AddressRange::private_network}, Prefix{v4(224, 0, 0, 0), 4, AddressRange::private_network},
    Prefix{v4(240, 0, 0, 0), 4, AddressRange::private_network},
};

AddressRange range_of_v4(std::uint32_t address) {
  for (const Prefix& prefix : prefixes)
    if ((address ^ prefix.address) >> (32 - prefix.bits) == 0) return prefix.range;
  return AddressRange::open;
}

AddressRange range_of_v6(const boost::asio::ip::address_v6& address) {
  const auto b = address.to_bytes();
  const auto inner = [&b] { return v4(b[12], b[13], b[14], b[15]); };
  const bool zeros = std::all_of(b.begin(), b.begin() + 10, [](unsigned char c) { return c == 0; });
  if (zeros && b[10] == 0xff && b[11] == 0xff) return range_of_v4(inner());                           // ::ffff:a.b.c.d
  if (b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b) return range_of_v4(inner());         // 64:ff9b::/96, NAT64
  if (b[0] == 0x20 && b[1] == 0x02) return range_of_v4(v4(b[2], b[3], b[4], b[5]));                   // 2002::/16, 6to4
  if (zeros && b[10] == 0 && b[11] == 0) return AddressRange::private_network;                        // ::, ::1
  if (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) return AddressRange::link_local;                         // fe80::/10
  if (b[0] == 0xfd && b[1] == 0x00 && b[2] == 0x0e && b[3] == 0xc2) return AddressRange::link_local;  // a cloud's fd00:ec2::254
  if ((b[0] & 0xfe) == 0xfc || b[0] == 0xff || (b[0] == 0xfe && (b[1] & 0xc0) == 0xc0)) return AddressRange::private_network;
  return AddressRange::open;
}

}  // namespace

std::optional<AddressRange> range_of(std::string_view address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(std::string(address), error);
  if (error) return std::nullopt;
  return parsed.is_v4() ? range_of_v4(parsed.to_v4().to_uint()) : range_of_v6(parsed.to_v6());
}

bool is_near_name(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.find('.') == std::string_view::npos) return true;
  static constexpr std::string_view endings[] = {".localhost", ".local", ".lan", ".internal", ".home.arpa"};
  return std::any_of(std::begin(endings), std::end(endings), [host](std::string_view ending) { return host.ends_with(ending); });
}

}  // namespace flotte::http
