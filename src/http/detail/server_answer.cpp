// What a handler does with its call: reads the body, answers.
#include "http/detail/server_connection.hpp"

namespace flotte::http::detail {
namespace {
constexpr std::size_t first_reserve = 1024 * 1024;  // a Content-Length alone buys no more memory than this

Failure over_limit(std::size_t limit) { return fail(Code::too_large, "the body is larger than " + std::to_string(limit) + " bytes"); }
}  // namespace

std::optional<std::uint64_t> ServerConnection::content_length() const {
  if (facts_.framing.kind == Framing::Kind::length) return facts_.framing.length;
  if (facts_.framing.kind == Framing::Kind::none && request_.headers.get("content-length")) return 0;
  return std::nullopt;
}

/// The next piece that is not `need_more`.
Awaitable<Result<BodyReader::Piece>> ServerConnection::next_piece() {
  for (;;) {
    const BodyReader::Piece piece = body_.next(in);
    if (piece.kind == BodyReader::Piece::Kind::broken) {
      keep_alive_ = false;
      co_return fail(Code::invalid_argument, "the chunks of the body are broken");
    }
    if (piece.kind != BodyReader::Piece::Kind::need_more) {
      stop_waiting();
      co_return piece;
    }
    if (std::exchange(continue_due_, false)) {
      std::array<std::string_view, 1> pieces{"HTTP/1.1 100 Continue\r\n\r\n"};
      auto sent = co_await send_rest(pieces);
      if (!sent) co_return pass(sent);
    }
    wait_for(Wait::body, shared_->limits.body_gap);
    auto came = co_await more();
    if (!came) {
      stop_waiting();
      keep_alive_ = false;
      co_return pass(came);
    }
  }
}

Awaitable<Result<std::string>> ServerConnection::read_body(std::optional<std::size_t> limit) {
  const std::size_t most = limit.value_or(shared_->limits.body_bytes);
  std::string body;
  if (facts_.framing.kind == Framing::Kind::length) {
    if (facts_.framing.length > most) co_return over_limit(most);
    body.reserve(std::min<std::uint64_t>(facts_.framing.length, first_reserve));
  }
  while (!body_.ended()) {
    BodyReader::Piece piece = body_.next(in);
    if (piece.kind == BodyReader::Piece::Kind::need_more || piece.kind == BodyReader::Piece::Kind::broken) {
      auto waited = co_await next_piece();
      if (!waited) co_return pass(waited);
      piece = *waited;
    }
    if (piece.kind == BodyReader::Piece::Kind::ended) break;
    if (body.size() + piece.bytes.size() > most) co_return over_limit(most);
    body.append(piece.bytes);
    in.consume(piece.used);
  }
  keep_reading();
  co_return body;
}

Awaitable<Result<std::size_t>> ServerConnection::read_some(std::span<char> into) {
  // A piece that is larger than `into` is given out in parts; `left_in_piece_` is what is still to come of it.
  if (left_in_piece_.empty()) {
    if (used_in_piece_) in.consume(std::exchange(used_in_piece_, 0));
    pinned = false;
    auto piece = co_await next_piece();
    if (!piece) co_return pass(piece);
    if (piece->kind == BodyReader::Piece::Kind::ended) co_return std::size_t{0};
    left_in_piece_ = piece->bytes;
    used_in_piece_ = piece->used;
    pinned = true;
  }
  const std::size_t n = std::min(into.size(), left_in_piece_.size());
  std::memcpy(into.data(), left_in_piece_.data(), n);
  left_in_piece_.remove_prefix(n);
  if (left_in_piece_.empty()) {
    in.consume(std::exchange(used_in_piece_, 0));
    pinned = false;
  }
  co_return n;
}

/// True where the next request can follow: the body was read, or all of it is there and can be dropped.
bool ServerConnection::body_is_read() {
  if (used_in_piece_) in.consume(std::exchange(used_in_piece_, 0));
  left_in_piece_ = {};
  pinned = false;
  while (!body_.ended()) {
    const BodyReader::Piece piece = body_.next(in);
    if (piece.kind == BodyReader::Piece::Kind::need_more || piece.kind == BodyReader::Piece::Kind::broken) return false;
    if (piece.kind == BodyReader::Piece::Kind::data) in.consume(piece.used);
  }
  return true;
}

void ServerConnection::write_head(const ResponseHead& head, Answer next, std::optional<std::uint64_t> length) {
  // Before a whole answer what is left of the body can be dropped; a streamed one may still be reading it.
  if (next == Answer::done && !body_is_read()) keep_alive_ = false;
  answer_ = next;
  out_.clear();
  write_status_line(out_, head.status);
  bool dated = false;
  for (const auto& [name, value] : head.headers) {
    if (same_name(name, "content-length") || same_name(name, "connection") || same_name(name, "transfer-encoding") ||
        same_name(name, "keep-alive"))
      continue;
    dated = dated || same_name(name, "date");
    write_field(out_, name, value);
  }
  if (!dated) write_field(out_, "Date", ticker().date());
  const bool bodiless = head.status == 204 || head.status == 304;
  const bool head_only = request_.method == "HEAD" || bodiless;
  if (length) {
    sent_ = Sent::length;
    length_left_ = *length;
    if (!bodiless) {
      out_.append("Content-Length: ");
      write_number(out_, *length);
      out_.append("\r\n");
    }
  } else if (facts_.http_1_0) {
    sent_ = Sent::until_close;
    keep_alive_ = false;
  } else {
    sent_ = Sent::chunked;
    if (!bodiless) out_.append("Transfer-Encoding: chunked\r\n");
  }
  if (head_only) sent_ = Sent::head_only;
  if (shared_->draining) keep_alive_ = false;
  if (!keep_alive_)
    out_.append("Connection: close\r\n");
  else if (facts_.http_1_0)
    out_.append("Connection: keep-alive\r\n");
  out_.append("\r\n");
}

Awaitable<Result<void>> ServerConnection::send(std::span<std::string_view> pieces) {
  if (ended() && !stream.is_open()) co_return Failure(*why());
  auto sent = co_await send_rest(pieces);
  out_.clear();
  if (!sent) answer_ = Answer::aborted;
  co_return sent;
}

Awaitable<Result<void>> ServerConnection::respond(Response response) {
  co_return co_await respond(std::move(response.head), response.body);
}

Awaitable<Result<void>> ServerConnection::respond(ResponseHead head, std::string_view body) {
  if (answer_ != Answer::none) co_return fail(Code::internal, "the request was answered already");
  write_head(head, Answer::done, body.size());
  if (sent_ == Sent::head_only) body = {};
  std::array<std::string_view, 2> pieces{out_, body};
  if (send_now(pieces)) co_return Result<void>();
  co_return co_await send(pieces);
}

Awaitable<Result<void>> ServerConnection::start(ResponseHead head) {
  if (answer_ != Answer::none) co_return fail(Code::internal, "the request was answered already");
  std::optional<std::uint64_t> length;
  if (const auto text = head.headers.get("content-length")) {
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), n);
    if (error == std::errc() && end == text->data() + text->size()) length = n;
  }
  write_head(head, Answer::streaming, length);
  co_return Result<void>();
}

