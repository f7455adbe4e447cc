// Whom an https hub may be: by what this machine knows of it already.
#pragma once
#include <string>

namespace flotte::cli {

/// At most one of them is set; none: the system's authorities decide.
struct Trust {
  std::string ca_file;  // PEM
  std::string pin;      // base64 of the SHA-256 of its public key
};

/// `--ca` as given, else the pin that this machine's node joined by where that is the same hub, else the authority of a hub of this very
/// data directory.
Trust find_trust(const std::string& url, const std::string& ca, const std::string& data);

}  // namespace flotte::cli
