// The server over real sockets on loopback: what a hostile, slow, impatient or pipelining client gets.
#include "http/server.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>

#include "base/async/wait.hpp"
#include "base/log.hpp"
#include "http/testing.hpp"

namespace flotte::http {
namespace {

using testing::eventually;
using testing::RawClient;
using testing::TestLoop;

std::string socket_path(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("flotte-http-" + name + "-" + std::to_string(::getpid()) + ".sock")).string();
}

struct Seen {
  std::atomic<int> started{0}, gone{0}, ended{0};
};

Awaitable<void> echo(ServerCall& call) {
  auto body = co_await call.read_body();
  if (!body) {
    Response answer = Response::text(body.error().code == Code::too_large ? 413 : 400, body.error().message);
    co_await call.respond(std::move(answer));
    co_return;
  }
  Response answer = Response::text(200, call.head().method + " " + *body);
  co_await call.respond(std::move(answer));
}

Awaitable<void> stream(ServerCall& call) {
  ResponseHead head;
  head.headers.add("Content-Type", "text/event-stream");
  co_await call.start(head);
  co_await call.write("one");
  co_await call.write("");
  co_await call.write("two");
  co_await call.finish();
}

/// Copies the body while it comes.
Awaitable<void> copy(ServerCall& call) {
  ResponseHead head;
  co_await call.start(head);
  std::array<char, 7> memory;
  for (;;) {
    auto n = co_await call.read_some(memory);
    if (!n) {
      call.abort();
      co_return;
    }
    if (*n == 0) break;
    const std::string_view bytes(memory.data(), *n);
    co_await call.write(bytes);
  }
  co_await call.finish();
}

/// Streams until the client has gone.
Awaitable<void> endless(ServerCall& call, Seen& seen) {
  ++seen.started;
  Event gone(call.executor());
  call.on_gone([&gone] { gone.set(); });
  ResponseHead head;
  co_await call.start(head);
  co_await call.write("begun");
  co_await gone.wait();
  ++seen.gone;
}

/// Reads a body, then waits for the client to go.
Awaitable<void> patient(ServerCall& call, Seen& seen) {
  auto body = co_await call.read_body();
  seen.started = body ? static_cast<int>(body->size()) : -1;
  Event gone(call.executor());
  call.on_gone([&gone] { gone.set(); });
  co_await gone.wait();
  ++seen.gone;
}

/// Writes without end: only the client's reading lets it go on.
Awaitable<void> flood(ServerCall& call, Seen& seen) {
  ResponseHead head;
  co_await call.start(head);
  const std::string block(64 * 1024, 'x');
  for (;;) {
    auto written = co_await call.write(block);
    if (!written) break;
    ++seen.started;
  }
  ++seen.ended;
}

Awaitable<void> raw_echo(ServerCall& call) {
  ResponseHead head;
  head.headers.add("Upgrade", "test");
  auto upgraded = co_await call.upgrade(head);
  if (!upgraded) co_return;
  std::string first = "rest=" + upgraded->rest + ";";
  co_await upgraded->stream.write(first);
  std::array<char, 100> memory;
  for (;;) {
    auto n = co_await upgraded->stream.read_some(memory);
    if (!n || *n == 0) co_return;
    const std::string_view bytes(memory.data(), *n);
    co_await upgraded->stream.write(bytes);
  }
}

Awaitable<void> sleepy(ServerCall& call, Seen& seen) {
  ++seen.started;
  co_await sleep_for(std::chrono::milliseconds(150));
  Response answer = Response::text(200, "late");
  co_await call.respond(std::move(answer));
  ++seen.ended;
}

Awaitable<void> route(ServerCall& call, Seen& seen) {
  const std::string_view path = call.head().path();
  if (path == "/echo")
    co_await echo(call);
  else if (path == "/stream")
    co_await stream(call);
  else if (path == "/copy")
    co_await copy(call);
  else if (path == "/endless")
    co_await endless(call, seen);
  else if (path == "/patient")
    co_await patient(call, seen);
  else if (path == "/flood")
    co_await flood(call, seen);
  else if (path == "/raw")
    co_await raw_echo(call);
  else if (path == "/sleepy")
    co_await sleepy(call, seen);
  else if (path == "/throw")
    throw std::runtime_error("a test wants this");
  else if (path == "/refuse") {
    Response answer = Response::text(404, "no");
    co_await call.respond(std::move(answer));
  }
}

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log::set_level(log::Level::off);
    start(limits_);
  }
  void start(ServerLimits limits) {
    port_ = test_.call([this, limits] {
      server_ = std::make_unique<Server>(test_.executor(), [this](ServerCall& call) { return route(call, seen_); }, limits);
      return server_->listen({.host = "127.0.0.1"}).value();
    });
  }
  void TearDown() override {
    test_.call([this] {
      server_.reset();
      return 0;
    });
    log::set_level(log::Level::info);
  }
  std::string ask(std::string_view bytes) {
    RawClient client(port_);
    client.send(bytes);
    return client.read_answer();
  }
  Server::Counts counts() {
    return test_.call([this] { return server_->counts(); });
  }

  TestLoop test_;
  Seen seen_;
  ServerLimits limits_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

