// HTTP/1.1 server: one listener per loop, keep-alive, pipelining answered in order, streaming bodies both ways, upgrades, drain.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "http/message.hpp"
#include "http/stream.hpp"

namespace flotte::http {

/// Every limit has a name here and a line in docs/limits.md.
struct ServerLimits {
  std::size_t header_bytes = 64 * 1024;       // over it: 431
  std::size_t body_bytes = 64 * 1024 * 1024;  // of `read_body`; over it: 413
  std::size_t connections = 10'000;           // per loop; over it new ones are closed at once
  std::chrono::seconds header_time{15};       // from first byte to the end of the head: 408
  std::chrono::seconds idle_time{75};         // between requests
  std::chrono::seconds body_gap{30};          // without a byte of the body: 408
  std::chrono::seconds write_gap{60};         // a client that does not read: closed
};

/// One request while it is answered. Belongs to the handler's coroutine; used on its loop only.
class ServerCall {
 public:
  virtual ~ServerCall() = default;
  virtual const RequestHead& head() const = 0;
  virtual std::string peer() const = 0;
  virtual bool peer_is_local() const = 0;
  /// True where this very call came over TLS (a hub's port may speak both).
  virtual bool encrypted() const = 0;
  virtual Executor executor() const = 0;
  /// Content-Length where it was sent.
  virtual std::optional<std::uint64_t> content_length() const = 0;

  /// The whole body. `too_large`, `deadline`, `closed`, `invalid_argument` (broken chunking): answer with `respond` as usual; the
  /// connection is closed afterwards where the body was not read to its end.
  virtual Awaitable<Result<std::string>> read_body(std::optional<std::size_t> limit = {}) = 0;
  /// The next piece of the body, 0 = end. For uploads.
  virtual Awaitable<Result<std::size_t>> read_some(std::span<char> into) = 0;

  /// A whole answer. Content-Length, Date, Connection are added here.
  virtual Awaitable<Result<void>> respond(Response response) = 0;
  /// A whole answer whose body is not copied.
  virtual Awaitable<Result<void>> respond(ResponseHead head, std::string_view body) = 0;
  /// A streamed answer: chunked, or by length where the head has Content-Length. Each `write` is sent at once. The head goes out with the
  /// first write (or `finish`), so that it costs no packet of its own; `flush` sends it alone.
  virtual Awaitable<Result<void>> start(ResponseHead head) = 0;
  virtual Awaitable<Result<void>> write(std::string_view bytes) = 0;
  virtual Awaitable<Result<void>> flush() = 0;
  virtual Awaitable<Result<void>> finish() = 0;
  /// After `start`: end the connection so that the client sees an incomplete answer.
  virtual void abort() = 0;
  virtual bool started() const = 0;

  /// Called once, on the loop, when the client has gone before the answer was complete. Set before a long wait, cleared with nullptr.
  virtual void on_gone(std::function<void()> callback) = 0;
  virtual bool gone() const = 0;

  /// 101: sends the head and hands over the connection with what was already read behind the request. Then the call is over.
  struct Upgraded {
    Stream stream;
    std::string rest;
  };
  virtual Awaitable<Result<Upgraded>> upgrade(ResponseHead head) = 0;
};

/// Answers one request. A handler that returns without an answer makes a 500; an exception is logged and makes a 500.
using Handler = std::function<Awaitable<void>(ServerCall&)>;

class Server {
 public:
  struct Address {
    std::string host;  // "127.0.0.1", "::", or empty for a Unix socket
    std::uint16_t port = 0;
    std::string unix_path;  // mode 0600, replaced where a dead one is left over
  };
  Server(Executor executor, Handler handler, ServerLimits limits = {});
  ~Server();
  /// Binds with SO_REUSEPORT (TCP) and accepts from now on. `tls`: bytes that begin a TLS handshake are served with it; from loopback the
  /// same port also answers plain HTTP. Returns the port. Error: io ("port 7700 is taken").
  Result<std::uint16_t> listen(const Address& address, std::shared_ptr<TlsContext> tls = nullptr);
  /// New certificate for new connections.
  void set_tls(std::shared_ptr<TlsContext> tls);
  /// Stops accepting, closes idle connections, lets answers finish for `patience`, then closes the rest. On the loop.
  Awaitable<void> drain(std::chrono::milliseconds patience);
  struct Counts {
    std::size_t connections, active_requests;
    std::uint64_t accepted, requests;
  };
  Counts counts() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace flotte::http
