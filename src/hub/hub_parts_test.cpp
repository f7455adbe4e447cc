// Parts of the hub on their own: who asks and may, spare streams, waiting for changes.
#include <netinet/in.h>
#include <sys/socket.h>

#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

using testing::eventually;
using namespace std::chrono_literals;

// ---- who asks -----------------------------------------------------------------------------------------------------

http::RequestHead request(const std::string& method, const testing::Fields& fields) {
  return testing::RunningHub::head_of(method, "/fleet/v1/tasks", "", fields);
}

TEST(Authenticator, RecognisesARunsKeyAgainAndRefusesAForgedOne) {
  const access::Tickets tickets(Secret(std::string(32, 's')));
  Authenticator authenticator(tickets);
  const std::string key = tickets.run_key({.task = 7, .fence = 3});
  const auto first = authenticator.authenticate(request("GET", {{"authorization", "Bearer " + key}}));
  const auto again = authenticator.authenticate(request("GET", {{"x-api-key", key}}));
  ASSERT_TRUE(first && again);
  EXPECT_EQ(*first, *again) << "the same object: nothing was computed twice";
  EXPECT_EQ((*first)->who.run->task, 7);
  std::string forged = key;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(authenticator.authenticate(request("GET", {{"authorization", "Bearer " + forged}})).error().code, Code::unauthenticated);
  // Many others push it out; it is still right.
  for (int i = 0; i < 20; ++i)
    (void)authenticator.authenticate(request("GET", {{"x-api-key", tickets.run_key({.task = 100 + i, .fence = 1})}}));
  EXPECT_TRUE(authenticator.authenticate(request("GET", {{"x-api-key", key}})));
  authenticator.use(std::make_shared<const access::Keyring>(), 2);
  EXPECT_NE(*authenticator.authenticate(request("GET", {{"x-api-key", key}})), *first) << "nobody is remembered across a change of keys";
}

TEST(Authenticator, KeepsTheNewestRingWhateverTheOrder) {
  const access::Tickets tickets(Secret(std::string(32, 's')));
  Authenticator authenticator(tickets);
  const auto older = std::make_shared<const access::Keyring>(), newer = std::make_shared<const access::Keyring>();
  authenticator.use(newer, 5);
  authenticator.use(older, 4);
  EXPECT_EQ(&authenticator.keys(), newer.get());
}

TEST(Authorize, GivesARunModelsAndBlobsAndNothingElse) {
  Caller run;
  run.models = true;
  run.who.run = route::Run{1, 1};
  for (const Need need : {Need::models, Need::blobs}) EXPECT_TRUE(authorize(run, need, request("GET", {})));
  for (const Need need : {Need::client, Need::tasks, Need::admin})
    EXPECT_EQ(authorize(run, need, request("GET", {})).error().code, Code::forbidden);
}

TEST(Authorize, WantsOurOriginWhereABrowserSentTheCookieByItself) {
  Caller board;
  board.tasks = board.by_cookie = true;
  const auto allowed = [&](const std::string& method, testing::Fields fields) {
    fields["host"] = "hub:7700";
    return authorize(board, Need::tasks, request(method, fields)).has_value();
  };
  EXPECT_TRUE(allowed("GET", {}));
  EXPECT_TRUE(allowed("POST", {{"origin", "https://hub:7700"}}));
  EXPECT_FALSE(allowed("POST", {}));
  EXPECT_FALSE(allowed("POST", {{"origin", "https://other:7700"}}));
  EXPECT_FALSE(allowed("POST", {{"origin", "https://evil-hub:7700"}}));
  EXPECT_FALSE(allowed("DELETE", {{"origin", "null"}}));
  EXPECT_FALSE(allowed("GET", {{"upgrade", "websocket"}, {"origin", "https://other"}}));
  EXPECT_TRUE(allowed("GET", {{"upgrade", "websocket"}, {"origin", "https://hub:7700"}}));
}

// ---- spare streams ------------------------------------------------------------------------------------------------

/// Two ends of a connection: a stream on the given loop and a plain descriptor.
struct Pair {
  explicit Pair(Executor executor) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    ::bind(listener, reinterpret_cast<sockaddr*>(&any), size);
    ::listen(listener, 1);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&any), &size);
    run_blocking(executor, connect(http::tcp_connector("127.0.0.1", ntohs(any.sin_port)), stream), 5s);
    far = ::accept(listener, nullptr, nullptr);
    ::close(listener);
  }
  ~Pair() { ::close(far); }
  static Awaitable<void> connect(std::shared_ptr<http::Connector> to, std::optional<http::Stream>& out) {
    auto stream = co_await to->connect();
    if (stream) out.emplace(std::move(*stream));
  }
  bool hears_the_end() const {
    char byte;
    return ::recv(far, &byte, 1, 0) == 0;
  }
  std::optional<http::Stream> stream;
  int far = -1;
};

struct Taker {
  static Awaitable<void> take(std::shared_ptr<Spares> spares, std::chrono::milliseconds patience,
                              std::optional<Result<http::Stream>>& out) {
    out.emplace(co_await spares->take("box", patience));
  }
  static Awaitable<void> impatient(std::shared_ptr<Spares> spares, std::optional<Result<http::Stream>>& out) {
    out.emplace(co_await with_deadline(20ms, spares->take("box", 10s)));
  }
  static Awaitable<void> drop(std::optional<Result<http::Stream>>& what) {
    what.reset();
    co_return;
  }
};

