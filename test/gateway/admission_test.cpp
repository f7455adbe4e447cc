// Budgets, rates and providers' limits, with real sockets: what is spent and what providers see, whatever comes at once.
#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "base/money.hpp"
#include "rig.hpp"
#include "route/catalog.hpp"

namespace flotte::rig {
namespace {

using testing::HasSubstr;

/// Provider a costs a cent for each token of an answer and nothing for others, so that a call with four costs four cents.
void price_a(route::RouteConfig& config) {
  auto catalog = route::Catalog::parse("[[model]]\nvendor = \"pa\"\nmodel = \"*\"\ninput = \"0\"\noutput = \"10000\"\n", "prices");
  ASSERT_TRUE(catalog) << catalog.error().message;
  config.catalog = std::make_shared<const route::Catalog>(std::move(*catalog));
}
constexpr std::int64_t cent = pico_per_usd / 100;
constexpr std::int64_t price = 4 * cent;  // of a normal answer

RigOptions priced() {
  RigOptions options;
  options.configure = price_a;
  return options;
}

std::shared_ptr<route::Account> budget(std::int64_t pico_usd) {
  return std::make_shared<route::Account>("k1", route::Allowance{.day_pico_usd = pico_usd});
}

std::string code_of(const std::string& body) {
  const auto parsed = json::parse_object(body);
  const json::object* error = parsed ? json::get_object(*parsed, "error") : nullptr;
  return error ? json::string_or(*error, "code", "null") : "no error: " + body;
}

struct Ended {
  int passed = 0, refused = 0, other = 0;
};
Ended await(std::vector<std::future<Reply>>& replies, int refusal) {
  Ended ended;
  for (auto& reply : replies) {
    const int status = reply.get().status;
    ++(status == 200 ? ended.passed : status == refusal ? ended.refused : ended.other);
  }
  return ended;
}

TEST(Budget, OfTwoHundredCallsAtOnceABudgetForFiftyLetsFiftyPass) {
  for (const char* bound : {"\"max_tokens\":4,", "\"max_tokens\":20,", ""}) {
    Rig rig(priced());
    rig.play('a', "slow:delay_ms=100");
    const auto account = budget(50 * price);
    rig.call_as({.key_id = "k1", .account = account});
    std::vector<std::future<Reply>> replies;
    for (int i = 0; i < 200; ++i) replies.push_back(rig.post_later(request("a", i % 2 == 0, bound)));
    const Ended ended = await(replies, 402);
    EXPECT_GE(ended.passed, 45) << bound;
    EXPECT_LE(ended.passed, 50) << bound;
    EXPECT_EQ(ended.other, 0) << bound;
    EXPECT_EQ(rig.log('a').size(), static_cast<std::size_t>(ended.passed));
    ASSERT_TRUE(eventually([&] { return rig.counts().under_way == 0; }));
    // What is left over is less than a call may cost, what is spent is what the calls cost, and nothing is set aside any more.
    std::int64_t spent = 0, booked = 0;
    for (const auto& record : rig.usage()) {
      spent += std::max<std::int64_t>(0, record.cost_pico_usd);
      booked += record.booked_pico_usd;
    }
    EXPECT_EQ(spent, ended.passed * price);
    EXPECT_EQ(booked, spent);
    EXPECT_EQ(account->day_total(system_clock().wall()), spent);
    EXPECT_LE(spent, 50 * price);
    EXPECT_EQ(account->reserved(), 0);
  }
}

TEST(Budget, AfterSettlingACallThatFitsPasses) {
  Rig rig(priced());
  rig.call_as({.key_id = "k1", .account = budget(10 * cent)});
  // Each may cost eight cents and costs four: the second one waits for the first and passes, a third one cannot.
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 2; ++i) replies.push_back(rig.post_later(request("a", false, "\"max_tokens\":6,")));
  EXPECT_EQ(await(replies, 402).passed, 2);
  const Reply third = rig.post(request("a", false, "\"max_tokens\":6,"));
  EXPECT_EQ(third.status, 402);
  EXPECT_EQ(rig.post(request("a", false, "\"max_tokens\":2,")).status, 200);  // what is left is enough for that
}

TEST(Budget, ARefusalSaysWhatIsLeftAndWhatToDo) {
  Rig rig(priced());
  rig.call_as({.key_id = "k1", .account = budget(2 * cent)});
  const Reply chat = rig.post(request("a", true, "\"max_tokens\":4,"));
  EXPECT_EQ(chat.status, 402);
  EXPECT_EQ(code_of(chat.body), "insufficient_quota");
  EXPECT_THAT(chat.body, HasSubstr("this key's budget for today is 0.02 USD"));
  EXPECT_THAT(chat.body, HasSubstr("max_tokens"));
  EXPECT_EQ(chat.header("retry-after"), "");
  const Reply messages = rig.post_to("/v1/messages", request("a", true, "\"max_tokens\":4,"));
  EXPECT_EQ(messages.status, 402);
  EXPECT_THAT(messages.body, HasSubstr("\"type\":\"billing_error\""));
  EXPECT_TRUE(rig.log('a').empty());
}

TEST(Budget, AModelWithoutAPriceIsRefusedToAKeyWithABudget) {
  Rig rig(priced());
  rig.call_as({.key_id = "k1", .account = budget(100 * cent)});
  const Reply reply = rig.post(request("b", false, "\"max_tokens\":4,"));
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(code_of(reply.body), "price_unknown");
  EXPECT_THAT(reply.body, HasSubstr("models.toml"));
  EXPECT_EQ(rig.post(request("both", false, "\"max_tokens\":4,")).header("x-flotte-target"), "pa/m-a");
  rig.call_as({.key_id = "k1"});
  EXPECT_EQ(rig.post(request("b", false)).status, 200);
}

TEST(Budget, RefusedAndBrokenCallsCostNothing) {
  for (const char* fault : {"status:status=500", "status:status=400", "rate_limited:seconds=0", "cut:after=0", "error_inside"}) {
    Rig rig(priced());
    rig.play('a', fault);
    const auto account = budget(100 * cent);
    rig.call_as({.key_id = "k1", .account = account});
    EXPECT_NE(rig.post(request("a", true, "\"max_tokens\":4,")).status, 200) << fault;
    EXPECT_TRUE(eventually([&] { return account->day_total(system_clock().wall()) == 0; })) << fault;
    EXPECT_EQ(account->reserved(), 0) << fault;
  }
}

TEST(Budget, ACallThatIsLeftIsSettledToo) {
  Rig rig(priced());
  rig.play('a', "step:events=8");
  const auto account = budget(100 * cent);
  rig.call_as({.key_id = "k1", .account = account});
  const Reply reply = rig.post(request("a", true, "\"max_tokens\":50,"), {}, [](const std::string&) { return false; });
  EXPECT_EQ(reply.error, "left");
  ASSERT_TRUE(eventually([&] { return account->reserved() == 0; }));
  const std::int64_t booked = account->day_total(system_clock().wall());
  EXPECT_GT(booked, 0) << "it had begun, and somebody pays for that";
  EXPECT_LE(booked, 50 * cent) << "but not more than it could have cost";
  const auto usage = rig.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].booked_pico_usd, booked);
}

