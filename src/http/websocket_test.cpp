// WebSockets between our two sides, and against a raw client that fragments, pings and misbehaves.
#include "http/websocket.hpp"

#include "base/log.hpp"
#include "http/detail/frame.hpp"
#include "http/testing.hpp"

namespace flotte::http {
namespace {

using detail::Opcode;
using testing::eventually;
using testing::RawClient;
using testing::TestLoop;

struct Seen {
  std::atomic<int> ended{0};
  std::atomic<Code> why{Code::internal};
};

Awaitable<void> echo(std::unique_ptr<WebSocket> socket, Seen& seen) {
  for (;;) {
    auto text = co_await socket->read();
    if (!text) {
      seen.why = text.error().code;
      break;
    }
    const std::string answer = "echo " + *text;
    auto sent = co_await socket->send(answer);
    if (!sent) break;
  }
  ++seen.ended;
}

Awaitable<void> serve(ServerCall& call, Executor home, WebSocketLimits limits, Seen& seen) {
  if (call.head().path() == "/forbidden") {
    Response answer = Response::json(403, "{\"error\":\"not you\"}");
    co_await call.respond(std::move(answer));
    co_return;
  }
  auto socket = co_await accept_websocket(call, home, limits);
  if (!socket) co_return;
  asio::co_spawn(home, echo(std::move(*socket), seen), [](std::exception_ptr) {});
}

RequestHead at(std::string target) {
  RequestHead head;
  head.target = std::move(target);
  return head;
}

Awaitable<std::string> converse(std::shared_ptr<Connector> to, std::vector<std::string> messages) {
  auto socket = co_await connect_websocket(to, at("/"));
  if (!socket) co_return socket.error().message;
  for (const std::string& m : messages) {
    auto sent = co_await (*socket)->send(m);
    if (!sent) co_return sent.error().message;
  }
  std::string all;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto answer = co_await (*socket)->read();
    if (!answer) co_return answer.error().message;
    all += answer->substr(0, 20) + "/" + std::to_string(answer->size()) + ";";
  }
  co_return all;
}

Awaitable<std::string> refused(std::shared_ptr<Connector> to, std::string target) {
  auto socket = co_await connect_websocket(to, at(target));
  co_return socket ? "connected" : std::string(to_string(socket.error().code)) + ": " + socket.error().message;
}

class WebSocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log::set_level(log::Level::off);
    start({});
  }
  void start(WebSocketLimits limits) {
    port_ = test_.call([this, limits] {
      server_ = std::make_unique<Server>(test_.executor(),
                                         [this, limits](ServerCall& call) { return serve(call, elsewhere_.executor(), limits, seen_); });
      return server_->listen({.host = "127.0.0.1"}).value();
    });
    to_ = tcp_connector("127.0.0.1", port_);
  }
  void TearDown() override {
    test_.call([this] {
      server_.reset();
      return 0;
    });
    log::set_level(log::Level::info);
  }
  std::unique_ptr<RawClient> raw() {
    auto client = std::make_unique<RawClient>(port_);
    client->send(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
        "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_NE(client->read_until("\r\n\r\n").find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
    return client;
  }
  static std::string frame(Opcode opcode, std::string_view payload, bool last = true) {
    std::string out;
    detail::write_frame(out, opcode, payload, detail::Side::client, {'1', '2', '3', '4'});
    if (!last) out[0] = static_cast<char>(out[0] & 0x7f);
    return out;
  }
  static std::string answer(Opcode opcode, std::string_view payload) {
    std::string out;
    detail::write_frame(out, opcode, payload, detail::Side::server);
    return out;
  }
  Seen seen_;
  TestLoop elsewhere_;  // where the sessions live
  TestLoop test_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<Connector> to_;
  std::uint16_t port_ = 0;
};

