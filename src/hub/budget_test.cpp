// Budgets of keys over a whole hub with two gateway loops: what is spent holds across loops and across a restart.
#include <fmt/format.h>

#include "base/money.hpp"
#include "hub/testing.hpp"
#include "route/catalog.hpp"

namespace flotte::hub {
namespace {

using testing::eventually;
using testing::Reply;
using testing::RunningHub;

/// Answers every call after a moment, with ten tokens.
class SlowProvider {
 public:
  SlowProvider() : server_(loop_.executor(), [this](http::ServerCall& call) { return answer(call); }) {
    port_ = server_.listen({.host = "127.0.0.1", .port = 0, .unix_path = {}}).value();
    loop_.start();
  }
  ~SlowProvider() {
    loop_.stop();
    loop_.join();
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/v1", port_); }
  std::atomic<int> calls{0};

 private:
  Awaitable<void> answer(http::ServerCall& call) {
    if (call.head().method == "POST") ++calls;  // not the question for its models
    (void)co_await call.read_body();
    co_await sleep_for(std::chrono::milliseconds(50));
    http::Response response = http::Response::json(
        200, R"({"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},)"
             R"("finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":10,"total_tokens":15}})");
    response.head.headers.set("x-ratelimit-limit-requests", "9000");
    response.head.headers.set("x-ratelimit-remaining-requests", "8000");
    response.head.headers.set("x-ratelimit-reset-requests", "1h");
    (void)co_await call.respond(std::move(response));
  }
  Loop loop_{"provider"};
  http::Server server_;
  std::uint16_t port_ = 0;
};

/// A cent for a token of an answer: ten for each call.
void add_provider(HubConfig& config, const std::string& url) {
  config.routes.providers.push_back({.name = "p", .dialect = "openai", .base_url = url, .limits = {.rpm = 5'000}});
  config.routes.models.push_back({.name = "smart", .targets = {{.provider = "p", .model = "m"}}});
  auto catalog = route::Catalog::parse("[[model]]\nvendor = \"p\"\nmodel = \"*\"\ninput = \"0\"\noutput = \"10000\"\n", "prices");
  if (catalog) config.routes.catalog = std::make_shared<const route::Catalog>(std::move(*catalog));
}

Awaitable<void> ask_once(http::Client& client, std::shared_ptr<http::Connector> to, std::string key, int max_tokens, int& status) {
  const http::RequestHead head = RunningHub::head_of("POST", "/v1/chat/completions", key, {});
  const std::string body = fmt::format(R"({{"model":"smart","max_tokens":{},"messages":[{{"role":"user","content":"hi"}}]}})", max_tokens);
  Reply reply;
  co_await testing::fetch(client, to, head, body, reply);
  status = reply.status;
}

Awaitable<void> close(http::Client& client) {
  client.close();
  co_return;
}

class Budgets : public ::testing::Test {
 protected:
  SlowProvider provider;
  RunningHub hub{[this](HubConfig& config) { add_provider(config, provider.url()); }};
  http::Client client{hub.executor()};

  std::string make_key(const std::string& more) {
    const Reply made = hub.post("/fleet/v1/keys", fmt::format(R"({{"name":"laptop","scopes":["models"],{}}})", more));
    EXPECT_EQ(made.status, 201) << made.body;
    return made.text("key");
  }
  json::object listed(const std::string& path, const std::string& name) {
    const json::object page = hub.get(path).object();
    if (const json::array* items = json::get_array(page, "items"))
      for (const json::value& item : *items)
        if (json::string_or(item.get_object(), "name", "") == name) return item.get_object();
    return {};
  }
  int ask(const std::string& key, int max_tokens = 10) {
    int status = 0;
    hub.run(ask_once(client, hub.connector(), key, max_tokens, status));
    return status;
  }
  void close_client() { hub.run(close(client)); }
};

TEST_F(Budgets, HoldAcrossLoopsAndAcrossARestart) {
  const std::string key = make_key(R"("budget_day_usd":"5","budget_month_usd":"100")");
  ASSERT_TRUE(eventually([&] { return hub.get("/v1/models").body.find("smart") != std::string::npos; }));
  std::vector<int> statuses(200);
  std::vector<std::future<void>> calls;
  for (int& status : statuses) calls.push_back(hub.begin(ask_once(client, hub.connector(), key, 10, status)));
  for (auto& call : calls) call.wait();
  const auto passed = std::count(statuses.begin(), statuses.end(), 200);
  EXPECT_GE(passed, 45);
  EXPECT_LE(passed, 50);
  EXPECT_EQ(passed + std::count(statuses.begin(), statuses.end(), 402), 200);
  EXPECT_EQ(provider.calls.load(), passed);
  const std::string spent = format_usd(passed * 10 * pico_per_usd / 100);
  const auto shown = [&](const char* name) { return json::string_or(listed("/fleet/v1/keys", "laptop"), name, "none"); };
  EXPECT_TRUE(eventually([&] { return shown("spent_day_usd") == spent; })) << shown("spent_day_usd");
  EXPECT_EQ(shown("reserved_usd"), "0.00");
  EXPECT_EQ(shown("budget_day_usd"), "5.00");
  close_client();
  hub.stop();
  hub.start();
  ASSERT_TRUE(eventually([&] { return hub.get("/v1/models").body.find("smart") != std::string::npos; }));
  EXPECT_EQ(shown("spent_day_usd"), spent);
  EXPECT_EQ(shown("spent_month_usd"), spent);
  EXPECT_EQ(ask(key, 501), 402);
  close_client();
}

TEST_F(Budgets, ARateIsOneForAllLoops) {
  const std::string key = make_key(R"("rpm":20)");
  ASSERT_TRUE(eventually([&] { return hub.get("/v1/models").body.find("smart") != std::string::npos; }));
  std::vector<int> statuses(60);
  std::vector<std::future<void>> calls;
  for (int& status : statuses) calls.push_back(hub.begin(ask_once(client, hub.connector(), key, 10, status)));
  for (auto& call : calls) call.wait();
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 200), 20);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 429), 40);
  close_client();
}

TEST_F(Budgets, AProvidersLimitsUseAndQuotaAreShown) {
  const std::string key = make_key(R"("rpm":20)");
  ASSERT_TRUE(eventually([&] { return hub.get("/v1/models").body.find("smart") != std::string::npos; }));
  EXPECT_EQ(ask(key), 200);
  const json::object shown = listed("/fleet/v1/providers", "p");
  EXPECT_EQ(json::dump(shown.at("limits")), R"({"rpm":5000,"tpm":0,"concurrent":0})");
  EXPECT_EQ(json::int_or(shown.at("use").get_object(), "requests", 0), 1);
  ASSERT_EQ(shown.at("quota").get_array().size(), 1u);
  const json::object& window = shown.at("quota").get_array()[0].get_object();
  EXPECT_EQ(json::string_or(window, "target", ""), "p/m");
  EXPECT_EQ(json::int_or(window, "remaining", 0), 8'000);
  close_client();
}

TEST_F(Budgets, AreRefusedWhereTheyAreNoMoney) {
  for (const char* wrong :
       {R"("budget_day_usd":5)", R"("budget_day_usd":"five")", R"("budget_month_usd":"-1")", R"("rpm":-1)", R"("rpm":"10")"}) {
    const Reply reply = hub.post("/fleet/v1/keys", fmt::format(R"({{"name":"x","scopes":["models"],{}}})", wrong));
    EXPECT_EQ(reply.status, 400) << wrong << reply.body;
  }
}

}  // namespace
}  // namespace flotte::hub
