#include "route/config.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace flotte::route {
namespace {

ConfigSources sources() {
  return {.environment = [](const std::string& name) -> std::optional<std::string> {
            if (name == "OPENAI_API_KEY") return "sk-real";
            return std::nullopt;
          },
          .file = [](const std::string& path) -> Result<std::string> {
            if (path == "/key") return "sk-file\n";
            return fail(Code::io, path + ": No such file or directory");
          },
          .own_key = [](std::string_view key) { return key.starts_with("fk_"); }};
}

Result<RouteConfig> parse(std::string_view text) { return parse_config(*json::parse_object(text), sources()); }

TEST(RouteConfig, ReadsProvidersAndModels) {
  const auto config = parse(R"({"hub":{"default":"smart"},
    "provider":[{"name":"openai","dialect":"openai","api_key":"env:OPENAI_API_KEY","timeouts":{"connect":"2s","first_token":"1.5m","idle":250}},
                {"name":"lan","base_url":"http://10.0.0.7:8000/v1/"},
                {"name":"filed","base_url":"https://example.org/x","api_key":"file:/key"}],
    "model":[{"name":"smart","aliases":["gpt-*"],"strategy":"least_busy","targets":[{"provider":"openai","model":"gpt-5"},{"engine":"llama@box"}]}]})");
  ASSERT_TRUE(config) << config.error().text();
  ASSERT_EQ(config->providers.size(), 3u);
  const ProviderSpec& openai = config->providers[0];
  EXPECT_EQ(openai.base_url, "https://api.openai.com/v1");
  EXPECT_EQ(openai.api_key.reveal(), "sk-real");
  EXPECT_EQ(openai.timeouts, (Timeouts{milliseconds(2'000), milliseconds(90'000), milliseconds(250)}));
  EXPECT_EQ(config->providers[1].base_url, "http://10.0.0.7:8000/v1");
  EXPECT_TRUE(config->providers[1].api_key.empty());
  EXPECT_EQ(config->providers[2].api_key.reveal(), "sk-file");
  EXPECT_EQ(config->default_model, "smart");
  ASSERT_EQ(config->models.size(), 1u);
  EXPECT_EQ(config->models[0].strategy, Strategy::least_busy);
  EXPECT_EQ(config->models[0].targets[1].engine, "llama@box");
  EXPECT_TRUE(config->warnings.empty());
}

TEST(RouteConfig, TurnsOffWhatCannotBeUsedAndSaysWhy) {
  const auto config = parse(
      R"({"provider":[{"name":"a","api_key":"env:NOT_SET"},{"name":"b","api_key":"file:/none"},{"name":"c","dialect":"telepathy","api_key":"x"},
    {"name":"d","api_key":"env:NOT_SET","via":"node:box"},{"name":"e","apis":["telepathy"],"api_key":"x"},{"name":"f"}]})");
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->providers.empty());
  EXPECT_EQ(config->off, (std::vector<std::string>{"a", "b", "c", "d", "e", "f"}));
  ASSERT_EQ(config->warnings.size(), 6u);
  EXPECT_EQ(config->warnings[0], "provider \"a\" is off: the environment variable NOT_SET is not set");
}

TEST(RouteConfig, KnowsWhichApisAProviderSpeaks) {
  using dialect::Api;
  const auto config = parse(
      R"({"provider":[{"name":"a","dialect":"anthropic","api_key":"x"},{"name":"b","base_url":"http://127.0.0.1:1/v1"},
    {"name":"c","base_url":"http://127.0.0.1:1/v1","apis":["chat","responses","gemini"]},
    {"name":"d","dialect":"anthropic","base_url":"https://api.anthropic.com/","apis":["messages","chat"],"api_key":"x"}]})");
  ASSERT_TRUE(config) << config.error().text();
  ASSERT_EQ(config->providers.size(), 4u);
  EXPECT_EQ(config->providers[0].apis, dialect::ApiSet(Api::messages));
  EXPECT_TRUE(config->providers[0].apis.speaks(Api::count_tokens));
  EXPECT_EQ(config->providers[0].base_url, "https://api.anthropic.com/v1");
  EXPECT_EQ(config->providers[1].apis, dialect::openai_apis);
  EXPECT_EQ(dialect::names_of(config->providers[2].apis), "chat, responses, gemini");
  EXPECT_EQ(dialect::names_of(config->providers[3].apis), "chat, messages");
  EXPECT_EQ(config->providers[3].base_url, "https://api.anthropic.com/v1");
}

