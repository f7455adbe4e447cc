// What one run of a worker may use, as its definition in the configuration says.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"

namespace flotte::sandbox {

/// `none`: a loopback of its own and nothing else. Sockets by path (such as a hub's hub.sock) can still be reached.
enum class Network { direct, none };
std::string_view to_string(Network network) noexcept;
/// Errors: unsupported for a profile that this version does not have; invalid_argument for what is none at all.
Result<Network> parse_network(std::string_view text);

/// Of the run as a whole, however many processes it starts. 0 = no limit.
struct Limits {
  double cpus = 0;                 // cores' worth of time; at least 0.01
  std::uint64_t memory_bytes = 0;  // at least `least_memory`
  std::uint64_t processes = 0;     // and threads, together
  Network network = Network::direct;

  static constexpr std::uint64_t least_memory = 4 * 1024 * 1024;
  bool any() const noexcept { return cpus > 0 || memory_bytes > 0 || processes > 0 || network != Network::direct; }
  bool operator==(const Limits&) const = default;
  /// From a [[worker]] of the checked configuration: `limits.cpu`, `limits.memory` (bytes), `limits.processes`, `network`.
  /// Errors: unsupported, invalid_argument; each names the key.
  static Result<Limits> parse(const json::object& worker);
  /// Nothing, or what no machine could do.
  Result<void> check() const;
};

}  // namespace flotte::sandbox
