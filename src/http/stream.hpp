// A connected byte stream: TCP or Unix socket, plain or TLS. Both work on the socket directly and wait for its readiness
// (detail/poller.hpp), so that a stream can move from one loop to another between operations.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/async/types.hpp"
#include "base/error.hpp"

struct ssl_st;      // OpenSSL's SSL
struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace flotte::http {

namespace detail {
class Watch;
}

/// Certificates and trust of one side; shared by its streams, safe from any thread.
class TlsContext {
 public:
  /// For a server: PEM files. Error: io or corrupt with the file's name.
  static Result<std::shared_ptr<TlsContext>> server(const std::string& certificate_file, const std::string& key_file);
  /// For a client that trusts the system's authorities, or only those of `ca_file` where it is given.
  static Result<std::shared_ptr<TlsContext>> client(const std::string& ca_file = {});
  /// For a client that trusts exactly one public key: SHA-256 of its SubjectPublicKeyInfo, base64 (curl's --pinnedpubkey).
  static Result<std::shared_ptr<TlsContext>> pinned(const std::string& pin);
  ssl_ctx_st* native() const noexcept { return context_.get(); }
  /// A server's own key, or the one that a client is pinned to; empty for a client that trusts authorities.
  const std::string& pin() const noexcept { return pin_; }

 private:
  TlsContext() = default;
  std::shared_ptr<ssl_ctx_st> context_;
  std::string pin_;
};

/// Owns the connection; destroying it closes. One read and one write may be under way at a time. Errors: `closed` where the
/// peer has gone, `io` otherwise, `cancelled` after `cancel`. Used on its loop; one that nobody waits for on it since `rest` (or since
/// it was made) may be moved or destroyed anywhere.
class Stream {
 public:
  /// Takes the socket away from Asio.
  explicit Stream(Socket socket);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  /// 0 = the peer has ended its side.
  Awaitable<Result<std::size_t>> read_some(std::span<char> into);
  /// Writes everything.
  Awaitable<Result<void>> write(std::string_view bytes);
  /// Both, in one system call where that is possible.
  Awaitable<Result<void>> write(std::string_view first, std::string_view second);
  Awaitable<Result<void>> handshake_server(const TlsContext& context);
  /// Checks the certificate against `host` (or the pin).
  Awaitable<Result<void>> handshake_client(const TlsContext& context, const std::string& host);
  /// Ends pending reads and writes with `cancelled`.
  void cancel();
  /// Sends what TLS wants to say at the end, then closes. Safe to call twice.
  void close();
  /// Tells the peer that nothing more will be sent (after which it may still send).
  void end_writing();
  bool is_open() const noexcept;
  bool encrypted() const noexcept { return ssl_ != nullptr; }
  /// The same connection on another loop. No operation may be under way.
  Stream move_to(Executor executor) &&;
  /// Out of its loop's set, until somebody waits again. No operation may be under way.
  void rest() noexcept;
  /// The descriptor; -1 where it is closed.
  int native() const noexcept { return socket_; }
  detail::Watch& watch() noexcept { return *watch_; }
  /// "127.0.0.1:4711" or "unix".
  std::string peer() const;
  /// True where the peer is a loopback address or a Unix socket.
  bool peer_is_local() const;

  /// One step that never waits, for the connections of this module, which mix reads, writes and deadlines.
  enum class Step { done, wait_read, wait_write, end, failed };
  struct Tried {
    Step step;
    std::size_t bytes = 0;
    int error = 0;  // errno; 0 where TLS itself failed
  };
  Tried try_read(std::span<char> into);
  /// At most 8 pieces.
  Tried try_write(std::span<const std::string_view> pieces);
  /// Until the socket is ready for what `step` says (or has failed). Errors: cancelled, io.
  Awaitable<Result<void>> wait(Step step);
  /// Writes all pieces and leaves them empty.
  Awaitable<Result<void>> write_pieces(std::span<std::string_view> pieces);
  /// A failed step as an Error.
  static Failure failure(const Tried& tried, std::string_view what);

 private:
  Tried tls_tried(int result) const;
  Result<void> begin_tls(const TlsContext& context);
  Awaitable<Result<void>> finish_handshake();
  Stream(Executor executor, int socket);
  int socket_ = -1;
  std::unique_ptr<detail::Watch> watch_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;  // its BIO points to the watch
};

/// Takes sent bytes off the front of `pieces`; true where nothing is left.
bool consume(std::span<std::string_view> pieces, std::size_t bytes) noexcept;

}  // namespace flotte::http