TEST(RouteConfig, KnowsTheDialectsOfProvidersAndTheirAddresses) {
  using dialect::Api;
  const auto config = parse(
      R"({"provider":[{"name":"a","dialect":"gemini","api_key":"x"},{"name":"b","dialect":"gemini","base_url":"http://127.0.0.1:1/g/"},
    {"name":"c","dialect":"gemini","base_url":"https://generativelanguage.googleapis.com/v1beta/openai","api_key":"x"},
    {"name":"d","dialect":"mistral","base_url":"https://api.mistral.ai","api_key":"x"},{"name":"e","dialect":"ollama"},
    {"name":"f","dialect":"ollama","base_url":"http://10.0.0.5:11434"}]})");
  ASSERT_TRUE(config) << config.error().text();
  ASSERT_EQ(config->providers.size(), 6u);
  const char* urls[] = {"https://generativelanguage.googleapis.com/v1beta",
                        "http://127.0.0.1:1/g/v1beta",
                        "https://generativelanguage.googleapis.com/v1beta",
                        "https://api.mistral.ai/v1",
                        "http://127.0.0.1:11434/v1",
                        "http://10.0.0.5:11434/v1"};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(config->providers[i].base_url, urls[i]);
  EXPECT_EQ(dialect::names_of(config->providers[0].apis), "gemini");
  EXPECT_TRUE(config->providers[0].apis.speaks(Api::gemini_embed));
  EXPECT_EQ(dialect::names_of(config->providers[3].apis), "embeddings, mistral");
  EXPECT_EQ(dialect::names_of(config->providers[4].apis), "chat, completions, embeddings, ollama");
}

TEST(RouteConfig, WarnsOfALiteralKeyWithoutShowingIt) {
  const auto config = parse(R"({"provider":[{"name":"a","api_key":"sk-literal"}]})");
  ASSERT_TRUE(config);
  ASSERT_EQ(config->providers.size(), 1u);
  ASSERT_EQ(config->warnings.size(), 1u);
  EXPECT_EQ(config->warnings[0].find("sk-literal"), std::string::npos);
}

TEST(RouteConfig, TurnsAProviderOffWhoseKeyIsALogin) {
  ConfigSources sources;
  sources.login = [](std::string_view key) {
    return key == "a-login" ? std::optional<std::string_view>("the token of a login") : std::nullopt;
  };
  const auto config = parse_config(json::parse_object(R"({"provider":[{"name":"a","api_key":"a-login"}]})").value(), sources);
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->providers.empty());
  ASSERT_EQ(config->warnings.size(), 1u);
  EXPECT_NE(config->warnings[0].find("the token of a login"), std::string::npos);
  EXPECT_EQ(config->warnings[0].find("a-login"), std::string::npos);
}

TEST(RouteConfig, ReadsStrategiesWeightsAndRules) {
  const auto config =
      parse(R"({"model":[{"name":"w","strategy":"weighted","targets":[{"engine":"a@b","weight":3},{"engine":"c@d","weight":0}]},
    {"name":"f","strategy":"fastest","targets":[{"engine":"a@b"}]},{"name":"auto","rules":[{"when":{"images":true},"model":"w"},{"model":"f"}]}]})");
  ASSERT_TRUE(config) << config.error().text();
  EXPECT_EQ(config->models[0].strategy, Strategy::weighted);
  EXPECT_EQ(config->models[0].targets[0].weight, 3);
  EXPECT_EQ(config->models[0].targets[1].weight, 0);
  EXPECT_EQ(to_string(config->models[1].strategy), "fastest");
  EXPECT_EQ(config->models[1].targets[0].weight, 1);
  ASSERT_EQ(config->models[2].rules.size(), 2u);
  EXPECT_EQ(config->models[2].rules[0].model, "w");
}

