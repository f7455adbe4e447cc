// Targets that broke are looked at in the background.
#include <boost/asio/use_future.hpp>

#include "rig.hpp"
#include "route/plan.hpp"
#include "route/prober.hpp"

namespace flotte::rig {
namespace {

using route::Mark;
using route::Target;

/// "there" is a provider that answers, "gone" a port where nobody listens; two models each.
struct ProberTest : testing::Test {
  template <class F>
  auto on_loop(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto result = task.get_future();
    asio::post(loop.context(), [&task] { task(); });
    return result.get();
  }
  ProberTest() {
    loop.start();
    on_loop([&] {
      script = std::make_unique<scripted::ScriptedProvider>(loop.executor(), scripted::Options{.key = "sk-a"});
      server = std::make_unique<http::Server>(loop.executor(), [this](http::ServerCall& call) {
        ++asked;
        return script->handle(call);
      });
      client = std::make_unique<http::Client>(loop.executor());
      const std::uint16_t port = server->listen({.host = "127.0.0.1"}).value();
      route::RouteConfig config;
      config.providers = {
          {.name = "there", .dialect = "openai", .base_url = fmt::format("http://127.0.0.1:{}/v1", port), .api_key = Secret("sk-a")},
          {.name = "gone", .dialect = "openai", .base_url = "http://127.0.0.1:1/v1", .api_key = Secret("x")}};
      config.models = {
          {.name = "all",
           .targets = {
               {.provider = "there", .model = "one"}, {.provider = "there", .model = "two"}, {.provider = "gone", .model = "one"}}}};
      table = route::Table::build(config, {}, registry);
      prober = std::make_unique<route::Prober>(*client, "hub-1");
      prober->publish(table);
      return 0;
    });
  }
  ~ProberTest() override {
    asio::co_spawn(loop.executor(), drain(*server), asio::use_future).get();
    on_loop([&] {
      client->close();
      prober.reset();
      client.reset();
      server.reset();
      script.reset();
      return 0;
    });
    loop.stop();
    loop.join();
  }
  static Awaitable<bool> drain(http::Server& server) {
    co_await server.drain(milliseconds(100));
    co_return true;
  }
  void probe() { asio::co_spawn(loop.executor(), prober->probe_all(), asio::use_future).get(); }
  const Target& target(std::size_t i) { return (*table->resolve("all"))->targets[i]; }
  void break_down(std::size_t i, Mark how) {
    for (int n = 0; n < 3; ++n) mark(target(i), how, {}, now());
  }
  bool is_closed(std::size_t i) { return route::closed(target(i), now()); }
  static SteadyTime now() { return system_clock().steady(); }

  Loop loop{"probe"};
  route::Registry registry;
  std::unique_ptr<scripted::ScriptedProvider> script;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<http::Client> client;
  std::unique_ptr<route::Prober> prober;
  std::shared_ptr<const route::Table> table;
  int asked = 0;
};

TEST_F(ProberTest, SendsNothingWhileAllIsWell) {
  probe();
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(prober->probes(), 0u);
}

TEST_F(ProberTest, OpensWhatIsThereAgainBeforeAClientHasToTry) {
  break_down(0, Mark::unreachable);
  break_down(1, Mark::unreachable);
  EXPECT_TRUE(is_closed(0) && is_closed(1));
  probe();
  EXPECT_FALSE(is_closed(0) || is_closed(1));
  EXPECT_EQ(asked, 1) << "one request for both models of the place";
  probe();
  EXPECT_EQ(asked, 1);
}

TEST_F(ProberTest, KeepsClientsAwayFromWhatIsStillGone) {
  break_down(2, Mark::unreachable);
  probe();
  EXPECT_TRUE(route::closed(target(2), now() + milliseconds(4'000))) << "the breaker alone would let a call try after one second";
}

TEST_F(ProberTest, DoesNotBelieveAListOfModelsWhereAnswersFail) {
  break_down(0, Mark::failure);
  probe();
  EXPECT_TRUE(is_closed(0));
  EXPECT_FALSE(route::closed(target(0), now() + milliseconds(1'100))) << "one call tries at its time";
}

}  // namespace
}  // namespace flotte::rig
