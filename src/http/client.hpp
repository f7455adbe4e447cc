// HTTP/1.1 client with pools of kept-alive connections per endpoint. One Client per loop; used on its loop only.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "http/message.hpp"
#include "http/stream.hpp"

namespace flotte::http {

/// Makes connections to one place. Shared between loops: must be safe from any thread; the stream lives on the caller's loop.
class Connector {
 public:
  virtual ~Connector() = default;
  virtual Awaitable<Result<Stream>> connect() = 0;
  /// For `Host:` and logs, for example "api.openai.com" or "127.0.0.1:8080".
  virtual const std::string& authority() const = 0;
};
/// TCP with TCP_NODELAY and keep-alive; with `tls` a handshake that checks `host`. Names are resolved without blocking the loop.
std::shared_ptr<Connector> tcp_connector(std::string host, std::uint16_t port, std::shared_ptr<TlsContext> tls = nullptr);
std::shared_ptr<Connector> unix_connector(std::string path);

/// "https://host:port/base" taken apart. Error: invalid_argument.
struct Url {
  std::string scheme, host;
  std::uint16_t port = 0;
  std::string path;  // without a trailing '/', may be empty
  static Result<Url> parse(std::string_view text);
};

struct Deadlines {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds first_byte{120'000};  // from the end of the request to the head of the answer
  std::chrono::milliseconds idle{60'000};         // between bytes of the answer
};

struct ClientLimits {
  std::size_t idle_connections = 64;   // kept per endpoint
  std::chrono::seconds idle_time{60};  // kept that long
  std::size_t header_bytes = 64 * 1024;
};

/// An answer that is being read. Destroying it before the end closes the connection; after the end it went back to the pool.
class ClientCall {
 public:
  virtual ~ClientCall() = default;
  virtual const ResponseHead& head() const = 0;
  /// The next piece of the body as it came (chunking removed); empty = the end. The view holds until the next call. Errors: `closed` where
  /// the connection ended before the body did, `deadline`, `cancelled`, `corrupt`.
  virtual Awaitable<Result<std::string_view>> next() = 0;
  /// The rest of the body. Error: too_large over `limit`.
  virtual Awaitable<Result<std::string>> read_all(std::size_t limit) = 0;
  /// 101 was answered: the connection itself. The call is over.
  virtual Stream take_stream(std::string& rest) = 0;
};

/// Cancels one send or its answer from outside (client gone). Cheap; may outlive the call.
class CancelHandle {
 public:
  void cancel();
  bool cancelled() const noexcept { return cancelled_; }

 private:
  friend class Client;
  bool cancelled_ = false;
  std::function<void()> hook_;
};

class Client {
 public:
  explicit Client(Executor executor, ClientLimits limits = {});
  ~Client();
  /// Sends and waits for the head of the answer. Host, Content-Length (where there is a body or the method is POST/PUT) and Connection are
  /// set here unless present. A kept connection that turns out dead before a byte of the answer is replaced once, silently. Errors:
  /// unavailable (cannot connect), closed, deadline, cancelled, corrupt.
  Awaitable<Result<std::unique_ptr<ClientCall>>> send(std::shared_ptr<Connector> to, const RequestHead& head, std::string_view body,
                                                      Deadlines deadlines, CancelHandle* cancel = nullptr);
  /// Closes the kept connections of that endpoint (it is gone), or all.
  void forget(const Connector& to);
  void close();
  struct Counts {
    std::size_t idle, busy;
    std::uint64_t connected, reused;
  };
  Counts counts() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace flotte::http
