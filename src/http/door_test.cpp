// Leaving by an interface, through a proxy's tunnel, and with TLS within TLS.
#include "http/door.hpp"

#include <gtest/gtest.h>

#include "http/join.hpp"
#include "http/testing.hpp"
#include "http/testing_certificate.hpp"

namespace flotte::http {
namespace {

using namespace testing;

/// One connection: reads its first head, answers it, and joins it to `origin` where the answer was 200.
Awaitable<std::string> be_proxy(std::shared_ptr<asio::basic_socket_acceptor<asio::ip::tcp, Executor>> listener, std::string answer,
                                std::uint16_t origin) {
  auto accepted = co_await listener->async_accept(use_awaitable);
  Stream client{Socket(std::move(accepted))};
  std::string head;
  char piece[512];
  while (head.find("\r\n\r\n") == std::string::npos) {
    auto n = co_await client.read_some(piece);
    if (!n || *n == 0) co_return head;
    head.append(piece, *n);
  }
  const auto sent = co_await client.write(answer);
  if (!sent || answer.find(" 200 ") == std::string::npos) co_return head;
  const auto to = tcp_connector("127.0.0.1", origin);
  auto stream = co_await to->connect();
  if (stream) (void)co_await join(client, *stream);
  co_return head;
}

struct DoorTest : ::testing::Test {
  DoorTest() {
    server_tls = TlsContext::server(certificate.certificate_file(), certificate.key_file()).value();
    client_tls = TlsContext::client(certificate.certificate_file()).value();
    loop.call([&] {
      server = std::make_unique<Server>(loop.executor(), [](ServerCall& call) { return answer(call); });
      port = server->listen({.host = "127.0.0.1"}, server_tls).value();
      client = std::make_unique<Client>(loop.executor());
      listener = std::make_shared<asio::basic_socket_acceptor<asio::ip::tcp, Executor>>(
          loop.executor(), asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
      proxy_port = listener->local_endpoint().port();
      return 0;
    });
  }
  ~DoorTest() override {
    loop.call([&] {
      client->close();
      return 0;
    });
    loop.run(drain(*server));
    loop.call([&] {
      listener.reset();
      client.reset();
      server.reset();
      return 0;
    });
  }
  static Awaitable<bool> drain(Server& server) {
    co_await server.drain(std::chrono::milliseconds(100));
    co_return true;
  }
  static Awaitable<void> answer(ServerCall& call) {
    Response response = Response::text(200, call.peer() + " " + std::string(call.head().headers.get("host").value_or("")));
    (void)co_await call.respond(std::move(response));
  }
  static Awaitable<std::string> get(Client& client, std::shared_ptr<Connector> to) {
    const RequestHead head{.method = "GET", .target = "/x"};
    const Deadlines deadlines{std::chrono::seconds(5), std::chrono::seconds(5), std::chrono::seconds(5)};
    auto call = co_await client.send(to, head, {}, deadlines);
    if (!call) co_return "error: " + call.error().text();
    auto body = co_await (*call)->read_all(4096);
    co_return body ? *body : "error: " + body.error().text();
  }
  std::string ask(std::shared_ptr<Connector> to) { return loop.run(get(*client, std::move(to))); }
  Endpoint origin(const std::string& host = "localhost") { return {.host = host, .port = port, .tls = client_tls}; }
  std::future<std::string> proxy(const std::string& answer) {
    return asio::co_spawn(loop.executor(), be_proxy(listener, answer, port), asio::use_future);
  }

  TestLoop loop;
  TestCertificate certificate;
  std::shared_ptr<TlsContext> server_tls, client_tls;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;
  std::shared_ptr<asio::basic_socket_acceptor<asio::ip::tcp, Executor>> listener;
  std::uint16_t port = 0, proxy_port = 0;
};

TEST_F(DoorTest, BindsToAnAddressOrAnInterface) {
  EXPECT_TRUE(ask(interface_connector("127.0.0.9", origin("127.0.0.1"))).starts_with("127.0.0.9:"));
  EXPECT_TRUE(ask(interface_connector("lo", origin("127.0.0.1"))).starts_with("127.0.0.1:"));
  const std::string missing = ask(interface_connector("nosuch0", origin("127.0.0.1")));
  EXPECT_NE(missing.find("no interface nosuch0"), std::string::npos) << missing;
  const std::string foreign = ask(interface_connector("192.0.2.77", origin("127.0.0.1")));
  EXPECT_NE(foreign.find("no address of this machine"), std::string::npos) << foreign;
  EXPECT_NE(ask(interface_connector("::1", origin("127.0.0.1"))).find("other family"), std::string::npos);
}

TEST_F(DoorTest, TunnelsTlsThroughAProxyThatResolvesTheName) {
  auto seen = proxy("HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n");
  const auto to = proxy_connector({.host = "127.0.0.1", .port = proxy_port, .authorization = Secret("Basic abc")}, origin());
  const std::string got = ask(to);
  EXPECT_NE(got.find(" localhost:" + std::to_string(port)), std::string::npos) << got;
  loop.call([&] {
    client->forget(*to);
    return 0;
  });
  const std::string name = "localhost:" + std::to_string(port);
  EXPECT_EQ(seen.get(), "CONNECT " + name + " HTTP/1.1\r\nHost: " + name + "\r\nProxy-Authorization: Basic abc\r\n\r\n");
}

TEST_F(DoorTest, SaysWhatTheProxySaid) {
  const std::pair<const char*, const char*> answers[] = {{"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "other credentials"},
                                                         {"HTTP/1.1 502 Bad Gateway\r\n\r\n", "(502)"},
                                                         {"SSH-2.0-x\r\n\r\n", "no HTTP"},
                                                         {"HTTP/1.1 200 OK\r\n\r\nearly", "CONNECT is none"}};
  for (const auto& [answer, words] : answers) {
    auto seen = proxy(answer);
    const auto to = proxy_connector({.host = "127.0.0.1", .port = proxy_port, .authorization = Secret("Basic abc")}, origin());
    const std::string got = ask(to);
    EXPECT_NE(got.find(words), std::string::npos) << got;
    EXPECT_NE(got.find("via proxy 127.0.0.1:"), std::string::npos) << got;
    EXPECT_EQ(got.find("abc"), std::string::npos) << "no credentials in an error";
    seen.get();
  }
}

TEST_F(DoorTest, TheNameInTheTunnelIsCheckedAgainstTheCertificate) {
  auto seen = proxy("HTTP/1.1 200 OK\r\n\r\n");
  const auto to = proxy_connector({.host = "127.0.0.1", .port = proxy_port}, origin("another.example"));
  EXPECT_TRUE(ask(to).starts_with("error: "));
  seen.get();
}

/// TLS to a place that only joins: what runs in it has TLS of its own.
class Nested final : public Connector {
 public:
  Nested(std::shared_ptr<Connector> outer, std::shared_ptr<TlsContext> tls) : outer_(std::move(outer)), tls_(std::move(tls)) {}
  const std::string& authority() const override { return name_; }
  Awaitable<Result<Stream>> connect() override {
    auto stream = co_await outer_->connect();
    if (!stream) co_return pass(stream);
    co_return co_await tls_through(std::move(*stream), tls_, name_);
  }

 private:
  std::shared_ptr<Connector> outer_;
  std::shared_ptr<TlsContext> tls_;
  std::string name_ = "localhost";
};

Awaitable<bool> be_outer(std::shared_ptr<asio::basic_socket_acceptor<asio::ip::tcp, Executor>> listener, std::shared_ptr<TlsContext> tls,
                         std::uint16_t origin) {
  auto accepted = co_await listener->async_accept(use_awaitable);
  Stream client{Socket(std::move(accepted))};
  const auto secured = co_await client.handshake_server(*tls);
  if (!secured) co_return false;
  const auto to = tcp_connector("127.0.0.1", origin);
  auto stream = co_await to->connect();
  if (stream) (void)co_await join(client, *stream);
  co_return true;
}

TEST_F(DoorTest, TlsRunsWithinTls) {
  auto outer = asio::co_spawn(loop.executor(), be_outer(listener, server_tls, port), asio::use_future);
  const auto to = std::make_shared<Nested>(tcp_connector("127.0.0.1", proxy_port, client_tls), client_tls);
  const std::string got = ask(to);
  EXPECT_NE(got.find(" localhost"), std::string::npos) << got;
  EXPECT_EQ(ask(to).find("error"), std::string::npos) << "and the connection is kept";
  loop.call([&] {
    client->forget(*to);
    return 0;
  });
  EXPECT_TRUE(outer.get()) << "it ends with the connection";
}

Awaitable<bool> is_open(std::shared_ptr<Connector> to, std::optional<Stream>& into) {
  auto stream = co_await to->connect();
  if (stream) into.emplace(std::move(*stream));
  co_return into.has_value();
}

TEST_F(DoorTest, TlsWithinTlsEndsWithItsLoop) {
  auto outer = asio::co_spawn(loop.executor(), be_outer(listener, server_tls, port), asio::use_future);
  const auto to = std::make_shared<Nested>(tcp_connector("127.0.0.1", proxy_port, client_tls), client_tls);
  {
    Loop own("own");
    own.start();
    std::optional<Stream> stream;
    EXPECT_TRUE(asio::co_spawn(own.executor(), is_open(to, stream), asio::use_future).get());
    own.stop();
    own.join();
  }
  EXPECT_TRUE(outer.get()) << "nothing of it is left open";
}

}  // namespace
}  // namespace flotte::http
