#include "route/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "route/plan.hpp"

namespace flotte::route {
namespace {

class NoConnector final : public http::Connector {
 public:
  Awaitable<Result<http::Stream>> connect() override { co_return fail(Code::unavailable, "no"); }
  const std::string& authority() const override { return name_; }

 private:
  std::string name_ = "nowhere";
};

EngineEntry engine(std::string node, std::string name, std::vector<std::string> models) {
  return {.node = std::move(node), .name = std::move(name), .models = std::move(models), .connector = std::make_shared<NoConnector>()};
}

struct TableTest : testing::Test {
  RouteConfig config;
  std::vector<EngineEntry> engines;
  Registry registry;

  TableTest() {
    config.providers = {{.name = "openai", .dialect = "openai", .base_url = "http://127.0.0.1:1/v1", .general_model = "gpt-5-mini"}};
    config.models = {{.name = "smart",
                      .aliases = {"gpt-4o", "claude-*"},
                      .targets = {{.provider = "openai", .model = "gpt-5"}, {.engine = "llama@box"}}},
                     {.name = "quick",
                      .aliases = {"gpt-*", "fast"},
                      .strategy = Strategy::least_busy,
                      .targets = {{.engine = "llama@box", .model = "qwen"}}}};
    engines = {engine("box", "llama", {"qwen"}), engine("attic", "ollama", {"qwen", "meta/llama"})};
  }
  /// "target, target", or the error.
  std::string targets(std::string_view model) {
    const auto table = Table::build(config, engines, registry);
    const auto route = table->resolve(model);
    if (!route) return route.error().text();
    std::string text;
    for (const Target& target : (*route)->targets) text += (text.empty() ? "" : ", ") + target.name;
    return text;
  }
};

TEST_F(TableTest, TakesTheFirstMatchInTheOrderOfTheContract) {
  EXPECT_EQ(targets("smart"), "openai/gpt-5, llama@box/qwen");
  EXPECT_EQ(targets("gpt-4o"), "openai/gpt-5, llama@box/qwen");      // an alias
  EXPECT_EQ(targets("claude-x-1"), "openai/gpt-5, llama@box/qwen");  // an alias with '*'
  EXPECT_EQ(targets("gpt-5"), "llama@box/qwen");                     // another one's
  EXPECT_EQ(targets("qwen"), "llama@box/qwen, ollama@attic/qwen");   // an engine's model, on every node
  EXPECT_EQ(targets("meta/llama"), "ollama@attic/meta/llama");       // the same, with a slash in its name
  EXPECT_EQ(targets("openai/o9/x"), "openai/o9/x");                  // provider/model splits once
  EXPECT_EQ(targets("ollama@attic/qwen"), "ollama@attic/qwen");
  EXPECT_EQ(targets("ollama@attic/meta/llama"), "ollama@attic/meta/llama");
}

TEST_F(TableTest, AnOllamaHasModelsThatItsNodeDoesNotList) {
  engines.back().apis = apis_of_engine("ollama");
  EXPECT_EQ(targets("ollama@attic/nomic-embed-text"), "ollama@attic/nomic-embed-text");
  EXPECT_THAT(targets("llama@box/nomic-embed-text"), testing::HasSubstr("there is no model"));
  EXPECT_THAT(targets("nomic-embed-text"), testing::HasSubstr("there is no model"));
  config.models = {{.name = "vectors", .targets = {{.engine = "ollama@attic", .model = "nomic-embed-text"}}}};
  EXPECT_EQ(targets("vectors"), "ollama@attic/nomic-embed-text");
}

TEST_F(TableTest, KnowsWhatEachTargetCosts) {
  const auto prices = Catalog::parse(R"(
[[model]]
vendor = "openai"
model = "gpt-5"
context_tokens = 400000
input = "1.25"
output = "10"
[[model]]
vendor = "mine"
model = "own-*"
input = "0"
output = "0"
)",
                                     "models.toml");
  ASSERT_TRUE(prices);
  config.catalog = std::make_shared<const Catalog>(*prices);
  config.providers.push_back({.name = "mine", .dialect = "openai", .base_url = "https://api.openai.com/v1"});
  const auto table = Table::build(config, engines, registry);
  const auto price = [&](std::string_view name) { return (*table->resolve(name))->targets.front().price; };
  ASSERT_TRUE(price("smart"));
  EXPECT_EQ(price("smart")->rates, (Price::Rates{1'250'000, 1'250'000, 10'000'000}));
  EXPECT_EQ(price("openai/gpt-5-2025-08-07")->rates.input, 1'250'000) << "a name that a client makes up";
  EXPECT_EQ(price("openai/o9"), std::nullopt);
  EXPECT_TRUE(price("qwen")->free()) << "an engine";
  EXPECT_TRUE(price("mine/own-x")->free()) << "a person's own row comes before the vendor of the address";
  EXPECT_EQ(price("mine/gpt-5")->rates.output, 10'000'000) << "the address is the vendor's";
  EXPECT_TRUE(priced(**table->resolve("smart")));
  EXPECT_FALSE(priced(**table->resolve("openai/o9")));

