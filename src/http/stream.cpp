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

#include "base/assert.hpp"
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

Stream::Stream(Socket socket) : socket_(std::move(socket)), ssl_(nullptr, SSL_free) {
  boost::system::error_code ignored;
  if (socket_.is_open()) socket_.native_non_blocking(true, ignored);
}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&& other) noexcept {
  if (this == &other) return *this;
  close();
  ssl_ = std::move(other.ssl_);
  socket_ = std::move(other.socket_);
  drained_ = other.drained_;
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
  for (;;) {
    const ssize_t n = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (n > 0) {
      drained_ = static_cast<std::size_t>(n) < into.size();
      return {Step::done, static_cast<std::size_t>(n)};
    }
    if (n == 0) return {Step::end};
    if (errno == EAGAIN) return {Step::wait_read};
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
      const ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n >= 0) return {Step::done, static_cast<std::size_t>(n)};
      if (errno == EAGAIN) return {Step::wait_write};
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
  if (!socket_.is_open()) co_return fail(Code::cancelled, "the connection was closed here");
  boost::system::error_code error;
  const auto kind = step == Step::wait_write ? Socket::wait_write : Socket::wait_read;
  co_await socket_.async_wait(kind, asio::redirect_error(use_awaitable, error));
  expect_input();
  if (error == asio::error::operation_aborted) co_return fail(Code::cancelled, "cancelled");
  if (error) co_return fail(Code::io, "waiting for the network: " + error.message());
  co_return Result<void>();
}

void Stream::expect_input() noexcept {
  drained_ = false;
  if (ssl_) detail::expect_input(SSL_get_rbio(ssl_.get()));
}

Awaitable<Result<std::size_t>> Stream::read_some(std::span<char> into) {
  for (;;) {
    if (!socket_.is_open()) co_return fail(Code::cancelled, "the connection was closed here");
    if (ssl_ || !drained_) {
      const Tried tried = try_read(into);
      if (tried.step == Step::done) co_return tried.bytes;
      if (tried.step == Step::end) co_return std::size_t{0};
      if (tried.step == Step::failed) co_return failure(tried, "reading");
      if (ssl_) {
        auto ready = co_await wait(tried.step);
        if (!ready) co_return pass(ready);
        continue;
      }
    }
    // For a plain socket Asio's own read saves re-arming the poll.
    boost::system::error_code error;
    const asio::mutable_buffer buffer(into.data(), into.size());
    const std::size_t n = co_await socket_.async_read_some(buffer, asio::redirect_error(use_awaitable, error));
    drained_ = n < into.size();
    if (!error) co_return n;
    if (error == asio::error::eof) co_return std::size_t{0};
    if (error == asio::error::operation_aborted) co_return fail(Code::cancelled, "cancelled");
    co_return failure({Step::failed, 0, error.value()}, "reading");
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
    if (!socket_.is_open()) co_return fail(Code::cancelled, "the connection was closed here");
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
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Stream::end_writing() {
  if (!socket_.is_open()) return;
  if (ssl_ && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
  if (!socket_.is_open()) return;
  if (ssl_) end_writing();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

bool Stream::is_open() const noexcept { return socket_.is_open(); }

Stream Stream::move_to(Executor executor) && {
  boost::system::error_code error;
  const auto endpoint = socket_.local_endpoint(error);
  const auto protocol = endpoint.protocol();
  const int native = socket_.release(error);
  Stream moved{Socket(executor)};
  if (native < 0 || error) return moved;
  moved.socket_.assign(protocol, native, error);
  if (error) {
    ::close(native);
    return moved;
  }
  moved.socket_.native_non_blocking(true, error);
  moved.ssl_ = std::move(ssl_);
  if (moved.ssl_) detail::expect_input(SSL_get_rbio(moved.ssl_.get()));
  return moved;
}

std::string Stream::peer() const {
  boost::system::error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  if (error) return "unknown";
  if (endpoint.protocol().family() == AF_UNIX) return "unix";
  asio::ip::tcp::endpoint address;
  if (endpoint.size() > address.capacity()) return "unknown";
  std::memcpy(address.data(), endpoint.data(), endpoint.size());
  const std::string text = address.address().to_string();
  return (address.address().is_v6() ? "[" + text + "]" : text) + ":" + std::to_string(address.port());
}

bool Stream::peer_is_local() const {
  boost::system::error_code error;
  const auto endpoint = socket_.remote_endpoint(error);
  if (error) return false;
  if (endpoint.protocol().family() == AF_UNIX) return true;
  asio::ip::tcp::endpoint address;
  if (endpoint.size() > address.capacity()) return false;
  std::memcpy(address.data(), endpoint.data(), endpoint.size());
  asio::ip::address ip = address.address();
  if (ip.is_v6() && ip.to_v6().is_v4_mapped()) ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
  return ip.is_loopback();
}

}  // namespace flotte::http
