// Certificates and trust.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "http/detail/key_pin.hpp"
#include "http/detail/system_trust.hpp"
#include "http/stream.hpp"

namespace flotte::http {
namespace {

std::string openssl_reason() {
  const unsigned long number = ERR_get_error();
  ERR_clear_error();
  const char* reason = number ? ERR_reason_error_string(number) : nullptr;
  return reason ? reason : "unknown reason";
}

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);  // one system call per record instead of two
  return context;
}

/// Picks http/1.1 where the client offers protocols at all.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, ours, sizeof ours - 1, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::server(const std::string& certificate_file, const std::string& key_file) {
  std::shared_ptr<TlsContext> made(new TlsContext);
  made->context_ = make_context(TLS_server_method());
  if (!made->context_) return fail(Code::internal, "no TLS context: " + openssl_reason());
  SSL_CTX* context = made->context_.get();
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1)
    return fail(Code::io, "cannot use the certificate " + certificate_file + ": " + openssl_reason(), "it must be a PEM file");
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(Code::io, "cannot use the private key " + key_file + ": " + openssl_reason(),
                "it must be an unencrypted PEM file that belongs to the certificate");
  if (SSL_CTX_check_private_key(context) != 1)
    return fail(Code::corrupt, "the private key " + key_file + " does not belong to the certificate " + certificate_file);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  made->pin_ = detail::key_pin(SSL_CTX_get0_certificate(context));
  return made;
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(const std::string& ca_file) {
  std::shared_ptr<TlsContext> made(new TlsContext);
  made->context_ = make_context(TLS_client_method());
  if (!made->context_) return fail(Code::internal, "no TLS context: " + openssl_reason());
  SSL_CTX* context = made->context_.get();
  const detail::TrustStore trust = ca_file.empty() ? detail::find_trust_store() : detail::TrustStore{ca_file, ""};
  if (!trust.file.empty() && SSL_CTX_load_verify_file(context, trust.file.c_str()) != 1)
    return fail(Code::io, "cannot read the authorities in " + trust.file + ": " + openssl_reason(),
                ca_file.empty() ? "it is this machine's store, or what SSL_CERT_FILE names: a PEM file" : "it must be a PEM file");
  // A machine without any store trusts nobody; who it then cannot trust says so at the handshake.
  if (!trust.directory.empty()) SSL_CTX_load_verify_dir(context, trust.directory.c_str());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return made;
}

Result<std::shared_ptr<TlsContext>> TlsContext::pinned(const std::string& pin) {
  unsigned char digest[64];
  if (pin.size() != 44 || EVP_DecodeBlock(digest, reinterpret_cast<const unsigned char*>(pin.data()), 44) != 33)
    return fail(Code::invalid_argument, "a pin is the base64 of 32 bytes, not \"" + pin + "\"");
  std::shared_ptr<TlsContext> made(new TlsContext);
  made->context_ = make_context(TLS_client_method());
  if (!made->context_) return fail(Code::internal, "no TLS context: " + openssl_reason());
  made->pin_ = pin;
  // The handshake proves that the peer has the private key; Stream compares the key with the pin. Names and authorities do not matter.
  SSL_CTX_set_verify(made->context_.get(), SSL_VERIFY_NONE, nullptr);
  return made;
}

}  // namespace flotte::http
