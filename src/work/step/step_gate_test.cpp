// The socket of a run leads to the steps of its task and nowhere else.
#include "work/step/step_gate.hpp"

#include <gmock/gmock.h>

#include "base/temporary_directory.hpp"
#include "work/testing.hpp"

namespace flotte::work {
namespace {

using ::testing::HasSubstr;

/// A hub that says what it was asked.
struct GateTest : ::testing::Test {
  TemporaryDirectory folder;
  asio::io_context loop;
  std::vector<std::string> asked;
  std::string hub_path = folder.path + "/hub";
  std::unique_ptr<http::Server> hub =
      std::make_unique<http::Server>(loop.get_executor(), [this](http::ServerCall& call) { return answer(call); });
  GatewayClient way{loop.get_executor(), http::unix_connector(hub_path), system_clock(), {.base_path = "/base"}};
  http::Client client{loop.get_executor()};
  std::unique_ptr<StepGate> gate;

  GateTest() {
    EXPECT_TRUE(hub->listen({.host = {}, .port = 0, .unix_path = hub_path}));
    wire::Offer offer;
    offer.run = {"t7", 3};
    offer.key = "fr_secret";
    gate = StepGate::open(loop.get_executor(), folder.path + "/step", offer, std::make_shared<HubSteps>(way));
  }
  Awaitable<void> answer(http::ServerCall& call) {
    auto body = co_await call.read_body();
    asked.push_back(fmt::format("{} {} {} {}", call.head().method, call.head().target,
                                call.head().headers.get("authorization").value_or(""), body ? *body : "?"));
    http::Response response = http::Response::json(call.head().method == "PUT" ? 201 : 200, "{\"said\":1}");
    auto sent = co_await call.respond(std::move(response));
    (void)sent;
  }
  Awaitable<std::pair<int, std::string>> ask(std::string method, std::string target, std::string body) {
    http::RequestHead head;
    head.method = method;
    head.target = target;
    const http::Deadlines deadlines;
    auto sent = co_await client.send(http::unix_connector(gate->path()), head, body, deadlines);
    if (!sent) co_return std::pair(0, sent.error().text());
    auto text = co_await (*sent)->read_all(1000);
    co_return std::pair((*sent)->head().status, text ? *text : "?");
  }
  Awaitable<Result<http::Stream>> connect() {
    auto connector = http::unix_connector(gate->path());
    co_return co_await connector->connect();
  }
  std::pair<int, std::string> get(std::string target) { return testing::wait(loop, ask("GET", std::move(target), "")); }
};

TEST_F(GateTest, HandsOnWhatIsAskedOfItsOwnTask) {
  ASSERT_TRUE(gate);
  EXPECT_EQ(get("/fleet/v1/tasks/t7/steps"), std::pair(200, std::string("{\"said\":1}")));
  EXPECT_EQ(get("/fleet/v1/tasks/t7/steps/a%2Fb?x=1").first, 200);
  EXPECT_EQ(testing::wait(loop, ask("PUT", "/fleet/v1/tasks/t7/steps/a", "output")).first, 201);
  EXPECT_THAT(asked, ::testing::ElementsAre("GET /base/fleet/v1/tasks/t7/steps Bearer fr_secret ",
                                            "GET /base/fleet/v1/tasks/t7/steps/a%2Fb?x=1 Bearer fr_secret ",
                                            "PUT /base/fleet/v1/tasks/t7/steps/a Bearer fr_secret output"));
}

TEST_F(GateTest, KnowsNothingElse) {
  for (const char* target : {"/fleet/v1/tasks/t77/steps", "/fleet/v1/tasks/t7", "/fleet/v1/tasks/t7/stepsx", "/v1/models", "/"})
    EXPECT_EQ(get(target).first, 404) << target;
  EXPECT_EQ(testing::wait(loop, ask("DELETE", "/fleet/v1/tasks/t7/steps/a", "")).first, 405);
  EXPECT_THAT(get("/v1/models").second, HasSubstr("FLOTTE_URL")) << "and what to do";
  EXPECT_TRUE(asked.empty());
}

TEST_F(GateTest, ARunHasFewConnections) {
  ASSERT_TRUE(gate);
  std::vector<http::Stream> idle;
  for (std::size_t i = 0; i < StepGate::connections; ++i) {
    auto stream = testing::wait(loop, connect());
    ASSERT_TRUE(stream) << stream.error().text();
    idle.push_back(std::move(*stream));
  }
  EXPECT_EQ(get("/fleet/v1/tasks/t7/steps").first, 0) << "all are taken";
  EXPECT_TRUE(asked.empty());
  idle.pop_back();
  int status = 0;
  EXPECT_TRUE(testing::eventually(loop, [&] { return status == 200 || (status = get("/fleet/v1/tasks/t7/steps").first) == 200; }));
}

TEST_F(GateTest, OneOutputOfARunIsInMemoryAtATime) {
  ASSERT_TRUE(gate);
  auto slow = testing::wait(loop, connect());
  ASSERT_TRUE(slow) << slow.error().text();
  EXPECT_TRUE(testing::wait(loop, slow->write("PUT /fleet/v1/tasks/t7/steps/slow HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nsl")));
  loop.restart();
  loop.run_for(std::chrono::milliseconds(20));  // it is being read now
  Scope scope(loop.get_executor(), "test");
  std::optional<std::pair<int, std::string>> other;
  scope.spawn("other", testing::keep(ask("PUT", "/fleet/v1/tasks/t7/steps/b", "other"), other));
  loop.restart();
  loop.run_for(std::chrono::milliseconds(100));  // time for what must not come
  EXPECT_TRUE(asked.empty());
  EXPECT_TRUE(testing::wait(loop, slow->write("ow")));
  EXPECT_TRUE(testing::eventually(loop, [&] { return other.has_value() && scope.size() == 0; }));
  EXPECT_EQ(other->first, 201);
  EXPECT_THAT(asked, ::testing::ElementsAre("PUT /base/fleet/v1/tasks/t7/steps/slow Bearer fr_secret slow",
                                            "PUT /base/fleet/v1/tasks/t7/steps/b Bearer fr_secret other"));
}

TEST_F(GateTest, SaysThatTheHubIsAway) {
  hub.reset();
  const auto [status, text] = get("/fleet/v1/tasks/t7/steps/a");
  EXPECT_EQ(status, 503);
  EXPECT_THAT(text, HasSubstr("the hub is away"));
}

TEST_F(GateTest, ALongPathHasNoSocket) {
  wire::Offer offer;
  EXPECT_EQ(StepGate::open(loop.get_executor(), folder.path + "/" + std::string(120, 'x'), offer, std::make_shared<HubSteps>(way)),
            nullptr);
}

}  // namespace
}  // namespace flotte::work
