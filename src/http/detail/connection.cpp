// The read that is always under way, and gathered writes.
#include "http/detail/connection.hpp"

#include <array>

namespace flotte::http::detail {
namespace {
constexpr std::size_t smallest_read = 512;
constexpr std::size_t largest_read = 16 * 1024;  // thousands of large bodies may come at the same time
}  // namespace

struct Connection::ReadHandler {
  using executor_type = Executor;
  executor_type get_executor() const noexcept { return connection->executor_; }
  void operator()(const boost::system::error_code& error, std::size_t bytes = 0) { connection->on_read(error, bytes); }
  std::shared_ptr<Connection> connection;
};

Connection::Connection(Executor executor, Stream s, std::size_t bound)
    : stream(std::move(s)), executor_(executor), ticker_(Ticker::of(executor)), bound_(bound), waiter_(ticker_.lot()) {
  ticker_.add(*this);
}
Connection::~Connection() { ticker_.remove(*this); }

std::span<char> Connection::reading_room() {
  if (in.empty() && in.capacity() > 8 * chunk_) in.release();
  if (!pinned) in.make_room(chunk_);
  return in.room();
}

void Connection::keep_reading() {
  if (reading_ || ended() || stopping_ || !stream.is_open() || in.size() >= bound_) return;
  const std::span<char> room = reading_room();
  if (room.size() < smallest_read) return;
  reading_ = true;
  if (stream.encrypted())
    stream.socket().async_wait(Socket::wait_read, ReadHandler{shared_from_this()});
  else
    stream.socket().async_read_some(asio::buffer(room.data(), room.size()), ReadHandler{shared_from_this()});
}

bool Connection::pull() {
  const std::uint64_t before = received_;
  while (!ended() && in.size() < bound_) {
    const std::span<char> room = reading_room();
    if (room.size() < smallest_read) break;
    const Stream::Tried tried = stream.try_read(room);
    if (tried.step == Stream::Step::done) {
      in.commit(tried.bytes);
      received_ += tried.bytes;
    } else if (tried.step == Stream::Step::end || tried.step == Stream::Step::failed) {
      end_ = tried.step == Stream::Step::end ? Error(Code::closed, "the peer has closed the connection")
                                             : Stream::failure(tried, "reading").error();
    } else {
      break;
    }
  }
  return received_ != before;
}

void Connection::on_read(const boost::system::error_code& error, std::size_t bytes) {
  reading_ = false;
  if (stream.encrypted() && stream.is_open()) {
    if (!error) {
      stream.expect_input();
      pull();
    }
  } else if (bytes > 0) {
    if (bytes == in.room().size()) chunk_ = std::min(largest_read, chunk_ * 2);
    in.commit(bytes);
    received_ += bytes;
  }
  if (error && !ended() && !stopping_) {
    const bool orderly = error == asio::error::eof || error == asio::error::connection_reset;
    end_ = orderly ? Error(Code::closed, "the peer has closed the connection")
                   : Error(error == asio::error::operation_aborted ? Code::cancelled : Code::io, "reading: " + error.message());
  }
  keep_reading();
  on_input();
  waiter_.wake();
}

Awaitable<Result<void>> Connection::more() {
  const std::uint64_t before = received_;
  // Decrypted bytes may wait inside TLS while the socket itself has nothing to say.
  if (stream.encrypted() && pull()) co_return Result<void>();
  keep_reading();
  while (received_ == before && !ended()) co_await waiter_.park();
  if (received_ != before) co_return Result<void>();
  co_return Failure(*end_);
}

Awaitable<void> Connection::stop_reading() {
  stopping_ = true;
  if (reading_) stream.cancel();
  while (reading_) co_await waiter_.park();
}

bool Connection::send_now(std::span<std::string_view> pieces) {
  if (!stream.is_open()) return false;
  if (consume(pieces, 0)) return true;
  const Stream::Tried tried = stream.try_write(pieces);
  return tried.step == Stream::Step::done && consume(pieces, tried.bytes);
}

Awaitable<Result<void>> Connection::send_rest(std::span<std::string_view> pieces) {
  while (!consume(pieces, 0)) {
    if (!stream.is_open()) co_return Failure(end_.value_or(Error(Code::closed, "the connection was closed here")));
    const Stream::Tried tried = stream.try_write(pieces);
    if (tried.step == Stream::Step::done) {
      consume(pieces, tried.bytes);
    } else if (tried.step == Stream::Step::failed || tried.step == Stream::Step::end) {
      co_return Stream::failure(tried, "writing");
    } else {
      write_deadline = ticker_.now() + write_gap;
      auto ready = co_await stream.wait(tried.step);
      write_deadline = never;
      if (!ready) co_return ended() ? Failure(*end_) : pass(ready);
    }
  }
  co_return Result<void>();
}

void Connection::end(Error why) {
  if (!ended()) end_ = std::move(why);
  stream.cancel();
  waiter_.wake_soon();
}

void Connection::shut(Error why) {
  end(std::move(why));
  stream.close();
}

void Connection::on_tick(CoarseTime now) {
  if (now < read_deadline && now < write_deadline) return;
  read_deadline = write_deadline = never;
  end(deadline_error());
}

}  // namespace flotte::http::detail