  const auto smart = table->explain("smart");
  ASSERT_TRUE(smart && smart->price);
  EXPECT_FALSE(smart->local) << "one of its targets is no engine";
  EXPECT_EQ(smart->context_tokens, 0) << "the engine does not tell";
  const auto whole = table->explain("openai/gpt-5");
  ASSERT_TRUE(whole && whole->price);
  EXPECT_EQ(whole->context_tokens, 400'000);
  EXPECT_TRUE(table->explain("qwen")->local);
  EXPECT_EQ(table->explain("nobody").error().code, Code::not_found);
}

TEST_F(TableTest, LetsAModelsNameHideAnEnginesModel) {
  config.models.push_back({.name = "qwen", .targets = {{.provider = "openai", .model = "q"}}});
  EXPECT_EQ(targets("qwen"), "openai/q");
}

TEST_F(TableTest, KnowsUnknownNamesAndTheNearestOnes) {
  EXPECT_EQ(targets("smrat"), "there is no model \"smrat\" (did you mean \"smart\"?)");
  EXPECT_EQ(targets("zzzzzzzz"), "there is no model \"zzzzzzzz\" (GET /v1/models lists the names)");
  EXPECT_EQ(targets("llama@box/none"), "there is no model \"llama@box/none\" (GET /v1/models lists the names)");
  EXPECT_NE(targets("other@box/qwen").find("no model"), std::string::npos);
  EXPECT_NE(targets("openai/" + std::string(1'000, 'x')).find("there is no model"), std::string::npos);
  for (const char* odd : {"", "/", "openai/", "/gpt", "@", "*"})
    EXPECT_NE(targets(odd).find("there is no model"), std::string::npos) << odd;
}

TEST_F(TableTest, ChoosesTheDefault) {
  EXPECT_EQ(targets("default"), "llama@box/qwen, ollama@attic/qwen");  // the first engine's model
  config.default_model = "fast";
  EXPECT_EQ(targets("default"), "llama@box/qwen");
  config.default_model = "away";
  EXPECT_EQ(targets("default"), "");
  config.default_model.clear();
  engines[0].demonstration = true;
  engines[0].models = {"a-demo"};
  EXPECT_EQ(targets("default"), "ollama@attic/meta/llama");  // a demonstration comes last
  engines.clear();
  EXPECT_EQ(targets("default"), "openai/gpt-5-mini");
  config.providers.clear();
  EXPECT_NE(targets("default").find("no model"), std::string::npos);
}

TEST_F(TableTest, NamesWhatIsAway) {
  engines.erase(engines.begin());
  config.off = {"openai"};
  config.providers.clear();
  const auto table = Table::build(config, engines, registry);
  const auto route = table->resolve("smart");
  ASSERT_TRUE(route);
  EXPECT_TRUE((*route)->targets.empty());
  EXPECT_EQ((*route)->away, (std::vector<std::string>{"openai/gpt-5", "llama@box"}));
  EXPECT_EQ(table->warnings().size(), 3u);
}

TEST_F(TableTest, KeepsLoadHealthAndConnectorsFromTableToTable) {
  const auto first = Table::build(config, engines, registry);
  engines.pop_back();
  const auto second = Table::build(config, engines, registry);
  const Target& a = (*first->resolve("smart"))->targets[1];
  const Target& b = (*second->resolve("qwen"))->targets[0];
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.load, b.load);
  EXPECT_EQ(a.health, b.health);
  EXPECT_EQ(a.upstream, b.upstream);
  EXPECT_EQ((*first->resolve("openai/other"))->targets[0].upstream, (*second->resolve("smart"))->targets[0].upstream);
  const auto made_up = (*first->resolve("openai/other"))->targets[0].health;
  EXPECT_EQ(made_up, (*second->resolve("openai/other"))->targets[0].health);
  EXPECT_NE(made_up, (*second->resolve("openai/another"))->targets[0].health);
  EXPECT_EQ((*first->resolve("openai/gpt-5"))->targets[0].health, (*first->resolve("smart"))->targets[0].health);
  config.providers[0].api_key = Secret("new");
  EXPECT_NE((*Table::build(config, engines, registry)->resolve("smart"))->targets[0].upstream,
            (*second->resolve("smart"))->targets[0].upstream);
}

TEST_F(TableTest, RulesLeadToOtherModels) {
  config.models.push_back(
      {.name = "auto", .aliases = {"car"}, .rules = {{When{.images = true}, "smart"}, {When{.tools = true}, "openai/o9"}, {{}, "qwen"}}});
  config.models.push_back({.name = "twice", .rules = {{When{.images = true}, "car"}, {When{.tools = true}, "nobody"}, {{}, "quick"}}});
  config.default_model = "auto";
  const auto table = Table::build(config, engines, registry);
  const auto route = *table->resolve("default");
  EXPECT_EQ(route->name, "auto");
  EXPECT_TRUE(route->targets.empty());
  EXPECT_EQ(choose(*route, {.facts = {.images = true, .tools = true}}).text, "rule 1 (images) -> smart");
  EXPECT_EQ(choose(*route, {.facts = {.tools = true}}).route->targets.front().name, "openai/o9");
  EXPECT_EQ(choose(*route, {}).route, *table->resolve("qwen"));
  const auto twice = *table->resolve("twice");
  ASSERT_EQ(twice->rules.size(), 3u);
  EXPECT_EQ(twice->rules[0].route->away, std::vector<std::string>{"car"});
  EXPECT_EQ(twice->rules[1].route->away, std::vector<std::string>{"nobody"});
  EXPECT_EQ(twice->rules[2].route->name, "quick");
  EXPECT_EQ(table->warnings().size(), 2u);
  const auto line = table->explain("auto");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->strategy, "rules");
  EXPECT_EQ(line->targets.at(2), "rule 3 (otherwise) -> qwen");
  EXPECT_TRUE(line->apis.speaks(dialect::Api::chat));
}

TEST_F(TableTest, AnotherKeyOpensWhatTheOneBeforeWasClosedFor) {
  const auto target = [&] { return (*Table::build(config, engines, registry)->resolve("smart"))->targets[0]; };
  const SteadyTime now{std::chrono::seconds(10)};
  mark(target(), Mark::later, {LaterKind::spend, LaterScope::account, std::nullopt}, now);
  for (int i = 0; i < 3; ++i) mark(target(), Mark::failure, {}, now);
  EXPECT_TRUE(closed(target(), now)) << "the same key: nothing has changed";
  config.providers[0].api_key = Secret("paid for");
  EXPECT_FALSE(closed(target(), now));
}

TEST_F(TableTest, ModelsOfOnePlaceShareWhatIsSaidOfTheirAccount) {
  const auto table = Table::build(config, engines, registry);
  const Target one = (*table->resolve("openai/gpt-5"))->targets[0];
  const Target other = (*table->resolve("openai/o9"))->targets[0];
  EXPECT_NE(one.health, other.health);
  EXPECT_EQ(one.place_health, other.place_health);
  EXPECT_EQ((*table->resolve("smart"))->targets[0].place_health, one.place_health);
  EXPECT_EQ((*table->resolve("smart"))->targets[1].place_health, nullptr) << "an engine has no account";
  EXPECT_EQ(table->targets().size(), 4u);
}

TEST_F(TableTest, ListsAndExplainsNames) {
  const auto table = Table::build(config, engines, registry);
  EXPECT_EQ(table->names(), (std::vector<std::string>{"default", "fast", "gpt-4o", "meta/llama", "quick", "qwen", "smart"}));
  EXPECT_EQ(*table->canonical("gpt-4o"), "smart");
  EXPECT_EQ(*table->canonical("default"), "qwen");
  EXPECT_EQ(*table->canonical("qwen"), "qwen");
  std::map<std::string, std::string> why;
  for (const Explained& line : table->explain()) why[line.name] = line.why;
  EXPECT_EQ(why["default"], "first engine's model: llama@box");
  EXPECT_EQ(why["claude-*"], "alias of smart");
  EXPECT_EQ(why["qwen"], "model of llama@box, ollama@attic");
  EXPECT_EQ(why["smart"], "[[model]] smart");
  EXPECT_EQ(why["quick"], "[[model]] quick, least_busy");
}

TEST(MatchesPattern, LetsAStarStandForAnyText) {
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("a*c", "ac"));
  EXPECT_TRUE(matches_pattern("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(matches_pattern("claude-*", "claude-"));
  EXPECT_FALSE(matches_pattern("a*c", "acb"));
  EXPECT_FALSE(matches_pattern("claude-*", "xclaude-1"));
  EXPECT_FALSE(matches_pattern("", "a"));
  EXPECT_TRUE(matches_pattern("", ""));
}

}  // namespace
}  // namespace flotte::route
