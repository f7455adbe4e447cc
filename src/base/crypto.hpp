// Hashes, signatures and secret chance, over OpenSSL 3. Every function is safe from any thread.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/encoding.hpp"
#include "base/error.hpp"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX
struct evp_pkey_st;    // OpenSSL's EVP_PKEY

namespace flotte {

/// 32 bytes.
std::string sha256(std::string_view bytes);
/// 64 lower-case digits.
std::string sha256_hex(std::string_view bytes);

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  /// 32 bytes; call once.
  std::string finish();
  std::string finish_hex() { return to_hex(finish()); }

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

/// 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// From the operating system's generator. Ends the process where there is none.
std::string random_bytes(std::size_t count);
/// base64url of that many random bytes: 32 bytes make 43 characters.
std::string random_token(std::size_t bytes = 32);

/// Takes the same time for every content of the same length.
bool equal_secrets(std::string_view a, std::string_view b);

/// An Ed25519 key pair (RFC 8032). Copies share the key.
class SigningKey {
 public:
  static SigningKey make();
  /// PKCS #8 PEM. Error: corrupt.
  static Result<SigningKey> from_pem(std::string_view pem);
  /// From a file. Errors: not_found, io, corrupt.
  static Result<SigningKey> load(const std::string& path);
  std::string to_pem() const;
  /// Mode 0600, replaced atomically. Error: io.
  Result<void> save(const std::string& path) const;
  /// 32 bytes.
  std::string public_key() const;
  /// 64 bytes.
  std::string sign(std::string_view message) const;

 private:
  explicit SigningKey(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;
};

/// True where `signature` (64 bytes) over `message` was made by the key whose public half is given (32 bytes).
bool verify_signature(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace flotte
