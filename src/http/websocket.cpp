// Sessions over frames: reading, a queue of what is to be sent, pings, the goodbye.
#include "http/websocket.hpp"

#include <array>
#include <deque>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/crypto.hpp"
#include "http/detail/frame.hpp"
#include "http/detail/server_connection.hpp"
#include "http/detail/ticker.hpp"

namespace flotte::http {
namespace {

using detail::Opcode;
using detail::Side;
constexpr std::uint16_t normal_end = 1000;
constexpr std::size_t read_size = 4096;

Error gone() { return {Code::closed, "the WebSocket is closed"}; }

/// Lives on its executor; held by the WebSocket and by the coroutine that writes.
class Session final : public detail::Ticked, public std::enable_shared_from_this<Session> {
 public:
  Session(Executor executor, Stream stream, std::string rest, Side side, WebSocketLimits limits)
      : executor_(executor),
        ticker_(detail::Ticker::of(executor)),
        stream_(std::move(stream)),
        peer_(stream_.peer()),
        side_(side),
        limits_(limits),
        frames_(side, limits.message_bytes) {
    in_.make_room(std::max(rest.size(), read_size));
    std::memcpy(in_.room().data(), rest.data(), rest.size());
    in_.commit(rest.size());
  }
  ~Session() {
    if (ticking_) ticker_.remove(*this);
  }

  void start() {
    if (end_ || std::exchange(ticking_, true)) return;
    ticker_.add(*this);
    heard_ = pinged_ = ticker_.now();
  }
  const std::string& peer() const noexcept { return peer_; }
  std::size_t waiting() const noexcept { return waiting_; }

  Awaitable<Result<std::string>> read() {
    for (;;) {
      auto item = frames_.next(in_);
      using Kind = detail::FrameReader::Item::Kind;
      switch (item.kind) {
        case Kind::text: co_return std::move(item.payload);
        case Kind::ping: enqueue(Opcode::pong, item.payload); continue;
        case Kind::pong: continue;
        case Kind::close: co_return answer_close(item);
        case Kind::broken: co_return refuse(item.close_code);
        case Kind::need_more: break;
      }
      if (end_) co_return Failure(*end_);
      in_.make_room(read_size);
      const std::span<char> room = in_.room();
      auto n = co_await stream_.read_some(room);
      if (end_) co_return Failure(*end_);
      if (!n) {
        end(n.error());
        co_return Failure(*end_);
      }
      if (*n == 0) {
        end(gone());
        co_return Failure(*end_);
      }
      in_.commit(*n);
      heard_ = ticker_.now();
    }
  }

  Result<void> enqueue(Opcode opcode, std::string_view payload) {
    if (end_) return Failure(*end_);
    std::string frame;
    frame.reserve(payload.size() + 14);
    std::array<char, 4> mask{};
    if (side_ == Side::client) std::memcpy(mask.data(), random_bytes(mask.size()).data(), mask.size());
    detail::write_frame(frame, opcode, payload, side_, mask);
    if (waiting_ + frame.size() > limits_.send_queue_bytes && !queue_.empty())
      return fail(Code::exhausted, "more than " + std::to_string(limits_.send_queue_bytes) + " bytes wait to be sent to " + peer_);
    waiting_ += frame.size();
    queue_.push_back(std::move(frame));
    if (!writing_) {
      writing_ = true;
      asio::co_spawn(executor_, write_all(shared_from_this()), [](std::exception_ptr) {});
    }
    return {};
  }

