// The distributions' places, looked up in the order of how many machines have them.
#include "http/detail/system_trust.hpp"

#include <unistd.h>

#include <array>

#include "base/file.hpp"

namespace flotte::http::detail {
namespace {

constexpr std::array files{
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Gentoo, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora and RHEL, where the one above has gone
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/ssl/cert.pem",                                  // Alpine, macOS, the BSDs
};
constexpr std::array directories{"/etc/ssl/certs", "/etc/pki/tls/certs"};

template <std::size_t N>
std::string first_readable(const std::string& root, const std::array<const char*, N>& places) {
  for (const char* place : places)
    if (std::string path = root + place; ::access(path.c_str(), R_OK) == 0) return path;
  return {};
}

}  // namespace

TrustStore find_trust_store(const std::string& root) {
  TrustStore store{environment("SSL_CERT_FILE"), environment("SSL_CERT_DIR")};
  if (!store.file.empty() || !store.directory.empty()) return store;
  store.file = first_readable(root, files);
  if (store.file.empty()) store.directory = first_readable(root, directories);
  return store;
}

}  // namespace flotte::http::detail
