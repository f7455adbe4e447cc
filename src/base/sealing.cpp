// "sealed:1:" and the base64url of nonce, ciphertext and tag.
#include "base/sealing.hpp"

#include <openssl/evp.h>

#include <memory>

#include "base/assert.hpp"
#include "base/crypto.hpp"

namespace flotte {
namespace {

constexpr std::string_view mark = "sealed:1:";
constexpr std::size_t key_bytes = 32, nonce_bytes = 12, tag_bytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;
Context make_context() { return {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free}; }

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
int size_of(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace

bool is_sealed(std::string_view line) noexcept { return line.starts_with(mark); }

std::string seal_text(std::string_view key, std::string_view place, const Secret& text) {
  FLOTTE_ASSERT(key.size() == key_bytes);
  const std::string nonce = random_bytes(nonce_bytes);
  std::string sealed(text.reveal().size(), '\0'), tag(tag_bytes, '\0');
  const Context context = make_context();
  int length = 0;
  const bool done = EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) == 1 &&
                    EVP_EncryptUpdate(context.get(), nullptr, &length, bytes(place), size_of(place)) == 1 &&
                    EVP_EncryptUpdate(context.get(), bytes(sealed), &length, bytes(text.reveal()), size_of(text.reveal())) == 1 &&
                    EVP_EncryptFinal_ex(context.get(), bytes(sealed) + length, &length) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_bytes), tag.data()) == 1;
  FLOTTE_ASSERT(done);
  return std::string(mark) + to_base64url(nonce + sealed + tag);
}

Result<Secret> open_sealed(std::string_view key, std::string_view place, std::string_view line) {
  FLOTTE_ASSERT(key.size() == key_bytes);
  const auto raw = is_sealed(line) ? from_base64url(line.substr(mark.size())) : std::nullopt;
  if (!raw || raw->size() < nonce_bytes + tag_bytes) return fail(Code::corrupt, "it is no sealed text");
  const std::string_view nonce = std::string_view(*raw).substr(0, nonce_bytes);
  const std::string_view sealed = std::string_view(*raw).substr(nonce_bytes, raw->size() - nonce_bytes - tag_bytes);
  std::string tag = raw->substr(raw->size() - tag_bytes), text(sealed.size(), '\0');
  const Context context = make_context();
  int length = 0;
  const bool opened = EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) == 1 &&
                      EVP_DecryptUpdate(context.get(), nullptr, &length, bytes(place), size_of(place)) == 1 &&
                      EVP_DecryptUpdate(context.get(), bytes(text), &length, bytes(sealed), size_of(sealed)) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_bytes), tag.data()) == 1 &&
                      EVP_DecryptFinal_ex(context.get(), bytes(text) + length, &length) == 1;
  if (!opened) return fail(Code::corrupt, "it was sealed by another key, for another place, or was changed");
  return Secret(std::move(text));
}

}  // namespace flotte
