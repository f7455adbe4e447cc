// Streams: TLS with a self-made certificate, pins, Unix sockets, and moving to another loop.
#include "http/stream.hpp"

#include <atomic>

#include "base/log.hpp"
#include "http/client.hpp"
#include "http/testing.hpp"
#include "http/testing_certificate.hpp"

namespace flotte::http {
namespace {

using testing::eventually;
using testing::RawClient;
using testing::TestCertificate;
using testing::TestLoop;

Awaitable<void> length_of_body(ServerCall& call) {
  auto body = co_await call.read_body();
  const std::size_t n = body ? body->size() : 0;
  Response answer = Response::text(200, std::string(n, 'r') + (call.peer_is_local() ? "local" : "remote"));
  co_await call.respond(std::move(answer));
}

Awaitable<std::string> post(Client& client, std::shared_ptr<Connector> to, std::string body) {
  RequestHead head;
  head.method = "POST";
  head.target = "/";
  auto call = co_await client.send(to, head, body, {});
  if (!call) co_return "error: " + std::string(to_string(call.error().code)) + ": " + call.error().message;
  auto all = co_await (*call)->read_all(100'000'000);
  co_return all ? *all : "error in the body";
}

class StreamTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log::set_level(log::Level::off);
    server_tls_ = TlsContext::server(certificate_.certificate_file(), certificate_.key_file()).value();
    port_ = test_.call([this] {
      server_ = std::make_unique<Server>(test_.executor(), [](ServerCall& call) { return length_of_body(call); });
      client_ = std::make_unique<Client>(test_.executor());
      return server_->listen({.host = "127.0.0.1"}, server_tls_).value();
    });
  }
  void TearDown() override {
    test_.call([this] {
      client_.reset();
      server_.reset();
      return 0;
    });
    log::set_level(log::Level::info);
  }
  std::string over(std::shared_ptr<TlsContext> tls, std::string host, std::string body = {}) {
    auto to = tcp_connector(std::move(host), port_, std::move(tls));
    return test_.run(post(*client_, to, std::move(body)));
  }
  TestCertificate certificate_;
  TestLoop test_;
  std::shared_ptr<TlsContext> server_tls_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;
  std::uint16_t port_ = 0;
};

TEST_F(StreamTest, TlsCarriesSmallAndLargeBodies) {
  auto tls = TlsContext::client(certificate_.certificate_file()).value();
  EXPECT_EQ(over(tls, "127.0.0.1"), "local");
  EXPECT_EQ(over(tls, "localhost"), "local");
  const std::size_t size = 20'000'000;
  EXPECT_EQ(over(tls, "127.0.0.1", std::string(size, 'b')).size(), size + 5);
}

TEST_F(StreamTest, PlainHttpOnATlsPortIsAnsweredForThisMachine) { EXPECT_EQ(over(nullptr, "127.0.0.1", "x"), "rlocal"); }

TEST_F(StreamTest, AnUnknownAuthorityIsNotTrusted) {
  auto tls = TlsContext::client().value();
  const std::string answer = over(tls, "127.0.0.1");
  EXPECT_NE(answer.find("is not trusted"), std::string::npos) << answer;
}

TEST_F(StreamTest, AnotherNameIsNotTrusted) {
  // 127.0.0.2 reaches the same server only where it listens on all addresses.
  const auto all = test_.call([this] { return server_->listen({.host = "0.0.0.0"}, server_tls_).value(); });
  auto to = tcp_connector("127.0.0.2", all, TlsContext::client(certificate_.certificate_file()).value());
  const std::string answer = test_.run(post(*client_, to, ""));
  EXPECT_NE(answer.find("IP address mismatch"), std::string::npos) << answer;
}

TEST_F(StreamTest, APinTrustsExactlyOneKey) {
  EXPECT_EQ(over(TlsContext::pinned(certificate_.pin()).value(), "127.0.0.1"), "local");
  const TestCertificate other;
  const std::string answer = over(TlsContext::pinned(other.pin()).value(), "127.0.0.1");
  EXPECT_NE(answer.find("another key than the one that was pinned"), std::string::npos) << answer;
  EXPECT_FALSE(TlsContext::pinned("short"));
  EXPECT_EQ(server_tls_->pin(), certificate_.pin());  // what a hub tells those who shall pin it
}

