// Reading and writing on one socket, plain or TLS.
#include "http/stream.hpp"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <boost/asio/ip/tcp.hpp>

#include "base/assert.hpp"
#include "http/detail/poller.hpp"
#include "http/detail/socket_bio.hpp"

namespace flotte::http {
namespace {

constexpr std::size_t most_pieces = 8;
constexpr std::size_t record_size = 16 * 1024;

}  // namespace

bool consume(std::span<std::string_view> pieces, std::size_t bytes) noexcept {
  bool left = false;
  for (std::string_view& piece : pieces) {
    const std::size_t taken = std::min(bytes, piece.size());
    piece.remove_prefix(taken);
    bytes -= taken;
    left = left || !piece.empty();
  }
  return !left;
}

Stream::Stream(Executor executor, int socket)
    : socket_(socket), watch_(std::make_unique<detail::Watch>(executor, socket)), ssl_(nullptr, SSL_free) {}
Stream::Stream(Socket socket) : Stream(socket.get_executor(), -1) {
  if (!socket.is_open()) return;
  boost::system::error_code error;
  const int native = socket.release(error);
  if (error) return;
  watch_ = std::make_unique<detail::Watch>(socket.get_executor(), native);
  socket_ = native;
}
Stream::Stream(Stream&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), watch_(std::move(other.watch_)), ssl_(std::move(other.ssl_)) {}
Stream& Stream::operator=(Stream&& other) noexcept {
  if (this == &other) return *this;
  close();
  ssl_ = std::move(other.ssl_);
  watch_ = std::move(other.watch_);
  socket_ = std::exchange(other.socket_, -1);
  return *this;
}
Stream::~Stream() { close(); }

Stream::Tried Stream::try_read(std::span<char> into) {
  if (ssl_) {
    ERR_clear_error();
    const int n = SSL_read(ssl_.get(), into.data(), static_cast<int>(std::min<std::size_t>(into.size(), 1 << 30)));
    if (n > 0) return {Step::done, static_cast<std::size_t>(n)};
    return tls_tried(n);
  }
  if (!watch_->may_read()) return {Step::wait_read};
  for (;;) {
    const ssize_t n = ::recv(socket_, into.data(), into.size(), MSG_DONTWAIT);
    if (n > 0) {
      // After less than was asked for there is nothing more: the next bytes, or the end, are told anew.
      if (static_cast<std::size_t>(n) < into.size()) watch_->emptied();
      return {Step::done, static_cast<std::size_t>(n)};
    }
    if (n == 0) return {Step::end};
    if (errno == EAGAIN) {
      watch_->emptied();
      return {Step::wait_read};
    }
    if (errno != EINTR) return {Step::failed, 0, errno};
  }
}

Stream::Tried Stream::try_write(std::span<const std::string_view> pieces) {
  FLOTTE_ASSERT(pieces.size() <= most_pieces);
  if (!ssl_) {
    std::array<iovec, most_pieces> vectors;
    msghdr message{};
    message.msg_iov = vectors.data();
    for (const std::string_view piece : pieces)
      if (!piece.empty()) vectors[message.msg_iovlen++] = {const_cast<char*>(piece.data()), piece.size()};
    for (;;) {
      // A single piece needs no message.
      const ssize_t n = message.msg_iovlen == 1 ? ::send(socket_, vectors[0].iov_base, vectors[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL)
                                                : ::sendmsg(socket_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n >= 0) return {Step::done, static_cast<std::size_t>(n)};
      if (errno == EAGAIN) {
        watch_->writable = false;
        return {Step::wait_write};
      }
      if (errno != EINTR) return {Step::failed, 0, errno};
    }
  }
  // Small pieces share a record. Asked again after a wait, the caller brings the same pieces, so OpenSSL sees the same bytes.
  static thread_local std::array<char, record_size> record;
  std::string_view out;
  std::size_t filled = 0;
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    if (filled == 0 && out.empty()) {
      out = piece;
      continue;
    }
    if (filled == 0) {
      filled = std::min(out.size(), record.size());
      if (filled == record.size()) break;
      std::memcpy(record.data(), out.data(), filled);
    }
    const std::size_t part = std::min(piece.size(), record.size() - filled);
    std::memcpy(record.data() + filled, piece.data(), part);
    filled += part;
    out = {record.data(), filled};
    if (filled == record.size()) break;
  }
  if (out.empty()) return {Step::done, 0};
  ERR_clear_error();
  const int n = SSL_write(ssl_.get(), out.data(), static_cast<int>(std::min(out.size(), record_size)));
  if (n > 0) return {Step::done, static_cast<std::size_t>(n)};
  return tls_tried(n);
}

Failure Stream::failure(const Tried& tried, std::string_view what) {
  if (tried.step == Step::end || tried.error == EPIPE || tried.error == ECONNRESET || tried.error == ENOTCONN)
    return fail(Code::closed, std::string(what) + ": the peer has closed the connection");
  if (tried.error) return fail_errno(what, tried.error);
  const unsigned long number = ERR_get_error();
  ERR_clear_error();
  const char* reason = number ? ERR_reason_error_string(number) : nullptr;
  return fail(Code::io, std::string(what) + ": TLS: " + (reason ? reason : "the connection broke"));
}

Awaitable<Result<void>> Stream::wait(Step step) {
  if (!is_open()) co_return fail(Code::cancelled, "the connection was closed here");
  detail::Watch& watch = *watch_;
  const std::uint64_t cancels = watch.cancels;
  if (!watch.enter()) co_return fail_errno("waiting for the network", errno);
  const bool& ready = step == Step::wait_write ? watch.writable : watch.readable;
  detail::Parking& place = step == Step::wait_write ? watch.writer : watch.reader;
  while (!ready) {
    co_await place.park();
    if (watch.cancels != cancels) co_return fail(Code::cancelled, "cancelled");
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return fail(Code::cancelled, "cancelled");
  }
  co_return Result<void>();
}

Awaitable<Result<std::size_t>> Stream::read_some(std::span<char> into) {
  for (;;) {
    if (!is_open()) co_return fail(Code::cancelled, "the connection was closed here");
    const Tried tried = try_read(into);
    if (tried.step == Step::done) co_return tried.bytes;
    if (tried.step == Step::end) co_return std::size_t{0};
    if (tried.step == Step::failed) co_return failure(tried, "reading");
    auto ready = co_await wait(tried.step);
    if (!ready) co_return pass(ready);
  }
}

Awaitable<Result<void>> Stream::write(std::string_view bytes) {
  std::array<std::string_view, 1> pieces{bytes};
  co_return co_await write_pieces(pieces);
}

Awaitable<Result<void>> Stream::write(std::string_view first, std::string_view second) {
  std::array<std::string_view, 2> pieces{first, second};
  co_return co_await write_pieces(pieces);
}

Awaitable<Result<void>> Stream::write_pieces(std::span<std::string_view> pieces) {
  if (consume(pieces, 0)) co_return Result<void>();
  for (;;) {
    if (!is_open()) co_return fail(Code::cancelled, "the connection was closed here");
    const Tried tried = try_write(pieces);
    if (tried.step == Step::done) {
      if (consume(pieces, tried.bytes)) co_return Result<void>();
      continue;
    }
    if (tried.step == Step::failed || tried.step == Step::end) co_return failure(tried, "writing");
    auto ready = co_await wait(tried.step);
    if (!ready) co_return pass(ready);
  }
}

void Stream::cancel() {
  if (!watch_) return;
  ++watch_->cancels;
  watch_->reader.wake_soon();
  watch_->writer.wake_soon();
}

void Stream::end_writing() {
  if (!is_open()) return;
  if (ssl_ && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(socket_, SHUT_WR);
}

void Stream::close() {
  if (!is_open()) return;
  if (ssl_) end_writing();
  watch_->leave();
  ::close(std::exchange(socket_, -1));
  cancel();
}

bool Stream::is_open() const noexcept { return socket_ >= 0; }

void Stream::rest() noexcept {
  if (watch_) watch_->leave();
}

Stream Stream::move_to(Executor executor) && {
  if (!is_open()) return Stream(executor, -1);
  rest();
  Stream moved(executor, std::exchange(socket_, -1));
  moved.ssl_ = std::move(ssl_);
  if (moved.ssl_) detail::watch_by(SSL_get_rbio(moved.ssl_.get()), *moved.watch_);
  return moved;
}

namespace {
/// Whom the socket is connected to; an IP address, or nothing.
std::optional<asio::ip::tcp::endpoint> peer_of(int socket, bool& is_unix) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  is_unix = false;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
  is_unix = address.ss_family == AF_UNIX;
  asio::ip::tcp::endpoint endpoint;
  if (is_unix || size > endpoint.capacity()) return std::nullopt;
  std::memcpy(endpoint.data(), &address, size);
  return endpoint;
}
}  // namespace

std::string Stream::peer() const {
  bool is_unix = false;
  const auto endpoint = peer_of(socket_, is_unix);
  if (!endpoint) return is_unix ? "unix" : "unknown";
  const std::string text = endpoint->address().to_string();
  return (endpoint->address().is_v6() ? "[" + text + "]" : text) + ":" + std::to_string(endpoint->port());
}

bool Stream::peer_is_local() const {
  bool is_unix = false;
  const auto endpoint = peer_of(socket_, is_unix);
  if (!endpoint) return is_unix;
  asio::ip::address ip = endpoint->address();
  if (ip.is_v6() && ip.to_v6().is_v4_mapped()) ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
  return ip.is_loopback();
}

}  // namespace flotte::http
