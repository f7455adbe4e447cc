// Where this machine keeps the authorities that it trusts. OpenSSL linked into the binary knows only the place of the machine that built
// it.
#pragma once
#include <string>

namespace flotte::http::detail {

/// Either may be empty; both: the machine has none.
struct TrustStore {
  std::string file;       // PEM, many certificates
  std::string directory;  // one certificate per file, named by hash
};

/// What SSL_CERT_FILE and SSL_CERT_DIR say (colons separate directories); where neither is set, the first store that is there of the places
/// of Debian, Ubuntu, Fedora, openSUSE, Alpine and others. `root` stands before those places.
TrustStore find_trust_store(const std::string& root = "");

}  // namespace flotte::http::detail
