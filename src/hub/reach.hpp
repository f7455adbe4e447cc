// Where this machine is reached: its addresses, and the one that another machine on its network would use.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace flotte::hub {

/// Addresses of all interfaces that are up, loopback first, without link-local ones, each once.
std::vector<std::string> machine_addresses();
/// The address that the way out of this machine starts from, else that of any other interface; empty on a machine without network.
std::string network_address();
/// "0.0.0.0", or "::" (which takes both) where this machine has an IPv6 address that others can reach.
std::string every_address();

bool is_loopback(std::string_view host);
bool is_every_address(std::string_view host);
/// The host of "host:port", "[::1]:port" or "host".
std::string_view host_of(std::string_view authority);
/// An IPv6 address in brackets, everything else as it is.
std::string in_url(const std::string& host);

}  // namespace flotte::hub
