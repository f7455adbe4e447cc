// One hub over HTTP: requests with the key, errors in our own words, streams. Used on one loop only.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "http/client.hpp"
#include "http/sse.hpp"

namespace flotte::client {

struct Options {
  std::string url = "http://127.0.0.1:7700";
  Secret key;
  std::string ca_file;      // PEM, for an https hub with an authority of its own; empty: the system's authorities
  std::string socket = {};  // a Unix socket that leads there instead of the address in `url`
  std::string pin = {};     // or exactly this public key, as http::TlsContext::pinned takes it
};

struct Request {
  std::string method = "GET";
  std::string target;          // path and query, percent-encoded
  std::string_view body = {};  // must outlive the call
  std::string content_type = {};
  std::string idempotency_key = {};
  std::string last_event_id = {};
  http::Deadlines deadlines = {
      .connect = std::chrono::seconds(5), .first_byte = std::chrono::seconds(60), .idle = std::chrono::seconds(60)};
};

struct Answer {
  int status = 0;
  std::string content_type;
  std::string body;
};

/// Server-sent events of one answer, pulled one by one.
class EventStream {
 public:
  explicit EventStream(std::unique_ptr<http::ClientCall> call) : call_(std::move(call)) {}
  /// The next event; nothing at the end of the stream. Errors: `closed` (ended in the middle), `deadline`, `cancelled`.
  Awaitable<Result<std::optional<http::SseEvent>>> next();
  const http::ResponseHead& head() const { return call_->head(); }

 private:
  std::unique_ptr<http::ClientCall> call_;
  http::SseParser parser_;
  std::deque<http::SseEvent> ready_;
  bool ended_ = false;
};

class Connection {
 public:
  /// Checks the address and loads the authority; connects to nothing yet. Errors: invalid_argument, io, corrupt.
  static Result<std::unique_ptr<Connection>> make(Executor executor, Options options);

  /// A whole answer of at most `limit` bytes. A status of 300 and more is an error (see answer_error.hpp); no connection is `unavailable`
  /// with a hint how to start a hub.
  Awaitable<Result<Answer>> request(const Request& request, std::size_t limit = 256 * 1024 * 1024);
  /// An answer that comes bit by bit as server-sent events.
  Awaitable<Result<EventStream>> open_events(const Request& request);

  /// False where the last request got no answer at all, or lost it on the way: the hub is away.
  bool answered() const noexcept { return answered_; }
  const std::string& url() const noexcept { return options_.url; }

 private:
  class WatchedConnector;
  Connection(Executor executor, Options options, std::string base_path, std::shared_ptr<WatchedConnector> connector);
  Awaitable<Result<std::unique_ptr<http::ClientCall>>> send(const Request& request);
  Error unreachable(const Error& why) const;

  Options options_;
  std::string base_path_;
  std::shared_ptr<WatchedConnector> connector_;
  http::Client client_;
  bool answered_ = false;
};

}  // namespace flotte::client