Awaitable<Result<void>> ServerConnection::write(std::string_view bytes) {
  if (answer_ != Answer::streaming)
    co_return fail(answer_ == Answer::aborted ? Code::closed : Code::internal, "there is no answer to write to");
  if (sent_ == Sent::head_only || bytes.empty()) co_return Result<void>();
  std::array<char, 20> memory;
  std::array<std::string_view, 4> pieces{out_, {}, bytes, {}};
  if (sent_ == Sent::chunked) {
    pieces[1] = chunk_prefix(bytes.size(), memory);
    pieces[3] = "\r\n";
  } else if (sent_ == Sent::length) {
    if (bytes.size() > length_left_) {
      abort();
      co_return fail(Code::internal, "more was written than Content-Length says");
    }
    length_left_ -= bytes.size();
  }
  if (send_now(pieces)) {
    out_.clear();
    co_return Result<void>();
  }
  co_return co_await send(pieces);
}

Awaitable<Result<void>> ServerConnection::flush() {
  if (answer_ != Answer::streaming || out_.empty()) co_return Result<void>();
  std::array<std::string_view, 1> pieces{out_};
  if (send_now(pieces)) {
    out_.clear();
    co_return Result<void>();
  }
  co_return co_await send(pieces);
}

Awaitable<Result<void>> ServerConnection::finish() {
  if (answer_ != Answer::streaming)
    co_return fail(answer_ == Answer::aborted ? Code::closed : Code::internal, "there is no answer to finish");
  if (sent_ == Sent::length && length_left_ > 0) {
    abort();
    co_return fail(Code::internal, "less was written than Content-Length says");
  }
  answer_ = Answer::done;
  std::array<std::string_view, 2> pieces{out_, sent_ == Sent::chunked ? std::string_view("0\r\n\r\n") : std::string_view()};
  if (send_now(pieces)) co_return Result<void>();
  co_return co_await send(pieces);
}

void ServerConnection::abort() {
  answer_ = Answer::aborted;
  keep_alive_ = false;
  shut({Code::closed, "the answer was broken off"});
}

void ServerConnection::on_gone(std::function<void()> callback) {
  gone_ = std::move(callback);
  keep_reading();
  on_input();
}

Awaitable<Result<ServerCall::Upgraded>> ServerConnection::upgrade(ResponseHead head) {
  if (answer_ != Answer::none) co_return fail(Code::internal, "the request was answered already");
  if (!body_is_read()) co_return fail(Code::invalid_argument, "a request for an upgrade has no body");
  head.status = 101;
  out_.clear();
  write_status_line(out_, 101);
  for (const auto& [name, value] : head.headers)
    if (!same_name(name, "connection")) write_field(out_, name, value);
  out_.append("Connection: Upgrade\r\n\r\n");
  stop_reading();
  std::array<std::string_view, 1> pieces{out_};
  auto sent = co_await send_rest(pieces);
  stream.rest();
  answer_ = sent ? Answer::upgraded : Answer::aborted;
  shared_->connections.erase(this);
  if (!sent) co_return pass(sent);
  if (ended()) co_return Failure(*why());
  co_return Upgraded{std::move(stream), std::string(in.view())};
}

}  // namespace flotte::http::detail
