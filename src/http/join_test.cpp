// Two streams joined: bytes both ways, half-close, and the end of both when one breaks.
#include "http/join.hpp"

#include "http/client.hpp"
#include "http/testing.hpp"
#include "http/testing_certificate.hpp"

namespace flotte::http {
namespace {

using testing::eventually;
using testing::RawClient;
using testing::TestCertificate;
using testing::TestLoop;

/// A server whose upgraded connections are joined to another server's; with TLS between the two where `tls` is set.
Awaitable<void> relay(ServerCall& call, std::shared_ptr<Connector> to, std::atomic<std::uint64_t>& total) {
  ResponseHead head;
  head.headers.add("Upgrade", "test");
  auto far = co_await to->connect();
  auto near = co_await call.upgrade(head);
  if (!far || !near) co_return;
  if (!near->rest.empty()) {
    auto sent = co_await far->write(near->rest);
    if (!sent) co_return;
  }
  const JoinCounts counts = co_await join(near->stream, *far, std::chrono::milliseconds(300));
  total += counts.forward + counts.backward;
}

/// Answers like a server that streams back what it is sent, until the client ends its side.
Awaitable<void> echo_until_end(ServerCall& call) {
  ResponseHead head;
  co_await call.start(head);
  char memory[4096];
  for (;;) {
    auto n = co_await call.read_some(memory);
    if (!n || *n == 0) break;
    const std::string_view bytes(memory, *n);
    co_await call.write(bytes);
  }
  co_await call.finish();
}

class JoinTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    test_.call([this] {
      std::shared_ptr<TlsContext> tls =
          GetParam() ? TlsContext::server(certificate_.certificate_file(), certificate_.key_file()).value() : nullptr;
      far_ = std::make_unique<Server>(test_.executor(), [](ServerCall& call) { return echo_until_end(call); });
      const std::uint16_t far_port = far_->listen({.host = "127.0.0.1"}, tls).value();
      auto to = tcp_connector("127.0.0.1", far_port, tls ? TlsContext::pinned(certificate_.pin()).value() : nullptr);
      near_ = std::make_unique<Server>(test_.executor(), [this, to](ServerCall& call) { return relay(call, to, total_); });
      port_ = near_->listen({.host = "127.0.0.1"}).value();
      return 0;
    });
  }
  void TearDown() override {
    test_.call([this] {
      near_.reset();
      far_.reset();
      return 0;
    });
  }
  std::unique_ptr<RawClient> joined() {
    auto client = std::make_unique<RawClient>(port_);
    client->send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n");
    EXPECT_TRUE(client->read_until("\r\n\r\n").starts_with("HTTP/1.1 101"));
    return client;
  }
  TestCertificate certificate_;
  TestLoop test_;
  std::unique_ptr<Server> far_, near_;
  std::atomic<std::uint64_t> total_{0};
  std::uint16_t port_ = 0;
};

TEST_P(JoinTest, RequestsPassThroughOneAfterTheOther) {
  auto client = joined();
  for (int i = 0; i < 3; ++i) {
    client->send("POST / HTTP/1.1\r\nHost: far\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_TRUE(client->read_until("0\r\n\r\n").ends_with("5\r\nhello\r\n0\r\n\r\n"));
  }
}

TEST_P(JoinTest, ManyBytesPassBothWaysAtOnce) {
  auto client = joined();
  const std::string block(1'000'000, 'z');
  client->send("POST / HTTP/1.1\r\nHost: far\r\nContent-Length: 20000000\r\n\r\n");
  std::thread writer([&client, &block] {
    for (int i = 0; i < 20; ++i) client->send(block);
  });
  const std::string all = client->read_until("\r\n0\r\n\r\n");
  writer.join();
  EXPECT_GE(std::count(all.begin(), all.end(), 'z'), 20'000'000);
  client->close();
  EXPECT_TRUE(eventually([this] { return total_ > 40'000'000; }));
}

TEST_P(JoinTest, AHalfClosedSideStillGetsItsAnswer) {
  auto client = joined();
  client->send("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc");
  client->end_writing();
  EXPECT_TRUE(client->read_to_end().ends_with("\r\n\r\nabc"));
  EXPECT_TRUE(eventually([this] { return total_ > 0; }));
}

TEST_P(JoinTest, ASideThatSendsNothingMoreIsEndedAfterAWhile) {
  auto client = joined();
  client->send("POST / HTTP/1.1\r\nHost: far\r\nContent-Length: 100\r\n\r\nabc");
  client->read_until("abc");
  client->end_writing();  // the far server takes this for the end of its client
  client->read_to_end();
  EXPECT_TRUE(eventually([this] { return total_ > 0; }));
}

INSTANTIATE_TEST_SUITE_P(PlainAndTls, JoinTest, ::testing::Bool());

}  // namespace
}  // namespace flotte::http