TEST_F(WebSocketTest, EchoesAcrossLoopsInOrder) {
  EXPECT_EQ(test_.run(converse(to_, {"a", std::string(200, 'b'), std::string(100'000, 'c'), "\xe6\x97\xa5"})),
            "echo a/6;echo bbbbbbbbbbbbbbb/205;echo ccccccccccccccc/100005;echo \xe6\x97\xa5/8;");
  EXPECT_TRUE(eventually([this] { return seen_.ended == 1; }));
  EXPECT_EQ(seen_.why, Code::closed);
}

TEST_F(WebSocketTest, FragmentsArePutTogetherAndPingsAnsweredBetweenThem) {
  auto client = raw();
  const std::string all = frame(Opcode::text, "one ", false) + frame(Opcode::ping, "p") + frame(Opcode::continuation, "two ", false) +
                          frame(Opcode::continuation, "three");
  for (const char c : all) client->send(std::string_view(&c, 1));
  const std::string expected = answer(Opcode::pong, "p") + answer(Opcode::text, "echo one two three");
  EXPECT_EQ(client->read_exactly(expected.size()), expected);
}

TEST_F(WebSocketTest, TheGoodbyeIsAnswered) {
  auto client = raw();
  client->send(frame(Opcode::close,
                     "\x03\xe8"
                     "bye"));
  EXPECT_EQ(client->read_to_end(), answer(Opcode::close, "\x03\xe8"));
  EXPECT_TRUE(eventually([this] { return seen_.ended == 1; }));
  EXPECT_EQ(seen_.why, Code::closed);
}

TEST_F(WebSocketTest, ABrokenClientIsToldAndClosed) {
  auto client = raw();
  client->send(frame(Opcode::text, "\xff"));
  EXPECT_EQ(client->read_to_end(), answer(Opcode::close, "\x03\xef"));
  EXPECT_TRUE(eventually([this] { return seen_.ended == 1; }));
  EXPECT_EQ(seen_.why, Code::corrupt);
}

TEST_F(WebSocketTest, AMessageOverTheLimitIsTooLarge) {
  WebSocketLimits small;
  small.message_bytes = 10;
  start(small);
  auto client = raw();
  client->send(frame(Opcode::text, "0123456789A"));
  EXPECT_EQ(client->read_to_end(), answer(Opcode::close, "\x03\xf1"));
  EXPECT_TRUE(eventually([this] { return seen_.ended == 1; }));
  EXPECT_EQ(seen_.why, Code::too_large);
}

TEST_F(WebSocketTest, SilenceIsPingedAndThenEnds) {
  WebSocketLimits impatient;
  impatient.ping_interval = std::chrono::milliseconds(300);
  start(impatient);
  auto client = raw();
  EXPECT_EQ(client->read_exactly(2), answer(Opcode::ping, ""));
  EXPECT_TRUE(eventually([this] { return seen_.ended == 1; }));
  EXPECT_EQ(seen_.why, Code::deadline);
}

TEST_F(WebSocketTest, WhatIsNoUpgradeIs400) {
  RawClient client(port_);
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_answer().substr(0, 3), "400");
  client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\r\n");
  EXPECT_EQ(client.read_answer().substr(0, 3), "400");
}

TEST_F(WebSocketTest, ARefusalKeepsItsStatusAndWords) {
  const std::string why = test_.run(refused(to_, "/forbidden"));
  EXPECT_TRUE(why.starts_with("forbidden: 127.0.0.1:")) << why;
  EXPECT_NE(why.find("answered 403: {\"error\":\"not you\"}"), std::string::npos) << why;
}

Awaitable<std::string> overfill(std::shared_ptr<Connector> to) {
  WebSocketLimits limits;
  limits.send_queue_bytes = 1'000'000;
  auto socket = co_await connect_websocket(to, at("/"), limits);
  if (!socket) co_return socket.error().message;
  const std::string block(100'000, 'x');
  for (int i = 0; i < 1000; ++i) {
    auto sent = co_await (*socket)->send(block);
    if (!sent) co_return std::string(to_string(sent.error().code));
  }
  co_return "never full";
}

TEST_F(WebSocketTest, WhatWaitsToBeSentIsBounded) { EXPECT_EQ(test_.run(overfill(to_)), "exhausted"); }

}  // namespace
}  // namespace flotte::http