TEST(RouteConfig, ReadsProjects) {
  const auto config = parse(R"({"project":[{"name":"acme","providers":["acme-*","llama@box"]},{"name":"free","providers":[]}]})");
  ASSERT_TRUE(config);
  ASSERT_EQ(config->projects.size(), 1u);
  EXPECT_EQ(*config->projects.at("acme"), (std::vector<std::string>{"acme-*", "llama@box"}));
  EXPECT_FALSE(parse(R"({"project":[{"providers":["x"]}]})"));
  const auto shares = parse(R"({"project":[{"name":"a","weight":2.5},{"name":"b","weight":1}]})");
  ASSERT_TRUE(shares);
  EXPECT_EQ(shares->project_weights.size(), 1u);
  EXPECT_EQ(shares->project_weights.at("a"), 2.5);
  EXPECT_FALSE(parse(R"({"project":[{"name":"a","weight":0}]})"));
}

TEST(RouteConfig, ReadsDoorsAndNeverShowsTheirLogin) {
  const auto config =
      parse(R"({"provider":[{"name":"a","base_url":"http://x/v1"},{"name":"b","base_url":"http://x/v1","via":"interface:wg0"},
    {"name":"c","base_url":"http://x/v1","via":"node:box"},{"name":"d","base_url":"http://x/v1","via":"proxy:http://me:p%40ss+@proxy.lan:3128"},
    {"name":"e","base_url":"http://x/v1","via":"proxy:http://[::1]:3128"}]})");
  ASSERT_TRUE(config) << config.error().text();
  const auto door = [&](std::size_t i) { return config->providers[i].via; };
  EXPECT_EQ(door(0), Door{});
  EXPECT_EQ(door(1).text(), "interface:wg0");
  EXPECT_EQ(door(2).text(), "node:box");
  EXPECT_EQ(door(3).text(), "proxy:http://proxy.lan:3128");
  EXPECT_EQ(door(3).proxy_authorization.reveal(), "Basic bWU6cEBzcys=");
  EXPECT_EQ(door(4).text(), "proxy:http://[::1]:3128");
  const auto wrong = parse(R"({"provider":[{"name":"a","api_key":"x","via":"proxy:ftp://me:secret@h:1"}]})");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().text().find("secret"), std::string::npos) << wrong.error().text();
}

TEST(RouteConfig, RefusesMistakes) {
  for (const char* text :
       {R"({"provider":[{"name":"a","api_key":"fk_own"}]})", R"({"provider":[{"name":"a","api_key":"x"},{"name":"a","api_key":"y"}]})",
        R"({"provider":[{"api_key":"x"}]})", R"({"provider":[{"name":"a/b","api_key":"x"}]})",
        R"({"provider":[{"name":"a","base_url":"ftp:x","api_key":"x"}]})",
        R"({"provider":[{"name":"a","api_key":"x","timeouts":{"idle":"soon"}}]})", R"({"model":[{"name":"m"}]})",
        R"({"model":[{"name":"m","targets":[]}]})", R"({"model":[{"name":"m","targets":[{"provider":"none","model":"x"}]}]})",
        R"({"model":[{"name":"m","targets":[{"engine":"llama"}]}]})", R"({"model":[{"name":"m","targets":[{"model":"x"}]}]})",
        R"({"model":[{"name":"m","strategy":"cheepest","targets":[{"engine":"a@b"}]}]})",
        R"({"model":[{"name":"m","targets":[{"engine":"a@b","weight":-1}]}]})", R"({"model":[{"name":"m","rules":[{"model":"m"}]}]})",
        R"({"model":[{"name":"m","rules":[{"model":"x"}],"targets":[{"engine":"a@b"}]}]})",
        R"({"model":[{"name":"m","rules":[],"targets":[]}]})", R"({"provider":[{"name":"a","api_key":"x","via":"tunnel:x"}]})",
        R"({"provider":[{"name":"a","api_key":"x","via":"proxy:https://h:1"}]})",
        R"({"model":[{"name":"m","targets":[{"engine":"a@b"}]},{"name":"m","targets":[{"engine":"a@b"}]}]})"}) {
    const auto config = parse(text);
    ASSERT_FALSE(config) << text;
    EXPECT_EQ(config.error().code, Code::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace flotte::route
