// The client against servers that answer in every way that is allowed, and in some that are not.
#include "http/client.hpp"

#include <atomic>
#include <deque>

#include "base/async/wait.hpp"
#include "http/testing.hpp"

namespace flotte::http {
namespace {

using testing::eventually;
using testing::TestLoop;

/// Answers each request (recognised by its empty line; no bodies) with the next scripted bytes. "<close>" at the end closes.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers)
      : answers_(answers.begin(), answers.end()), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&any), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&any), &size);
    port = ntohs(any.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    if (current_ >= 0) ::shutdown(current_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::uint16_t port = 0;
  std::atomic<int> connections{0}, requests{0};
  std::string last_request() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  void serve() {
    for (;;) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      current_ = socket;
      ++connections;
      std::string in;
      char bytes[4096];
      for (bool open = true; open;) {
        const ssize_t n = ::recv(socket, bytes, sizeof bytes, 0);
        if (n <= 0) break;
        in.append(bytes, static_cast<std::size_t>(n));
        const std::size_t end = in.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        {
          const std::lock_guard lock(mutex_);
          last_ = in.substr(0, end + 4);
        }
        in.erase(0, end + 4);
        ++requests;
        open = answer(socket);
      }
      current_ = -1;
      ::close(socket);
    }
  }
  bool answer(int socket) {
    if (answers_.empty()) return false;
    std::string text = answers_.front();
    answers_.pop_front();
    const bool close = text.ends_with("<close>");
    if (close) text.resize(text.size() - 7);
    const bool byte_by_byte = text.starts_with("<slow>");
    if (byte_by_byte) text.erase(0, 6);
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t n = byte_by_byte ? 1 : text.size();
      if (::send(socket, text.data() + i, n, MSG_NOSIGNAL) < 0) return false;
      i += n;
      if (byte_by_byte) std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return !close;
  }
  std::deque<std::string> answers_;
  int listener_;
  std::atomic<int> current_{-1};
  std::mutex mutex_;
  std::string last_;
  std::thread thread_;
};

RequestHead get(std::string target = "/") {
  RequestHead head;
  head.method = "GET";
  head.target = std::move(target);
  return head;
}

/// "STATUS BODY" or "error: CODE".
Awaitable<std::string> ask(Client& client, std::shared_ptr<Connector> to, RequestHead head, std::string body, Deadlines deadlines,
                           CancelHandle* cancel) {
  auto call = co_await client.send(to, head, body, deadlines, cancel);
  if (!call) co_return "error: " + std::string(to_string(call.error().code)) + ": " + call.error().message;
  const int status = (*call)->head().status;
  auto all = co_await (*call)->read_all(1000);
  if (!all) co_return std::to_string(status) + " error: " + std::string(to_string(all.error().code)) + ": " + all.error().message;
  co_return std::to_string(status) + " " + *all;
}

class ClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    test_.call([this] {
      client_ = std::make_unique<Client>(test_.executor());
      return 0;
    });
  }
  void TearDown() override {
    test_.call([this] {
      client_.reset();
      return 0;
    });
  }
  std::string fetch(ScriptedServer& server, RequestHead head = get(), std::string body = {}) {
    if (!to_) to_ = tcp_connector("127.0.0.1", server.port);
    return test_.run(ask(*client_, to_, std::move(head), std::move(body), deadlines_, nullptr));
  }
  Client::Counts counts() {
    return test_.call([this] { return client_->counts(); });
  }
  TestLoop test_;
  std::unique_ptr<Client> client_;
  std::shared_ptr<Connector> to_;
  Deadlines deadlines_;
};

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(ClientTest, ReadsEveryKindOfBody) {
  ScriptedServer server({
      ok,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: z\r\n\r\n",
      "<slow>HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
      "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\nuntil the end<close>",
      ok,
  });
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(fetch(server), "200 abcde");
  EXPECT_EQ(fetch(server), "201 abcde");
  EXPECT_EQ(fetch(server), "204 ");
  EXPECT_EQ(fetch(server), "200 ");
  EXPECT_EQ(fetch(server), "200 until the end");
  EXPECT_EQ(server.connections, 1);
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(server.connections, 2);
  EXPECT_EQ(counts().reused, 5u);
}

