// Reading in turns, and gathered writes.
#include "http/detail/connection.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <cerrno>
#include <cstring>

namespace flotte::http::detail {
namespace {
constexpr std::size_t smallest_read = 512;
constexpr std::size_t largest_read = 16 * 1024;  // thousands of large bodies may come at the same time
constexpr std::size_t most_kept = 16 * 1024;     // larger writes are worth a system call of their own
constexpr std::size_t kept_between = 4 * 1024;   // memory that a connection keeps for the next one
}  // namespace

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
  if (ended() || stopping_ || !stream.is_open()) return;
  if (!watched_) {
    if (!stream.watch().enter()) return end(Error(Code::io, "waiting for the network: " + std::string(std::strerror(errno))));
    stream.watch().owner = this;
    watched_ = left_ = true;
  }
  if (left_ && in.size() < bound_) stream.watch().look_again();
}

void Connection::pull() {
  left_ = true;
  while (!ended() && in.size() < bound_) {
    const std::span<char> room = reading_room();
    if (room.size() < smallest_read) return;
    const Stream::Tried tried = stream.try_read(room);
    if (tried.step == Stream::Step::done) {
      in.commit(tried.bytes);
      received_ += tried.bytes;
      news_ = true;
      if (tried.bytes == room.size()) chunk_ = std::min(largest_read, chunk_ * 2);
      // A plain socket that gave less than there was room for is empty; TLS may hold more.
      if (tried.bytes == room.size() || stream.encrypted() || stream.watch().may_read()) continue;
    } else if (tried.step == Stream::Step::end || tried.step == Stream::Step::failed) {
      end_ = tried.step == Stream::Step::end ? Error(Code::closed, "the peer has closed the connection")
                                             : Stream::failure(tried, "reading").error();
      news_ = true;
    }
    left_ = false;
    return;
  }
}

void Connection::receive() {
  if (ended() || stopping_) return;
  pull();
  if (!write_broke_ || ended()) return;
  // What the peer said before it left has been read; there will be no more.
  end_ = Error(Code::closed, "the peer has closed the connection");
  news_ = true;
}

void Connection::on_ready() {
  if (write_deadline != never && stream.watch().writable) send_kept();
  if (!std::exchange(news_, false)) return;
  const auto hold = shared_from_this();
  on_input();
  waiter_.wake();
}

Awaitable<Result<void>> Connection::more() {
  const std::uint64_t before = received_;
  keep_reading();
  while (received_ == before && !ended()) co_await waiter_.park();
  if (received_ != before) co_return Result<void>();
  co_return Failure(*end_);
}

void Connection::stop_reading() {
  stopping_ = true;
  stream.rest();
}

void Connection::keep(std::span<std::string_view> pieces) {
  for (std::string_view& piece : pieces) {
    kept_.append(piece);
    piece = {};
  }
}

void Connection::end_turn() { send_kept(); }

void Connection::send_kept() {
  std::array<std::string_view, 1> rest{kept_};
  while (!rest[0].empty() && stream.is_open()) {
    const Stream::Tried tried = stream.try_write(rest);
    if (tried.step == Stream::Step::done) {
      rest[0].remove_prefix(tried.bytes);
    } else if (tried.step == Stream::Step::wait_write) {
      kept_.erase(0, kept_.size() - rest[0].size());
      if (write_deadline == never) write_deadline = ticker_.now() + write_gap;
      return;
    } else {
      rest[0] = {};
      write_broke_ = true;
      stream.watch().look_again();
    }
  }
  kept_.clear();
  if (kept_.capacity() > kept_between) kept_.shrink_to_fit();
  write_deadline = never;
}

bool Connection::send_now(std::span<std::string_view> pieces) {
  if (!stream.is_open() || write_broke_) return false;
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  if (size == 0) return true;
  const bool waits = write_deadline != never;  // the socket takes nothing at the moment
  if (!waits && watched_ && !stopping_ && kept_.size() + size <= most_kept) {
    keep(pieces);
    stream.watch().flush_soon();
    return true;
  }
  if (!kept_.empty()) send_kept();
  if (!kept_.empty()) return false;
  const Stream::Tried tried = stream.try_write(pieces);
  return tried.step == Stream::Step::done && consume(pieces, tried.bytes);
}

Awaitable<Result<void>> Connection::send_rest(std::span<std::string_view> pieces) {
  for (;;) {
    if (!stream.is_open() || write_broke_) co_return Failure(end_.value_or(Error(Code::closed, "the connection was closed here")));
    auto step = Stream::Step::wait_write;
    if (!kept_.empty()) {
      send_kept();
      if (kept_.empty()) continue;
    } else {
      if (consume(pieces, 0)) co_return Result<void>();
      const Stream::Tried tried = stream.try_write(pieces);
      if (tried.step == Stream::Step::done) {
        consume(pieces, tried.bytes);
        continue;
      }
      if (tried.step == Stream::Step::failed || tried.step == Stream::Step::end) co_return Stream::failure(tried, "writing");
      step = tried.step;
    }
    write_deadline = ticker_.now() + write_gap;
    auto ready = co_await stream.wait(step);
    write_deadline = never;
    if (!ready) co_return ended() ? Failure(*end_) : pass(ready);
  }
}

void Connection::end(Error why) {
  if (!ended()) {
    end_ = std::move(why);
    asio::post(executor_, [self = shared_from_this()] {
      self->on_input();
      self->waiter_.wake();
    });
  }
  stream.cancel();
}

void Connection::shut(Error why) {
  if (!kept_.empty() && !write_broke_) send_kept();
  end(std::move(why));
  stream.close();
}

void Connection::on_tick(CoarseTime now) {
  if (now < read_deadline && now < write_deadline) return;
  read_deadline = write_deadline = never;
  end(deadline_error());
}

}  // namespace flotte::http::detail
