// OpenSSL 3 behind base/crypto.hpp. A failure of a primitive with right arguments means a broken library: it asserts.
#include "base/crypto.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/random.h>

#include <cerrno>

#include "base/assert.hpp"
#include "base/file.hpp"

namespace flotte {
namespace {
const unsigned char* bytes_of(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }
unsigned char* bytes_of(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)>;
}  // namespace

std::string sha256(std::string_view bytes) {
  std::string out(32, '\0');
  FLOTTE_ASSERT(EVP_Digest(bytes.data(), bytes.size(), bytes_of(out), nullptr, EVP_sha256(), nullptr) == 1);
  return out;
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  FLOTTE_ASSERT(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::update(std::string_view bytes) { FLOTTE_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }

std::string Sha256::finish() {
  std::string out(32, '\0');
  FLOTTE_ASSERT(EVP_DigestFinal_ex(context_.get(), bytes_of(out), nullptr) == 1);
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string out(32, '\0');
  unsigned length = 0;
  FLOTTE_ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(), bytes_of(out), &length) !=
                nullptr);
  return out;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const ssize_t n = ::getrandom(out.data() + have, count - have, 0);
    if (n < 0 && errno == EINTR) continue;
    FLOTTE_ASSERT(n > 0);
    have += static_cast<std::size_t>(n);
  }
  return out;
}

std::string random_token(std::size_t bytes) { return to_base64url(random_bytes(bytes)); }

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

SigningKey::SigningKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {}

SigningKey SigningKey::make() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  FLOTTE_ASSERT(key != nullptr);
  return SigningKey(key);
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  // The callback refuses instead of asking for a passphrase on the terminal.
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr);
  if (!key) return fail(Code::corrupt, "not a private key in PEM form");
  SigningKey out(key);
  if (EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return fail(Code::corrupt, "the private key is not of kind Ed25519");
  return out;
}

Result<SigningKey> SigningKey::load(const std::string& path) {
  auto text = read_file(path, 64 * 1024);
  if (!text) return pass(text);
  auto key = from_pem(*text);
  if (!key) return pass(key, path);
  return key;
}

std::string SigningKey::to_pem() const {
  Bio out(BIO_new(BIO_s_mem()), BIO_free);
  FLOTTE_ASSERT(PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Result<void> SigningKey::save(const std::string& path) const { return replace_file(path, to_pem(), 0600); }

std::string SigningKey::public_key() const {
  std::string out(32, '\0');
  std::size_t size = out.size();
  FLOTTE_ASSERT(EVP_PKEY_get_raw_public_key(key_.get(), bytes_of(out), &size) == 1 && size == 32);
  return out;
}

std::string SigningKey::sign(std::string_view message) const {
  DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string out(64, '\0');
  std::size_t size = out.size();
  FLOTTE_ASSERT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
  FLOTTE_ASSERT(EVP_DigestSign(context.get(), bytes_of(out), &size, bytes_of(message), message.size()) == 1 && size == 64);
  return out;
}

bool verify_signature(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != 32 || signature.size() != 64) return false;
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size()), EVP_PKEY_free);
  if (!key) return false;
  DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

}  // namespace flotte