TEST(Budget, TranslatedCallsAreBookedAlike) {
  RigOptions options;
  options.configure = [](route::RouteConfig& config) {
    auto catalog = route::Catalog::parse("[[model]]\nvendor = \"msg\"\nmodel = \"*\"\ninput = \"0\"\noutput = \"10000\"\n", "prices");
    ASSERT_TRUE(catalog);
    config.catalog = std::make_shared<const route::Catalog>(std::move(*catalog));
  };
  Rig rig(std::move(options));
  const auto account = budget(10 * cent);
  rig.call_as({.key_id = "k1", .account = account});
  const auto ask = [&rig](bool stream) {
    return rig.post(fmt::format(R"({{"model":"msg","max_tokens":4,"stream":{},"messages":[{{"role":"user","content":"hi"}}]}})", stream));
  };
  EXPECT_EQ(ask(false).status, 200);
  EXPECT_EQ(ask(true).status, 200);
  EXPECT_TRUE(eventually([&] { return account->reserved() == 0; }));
  EXPECT_EQ(account->day_total(system_clock().wall()), 2 * price);
  EXPECT_EQ(ask(true).status, 402);
}

TEST(Budget, TheCallsOfATaskAreItsOwners) {
  Rig rig(priced());
  const auto account = std::make_shared<route::Account>("k7", route::Allowance{.day_pico_usd = 5 * cent});
  rig.call_as({.key_id = "run", .run = route::Run{3, 1}, .account = account});
  EXPECT_EQ(rig.post(request("a", false, "\"max_tokens\":4,"), {{"x-flotte-step", "one"}}).status, 200);
  rig.call_as({.key_id = "run", .run = route::Run{3, 2}, .account = account});
  EXPECT_EQ(rig.post(request("a", false, "\"max_tokens\":4,"), {{"x-flotte-step", "one"}}).header("x-flotte-replayed"), "1");
  EXPECT_EQ(rig.post(request("a", false, "\"max_tokens\":4,"), {{"x-flotte-step", "two"}}).status, 402);
  const auto usage = rig.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].account, "k7");
  EXPECT_EQ(usage[0].booked_pico_usd, price);
}

