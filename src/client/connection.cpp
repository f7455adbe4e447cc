// Requests to a hub.
#include "client/connection.hpp"

#include "client/answer_error.hpp"

namespace flotte::client {
namespace {
constexpr std::size_t error_body_limit = 256 * 1024;
}

Awaitable<Result<std::optional<http::SseEvent>>> EventStream::next() {
  while (ready_.empty() && !ended_) {
    auto piece = co_await call_->next();
    if (!piece) co_return pass(piece);
    const auto keep = [this](const http::SseEvent& event) { ready_.push_back(event); };
    if (piece->empty()) {
      ended_ = true;
      parser_.finish(keep);
    } else if (auto fed = parser_.feed(*piece, keep); !fed) {
      co_return pass(fed);
    }
  }
  std::optional<http::SseEvent> event;
  if (!ready_.empty()) {
    event = std::move(ready_.front());
    ready_.pop_front();
  }
  co_return event;
}

/// Remembers why the last connection was refused by us: the client only says that there is none.
class Connection::WatchedConnector final : public http::Connector {
 public:
  explicit WatchedConnector(std::shared_ptr<http::Connector> inner) : inner_(std::move(inner)) {}
  const std::string& authority() const override { return inner_->authority(); }
  Awaitable<Result<http::Stream>> connect() override {
    auto stream = co_await inner_->connect();
    distrusted_ = !stream && stream.error().code == Code::unauthenticated;
    if (!stream) reason_ = stream.error().message;
    co_return stream;
  }
  bool distrusted() const noexcept { return distrusted_; }
  const std::string& reason() const noexcept { return reason_; }

 private:
  std::shared_ptr<http::Connector> inner_;
  bool distrusted_ = false;
  std::string reason_;
};

Connection::Connection(Executor executor, Options options, std::string base_path, std::shared_ptr<WatchedConnector> connector)
    : options_(std::move(options)), base_path_(std::move(base_path)), connector_(std::move(connector)), client_(executor) {}

Result<std::unique_ptr<Connection>> Connection::make(Executor executor, Options options) {
  auto url = http::Url::parse(options.url);
  if (!url || (url->scheme != "http" && url->scheme != "https"))
    return fail(Code::invalid_argument, "\"" + options.url + "\" is not the address of a hub", "give --url like http://127.0.0.1:7700");
  std::shared_ptr<http::TlsContext> tls;
  if (url->scheme == "https") {
    auto context = options.pin.empty() ? http::TlsContext::client(options.ca_file) : http::TlsContext::pinned(options.pin);
    if (!context) return pass(context);
    tls = std::move(*context);
  }
  while (options.url.ends_with('/')) options.url.pop_back();
  auto connector = std::make_shared<WatchedConnector>(options.socket.empty() ? http::tcp_connector(url->host, url->port, tls)
                                                                             : http::unix_connector(options.socket));
  return std::unique_ptr<Connection>(new Connection(executor, std::move(options), url->path, std::move(connector)));
}

Error Connection::unreachable(const Error& why) const {
  if (connector_->distrusted() && !options_.pin.empty())
    return Error(Code::unavailable, "the server at " + options_.url + " is not the hub that this machine joined: its key is another one",
                 "somebody may be in between; nothing was sent to it");
  if (connector_->distrusted())
    return Error(Code::unavailable, "the hub at " + options_.url + " cannot be trusted yet: " + connector_->reason(),
                 "get its authority (DATA/tls/ca.pem on the hub, or on a network that you trust: curl -fsSk " + options_.url +
                     "/ca.pem -o flotte-ca.pem) and give it with --ca or FLOTTE_CA");
  return Error(why.code, "no hub reached at " + options_.url + ": " + why.message,
               "start one with `flotte up`, or give its address with --url or FLOTTE_URL");
}

Awaitable<Result<std::unique_ptr<http::ClientCall>>> Connection::send(const Request& request) {
  answered_ = false;
  http::RequestHead head;
  head.method = request.method;
  head.target = base_path_ + request.target;
  if (!options_.key.empty()) head.headers.set("Authorization", "Bearer " + options_.key.reveal());
  head.headers.set("User-Agent", "flotte/" FLOTTE_VERSION);
  if (!request.content_type.empty()) head.headers.set("Content-Type", request.content_type);
  if (!request.idempotency_key.empty()) head.headers.set("Idempotency-Key", request.idempotency_key);
  if (!request.last_event_id.empty()) head.headers.set("Last-Event-ID", request.last_event_id);
  auto call = co_await client_.send(connector_, head, request.body, request.deadlines);
  if (!call) {
    if (call.error().code == Code::cancelled) co_return pass(call);
    co_return std::unexpected(unreachable(call.error()));
  }
  answered_ = true;
  if ((*call)->head().status < 300) co_return std::move(*call);
  auto body = co_await (*call)->read_all(error_body_limit);
  co_return std::unexpected(parse_answer_error((*call)->head().status, body ? std::string_view(*body) : std::string_view()));
}

Awaitable<Result<Answer>> Connection::request(const Request& request, std::size_t limit) {
  auto call = co_await send(request);
  if (!call) co_return pass(call);
  Answer answer;
  answer.status = (*call)->head().status;
  answer.content_type = std::string((*call)->head().headers.get("Content-Type").value_or(""));
  auto body = co_await (*call)->read_all(limit);
  if (!body) {
    if (body.error().code == Code::too_large || body.error().code == Code::cancelled) co_return pass(body);
    answered_ = false;
    co_return std::unexpected(Error(body.error().code, "the hub's answer broke off: " + body.error().message, "try again"));
  }
  answer.body = std::move(*body);
  co_return answer;
}

Awaitable<Result<EventStream>> Connection::open_events(const Request& request) {
  auto call = co_await send(request);
  if (!call) co_return pass(call);
  co_return EventStream(std::move(*call));
}

}  // namespace flotte::client
