// For the tests of this module only: a loop in a thread, and a raw client that sends exactly the bytes of a test.
#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstring>
#include <future>
#include <string>
#include <thread>

#include "base/async/loop.hpp"
#include "http/server.hpp"

namespace flotte::http::testing {

/// Waits for a condition, not for a time. False after `patience`.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// A loop in its own thread. `run` waits for a coroutine on it, `call` for a function.
class TestLoop {
 public:
  TestLoop() : loop_("test") { loop_.start(); }
  Executor executor() { return loop_.executor(); }
  Loop& loop() { return loop_; }
  template <class T>
  T run(Awaitable<T> work) {
    return asio::co_spawn(loop_.executor(), std::move(work), asio::use_future).get();
  }
  template <class F>
  auto call(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto result = task.get_future();
    asio::post(loop_.context(), [&task] { task(); });
    return result.get();
  }

 private:
  Loop loop_;
};

/// Blocking; gives up after ten seconds without a byte.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    finish(reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  explicit RawClient(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, path.data(), std::min(path.size(), sizeof to.sun_path - 1));
    finish(reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }
  bool connected() const { return connected_; }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void end_writing() { ::shutdown(socket_, SHUT_WR); }

  RawClient& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return *this;
  }
  /// Everything until the end of the connection.
  std::string read_to_end() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
  }
  /// Up to and with `mark`; what is behind it stays.
  std::string read_until(std::string_view mark) {
    for (;;) {
      const std::size_t at = buffer_.find(mark);
      if (at != std::string::npos) return take(at + mark.size());
      if (!fill()) return std::exchange(buffer_, {}) + "<end>";
    }
  }
  std::string read_exactly(std::size_t n) {
    while (buffer_.size() < n)
      if (!fill()) return std::exchange(buffer_, {}) + "<end>";
    return take(n);
  }
  /// One answer with Content-Length: "STATUS BODY".
  std::string read_answer() {
    const std::string head = read_until("\r\n\r\n");
    const std::size_t at = head.find("Content-Length: ");
    const std::size_t length = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    return head.substr(std::min<std::size_t>(9, head.size()), 3) + " " + read_exactly(length);
  }
  int native() const { return socket_; }

 private:
  void finish(const sockaddr* to, socklen_t size) {
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = ::connect(socket_, to, size) == 0;
  }
  bool fill() {
    char bytes[16384];
    const ssize_t n = ::recv(socket_, bytes, sizeof bytes, 0);
    if (n > 0) buffer_.append(bytes, static_cast<std::size_t>(n));
    return n > 0;
  }
  std::string take(std::size_t n) {
    std::string out = buffer_.substr(0, n);
    buffer_.erase(0, n);
    return out;
  }
  int socket_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace flotte::http::testing
