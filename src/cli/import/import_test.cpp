#include <gtest/gtest.h>

#include "base/config.hpp"
#include "cli/import/litellm.hpp"
#include "cli/import/yaml.hpp"

namespace flotte::cli {
namespace {

std::string dumped(std::string_view yaml) {
  const auto value = parse_yaml(yaml);
  return value ? json::dump(*value) : value.error().text();
}

TEST(ParseYaml, ReadsWhatConfigurationsAreMadeOf) {
  EXPECT_EQ(dumped("a: 1\nb: [true, 1.5, ~, 'x', \"1\"]\nc:\n  - d: yes\n"), R"({"a":1,"b":[true,1.5E0,null,"x","1"],"c":[{"d":"yes"}]})");
  EXPECT_EQ(dumped(""), "null");
  EXPECT_EQ(dumped("x: &a {k: 1, l: 2}\ny:\n  <<: *a\n  l: 3\n"), R"({"x":{"k":1,"l":2},"y":{"l":3,"k":1}})");
  EXPECT_EQ(dumped("- |\n  two\n  lines\n"), R"(["two\nlines\n"])");
}

TEST(ParseYaml, NamesTheLineOfAMistake) {
  EXPECT_EQ(dumped("a: 1\nb: [1, 2\nc: 3\n").find("line "), 0u);
  EXPECT_NE(dumped("? [a]\n: b\n").find("no text"), std::string::npos);
}

TEST(ParseYaml, BoundsWhatAliasesUnfoldTo) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int n = 1; n < 9; ++n) {
    bomb += "a" + std::to_string(n) + ": &a" + std::to_string(n) + " [";
    for (int i = 0; i < 10; ++i) bomb += "*a" + std::to_string(n - 1) + ", ";
    bomb += "]\n";
  }
  EXPECT_NE(dumped(bomb).find("more than"), std::string::npos);
  EXPECT_NE(dumped(std::string(200, '[')).find("nested too deeply"), std::string::npos);
}

constexpr std::string_view sample = R"(
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
      api_key: os.environ/OPENAI_API_KEY
  - model_name: gpt-4o
    litellm_params:
      model: azure/my-deployment
      api_base: https://eu.openai.azure.com/
      api_key: sk-secret-that-must-not-be-copied
      api_version: "2024-02-01"
      rpm: 480
      weight: 3
  - model_name: smart
    litellm_params: { model: claude-sonnet-4-5 }
  - model_name: local
    litellm_params: { model: ollama_chat/llama3.1, api_base: "http://box:11434" }
  - model_name: groq/*
    litellm_params: { model: groq/*, api_key: os.environ/GROQ_API_KEY }
  - model_name: bed
    litellm_params: { model: bedrock/anthropic.claude-v2 }
litellm_settings:
  request_timeout: 30
  success_callback: [langfuse]
router_settings:
  routing_strategy: latency-based-routing
  model_group_alias: { gpt-4: gpt-4o }
  fallbacks: [ { smart: [gpt-4o, nobody] } ]
general_settings: { master_key: sk-1234 }
)";

TEST(ImportLitellm, WritesAConfigurationThatCanBeRead) {
  const auto imported = import_litellm(sample);
  ASSERT_TRUE(imported) << imported.error().text();
  const auto document = config::parse(imported->toml, "flotte.toml");
  ASSERT_TRUE(document) << document.error().text() << imported->toml;
  EXPECT_EQ(imported->providers, 5u);
  EXPECT_EQ(imported->models, 3u);
  EXPECT_NE(imported->toml.find("api_key = \"env:OPENAI_API_KEY\""), std::string::npos) << imported->toml;
  EXPECT_NE(
      imported->toml.find("name = \"azure-my-deployment\"\ndialect = \"openai\"\nbase_url = \"https://eu.openai.azure.com/openai/v1\""),
      std::string::npos);
  EXPECT_NE(imported->toml.find("limits = { rpm = 480 }"), std::string::npos);
  EXPECT_NE(imported->toml.find("timeouts = { first_token = \"30s\" }"), std::string::npos);
  EXPECT_NE(imported->toml.find("aliases = [\"gpt-4\"]\nstrategy = \"fastest\""), std::string::npos);
  EXPECT_NE(imported->toml.find("base_url = \"http://box:11434\""), std::string::npos);
}

TEST(ImportLitellm, SaysWhatItLeftOut) {
  const auto imported = import_litellm(sample);
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->toml.find("must-not-be-copied"), std::string::npos);
  std::string all;
  for (const std::string& note : imported->notes) {
    EXPECT_EQ(note.find("must-not-be-copied"), std::string::npos);
    all += note + "\n";
  }
  for (const char* part : {"was not copied; put it into the environment variable AZURE_API_KEY", "litellm_params.api_version",
                           "no way to bedrock/anthropic.claude-v2", "success_callback", "master_key", "groq/* needs no entry",
                           "a fallback of smart was left out"})
    EXPECT_NE(all.find(part), std::string::npos) << part << "\n" << all;
}

TEST(ImportLitellm, GivesNamesThatMayBeNamesAndKeepsTheOthersAsAliases) {
  const auto imported = import_litellm(
      "model_list:\n- {model_name: meta/llama 3, litellm_params: {model: groq/llama}}\n- {model_name: meta-llama-3, litellm_params: "
      "{model: "
      "groq/other}}\n");
  ASSERT_TRUE(imported);
  EXPECT_TRUE(config::parse(imported->toml, "flotte.toml")) << imported->toml;
  EXPECT_NE(imported->toml.find("name = \"meta-llama-3\"\naliases = [\"meta/llama 3\"]"), std::string::npos) << imported->toml;
  EXPECT_NE(imported->toml.find("name = \"meta-llama-3-2\"\naliases = [\"meta-llama-3\"]"), std::string::npos) << imported->toml;
}

TEST(ImportLitellm, RefusesWhatIsNoSuchFile) {
  EXPECT_NE(import_litellm("a: 1").error().message.find("model_list"), std::string::npos);
  EXPECT_FALSE(import_litellm("- 1"));
  EXPECT_FALSE(import_litellm("a: ["));
}

}  // namespace
}  // namespace flotte::cli
