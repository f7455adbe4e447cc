// The hub's own authority: a CA that it makes for itself, and a server certificate from it. Blocking; used at start.
#pragma once
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace flotte::access {

struct AuthorityOptions {
  std::string directory;               // mode 0700; made where it is missing
  std::string hub;                     // stands in the certificates' names
  std::vector<std::string> names;      // host names that the server answers to
  std::vector<std::string> addresses;  // its IP addresses
};

/// PEM files in the directory. The certificate file holds the chain.
struct ServerIdentity {
  std::string authority_file, certificate_file, key_file;
  bool reissued = false;  // the certificate is new
};

inline constexpr std::chrono::hours authority_life{24 * 3650};
inline constexpr std::chrono::hours certificate_life{24 * 397};  // what browsers accept
inline constexpr std::chrono::hours renew_before{24 * 30};

/// Makes what is missing: ca.key and ca.pem, server.key (P-256, mode 0600), server.pem. The certificate is made anew where names or
/// addresses are others, where it nears its end, or where it does not belong to the keys. The keys stay for ever, and with them the pin.
/// Errors: io; corrupt for a key that cannot be read, with what to do.
Result<ServerIdentity> prepare_identity(const AuthorityOptions& options, WallTime now);

}  // namespace flotte::access
