// WebSocket (RFC 6455) over a Stream, both sides; text messages only. Pings are answered inside `read`.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "http/client.hpp"
#include "http/server.hpp"

namespace flotte::http {

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  /// The next text message; `closed` at the end, `too_large` over the limit, `deadline` where nothing at all (not even a pong) came for
  /// three ping intervals.
  virtual Awaitable<Result<std::string>> read() = 0;
  /// Queued and sent in order; may be called while another send is under way. Error: `exhausted` where more than the bound waits.
  virtual Awaitable<Result<void>> send(std::string_view text) = 0;
  /// Bytes that were given to `send` and that the peer's side has not taken yet.
  virtual std::size_t waiting() const = 0;
  /// Says goodbye and closes; pending reads end with `closed`.
  virtual void close() = 0;
  virtual std::string peer() const = 0;
};

struct WebSocketLimits {
  std::size_t message_bytes = 16 * 1024 * 1024;
  std::size_t send_queue_bytes = 64 * 1024 * 1024;
  std::chrono::milliseconds ping_interval{20'000};
};

/// Answers the upgrade of `call` (400 where it is none). The socket lives on `executor`, which may be another loop.
Awaitable<Result<std::unique_ptr<WebSocket>>> accept_websocket(ServerCall& call, Executor executor, WebSocketLimits limits = {});
/// Opens one. `head.target` and extra headers are the caller's. Another status than 101 is an error whose message has the status and the
/// first part of the body: 401 unauthenticated, 403 forbidden, 404 not_found, 409 conflict, else unavailable.
Awaitable<Result<std::unique_ptr<WebSocket>>> connect_websocket(std::shared_ptr<Connector> to, RequestHead head,
                                                                WebSocketLimits limits = {});

}  // namespace flotte::http
