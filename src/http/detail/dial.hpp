// Connects a TCP socket, from any of this machine's addresses or through one interface.
#pragma once
#include <cstdint>
#include <string>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "http/stream.hpp"

namespace flotte::http::detail {

inline const std::string any_interface;
/// Which of a name's addresses are tried.
enum class Addresses { any, open_only };

/// Tries each address of `host` in turn. `interface`: its name or one of its addresses; empty: as the system routes. Where the system does
/// not let this process bind to the interface itself, it binds to its address. Error: unavailable.
Awaitable<Result<Stream>> dial(const std::string& host, std::uint16_t port, const std::string& interface,
                               Addresses addresses = Addresses::any);

/// "example.org", "example.org:8080", "[::1]:8080": as in Host, without the port that `https` or http has anyway.
std::string authority_of(const std::string& host, std::uint16_t port, bool https);

}  // namespace flotte::http::detail
