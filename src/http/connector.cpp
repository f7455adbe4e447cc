// Ways to connect: TCP with or without TLS, Unix sockets; and URLs taken apart.
#include <sys/un.h>
#include <boost/asio/redirect_error.hpp>

#include <cstring>

#include "http/client.hpp"
#include "http/detail/dial.hpp"

namespace flotte::http {
namespace {

using Endpoint = asio::generic::stream_protocol::endpoint;

class TcpConnector final : public Connector {
 public:
  TcpConnector(std::string host, std::uint16_t port, std::shared_ptr<TlsContext> tls)
      : host_(std::move(host)), port_(port), tls_(std::move(tls)), authority_(detail::authority_of(host_, port_, tls_ != nullptr)) {}
  const std::string& authority() const override { return authority_; }

  Awaitable<Result<Stream>> connect() override {
    auto stream = co_await detail::dial(host_, port_, detail::any_interface);
    if (!stream) co_return pass(stream);
    if (!tls_) co_return std::move(*stream);
    auto secured = co_await stream->handshake_client(*tls_, host_);
    if (!secured) co_return pass(secured);
    co_return std::move(*stream);
  }

 private:
  std::string host_;
  std::uint16_t port_;
  std::shared_ptr<TlsContext> tls_;
  std::string authority_;
};

class UnixConnector final : public Connector {
 public:
  explicit UnixConnector(std::string path) : path_(std::move(path)) {}
  const std::string& authority() const override { return authority_; }
  Awaitable<Result<Stream>> connect() override {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path_.size() >= sizeof name.sun_path) co_return fail(Code::invalid_argument, "the socket path " + path_ + " is too long");
    std::memcpy(name.sun_path, path_.data(), path_.size());
    auto executor = co_await asio::this_coro::executor;
    Socket socket(executor);
    const Endpoint endpoint(&name, sizeof name);
    boost::system::error_code error;
    co_await socket.async_connect(endpoint, asio::redirect_error(use_awaitable, error));
    if (error) co_return fail(Code::unavailable, path_ + ": " + error.message());
    co_return Stream(std::move(socket));
  }

 private:
  std::string path_;
  std::string authority_ = "localhost";
};

}  // namespace

std::shared_ptr<Connector> tcp_connector(std::string host, std::uint16_t port, std::shared_ptr<TlsContext> tls) {
  return std::make_shared<TcpConnector>(std::move(host), port, std::move(tls));
}
std::shared_ptr<Connector> unix_connector(std::string path) { return std::make_shared<UnixConnector>(std::move(path)); }

Result<Url> Url::parse(std::string_view text) {
  const auto wrong = [text](std::string_view why) {
    return fail(Code::invalid_argument, "\"" + std::string(text) + "\" is not a usable URL: " + std::string(why),
                "it looks like https://host:port/base");
  };
  Url url;
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return wrong("it has no scheme");
  url.scheme = text.substr(0, scheme);
  for (char& c : url.scheme) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (url.scheme != "http" && url.scheme != "https") return wrong("only http and https are spoken");
  url.port = url.scheme == "https" ? 443 : 80;
  std::string_view rest = text.substr(scheme + 3);
  if (rest.find_first_of(" \t\r\n?#") != std::string_view::npos) return wrong("it has a space, a query or a fragment");
  for (const char c : rest)
    if (c <= ' ' || c > '~') return wrong("it has characters that no address has; write a name such as xn--... for an international one");
  std::string_view authority = rest.substr(0, rest.find('/'));
  rest.remove_prefix(authority.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  url.path = rest;
  if (authority.find('@') != std::string_view::npos) return wrong("it has a user name");
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return wrong("its [ is not closed");
    url.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (url.host.empty()) return wrong("it has no host");
  if (url.host.find_first_of("\"'\\<>^`{|}[]") != std::string::npos) return wrong("its host is no name and no address");
  if (port.empty()) return url;
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), number);
  if (port.front() != ':' || error != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535)
    return wrong("its port is not a number from 1 to 65535");
  url.port = static_cast<std::uint16_t>(number);
  return url;
}

}  // namespace flotte::http