TEST_F(StreamTest, WrongFilesAreNamed) {
  const auto missing = TlsContext::server("/nonexistent.pem", certificate_.key_file());
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("/nonexistent.pem"), std::string::npos);
  const TestCertificate other;
  EXPECT_FALSE(TlsContext::server(certificate_.certificate_file(), other.key_file()));
}

TEST_F(StreamTest, ANewCertificateServesNewConnections) {
  const TestCertificate next;
  test_.call([this, &next] {
    server_->set_tls(TlsContext::server(next.certificate_file(), next.key_file()).value());
    return 0;
  });
  EXPECT_EQ(over(TlsContext::pinned(next.pin()).value(), "127.0.0.1"), "local");
}

/// Connects, says a line with the answer's beginning already read on the first loop, and goes on with the stream on the second.
Awaitable<std::string> first_half(std::shared_ptr<Connector> to, std::optional<Stream>& out) {
  auto stream = co_await to->connect();
  if (!stream) co_return stream.error().message;
  auto sent = co_await stream->write("POST / HTTP/1.1\r\nHost: a\r\n", "Content-Length: 3\r\n\r\na");
  if (!sent) co_return sent.error().message;
  out.emplace(std::move(*stream));
  co_return "";
}
Awaitable<std::string> second_half(Stream stream) {
  auto sent = co_await stream.write("bc");
  if (!sent) co_return sent.error().message;
  std::string all;
  std::array<char, 5> memory;
  while (!all.ends_with("rrrlocal")) {
    auto n = co_await stream.read_some(memory);
    if (!n || *n == 0) co_return "ended: " + all;
    all.append(memory.data(), *n);
  }
  co_return all.substr(0, 15);
}

TEST_F(StreamTest, MovesToAnotherLoopPlainAndWithTls) {
  for (const bool secure : {false, true}) {
    auto to = tcp_connector("127.0.0.1", port_, secure ? TlsContext::pinned(certificate_.pin()).value() : nullptr);
    TestLoop elsewhere;
    std::optional<Stream> stream;
    EXPECT_EQ(test_.run(first_half(to, stream)), "");
    ASSERT_TRUE(stream);
    Stream moved = test_.call([&stream, &elsewhere] { return std::move(*stream).move_to(elsewhere.executor()); });
    EXPECT_EQ(moved.encrypted(), secure);
    EXPECT_EQ(elsewhere.run(second_half(std::move(moved))), "HTTP/1.1 200 OK");
  }
}

Awaitable<std::string> cancelled_read(std::shared_ptr<Connector> to, std::shared_ptr<std::optional<Stream>> out) {
  auto stream = co_await to->connect();
  if (!stream) co_return stream.error().message;
  out->emplace(std::move(*stream));
  std::array<char, 5> memory;
  auto n = co_await (*out)->read_some(memory);
  co_return n ? "read" : std::string(to_string(n.error().code));
}

TEST_F(StreamTest, CancelEndsAReadPlainAndWithTls) {
  for (const bool secure : {false, true}) {
    auto to = tcp_connector("127.0.0.1", port_, secure ? TlsContext::pinned(certificate_.pin()).value() : nullptr);
    auto stream = std::make_shared<std::optional<Stream>>();
    auto result = asio::co_spawn(test_.executor(), cancelled_read(to, stream), asio::use_future);
    EXPECT_TRUE(eventually([this, &stream] { return test_.call([&stream] { return stream->has_value(); }); }));
    test_.call([&stream] {
      (*stream)->cancel();
      return 0;
    });
    EXPECT_EQ(result.get(), "cancelled");
    test_.call([&stream] {
      stream->reset();
      return 0;
    });
  }
}

TEST_F(StreamTest, AUnixSocketCarriesRequestsAndIsLocal) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("flotte-stream-test-" + std::to_string(::getpid()) + ".sock")).string();
  ASSERT_TRUE(test_.call([this, &path] { return server_->listen({.unix_path = path}); }));
  auto to = unix_connector(path);
  EXPECT_EQ(test_.run(post(*client_, to, "abc")), "rrrlocal");
  EXPECT_EQ(test_.run(post(*client_, to, "abc")), "rrrlocal");
  EXPECT_EQ(test_.call([this] { return client_->counts().reused; }), 1u);
}

}  // namespace
}  // namespace flotte::http