TEST_F(ClientTest, SetsHostAndLengthAndKeepsWhatIsGiven) {
  ScriptedServer server({ok, ok, ok});
  RequestHead head = get("/a?b");
  head.headers.add("X-Mine", "1");
  fetch(server, head);
  EXPECT_EQ(server.last_request(), "GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port) + "\r\nX-Mine: 1\r\n\r\n");
  head.headers.add("Host", "other");
  head.method = "POST";
  fetch(server, head, "");
  EXPECT_EQ(server.last_request(), "POST /a?b HTTP/1.1\r\nX-Mine: 1\r\nHost: other\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(ClientTest, AConnectionThatTheServerClosedIsNotUsedAgain) {
  ScriptedServer server({ok + "<close>", ok});
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_TRUE(eventually([this] { return counts().idle == 0; }));
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(server.connections, 2);
}

TEST_F(ClientTest, AKeptConnectionThatDiesUnderTheRequestIsReplacedOnce) {
  ScriptedServer server({ok, "<close>", ok, "<close>", "<close>"});
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(server.connections, 2);
  EXPECT_EQ(server.requests, 3);
  EXPECT_TRUE(fetch(server).starts_with("error: closed"));
  EXPECT_EQ(server.requests, 5);
}

TEST_F(ClientTest, AnAnswerThatHasBegunIsNeverAskedForTwice) {
  ScriptedServer server({ok, "HTTP/1.1 200 OK\r\nContent-<close>", ok});
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_TRUE(fetch(server).starts_with("error: closed"));
  EXPECT_EQ(server.requests, 2);
}

TEST_F(ClientTest, ABodyThatEndsEarlyIsAnError) {
  ScriptedServer server({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc<close>",
                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc<close>",
                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"});
  EXPECT_TRUE(fetch(server).starts_with("200 error: closed"));
  EXPECT_TRUE(fetch(server).starts_with("200 error: closed"));
  EXPECT_TRUE(fetch(server).starts_with("200 error: corrupt"));
}

TEST_F(ClientTest, NonsenseIsCorruptAndTooMuchIsTooLarge) {
  ScriptedServer server({"SMTP ready\r\n\r\n", "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'),
                         "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + std::string(2000, 'x')});
  EXPECT_TRUE(fetch(server).starts_with("error: corrupt"));
  EXPECT_TRUE(fetch(server).starts_with("error: corrupt"));
  EXPECT_TRUE(fetch(server).starts_with("200 error: too_large"));
  EXPECT_EQ(counts().idle, 0u);
}

TEST_F(ClientTest, MoreThanTheAnswerMakesTheConnectionUnusable) {
  ScriptedServer server({ok + ok, ok});
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(server.connections, 2);
}

TEST_F(ClientTest, DeadlinesForTheHeadAndBetweenBytes) {
  ScriptedServer server({"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"});
  deadlines_.first_byte = deadlines_.idle = std::chrono::milliseconds(1);
  EXPECT_TRUE(fetch(server).starts_with("error: deadline: 127.0.0.1:"));
  deadlines_.first_byte = std::chrono::seconds(10);
  EXPECT_TRUE(fetch(server).starts_with("200 error: deadline: 127.0.0.1:"));
}

TEST_F(ClientTest, NobodyThereIsUnavailable) {
  std::uint16_t port = 0;
  {
    ScriptedServer gone({});
    port = gone.port;
  }
  to_ = tcp_connector("127.0.0.1", port);
  const std::string answer = test_.run(ask(*client_, to_, get(), "", deadlines_, nullptr));
  EXPECT_TRUE(answer.starts_with("error: unavailable: cannot connect to 127.0.0.1:")) << answer;
  to_ = unix_connector("/nonexistent/socket");
  const std::string missing = test_.run(ask(*client_, to_, get(), "", deadlines_, nullptr));
  EXPECT_NE(missing.find("No such file"), std::string::npos) << missing;
}

class NeverConnects final : public Connector {
 public:
  Awaitable<Result<Stream>> connect() override {
    co_await sleep_for(std::chrono::hours(1));
    co_return fail(Code::internal, "slept too long");
  }
  const std::string& authority() const override { return name_; }

 private:
  std::string name_ = "nowhere";
};

TEST_F(ClientTest, ConnectingHasADeadlineAndCanBeCancelled) {
  to_ = std::make_shared<NeverConnects>();
  Deadlines brief;
  brief.connect = std::chrono::milliseconds(1);
  EXPECT_TRUE(test_.run(ask(*client_, to_, get(), "", brief, nullptr)).starts_with("error: deadline: cannot connect to nowhere"));
  CancelHandle cancel;
  auto answer = asio::co_spawn(test_.executor(), ask(*client_, to_, get(), "", deadlines_, &cancel), asio::use_future);
  test_.call([&cancel] {
    cancel.cancel();
    return 0;
  });
  EXPECT_TRUE(answer.get().starts_with("error: cancelled"));
}

TEST_F(ClientTest, CancelEndsTheWaitForTheHeadAndForTheBody) {
  ScriptedServer server({"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"});
  to_ = tcp_connector("127.0.0.1", server.port);
  for (int round = 1; round <= 2; ++round) {
    CancelHandle cancel;
    auto answer = asio::co_spawn(test_.executor(), ask(*client_, to_, get(), "", deadlines_, &cancel), asio::use_future);
    EXPECT_TRUE(eventually([&server, round] { return server.requests == round; }));
    test_.call([&cancel] {
      cancel.cancel();
      return 0;
    });
    const std::string text = answer.get();
    EXPECT_NE(text.find("error: cancelled"), std::string::npos) << text;
  }
}

Awaitable<bool> drop_early(Client& client, std::shared_ptr<Connector> to) {
  const RequestHead head = get();
  auto call = co_await client.send(to, head, "", {});
  co_return call.has_value();
}

TEST_F(ClientTest, AnAnswerThatIsDroppedClosesItsConnection) {
  ScriptedServer server({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", ok});
  to_ = tcp_connector("127.0.0.1", server.port);
  EXPECT_TRUE(test_.run(drop_early(*client_, to_)));
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(server.connections, 2);
}

TEST_F(ClientTest, ForgettingClosesWhatIsKept) {
  ScriptedServer server({ok, ok});
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(counts().idle, 1u);
  test_.call([this] {
    client_->forget(*to_);
    return 0;
  });
  EXPECT_EQ(counts().idle, 0u);
  EXPECT_EQ(fetch(server), "200 ok");
  EXPECT_EQ(server.connections, 2);
}

Awaitable<std::string> upgrade(Client& client, std::shared_ptr<Connector> to, Executor home) {
  RequestHead head = get("/raw");
  head.headers.add("Connection", "Upgrade");
  head.headers.add("Upgrade", "test");
  auto call = co_await client.send(to, head, "", {});
  if (!call || (*call)->head().status != 101) co_return "no upgrade";
  std::string seen;
  Stream stream = (*call)->take_stream(seen);
  Stream moved = std::move(stream).move_to(home);
  std::array<char, 100> memory;
  while (seen.size() < 9) {
    auto n = co_await moved.read_some(memory);
    if (!n || *n == 0) co_return "ended early: " + seen;
    seen.append(memory.data(), *n);
  }
  auto sent = co_await moved.write("GET /bye HTTP/1.1\r\n", "\r\n");
  if (!sent) co_return "not sent";
  auto end = co_await moved.read_some(memory);
  co_return seen + (end && *end == 0 ? " end" : " more");
}

TEST_F(ClientTest, AnUpgradeGivesTheConnectionAway) {
  ScriptedServer server({"HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\nraw bytes", "<close>"});
  to_ = tcp_connector("127.0.0.1", server.port);
  EXPECT_EQ(test_.run(upgrade(*client_, to_, test_.executor())), "raw bytes end");
  EXPECT_EQ(server.last_request(), "GET /bye HTTP/1.1\r\n\r\n");
}

TEST(Url, IsTakenApart) {
  const auto u = Url::parse("https://api.example.com:8443/v1/");
  ASSERT_TRUE(u);
  EXPECT_EQ(u->scheme, "https");
  EXPECT_EQ(u->host, "api.example.com");
  EXPECT_EQ(u->port, 8443);
  EXPECT_EQ(u->path, "/v1");
  EXPECT_EQ(Url::parse("http://[::1]:80")->host, "::1");
  EXPECT_EQ(Url::parse("http://a")->port, 80);
  EXPECT_EQ(Url::parse("HTTPS://a/")->port, 443);
  EXPECT_EQ(Url::parse("HTTPS://a/")->path, "");
  for (const char* wrong : {"", "a", "ftp://a", "http://", "http://a:0", "http://a:70000", "http://a:x", "http://u@a", "http://a?b",
                            "http://a b", "http://[::1", "http://att\xf2\x02", "http://a\"b"})
    EXPECT_FALSE(Url::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace flotte::http
