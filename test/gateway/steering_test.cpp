// Where a call goes and why: strategies, rules, and every kind of "later", through the gateway with real sockets.
#include <gmock/gmock.h>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using namespace std::chrono_literals;
using route::Strategy;
using testing::HasSubstr;

RigOptions with(std::function<void(route::RouteConfig&)> configure) {
  RigOptions options;
  options.configure = std::move(configure);
  return options;
}

RigOptions with_model(Strategy strategy, int weight_a = 1) {
  return with([=](route::RouteConfig& config) {
    route::TargetSpec a{.provider = "pa", .model = "m-a"}, b{.provider = "pb", .model = "m-b"};
    a.weight = weight_a;
    config.models.push_back({.name = "chosen", .strategy = strategy, .targets = {a, b}});
  });
}

std::string chat(const std::string& model, const std::string& messages, const std::string& more = {}) {
  return R"({"model":")" + model + R"(",)" + more + R"("messages":[)" + messages + "]}";
}

// ---- 24 of the facts: the kinds of 429 -----------------------------------------------------------------------------

struct Kind {
  const char* as;
  int least, most;  // of Retry-After at the second call, in seconds
};

TEST(Later, EachKindIsWaitedForAndToldToTheClient) {
  for (const Kind& kind : {Kind{"gemini", 33, 35}, Kind{"codex", 118, 120}, Kind{"openai", 88, 90}, Kind{"anthropic", 298, 300},
                           Kind{"ms", 2, 3}, Kind{"overloaded", 8, 9}, Kind{"inside", 18, 20}}) {
    Rig rig;
    rig.play('a', std::string("later:as=") + kind.as);
    const Reply other = rig.post(request("both", false));
    EXPECT_EQ(other.header("x-flotte-target"), "pb/m-b") << kind.as;
    rig.play('a', "normal");
    const Reply waiting = rig.post(request("a", false));
    EXPECT_EQ(waiting.status, std::string_view(kind.as) == "overloaded" ? 503 : 429) << kind.as << waiting.body;
    const int told = std::atoi(waiting.header("retry-after").c_str());
    EXPECT_GE(told, kind.least) << kind.as;
    EXPECT_LE(told, kind.most) << kind.as;
    EXPECT_EQ(rig.log('a').size(), 1u) << kind.as << ": not asked before its time";
  }
}

TEST(Later, ASpendLimitIsNotRetriedAndSaysSo) {
  for (const char* scenario : {"later:as=spend", "later:as=credit", "status:status=402"}) {
    Rig rig;
    rig.play('a', scenario);
    const Reply other = rig.post(request("both", false));
    EXPECT_EQ(other.header("x-flotte-target"), "pb/m-b") << scenario;
    const Reply alone = rig.post(request("a", false));
    EXPECT_EQ(alone.status, 402) << "no client's code tries that again by itself";
    EXPECT_THAT(alone.body, HasSubstr("spend limit")) << scenario;
    EXPECT_THAT(alone.body, HasSubstr("insufficient_quota"));
    EXPECT_EQ(alone.header("retry-after"), "");
    const Reply sibling = rig.post(request("pa/another", false));
    EXPECT_EQ(sibling.status, 402) << "it is the account's";
    EXPECT_EQ(rig.log('a').size(), 1u) << scenario;
  }
}

TEST(Later, ALimitOfTheAccountClosesAllItsModelsALimitOfOneModelDoesNot) {
  Rig rig;
  rig.play('a', "later:as=gemini");
  (void)rig.post(request("a", false));
  rig.play('a', "normal");
  EXPECT_EQ(rig.post(request("pa/another", false)).status, 200);
  Rig account;
  account.play('a', "later:as=codex");
  (void)account.post(request("a", false));
  account.play('a', "normal");
  EXPECT_EQ(account.post(request("pa/another", false)).status, 429);
}

// ---- strategies ----------------------------------------------------------------------------------------------------

TEST(Steering, WeightsShareTheCalls) {
  Rig rig(with_model(Strategy::weighted, 3));
  for (int i = 0; i < 40; ++i) EXPECT_EQ(rig.post(request("chosen", false)).status, 200);
  EXPECT_NEAR(static_cast<double>(rig.log('a').size()), 30, 1);
  EXPECT_NEAR(static_cast<double>(rig.log('b').size()), 10, 1);
}

TEST(Steering, TheFastestIsFoundByMeasuring) {
  Rig rig(with_model(Strategy::fastest));
  rig.play('a', "slow:delay_ms=60,events=12");
  rig.play('b', "slow:delay_ms=1,events=12");
  for (int i = 0; i < 12; ++i) EXPECT_EQ(rig.post(request("chosen", true)).status, 200);
  EXPECT_LE(rig.log('a').size(), 2u);
  EXPECT_GE(rig.log('b').size(), 10u);
}

