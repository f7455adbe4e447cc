// Life of a server's connection: TLS or not, requests one after the other, the end.
#include "http/detail/server_connection.hpp"

#include <sys/socket.h>

#include "base/json.hpp"
#include "base/log.hpp"

namespace flotte::http::detail {
namespace {

constexpr unsigned char tls_handshake = 0x16;
constexpr std::chrono::seconds linger_time{2};
constexpr std::size_t linger_bytes = 1024 * 1024;

Code code_of(int status) {
  switch (status) {
    case 408: return Code::deadline;
    case 413:
    case 431: return Code::too_large;
    case 501:
    case 505: return Code::unsupported;
    case 500: return Code::internal;
    case 503: return Code::unavailable;
    default: return Code::invalid_argument;
  }
}

}  // namespace

std::string error_body(Code code, std::string_view message, std::string_view hint) {
  json::object error{{"code", to_string(code)}, {"message", message}};
  if (!hint.empty()) error["hint"] = hint;
  return json::dump(json::object{{"error", std::move(error)}});
}

ServerConnection::ServerConnection(std::shared_ptr<ServerShared> shared, Stream s, std::shared_ptr<TlsContext> tls)
    : Connection(shared->executor, std::move(s), shared->limits.header_bytes), shared_(std::move(shared)), tls_(std::move(tls)) {
  write_gap = shared_->limits.write_gap;
  shared_->connections.insert(this);
}
ServerConnection::~ServerConnection() { shared_->connections.erase(this); }

void ServerConnection::wait_for(Wait what, std::chrono::milliseconds time) {
  waiting_ = what;
  read_deadline = ticker().now() + time;
}
void ServerConnection::stop_waiting() noexcept {
  waiting_ = Wait::nothing;
  read_deadline = never;
}

Error ServerConnection::deadline_error() const {
  switch (waiting_) {
    case Wait::head: return {Code::deadline, "the head of the request took too long"};
    case Wait::body: return {Code::deadline, "the body of the request took too long"};
    case Wait::request: return {Code::closed, "nothing was asked for a while"};
    case Wait::nothing: break;
  }
  return {Code::closed, "the client does not read its answer"};
}

void ServerConnection::on_input() {
  if (!ended() || !gone_) return;
  const auto callback = std::exchange(gone_, nullptr);
  callback();
}

Awaitable<void> ServerConnection::run(std::shared_ptr<ServerConnection> self) {
  // g++ 12 goes wrong on `a && co_await b`: one await, one statement.
  if (self->tls_) {
    const bool secured = co_await self->secure();
    if (!secured) {
      self->shut({Code::closed, "no TLS"});
      co_return;
    }
  }
  for (;;) {
    const bool asked = co_await self->read_head();
    if (!asked) break;
    self->active_ = true;
    ++self->shared_->active;
    ++self->shared_->requests;
    co_await self->answer_request();
    --self->shared_->active;
    self->active_ = false;
    if (self->answer_ == Answer::upgraded) co_return;
    if (!self->keep_alive_ || self->answer_ != Answer::done || !self->body_is_read()) break;
    self->calm();
  }
  if (self->answer_ == Answer::done && !self->ended()) co_await self->linger();
  self->shut({Code::closed, "the connection was closed here"});
}

/// The first byte tells TLS from plain HTTP.
Awaitable<bool> ServerConnection::secure() {
  wait_for(Wait::head, shared_->limits.header_time);
  auto ready = co_await stream.wait(Stream::Step::wait_read);
  unsigned char first = 0;
  if (!ready || ::recv(stream.native(), &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1) co_return false;
  if (first == tls_handshake) {
    auto done = co_await stream.handshake_server(*tls_);
    stop_waiting();
    co_return done.has_value();
  }
  stop_waiting();
  if (stream.peer_is_local()) co_return true;
  co_await refuse(400, "this port speaks TLS", "use https://");
  co_await linger();
  co_return false;
}

Awaitable<bool> ServerConnection::read_head() {
  answer_ = Answer::none;
  scanned_ = 0;
  keep_alive_ = true;
  if (in.empty()) wait_for(Wait::request, shared_->limits.idle_time);
  while (!shared_->closed) {
    while (in.view().starts_with("\r\n")) {  // RFC 9112, 2.2; the two may come one by one
      in.consume(2);
      scanned_ = 0;
    }
    const HeadEnd end = find_head_end(in.view(), scanned_);
    if (end.kind == HeadEnd::Kind::complete && end.size <= shared_->limits.header_bytes) {
      stop_waiting();
      auto facts = parse_request(in.view().substr(0, end.size), request_);
      if (!facts) {
        co_await refuse(facts.error().status, facts.error().what);
        co_return false;
      }
      in.consume(end.size);
      facts_ = *facts;
      body_.reset(facts_.framing);
      continue_due_ = facts_.expect_continue;
      keep_alive_ = facts_.keep_alive && !shared_->draining;
      co_return true;
    }
    if (end.kind == HeadEnd::Kind::bare_line_feed) {
      co_await refuse(400, "a line of the head does not end with CR LF");
      co_return false;
    }
    if (in.size() >= shared_->limits.header_bytes) {
      const std::string what = "the head of the request is larger than " + std::to_string(shared_->limits.header_bytes) + " bytes";
      co_await refuse(431, what);
      co_return false;
    }
    if (!in.empty() && waiting_ != Wait::head) wait_for(Wait::head, shared_->limits.header_time);
    if (shared_->draining && in.empty()) co_return false;
    auto came = co_await more();
    if (!came) {
      if (came.error().code == Code::deadline) co_await refuse(408, came.error().message);
      co_return false;
    }
  }
  co_return false;
}

Awaitable<void> ServerConnection::answer_request() {
  keep_reading();
  bool failed = false;
  try {
    co_await shared_->handler(*this);
  } catch (const std::exception& e) {
    failed = true;
    if (!ended()) log::error("request failed", {{"method", request_.method}, {"path", request_.path()}, {"what", e.what()}});
  }
  gone_ = nullptr;
  if (answer_ == Answer::streaming) {
    if (!ended() && !failed) log::error("answer was not finished", {{"method", request_.method}, {"path", request_.path()}});
    abort();
  }
  if (answer_ == Answer::none && !ended()) {
    if (!failed) log::error("request was not answered", {{"method", request_.method}, {"path", request_.path()}});
    co_await refuse(500, "the request failed inside", "the hub's log says more");
  }
}

Awaitable<void> ServerConnection::refuse(int status, std::string_view what, std::string_view hint) {
  keep_alive_ = false;
  stop_waiting();
  ResponseHead head;
  head.status = status;
  head.headers.add("Content-Type", "application/json");
  const std::string body = error_body(code_of(status), what, hint);
  write_head(head, Answer::done, body.size());
  std::array<std::string_view, 2> pieces{out_, body};
  co_await send_rest(pieces);
}

/// Closing while the client still sends would make its kernel drop our answer: says that we are done and reads on for a moment.
Awaitable<void> ServerConnection::linger() {
  auto sent = co_await send_rest({});
  if (!sent) co_return;
  stream.end_writing();
  wait_for(Wait::request, linger_time);
  std::size_t dropped = 0;
  while (dropped < linger_bytes) {
    dropped += in.size();
    in.consume(in.size());
    auto came = co_await more();
    if (!came) co_return;
  }
}

}  // namespace flotte::http::detail