class SparesTest : public ::testing::Test {
 protected:
  SparesTest() {
    here.start();
    there.start();
  }
  ~SparesTest() override {
    spares->close();
    here.stop();
    there.stop();
    here.join();
    there.join();
  }
  Loop here{"here"}, there{"there"};
  std::atomic<int> asked{0};
  std::shared_ptr<Spares> spares = std::make_shared<Spares>([this](const std::string&) { ++asked; });
  std::optional<Result<http::Stream>> taken;
};

TEST_F(SparesTest, GivesAStreamToAnotherLoop) {
  Pair pair(here.executor());
  spares->park("box", std::move(*pair.stream));
  EXPECT_EQ(spares->parked("box"), 1u);
  ASSERT_TRUE(run_blocking(there.executor(), Taker::take(spares, 5s, taken), 5s));
  ASSERT_TRUE(taken && *taken);
  EXPECT_TRUE((*taken)->is_open());
  EXPECT_EQ(asked, 0);
  ASSERT_TRUE(run_blocking(there.executor(), Taker::drop(taken), 5s));
  EXPECT_TRUE(pair.hears_the_end());
}

TEST_F(SparesTest, ServesWhoeverWaitsAndAsksForMore) {
  auto done = begin_on(there.executor(), Taker::take(spares, 5s, taken));
  ASSERT_TRUE(eventually([&] { return asked == 1; }));
  Pair pair(here.executor());
  spares->park("box", std::move(*pair.stream));
  ASSERT_EQ(done.wait_for(5s), std::future_status::ready);
  EXPECT_TRUE(taken && *taken);
  EXPECT_EQ(spares->parked("box"), 0u);
}

TEST_F(SparesTest, KeepsTheStreamWhenTheWaiterGaveUpOrWasCancelled) {
  ASSERT_TRUE(run_blocking(there.executor(), Taker::take(spares, 10ms, taken), 5s));
  EXPECT_EQ(taken->error().code, Code::unavailable);
  ASSERT_TRUE(run_blocking(there.executor(), Taker::impatient(spares, taken), 5s));
  EXPECT_EQ(taken->error().code, Code::deadline);
  Pair pair(here.executor());
  spares->park("box", std::move(*pair.stream));
  EXPECT_EQ(spares->parked("box"), 1u) << "nobody waits any more";
}

TEST_F(SparesTest, TellsThoseWhoWaitThatTheNodeHasGone) {
  Pair pair(here.executor());
  spares->park("box", std::move(*pair.stream));
  spares->drop("box");
  EXPECT_TRUE(pair.hears_the_end());
  auto done = begin_on(there.executor(), Taker::take(spares, 10s, taken));
  ASSERT_TRUE(eventually([&] { return asked == 1; }));
  spares->drop("box");
  ASSERT_EQ(done.wait_for(5s), std::future_status::ready);
  EXPECT_EQ(taken->error().code, Code::unavailable);
}

TEST_F(SparesTest, TakesAndGivesNothingOnceClosed) {
  spares->close();
  Pair pair(here.executor());
  spares->park("box", std::move(*pair.stream));
  EXPECT_EQ(spares->parked("box"), 0u);
  ASSERT_TRUE(run_blocking(there.executor(), Taker::take(spares, 10s, taken), 5s));
  EXPECT_EQ(taken->error().code, Code::unavailable);
}

// ---- changes ------------------------------------------------------------------------------------------------------

/// Has run when whatever was given to the loop before has run.
Awaitable<void> turn() { co_return; }

struct Waiting {
  static Awaitable<void> wait(Changes& changes, std::string id, std::atomic<int>& woken) {
    const auto executor = co_await asio::this_coro::executor;
    const auto waiter = changes.subscribe(id, executor);
    const bool changed = co_await waiter->changed.wait_for(10s);
    if (changed) ++woken;
  }
};

TEST(Changes, WakesThoseWhoWaitForThatThingAndForgetsThem) {
  Changes changes;
  Loop loop("waiters");
  loop.start();
  std::atomic<int> woken{0};
  auto first = begin_on(loop.executor(), Waiting::wait(changes, "t1", woken));
  auto second = begin_on(loop.executor(), Waiting::wait(changes, "t1", woken));
  auto other = begin_on(loop.executor(), Waiting::wait(changes, "t2", woken));
  ASSERT_TRUE(eventually([&] { return changes.size() == 2; }));
  ASSERT_TRUE(run_blocking(loop.executor(), turn(), 5s));
  changes.notify("t1");
  EXPECT_EQ(first.wait_for(5s), std::future_status::ready);
  EXPECT_EQ(second.wait_for(5s), std::future_status::ready);
  EXPECT_EQ(woken, 2);
  EXPECT_TRUE(eventually([&] { return changes.size() == 1; }));
  changes.close();
  EXPECT_EQ(other.wait_for(5s), std::future_status::ready);
  EXPECT_EQ(woken, 3);
  EXPECT_TRUE(eventually([&] { return changes.size() == 0; }));
  auto late = begin_on(loop.executor(), Waiting::wait(changes, "t3", woken));
  EXPECT_EQ(late.wait_for(5s), std::future_status::ready) << "the hub stops: nobody waits";
  loop.stop();
  loop.join();
}

}  // namespace
}  // namespace flotte::hub