TEST(Steering, AConversationStaysWhereItsPrefixIs) {
  Rig rig(with_model(Strategy::affinity));
  const std::string system = R"({"role":"system","content":"You are careful."},)";
  std::string turns = R"({"role":"user","content":"first"})";
  std::string first = rig.post(chat("chosen", system + turns)).header("x-flotte-target");
  for (int turn = 0; turn < 6; ++turn) {
    turns += R"(,{"role":"assistant","content":"yes"},{"role":"user","content":"and )" + std::to_string(turn) + "\"}";
    EXPECT_EQ(rig.post(chat("chosen", system + turns)).header("x-flotte-target"), first);
  }
  const auto counts = rig.counts();
  std::uint64_t cached = 0;
  const auto used = rig.usage();
  for (std::size_t i = 1; i < used.size(); ++i)
    cached += static_cast<std::uint64_t>(std::max<std::int64_t>(0, used[i].usage.cached_tokens));
  EXPECT_GT(cached, 0u);
  EXPECT_EQ(counts.affinity_cached_tokens, cached) << "what the provider says that it had in its cache";
  EXPECT_EQ(counts.affinity_new, 1u);
  EXPECT_EQ(counts.affinity_kept, 6u);
  const char serving = first == "pa/m-a" ? 'a' : 'b';
  EXPECT_EQ(rig.log(serving).size(), 7u);
  rig.play(serving, "status:status=500");
  const Reply elsewhere = rig.post(chat("chosen", system + turns));
  EXPECT_EQ(elsewhere.status, 200);
  EXPECT_NE(elsewhere.header("x-flotte-target"), first);
  rig.play(serving, "normal");
  EXPECT_EQ(rig.post(chat("chosen", system + turns)).header("x-flotte-target"), elsewhere.header("x-flotte-target"))
      << "its cache has it now";
}

// ---- rules ---------------------------------------------------------------------------------------------------------

RigOptions with_rules() {
  return with([](route::RouteConfig& config) {
    using route::When;
    config.models.push_back({.name = "auto",
                             .rules = {{When{.min_tokens = 500}, "b"},
                                       {When{.images = true}, "pb/eyes"},
                                       {When{.tools = true, .label = "night*"}, "b"},
                                       {When{.key = "ci-*"}, "away"},
                                       {std::nullopt, "a"}}});
  });
}

TEST(Rules, ChooseAModelAndSayWhich) {
  Rig rig(with_rules());
  const std::string hello = R"({"role":"user","content":"hello"})";
  const auto route_of = [](const Reply& reply) { return reply.header("x-flotte-route") + " | " + reply.header("x-flotte-target"); };
  EXPECT_EQ(route_of(rig.post(chat("auto", hello))), "auto: rule 5 (otherwise) -> a | pa/m-a");
  EXPECT_EQ(route_of(rig.post(chat("auto", hello, R"("stream":true,)"))), "auto: rule 5 (otherwise) -> a | pa/m-a");
  const std::string picture = R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]})";
  EXPECT_EQ(route_of(rig.post(chat("auto", picture))), "auto: rule 2 (images) -> pb/eyes | pb/eyes");
  std::string words;
  for (int i = 0; i < 500; ++i) words += "word ";
  EXPECT_EQ(route_of(rig.post(chat("auto", R"({"role":"user","content":")" + words + "\"}"))),
            "auto: rule 1 (min_tokens 500) -> b | pb/m-b");
  const std::string tools = R"("tools":[{"type":"function","function":{"name":"f"}}],)";
  EXPECT_EQ(route_of(rig.post(chat("auto", hello, tools))), "auto: rule 5 (otherwise) -> a | pa/m-a");
  EXPECT_EQ(route_of(rig.post(chat("auto", hello, tools), {{"x-flotte-labels", "docs, nightly"}})),
            "auto: rule 3 (tools, label night*) -> b | pb/m-b");
  for (const auto& logged : rig.log('b')) EXPECT_FALSE(logged.head.headers.get("x-flotte-labels"));
  EXPECT_EQ(rig.usage().front().model, "auto");
}

TEST(Rules, AlsoSayWhichWhereTheChosenModelIsAway) {
  Rig rig(with_rules());
  rig.call_as({.key_id = "k2", .name = "ci-main"});
  const Reply reply = rig.post(request("auto", false));
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.header("x-flotte-route"), "auto: rule 4 (key ci-*) -> away");
}

TEST(Rules, AKeyForTheRuledModelAloneMayUseIt) {
  Rig rig(with_rules());
  const auto only = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"auto"});
  rig.call_as({.key_id = "k2", .name = "x", .models = only});
  EXPECT_EQ(rig.post(request("auto", false)).status, 200);
  EXPECT_EQ(rig.post(request("a", false)).status, 403);
}

}  // namespace
}  // namespace flotte::rig
