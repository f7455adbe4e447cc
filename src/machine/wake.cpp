// Magic packets.
#include "machine/wake.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/process/spawn.hpp"

namespace flotte::machine {
namespace {

Result<void> send_one(const wire::NetworkCard& card, std::uint16_t port) {
  auto packet = make_magic_packet(card.mac);
  if (!packet) return pass(packet);
  const auto address = broadcast_of(card.subnet);
  if (!address) return fail(Code::invalid_argument, fmt::format("{} has no subnet to send into", card.name));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address->c_str(), &to.sin_addr);
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  const bool sent = socket && ::setsockopt(socket.get(), SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes) == 0 &&
                    ::sendto(socket.get(), packet->data(), packet->size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) ==
                        static_cast<ssize_t>(packet->size());
  if (!sent) return fail(Code::io, fmt::format("no packet to {} at {}: {}", card.mac, *address, std::strerror(errno)));
  return {};
}

}  // namespace

Result<std::string> make_magic_packet(std::string_view mac) {
  const auto wrong = [&] {
    return fail(Code::invalid_argument, fmt::format("'{}' is no hardware address", mac), "as in aa:bb:cc:dd:ee:ff");
  };
  std::string address;
  if (mac.size() != 17) return wrong();
  for (std::size_t at = 0; at < mac.size(); at += 3) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(mac.data() + at, mac.data() + at + 2, byte, 16);
    if (error != std::errc() || end != mac.data() + at + 2 || (at + 2 < mac.size() && mac[at + 2] != ':' && mac[at + 2] != '-'))
      return wrong();
    address += static_cast<char>(byte);
  }
  if (address == std::string(6, '\0')) return wrong();
  std::string packet(6, '\xff');
  for (int i = 0; i < 16; ++i) packet += address;
  return packet;
}

std::optional<std::string> broadcast_of(std::string_view subnet) {
  const std::size_t slash = subnet.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  int bits = -1;
  const std::string_view length = subnet.substr(slash + 1);
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  in_addr address{};
  if (error != std::errc() || end != length.data() + length.size() || bits < 0 || bits > 32 ||
      ::inet_pton(AF_INET, std::string(subnet.substr(0, slash)).c_str(), &address) != 1)
    return std::nullopt;
  if (bits < 32) address.s_addr |= htonl(0xffffffffU >> bits);
  char text[INET_ADDRSTRLEN] = {};
  return ::inet_ntop(AF_INET, &address, text, sizeof text);
}

Result<int> send_magic_packets(const std::vector<wire::NetworkCard>& cards, std::uint16_t port) {
  int sent = 0;
  std::optional<Error> first;
  for (const wire::NetworkCard& card : cards) {
    auto good = send_one(card, port);
    if (good)
      ++sent;
    else if (!first)
      first = good.error();
  }
  if (sent == 0 && first) return Failure(std::move(*first));
  return sent;
}

}  // namespace flotte::machine
