// Interfaces, proxies, and TLS within a stream.
#include "http/door.hpp"

#include <sys/socket.h>

#include "base/async/scope.hpp"
#include "http/detail/dial.hpp"
#include "http/detail/head.hpp"
#include "http/join.hpp"

namespace flotte::http {
namespace {

constexpr std::size_t answer_limit = 16 * 1024;

class InterfaceConnector final : public Connector {
 public:
  InterfaceConnector(std::string interface, Endpoint to)
      : interface_(std::move(interface)), to_(std::move(to)), authority_(detail::authority_of(to_.host, to_.port, to_.tls != nullptr)) {}
  const std::string& authority() const override { return authority_; }

  Awaitable<Result<Stream>> connect() override {
    auto stream = co_await detail::dial(to_.host, to_.port, interface_);
    if (!stream) co_return pass(stream, "via interface " + interface_);
    if (!to_.tls) co_return std::move(*stream);
    auto secured = co_await stream->handshake_client(*to_.tls, to_.host);
    if (!secured) co_return pass(secured);
    co_return std::move(*stream);
  }

 private:
  std::string interface_;
  Endpoint to_;
  std::string authority_;
};

class OpenNetworkConnector final : public Connector {
 public:
  explicit OpenNetworkConnector(Endpoint to)
      : to_(std::move(to)), authority_(detail::authority_of(to_.host, to_.port, to_.tls != nullptr)) {}
  const std::string& authority() const override { return authority_; }

  Awaitable<Result<Stream>> connect() override {
    auto stream = co_await detail::dial(to_.host, to_.port, detail::any_interface, detail::Addresses::open_only);
    if (!stream) co_return pass(stream);
    if (!to_.tls) co_return std::move(*stream);
    auto secured = co_await stream->handshake_client(*to_.tls, to_.host);
    if (!secured) co_return pass(secured);
    co_return std::move(*stream);
  }

 private:
  Endpoint to_;
  std::string authority_;
};

/// Up to the empty line. What comes behind it would be somebody who speaks before he is asked.
Awaitable<Result<std::string>> read_answer(Stream& stream) {
  std::string head;
  char piece[1024];
  for (;;) {
    auto n = co_await stream.read_some(piece);
    if (!n) co_return pass(n);
    if (*n == 0) co_return fail(Code::closed, "it closed the connection");
    head.append(piece, *n);
    const std::size_t end = head.find("\r\n\r\n");
    if (end != std::string::npos && end + 4 == head.size()) co_return head;
    if (end != std::string::npos || head.size() > answer_limit) co_return fail(Code::corrupt, "its answer to CONNECT is none");
  }
}

class ProxyConnector final : public Connector {
 public:
  ProxyConnector(Proxy proxy, Endpoint to)
      : proxy_(std::move(proxy)), to_(std::move(to)), authority_(detail::authority_of(to_.host, to_.port, to_.tls != nullptr)) {
    name_ = "via proxy " + detail::authority_of(proxy_.host, proxy_.port, false);
  }
  const std::string& authority() const override { return authority_; }

  Awaitable<Result<Stream>> connect() override {
    auto stream = co_await detail::dial(proxy_.host, proxy_.port, detail::any_interface);
    if (!stream) co_return pass(stream, name_);
    if (!to_.tls) co_return std::move(*stream);
    auto open = co_await ask_for_tunnel(*stream);
    if (!open) co_return pass(open, name_);
    auto secured = co_await stream->handshake_client(*to_.tls, to_.host);
    if (!secured) co_return pass(secured, name_);
    co_return std::move(*stream);
  }

 private:
  std::string request() const {
    const std::string host = (to_.host.find(':') == std::string::npos ? to_.host : "[" + to_.host + "]") + ":" + std::to_string(to_.port);
    std::string text = "CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n";
    if (!proxy_.authorization.empty()) text += "Proxy-Authorization: " + proxy_.authorization.reveal() + "\r\n";
    return text + "\r\n";
  }

  Awaitable<Result<void>> ask_for_tunnel(Stream& stream) {
    const std::string asking = request();
    auto sent = co_await stream.write(asking);
    if (!sent) co_return pass(sent);
    auto answer = co_await read_answer(stream);
    if (!answer) co_return pass(answer);
    ResponseHead head;
    const auto parsed = detail::parse_response(*answer, "CONNECT", head);
    if (!parsed) co_return fail(Code::corrupt, "its answer to CONNECT is no HTTP");
    if (head.status == 407) co_return fail(Code::unavailable, "it wants other credentials than those in `via` (407)");
    if (head.status < 200 || head.status > 299)
      co_return fail(Code::unavailable, "it does not connect to " + to_.host + " (" + std::to_string(head.status) + ")");
    co_return Result<void>();
  }

  Proxy proxy_;
  Endpoint to_;
  std::string authority_, name_;
};

/// Owns both ends until one of them is closed.
Awaitable<void> run_join(Stream a, Stream b) { (void)co_await join(a, b); }

/// Owns the joins of one loop: each ends with either of its sides, what is left when the loop's context ends is cancelled there.
class Joins final : public asio::execution_context::service {
 public:
  using key_type = Joins;
  static inline asio::execution_context::id id;
  static Scope& of(const Executor& executor) { return *asio::use_service<Joins>(executor.context()).scope_; }
  explicit Joins(asio::execution_context& context)
      : service(context), scope_(std::make_unique<Scope>(static_cast<asio::io_context&>(context).get_executor(), "tls within tls")) {}

 private:
  void shutdown() noexcept override { scope_.reset(); }
  std::unique_ptr<Scope> scope_;
};

/// One end of a pair of connected sockets; the other is joined with `stream`, so that a second TLS has a socket of its own.
Result<Stream> unwrap(Stream stream, const Executor& executor) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) return fail_errno("no pair of sockets", errno);
  const asio::generic::stream_protocol protocol(AF_UNIX, 0);
  Socket near(executor, protocol, pair[0]), far(executor, protocol, pair[1]);
  auto joined = run_join(Stream(std::move(far)), std::move(stream));
  Joins::of(executor).spawn("join", std::move(joined));
  return Stream(std::move(near));
}

}  // namespace

std::shared_ptr<Connector> open_network_connector(Endpoint to) { return std::make_shared<OpenNetworkConnector>(std::move(to)); }

std::shared_ptr<Connector> interface_connector(std::string interface, Endpoint to) {
  return std::make_shared<InterfaceConnector>(std::move(interface), std::move(to));
}

std::shared_ptr<Connector> proxy_connector(Proxy proxy, Endpoint to) {
  return std::make_shared<ProxyConnector>(std::move(proxy), std::move(to));
}

Awaitable<Result<Stream>> tls_through(Stream stream, std::shared_ptr<TlsContext> tls, std::string host) {
  if (stream.encrypted()) {
    const Executor executor = co_await asio::this_coro::executor;
    auto plain = unwrap(std::move(stream), executor);
    if (!plain) co_return pass(plain);
    stream = std::move(*plain);
  }
  auto secured = co_await stream.handshake_client(*tls, host);
  if (!secured) co_return pass(secured);
  co_return std::move(stream);
}

}  // namespace flotte::http