  /// Says goodbye as far as that is possible without waiting.
  void close(std::uint16_t code = normal_end) {
    if (end_) return;
    if (!writing_) {
      const std::string reason{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
      std::string frame;
      detail::write_frame(frame, Opcode::close, reason, side_, {});
      const std::array<std::string_view, 1> pieces{frame};
      if (stream_.is_open()) stream_.try_write(pieces);
      stream_.end_writing();
    }
    end(gone());
  }

 private:
  static Awaitable<void> write_all(std::shared_ptr<Session> self) {
    while (!self->queue_.empty() && !self->end_) {
      const std::string frame = std::move(self->queue_.front());
      self->queue_.pop_front();
      auto sent = co_await self->stream_.write(frame);
      self->waiting_ -= frame.size();
      if (!sent) self->end(sent.error());
    }
    self->writing_ = false;
    if (self->end_) self->stream_.close();
  }

  Result<std::string> answer_close(const detail::FrameReader::Item& item) {
    const bool said = item.close_code != 1005;
    close(said ? item.close_code : normal_end);
    return fail(Code::closed,
                item.payload.empty() ? "the peer has closed the WebSocket" : "the peer has closed the WebSocket: " + item.payload);
  }
  Result<std::string> refuse(std::uint16_t code) {
    close(code);
    if (code == 1009) return fail(Code::too_large, "a message is larger than " + std::to_string(limits_.message_bytes) + " bytes");
    return fail(Code::corrupt, "the peer broke the WebSocket protocol (" + std::to_string(code) + ")");
  }
  /// The writer, where one is under way, closes the stream; otherwise it is closed here. A read that is under way ends.
  void end(Error why) {
    if (end_) return;
    end_ = std::move(why);
    stream_.cancel();
    if (!writing_) stream_.close();
  }
  void on_tick(detail::CoarseTime now) override {
    if (end_) return;
    if (now - heard_ > 3 * limits_.ping_interval) {
      end({Code::deadline, "nothing was heard from " + peer_ + " for " + std::to_string(3 * limits_.ping_interval.count()) + " ms"});
    } else if (now - pinged_ >= limits_.ping_interval) {
      pinged_ = now;
      enqueue(Opcode::ping, {});
    }
  }

  Executor executor_;
  detail::Ticker& ticker_;
  Stream stream_;
  std::string peer_;
  Side side_;
  WebSocketLimits limits_;
  detail::FrameReader frames_;
  detail::Buffer in_;
  std::deque<std::string> queue_;
  std::size_t waiting_ = 0;
  bool writing_ = false;
  bool ticking_ = false;
  detail::CoarseTime heard_{}, pinged_{};
  std::optional<Error> end_;
};

class SessionSocket final : public WebSocket {
 public:
  explicit SessionSocket(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  ~SessionSocket() override { session_->close(); }
  Awaitable<Result<std::string>> read() override {
    const auto session = session_;
    session->start();
    co_return co_await session->read();
  }
  Awaitable<Result<void>> send(std::string_view text) override {
    session_->start();
    co_return session_->enqueue(Opcode::text, text);
  }
  std::size_t waiting() const override { return session_->waiting(); }
  void close() override { session_->close(); }
  std::string peer() const override { return session_->peer(); }

 private:
  std::shared_ptr<Session> session_;
};

bool has_element(std::optional<std::string_view> list, std::string_view wanted) {
  while (list && !list->empty()) {
    std::string_view element = list->substr(0, list->find(','));
    list->remove_prefix(std::min(list->size(), element.size() + 1));
    while (element.starts_with(' ')) element.remove_prefix(1);
    while (element.ends_with(' ')) element.remove_suffix(1);
    if (same_name(element, wanted)) return true;
  }
  return false;
}

/// What is wrong with a request for an upgrade, or nothing.
std::string_view fault_of(const RequestHead& head) {
  if (head.method != "GET") return "a WebSocket is asked for with GET";
  if (!has_element(head.headers.get("upgrade"), "websocket") || !has_element(head.headers.get("connection"), "upgrade"))
    return "this is a WebSocket: Upgrade: websocket is missing";
  if (head.headers.get("sec-websocket-version") != "13") return "only version 13 of WebSocket is spoken here";
  const auto key = from_base64(head.headers.get("sec-websocket-key").value_or(""));
  if (!key || key->size() != 16) return "Sec-WebSocket-Key is not 16 bytes in base64";
  return {};
}

Code code_of(int status) {
  switch (status) {
    case 401: return Code::unauthenticated;
    case 403: return Code::forbidden;
    case 404: return Code::not_found;
    case 409: return Code::conflict;
    default: return Code::unavailable;
  }
}

}  // namespace

Awaitable<Result<std::unique_ptr<WebSocket>>> accept_websocket(ServerCall& call, Executor executor, WebSocketLimits limits) {
  const std::string_view fault = fault_of(call.head());
  if (!fault.empty()) {
    Response refusal = Response::json(400, detail::error_body(Code::invalid_argument, fault, {}));
    refusal.head.headers.add("Sec-WebSocket-Version", "13");
    co_await call.respond(std::move(refusal));
    co_return fail(Code::invalid_argument, std::string(fault));
  }
  ResponseHead head;
  head.headers.add("Upgrade", "websocket");
  head.headers.add("Sec-WebSocket-Accept", detail::accept_token(*call.head().headers.get("sec-websocket-key")));
  auto upgraded = co_await call.upgrade(head);
  if (!upgraded) co_return pass(upgraded);
  Stream stream = executor == call.executor() ? std::move(upgraded->stream) : std::move(upgraded->stream).move_to(executor);
  auto session = std::make_shared<Session>(executor, std::move(stream), std::move(upgraded->rest), Side::server, limits);
  asio::post(executor, [session] { session->start(); });
  co_return std::make_unique<SessionSocket>(std::move(session));
}

Awaitable<Result<std::unique_ptr<WebSocket>>> connect_websocket(std::shared_ptr<Connector> to, RequestHead head, WebSocketLimits limits) {
  const Executor executor = co_await asio::this_coro::executor;
  const std::string key = to_base64(random_bytes(16));
  head.method = "GET";
  head.headers.set("Connection", "Upgrade");
  head.headers.set("Upgrade", "websocket");
  head.headers.set("Sec-WebSocket-Version", "13");
  head.headers.set("Sec-WebSocket-Key", key);
  Client client(executor);
  Deadlines deadlines;
  deadlines.first_byte = std::chrono::seconds(30);
  auto answer = co_await client.send(to, head, {}, deadlines);
  if (!answer) co_return pass(answer);
  const ResponseHead& got = (*answer)->head();
  if (got.status != 101) {
    auto body = co_await (*answer)->read_all(64 * 1024);
    const std::string beginning = body ? body->substr(0, 300) : std::string();
    co_return fail(code_of(got.status),
                   to->authority() + " answered " + std::to_string(got.status) + (beginning.empty() ? "" : ": " + beginning));
  }
  if (got.headers.get("sec-websocket-accept") != detail::accept_token(key))
    co_return fail(Code::corrupt, to->authority() + " answered 101 without the right Sec-WebSocket-Accept",
                   "is a proxy in between that does not know WebSocket?");
  std::string rest;
  Stream stream = (*answer)->take_stream(rest);
  auto session = std::make_shared<Session>(executor, std::move(stream), std::move(rest), Side::client, limits);
  session->start();
  co_return std::make_unique<SessionSocket>(std::move(session));
}

}  // namespace flotte::http
