// SubjectPublicKeyInfo, hashed.
#include "http/detail/key_pin.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>

namespace flotte::http::detail {

std::string key_pin(x509_st* certificate) {
  unsigned char* der = nullptr;
  const int size = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der) : 0;
  if (size <= 0) return {};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int digest_size = 0;
  EVP_Digest(der, static_cast<std::size_t>(size), digest, &digest_size, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  std::array<unsigned char, 64> text{};
  const int text_size = EVP_EncodeBlock(text.data(), digest, static_cast<int>(digest_size));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(text_size)};
}

}  // namespace flotte::http::detail