class ImpatientServer : public ServerTest {
 protected:
  ImpatientServer() {
    limits_.header_bytes = 4096;
    limits_.body_bytes = 10'000;
    limits_.header_time = limits_.body_gap = limits_.write_gap = std::chrono::seconds(0);
    limits_.connections = 3;
  }
};

TEST_F(ServerTest, AnswersARequestWithABody) {
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"), "200 POST hello");
}

TEST_F(ServerTest, ReadsChunksOneByteAtATime) {
  RawClient client(port_);
  for (const char c : std::string("\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n "
                                  "\r\n5\r\nworld\r\n0\r\nT: x\r\n\r\n"))
    client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.read_answer(), "200 POST hello world");
  client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "200 GET ");
}

TEST_F(ServerTest, SkipsAnEmptyLineThatComesInTwoPieces) {
  const std::string path = socket_path("pieces");
  ASSERT_TRUE(test_.call([this, &path] { return server_->listen({.unix_path = path}); }));
  RawClient client(path);
  client.send("\r");
  const auto read = [&client] {  // of a unix socket: what the other side did not take yet
    int left = -1;
    return ::ioctl(client.native(), SIOCOUTQ, &left) == 0 && left == 0;
  };
  ASSERT_TRUE(eventually(read));
  client.send("\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "200 GET ");
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  RawClient client(port_);
  std::string all;
  for (int i = 0; i < 50; ++i) all += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i);
  client.send(all);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read_answer(), "200 POST " + std::to_string(10 + i));
  EXPECT_EQ(counts().accepted, 1u);
}

TEST_F(ServerTest, WhatCouldBeReadInTwoWaysIsRefusedAndTheConnectionClosed) {
  const std::pair<std::string, std::string> table[] = {
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x", "400"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
      {"POST /echo HTTP/1.1\nHost: a\n\n", "400"},
      {"GET /echo HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", "400"},
      {"GET /echo HTTP/1.1\r\n\r\n", "400"},
      {"\x16\x03\x01\x02", "400"},
  };
  for (const auto& [text, status] : table) {
    RawClient client(port_);
    client.send(text);
    client.end_writing();
    const std::string answer = client.read_to_end();
    if (text[0] != '\x16') {
      EXPECT_EQ(answer.substr(9, 3), status) << text;
      EXPECT_NE(answer.find("{\"error\":{\"code\":"), std::string::npos);
      EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    }
    EXPECT_EQ(answer.find("HTTP/1.1 200"), std::string::npos) << text;
  }
}