TEST(Rate, MoreRequestsThanAKeyMayMakeAre429WithATime) {
  Rig rig;
  rig.call_as({.key_id = "k1", .account = std::make_shared<route::Account>("k1", route::Allowance{.requests_per_minute = 5})});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(rig.post(request("a", false)).status, 200);
  const Reply reply = rig.post(request("a", true));
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(code_of(reply.body), "rate_limit_exceeded");
  EXPECT_THAT(reply.body, HasSubstr("5 requests a minute"));
  const int seconds = std::atoi(reply.header("retry-after").c_str());
  EXPECT_GE(seconds, 55);
  EXPECT_LE(seconds, 62);
  EXPECT_EQ(rig.log('a').size(), 5u);
}

RigOptions limited(route::Limits limits, milliseconds patience) {
  RigOptions options;
  options.queue_patience = patience;
  options.configure = [limits](route::RouteConfig& config) { config.providers[0].limits = limits; };
  return options;
}

TEST(Limits, AProviderNeverSeesMoreRequestsAMinuteThanItAllows) {
  Rig rig(limited({.rpm = 7}, milliseconds(200)));
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 30; ++i) replies.push_back(rig.post_later(request("a", i % 2 == 0)));
  const Ended ended = await(replies, 429);
  EXPECT_EQ(ended.passed, 7);
  EXPECT_EQ(ended.refused, 23);
  EXPECT_EQ(rig.log('a').size(), 7u);
  const Reply reply = rig.post(request("a", false));
  EXPECT_EQ(code_of(reply.body), "rate_limit_exceeded");
  EXPECT_THAT(reply.body, HasSubstr("7 requests a minute"));
  EXPECT_GE(std::atoi(reply.header("retry-after").c_str()), 50);
}

