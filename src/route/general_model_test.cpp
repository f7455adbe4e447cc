// Which model a provider's name leads to.
#include "route/general_model.hpp"

#include <gtest/gtest.h>

#include "route/catalog.hpp"
#include "route/table.hpp"

namespace flotte::route {
namespace {

RouteConfig config_of(std::string_view text) {
  RouteConfig config;
  config.catalog = std::make_shared<const Catalog>(Catalog::parse(text, "test").value());
  return config;
}
constexpr std::string_view known = R"(
date = "2026-11-21"
[[model]]
vendor = "openai"
model = "big"
role = "smart"
[[model]]
vendor = "openai"
model = "quick"
role = "fast"
)";
const ProviderSpec vendors_own{.name = "openai", .dialect = "openai", .base_url = "https://api.openai.com/v1"};
const ProviderSpec own_server{.name = "openai", .dialect = "openai", .base_url = "http://127.0.0.1:1/v1"};
const ProviderSpec stranger{.name = "vllm", .dialect = "openai", .base_url = "http://127.0.0.1:1/v1"};

TEST(GeneralModel, IsTheCatalogsForItsVendor) {
  const RouteConfig config = config_of(known);
  EXPECT_EQ(plan_general_model(config, vendors_own, "smart"), "big");
  EXPECT_EQ(plan_general_model(config, vendors_own, "fast"), "quick");
  ProviderSpec renamed = vendors_own;
  renamed.name = "work";
  EXPECT_EQ(plan_general_model(config, renamed, "fast"), "quick");
}

TEST(GeneralModel, IsUnknownForAStrangerUntilItSaysWhatItHas) {
  RouteConfig config = config_of(known);
  EXPECT_EQ(plan_general_model(config, stranger, "fast"), "");
  config.offered["vllm"] = {"bge-m3", "qwen3"};
  EXPECT_EQ(plan_general_model(config, stranger, "fast"), "qwen3");
}

TEST(GeneralModel, IsWhatAServerOfThatNameReallyHas) {
  RouteConfig config = config_of(known);
  EXPECT_EQ(plan_general_model(config, own_server, "smart"), "big");
  config.offered["openai"] = {"other", "quick"};
  EXPECT_EQ(plan_general_model(config, own_server, "fast"), "quick");
  EXPECT_EQ(plan_general_model(config, own_server, "smart"), "other");
  EXPECT_TRUE(has_own_address(own_server));
  EXPECT_FALSE(has_own_address(vendors_own));
}

class Names : public ::testing::Test {
 protected:
  std::map<std::string, Explained> names(const RouteConfig& config, const std::vector<EngineEntry>& engines = {}) {
    std::map<std::string, Explained> out;
    for (const Explained& line : Table::build(config, engines, registry)->explain()) out[line.name] = line;
    return out;
  }
  std::string target(const std::map<std::string, Explained>& lines, const std::string& name) {
    const auto it = lines.find(name);
    return it == lines.end() || it->second.targets.empty() ? "" : it->second.targets.front();
  }
  Registry registry;
  EngineEntry llama{.node = "home", .name = "llama", .models = {"small"}, .connector = http::unix_connector("/none")};
};

TEST_F(Names, AreTheFirstProvidersAndDefaultIsTheCheapOne) {
  RouteConfig config = config_of(known);
  config.providers = {vendors_own};
  const auto lines = names(config);
  EXPECT_EQ(target(lines, "default"), "openai/quick");
  EXPECT_EQ(target(lines, "fast"), "openai/quick");
  EXPECT_EQ(target(lines, "smart"), "openai/big");
}

TEST_F(Names, DefaultIsAnEnginesWhereThereIsOne) {
  RouteConfig config = config_of(known);
  config.providers = {vendors_own};
  const auto lines = names(config, {llama});
  EXPECT_EQ(target(lines, "default"), "llama@home/small");
  EXPECT_EQ(target(lines, "smart"), "openai/big");
}

TEST_F(Names, AreAsDefaultWithoutAProvider) {
  const auto lines = names(config_of(known), {llama});
  EXPECT_EQ(target(lines, "smart"), "llama@home/small");
  EXPECT_EQ(target(lines, "fast"), "llama@home/small");
  EXPECT_EQ(lines.at("smart").why, "as default: first engine's model: llama@home");
}

TEST_F(Names, StandForNothingWhereThereIsNothing) { EXPECT_TRUE(names(config_of(known)).empty()); }

TEST_F(Names, AModelOfThatNameComesFirst) {
  RouteConfig config = config_of(known);
  config.providers = {vendors_own};
  config.models = {{.name = "smart", .targets = {{.provider = "openai", .model = "mine"}}}};
  config.default_model = "smart";
  const auto lines = names(config);
  EXPECT_EQ(target(lines, "smart"), "openai/mine");
  EXPECT_EQ(target(lines, "default"), "openai/mine");
  EXPECT_EQ(target(lines, "fast"), "openai/quick");
}

}  // namespace
}  // namespace flotte::route
