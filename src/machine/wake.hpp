// Wake-on-LAN: the packet that a sleeping network card listens for.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "wire/capacity.hpp"

namespace flotte::machine {

/// 102 bytes. Error: invalid_argument (no such address, or one that no card has).
Result<std::string> make_magic_packet(std::string_view mac);
/// "192.168.1.255" of "192.168.1.0/24"; nothing where it is no such text.
std::optional<std::string> broadcast_of(std::string_view subnet);

inline constexpr std::uint16_t wake_port = 9;
/// One packet for each card, into its subnet; blocks for no time worth mentioning. Error: of the first that could not be sent, where none
/// could.
Result<int> send_magic_packets(const std::vector<wire::NetworkCard>& cards, std::uint16_t port = wake_port);

}  // namespace flotte::machine
