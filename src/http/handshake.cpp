// TLS on a stream: the handshake of either side, and what a step of OpenSSL asks for.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ip/address.hpp>

#include "http/detail/key_pin.hpp"
#include "http/detail/poller.hpp"
#include "http/detail/socket_bio.hpp"
#include "http/stream.hpp"

namespace flotte::http {

Stream::Tried Stream::tls_tried(int result) const {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {Step::wait_read};
    case SSL_ERROR_WANT_WRITE: return {Step::wait_write};
    case SSL_ERROR_ZERO_RETURN: return {Step::end};
    default: return {Step::failed, 0, detail::socket_error(SSL_get_rbio(ssl_.get()))};
  }
}

Result<void> Stream::begin_tls(const TlsContext& context) {
  ssl_.reset(SSL_new(context.native()));
  if (!ssl_) return fail(Code::internal, "no TLS session could be made");
  bio_st* bio = detail::make_socket_bio(*watch_);
  SSL_set_bio(ssl_.get(), bio, bio);
  return {};
}

Awaitable<Result<void>> Stream::handshake_server(const TlsContext& context) {
  auto made = begin_tls(context);
  if (!made) co_return pass(made);
  SSL_set_accept_state(ssl_.get());
  co_return co_await finish_handshake();
}

Awaitable<Result<void>> Stream::handshake_client(const TlsContext& context, const std::string& host) {
  auto made = begin_tls(context);
  if (!made) co_return pass(made);
  SSL_set_connect_state(ssl_.get());
  static constexpr unsigned char protocols[] = "\x08http/1.1";
  SSL_set_alpn_protos(ssl_.get(), protocols, sizeof protocols - 1);
  boost::system::error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  if (not_an_address) {
    SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
    SSL_set1_host(ssl_.get(), host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str());
  }
  auto done = co_await finish_handshake();
  if (!done) {
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verdict != X509_V_OK && context.pin().empty()) {
      std::string hint;
      if (verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
        hint = "install this machine's authorities (package ca-certificates), or name a PEM file in SSL_CERT_FILE";
      co_return fail(Code::unauthenticated, "the certificate of " + host + " is not trusted: " + X509_verify_cert_error_string(verdict),
                     hint);
    }
    co_return pass(done, "TLS with " + host);
  }
  if (!context.pin().empty() && detail::key_pin(SSL_get0_peer_certificate(ssl_.get())) != context.pin())
    co_return fail(Code::unauthenticated, host + " has another key than the one that was pinned",
                   "somebody may be in between; if the hub was set up anew, join it again");
  co_return Result<void>();
}

Awaitable<Result<void>> Stream::finish_handshake() {
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) co_return Result<void>();
    const Tried tried = tls_tried(result);
    if (tried.step == Step::failed || tried.step == Step::end) co_return failure(tried, "handshake");
    auto ready = co_await wait(tried.step);
    if (!ready) co_return pass(ready);
  }
}

}  // namespace flotte::http