TEST(Limits, WhatIsTooMuchForTheFirstTargetGoesToTheNext) {
  Rig rig(limited({.rpm = 3}, milliseconds(30'000)));
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 10; ++i) replies.push_back(rig.post_later(request("both", false)));
  EXPECT_EQ(await(replies, 429).passed, 10);
  EXPECT_EQ(rig.log('a').size(), 3u);
  EXPECT_EQ(rig.log('b').size(), 7u);
}

TEST(Limits, CallsWaitForAPlaceInsteadOfBeingRefused) {
  Rig rig(limited({.concurrent = 2}, milliseconds(30'000)));
  rig.play('a', "slow:delay_ms=60");
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 12; ++i) replies.push_back(rig.post_later(request("a", i % 2 == 0)));
  for (int i = 0; i < 20; ++i) EXPECT_LE(rig.in_flight('a'), 2u);
  EXPECT_EQ(await(replies, 429).passed, 12);
}

TEST(Limits, NobodyWaitsLongerThanItsPatience) {
  Rig rig(limited({.concurrent = 1}, milliseconds(150)));
  rig.play('a', "slow:delay_ms=3000");
  auto first = rig.post_later(request("a", false));
  ASSERT_TRUE(eventually([&] { return rig.in_flight('a') == 1; }));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(rig.post(request("a", false)).status, 429);
  const auto waited = std::chrono::steady_clock::now() - began;
  EXPECT_GE(waited, milliseconds(100));
  EXPECT_LT(waited, milliseconds(2'500));
  EXPECT_EQ(first.get().status, 200);
}

TEST(Limits, PeopleComeBeforeTasks) {
  Rig rig(limited({.concurrent = 1}, milliseconds(30'000)));
  rig.play('a', "slow:delay_ms=150");
  auto first = rig.post_later(request("a", false));
  ASSERT_TRUE(eventually([&] { return rig.in_flight('a') == 1; }));
  rig.call_as({.key_id = "run", .run = route::Run{3, 1}});
  std::vector<std::future<Reply>> tasks, people;
  for (int i = 0; i < 3; ++i) tasks.push_back(rig.post_later(request("a", false), {{"x-flotte-step", std::to_string(i)}}));
  ASSERT_TRUE(eventually([&] { return rig.counts().under_way == 4; }));
  rig.call_as({.key_id = "k1"});
  for (int i = 0; i < 2; ++i) people.push_back(rig.post_later(request("a", false)));
  ASSERT_TRUE(eventually([&] { return rig.counts().under_way == 6; }));
  EXPECT_EQ(await(people, 429).passed, 2);
  EXPECT_EQ(await(tasks, 429).passed, 3);
  const auto usage = rig.usage();
  ASSERT_EQ(usage.size(), 6u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(usage[i].key, "k1") << i;
  for (std::size_t i = 3; i < 6; ++i) EXPECT_EQ(usage[i].key, "run") << i;
}

TEST(Limits, WhoWaitsForMoneyIsInNobodysWay) {
  RigOptions options;
  options.configure = [](route::RouteConfig& config) {
    price_a(config);
    config.providers[0].limits = {.concurrent = 2};
  };
  Rig rig(std::move(options));
  rig.play('a', "slow:delay_ms=1500");
  rig.call_as({.key_id = "k1", .account = budget(10 * cent)});
  auto first = rig.post_later(request("a", false, "\"max_tokens\":8,"));
  ASSERT_TRUE(eventually([&] { return rig.in_flight('a') == 1; }));
  auto second = rig.post_later(request("a", false, "\"max_tokens\":8,"));  // fits only when the first has turned out cheaper
  ASSERT_TRUE(eventually([&] { return rig.counts().under_way == 2; }));
  rig.call_as({.key_id = "k2"});
  auto other = rig.post_later(request("a", false));
  EXPECT_TRUE(eventually([&] { return rig.in_flight('a') == 2; })) << "the other key's call has a place at once";
  EXPECT_EQ(other.get().status, 200);
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(second.get().status, 402);  // six cents are left, and it may cost eight
}

TEST(Limits, WhoLeavesWhileWaitingIsForgotten) {
  Rig rig(limited({.concurrent = 1}, milliseconds(30'000)));
  rig.play('a', "slow:delay_ms=600");
  auto first = rig.post_later(request("a", false));
  ASSERT_TRUE(eventually([&] { return rig.in_flight('a') == 1; }));
  {
    asio::io_context context;
    asio::ip::tcp::socket client(context);
    client.connect({asio::ip::address_v4::loopback(), rig.port()});
    const std::string body = request("a", false);
    asio::write(client, asio::buffer(fmt::format("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}",
                                                 body.size(), body)));
    ASSERT_TRUE(eventually([&] { return rig.counts().under_way == 2; }));
  }
  EXPECT_TRUE(eventually([&] { return rig.counts().under_way <= 1; }));
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(rig.log('a').size(), 1u);
}

TEST(Limits, TokensAreReservedByEstimateAndSettledByUsage) {
  Rig rig(limited({.tpm = 1'000}, milliseconds(100)));
  // About 60 tokens in, 500 at most out: 25 were used.
  EXPECT_EQ(rig.post(request("a", false, "\"max_tokens\":500,")).status, 200);
  EXPECT_EQ(rig.post(request("a", false, "\"max_tokens\":500,")).status, 200);
  EXPECT_EQ(rig.post(request("a", false, "\"max_tokens\":500,")).status, 200);
  rig.play('a', "slow:delay_ms=400");
  auto first = rig.post_later(request("a", false, "\"max_tokens\":500,"));
  ASSERT_TRUE(eventually([&] { return rig.in_flight('a') == 1; }));
  EXPECT_EQ(rig.post(request("a", false, "\"max_tokens\":500,")).status, 429);
  EXPECT_EQ(first.get().status, 200);
}

TEST(Quota, WhatIsUsedUpIsNotAskedForBeforeItsReset) {
  for (const bool stream : {false, true}) {
    Rig rig(limited({}, milliseconds(5'000)));
    rig.play('a', "normal:remaining=0,reset_ms=800");
    EXPECT_EQ(rig.post(request("a", stream)).status, 200);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(rig.post(request("both", stream)).header("x-flotte-target"), "pb/m-b");
    EXPECT_EQ(rig.log('a').size(), 1u);
    EXPECT_EQ(rig.post(request("a", stream)).status, 200);  // waits for the window
    EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(500));
    EXPECT_EQ(rig.log('a').size(), 2u);
  }
}

TEST(Quota, AResetThatIsTooFarAwayIsToldAtOnce) {
  Rig rig;
  rig.play('a', "normal:remaining=0,reset_ms=90000");
  EXPECT_EQ(rig.post(request("a", false)).status, 200);
  const Reply reply = rig.post(request("a", true));
  EXPECT_EQ(reply.status, 429);
  EXPECT_THAT(reply.body, HasSubstr("the quota of pa/m-a is used up"));
  EXPECT_THAT(reply.header("retry-after"), testing::AnyOf("89", "90"));
  EXPECT_EQ(rig.log('a').size(), 1u);
  rig.play('a', "normal");
  EXPECT_EQ(rig.post(request("b", false)).status, 200) << "another provider's quota is its own";
}

TEST(Quota, WhatIsLeftMayBeAskedFor) {
  Rig rig;
  rig.play('a', "normal:remaining=3,reset_ms=90000");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rig.post(request("a", i == 1)).status, 200);
}

}  // namespace
}  // namespace flotte::rig