TEST_F(ServerTest, BrokenChunksEndTheConnectionAfterTheAnswer) {
  RawClient client(port_);
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloGET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_answer().substr(0, 3), "400");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(ServerTest, HeadAndOldClients) {
  RawClient client(port_);
  client.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.0\r\n\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nDate: "), std::string::npos);
  const std::string old = client.read_to_end();
  EXPECT_TRUE(old.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(old.find("Connection: close"), std::string::npos);
  RawClient streaming(port_);
  streaming.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(streaming.read_to_end().ends_with("\r\n\r\nonetwo"));
  RawClient kept(port_);
  kept.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /echo HTTP/1.0\r\n\r\n");
  EXPECT_EQ(kept.read_answer(), "200 GET ");
  EXPECT_EQ(kept.read_answer(), "200 GET ");
}

TEST_F(ServerTest, AStreamedAnswerIsChunkedAndLeavesTheConnectionUsable) {
  RawClient client(port_);
  for (int i = 0; i < 2; ++i) {
    client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(client.read_until("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
    EXPECT_EQ(client.read_until("0\r\n\r\n"), "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
  }
  client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "200 GET ");
}

TEST_F(ServerTest, ABodyIsReadWhileTheAnswerIsWritten) {
  RawClient client(port_);
  client.send("POST /copy HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_until("01234\r\n"), "5\r\n01234\r\n");
  client.send("56789GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "5\r\n56789\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "200 GET ");
}

TEST_F(ServerTest, AnUnreadBodyIsDroppedIfItIsThereAndEndsTheConnectionIfNot) {
  RawClient client(port_);
  client.send(
      "POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloPOST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
  EXPECT_EQ(client.read_answer(), "404 no");
  const std::string second = client.read_until("\r\n\r\n");
  EXPECT_NE(second.find("Connection: close"), std::string::npos);
}

TEST_F(ServerTest, ContinueIsSentWhenTheHandlerReads) {
  RawClient client(port_);
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_EQ(client.read_answer(), "200 POST hello");
  client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "404 no");
}

TEST_F(ServerTest, ABodyOverTheLimitIsRefusedBeforeItIsSent) {
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 67108865\r\n\r\n").substr(0, 3), "413");
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 67108865\r\n\r\n").substr(0, 3), "413");
}

TEST_F(ServerTest, ABodyAtTheLimitArrivesWhole) {
  RawClient client(port_);
  const std::size_t size = 64 * 1024 * 1024;
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
  const std::string block(1024 * 1024, 'b');
  for (int i = 0; i < 64; ++i) client.send(block);
  const std::string answer = client.read_answer();
  EXPECT_EQ(answer.size(), size + 9);
  EXPECT_EQ(answer.substr(0, 10), "200 POST b");
}

TEST_F(ServerTest, AClientThatHasGoneIsNoticedMidStream) {
  RawClient client(port_);
  client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
  client.read_until("begun");
  EXPECT_EQ(seen_.gone, 0);
  client.close();
  EXPECT_TRUE(eventually([this] { return seen_.gone == 1; }));
  EXPECT_TRUE(eventually([this] { return counts().connections == 0; }));
}

TEST_F(ServerTest, AClientThatHasGoneIsNoticedAfterALargeBody) {
  for (const int size : {0, 100, 65'536, 200'000, 1'000'000}) {
    RawClient client(port_);
    client.send("POST /patient HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
                std::string(static_cast<std::size_t>(size), 'b'));
    EXPECT_TRUE(eventually([this, size] { return seen_.started == size; }));
    const int before = seen_.gone;
    client.close();
    EXPECT_TRUE(eventually([this, before] { return seen_.gone == before + 1; })) << size;
  }
}

TEST_F(ServerTest, AHandlerThatFailsOrForgetsMakesA500) {
  RawClient client(port_);
  client.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_answer().substr(0, 3), "500");
  EXPECT_EQ(ask("GET /unknown HTTP/1.1\r\nHost: a\r\n\r\n").substr(0, 3), "500");
}

TEST_F(ServerTest, AnUpgradeHandsOverTheConnectionWithWhatWasRead) {
  RawClient client(port_);
  client.send("GET /raw HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\nearly");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_NE(head.find("Upgrade: test\r\n"), std::string::npos);
  EXPECT_EQ(client.read_until(";"), "rest=early;");
  client.send("ping");
  EXPECT_EQ(client.read_exactly(4), "ping");
}

TEST_F(ServerTest, DrainLetsAnswersFinishAndRefusesNewConnections) {
  RawClient idle(port_), busy(port_);
  idle.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  idle.read_answer();
  busy.send("GET /sleepy HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return seen_.started == 1; }));
  test_.run(server_->drain(std::chrono::seconds(5)));
  EXPECT_EQ(seen_.ended, 1);
  EXPECT_EQ(idle.read_to_end(), "");
  const std::string answer = busy.read_to_end();
  EXPECT_TRUE(answer.ends_with("late"));
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_FALSE(RawClient(port_).connected());
}

TEST_F(ServerTest, DrainDoesNotWaitForever) {
  RawClient client(port_);
  client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
  client.read_until("begun");
  test_.run(server_->drain(std::chrono::milliseconds(50)));
  client.read_to_end();
  EXPECT_TRUE(eventually([this] { return seen_.gone == 1; }));
}

TEST_F(ServerTest, APortIsTakenForOthersButSharedByOurLoops) {
  const auto second = test_.call([this] { return server_->listen({.host = "127.0.0.1", .port = port_}); });
  EXPECT_TRUE(second);
  Loop other("other");
  Server elsewhere(other.executor(), [](ServerCall& call) { return echo(call); });
  const int foreign = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof any;
  ASSERT_EQ(::bind(foreign, reinterpret_cast<sockaddr*>(&any), size), 0);
  ASSERT_EQ(::listen(foreign, 1), 0);
  ::getsockname(foreign, reinterpret_cast<sockaddr*>(&any), &size);
  const auto taken = elsewhere.listen({.host = "127.0.0.1", .port = ntohs(any.sin_port)});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::io);
  EXPECT_EQ(taken.error().message, "port " + std::to_string(ntohs(any.sin_port)) + " is taken");
  EXPECT_NE(taken.error().hint.find("listen ="), std::string::npos);
  ::close(foreign);
}

TEST_F(ServerTest, AUnixSocketIsPrivateAndADeadOneIsReplaced) {
  const std::string path = socket_path("test");
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  ::close(dead);
  ASSERT_TRUE(test_.call([this, &path] { return server_->listen({.unix_path = path}); }));
  struct stat found{};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  RawClient client(path);
  client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "200 GET ");
  const auto second = test_.call([this, &path] { return server_->listen({.unix_path = path}); });
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("another program"), std::string::npos);
}

TEST_F(ImpatientServer, AHeaderFloodIs431) {
  EXPECT_EQ(ask("GET /echo HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'x')).substr(0, 3), "431");
}

TEST_F(ImpatientServer, ASlowClientIs408) {
  EXPECT_EQ(ask("GET /echo HTTP/1.1\r\nHo").substr(0, 3), "408");
  EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe").substr(0, 3), "400");
}

TEST_F(ImpatientServer, AClientThatDoesNotReadIsClosedAndHoldsNoMemory) {
  RawClient client(port_);
  client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(eventually([this] { return seen_.ended == 1; }));
  EXPECT_LT(seen_.started, 200);  // what the two kernels' buffers hold, and no more
}

TEST_F(ImpatientServer, ChunksOverTheBodyLimitAre413) {
  RawClient client(port_);
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("2000\r\n" + std::string(0x2000, 'x') + "\r\n2000\r\n" + std::string(0x2000, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_answer().substr(0, 3), "413");
}

TEST_F(ImpatientServer, MoreConnectionsThanTheLimitAreClosed) {
  RawClient a(port_), b(port_), c(port_);
  for (RawClient* client : {&a, &b, &c}) {
    client->send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client->read_answer(), "200 GET ");
  }
  RawClient d(port_);
  EXPECT_EQ(d.read_to_end(), "");
}

}  // namespace
}  // namespace flotte::http
