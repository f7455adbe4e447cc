// The name of a public key, as curl's --pinnedpubkey takes it.
#pragma once
#include <string>

struct x509_st;  // OpenSSL's X509

namespace flotte::http::detail {

/// Base64 of the SHA-256 of the certificate's SubjectPublicKeyInfo; empty where there is no certificate.
std::string key_pin(x509_st* certificate);

}  // namespace flotte::http::detail
