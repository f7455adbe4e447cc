// What the system says about interfaces and routes. POSIX only.
#include "hub/reach.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace flotte::hub {
namespace {

struct Found {
  std::string interface, address;
  bool loopback = false, v6 = false;
};

std::string text_of(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  if (address->sa_family == AF_INET6) ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
  return text;
}

bool link_local(const sockaddr* address) {
  if (address->sa_family == AF_INET6) return IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  return ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr) >> 16 == 0xa9fe;  // 169.254.0.0/16
}

std::vector<Found> find_addresses() {
  ifaddrs* first = nullptr;
  std::vector<Found> out;
  if (::getifaddrs(&first) != 0) return out;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, ::freeifaddrs);
  for (const ifaddrs* at = first; at; at = at->ifa_next) {
    if (!at->ifa_addr || !(at->ifa_flags & IFF_UP)) continue;
    const int family = at->ifa_addr->sa_family;
    if ((family != AF_INET && family != AF_INET6) || link_local(at->ifa_addr)) continue;
    out.push_back({at->ifa_name, text_of(at->ifa_addr), (at->ifa_flags & IFF_LOOPBACK) != 0, family == AF_INET6});
  }
  std::stable_sort(out.begin(), out.end(), [](const Found& a, const Found& b) { return a.loopback > b.loopback; });
  return out;
}

/// Bridges of containers and virtual machines: others on the network do not reach them.
bool inside_only(const std::string& interface) {
  for (const char* start : {"docker", "br-", "virbr", "veth", "lxc", "lxd", "podman", "cni"})
    if (interface.starts_with(start)) return true;
  return false;
}

/// Where a packet to the world would start. Connecting a datagram socket sends nothing.
std::string source_address() {
  const int s = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (s < 0) return {};
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(0xc6336401);  // 198.51.100.1, kept for documentation
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const bool found = ::connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
                     ::getsockname(s, reinterpret_cast<sockaddr*>(&from), &size) == 0;
  ::close(s);
  return found ? text_of(reinterpret_cast<const sockaddr*>(&from)) : std::string();
}

}  // namespace

std::vector<std::string> machine_addresses() {
  std::vector<std::string> out;
  for (const Found& found : find_addresses())
    if (std::find(out.begin(), out.end(), found.address) == out.end()) out.push_back(found.address);
  return out;
}

std::string network_address() {
  std::string outwards = source_address();
  if (!outwards.empty() && !is_loopback(outwards)) return outwards;
  const std::vector<Found> all = find_addresses();
  const Found* best = nullptr;
  const auto rank = [](const Found& f) { return (f.v6 ? 1 : 0) + (inside_only(f.interface) ? 2 : 0); };
  for (const Found& found : all)
    if (!found.loopback && (!best || rank(found) < rank(*best))) best = &found;
  return best ? best->address : std::string();
}

std::string every_address() {
  const std::vector<Found> all = find_addresses();
  return std::any_of(all.begin(), all.end(), [](const Found& f) { return f.v6 && !f.loopback; }) ? "::" : "0.0.0.0";
}

bool is_loopback(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }
bool is_every_address(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

std::string in_url(const std::string& host) { return host.find(':') == std::string::npos ? host : "[" + host + "]"; }

}  // namespace flotte::hub
