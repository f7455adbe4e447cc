// What other people's programs are told.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/temporary_directory.hpp"
#include "cli/clients/claude_login.hpp"
#include "cli/clients/programs.hpp"
#include "cli/command/provider.hpp"

namespace flotte::cli {
namespace {

HubAccess access() {
  return {.url = "https://hub:7700", .key = Secret("fk_models"), .ca_file = {}, .bundle = {}, .directory = "/d/clients"};
}

std::string value_of(const std::vector<Variable>& variables, const std::string& name) {
  for (const auto& [n, value] : variables)
    if (n == name) return value;
  return "(unset)";
}

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

TEST(ClientVariables, PointEachKindAtTheHub) {
  const auto of = [](const char* name) { return client_variables(**find_client_kind(name), access()); };
  EXPECT_EQ(value_of(of("openai"), "OPENAI_BASE_URL"), "https://hub:7700/v1");
  EXPECT_EQ(value_of(of("openai"), "OPENAI_API_KEY"), "fk_models");
  EXPECT_EQ(value_of(of("anthropic"), "ANTHROPIC_BASE_URL"), "https://hub:7700");
  EXPECT_EQ(value_of(of("anthropic"), "ANTHROPIC_AUTH_TOKEN"), "fk_models");
  EXPECT_EQ(value_of(of("gemini"), "GOOGLE_GEMINI_BASE_URL"), "https://hub:7700");
  EXPECT_EQ(value_of(of("ollama"), "OLLAMA_HOST"), "https://hub:7700/k/fk_models");
  EXPECT_NE(find_client_kind("ollma").error().text().find("ollama"), std::string::npos);
}

TEST(ClientVariables, TrustTheHubsAuthorityBesidesTheSystems) {
  EXPECT_TRUE(trust_variables(access()).empty());
  HubAccess own = access();
  own.ca_file = "/d/ca.pem";
  own.bundle = "/d/all.pem";
  EXPECT_EQ(value_of(trust_variables(own), "NODE_EXTRA_CA_CERTS"), "/d/ca.pem");
  EXPECT_EQ(value_of(trust_variables(own), "SSL_CERT_FILE"), "/d/all.pem");
}

TEST(ClientVariables, AreQuotedForEachShell) {
  const std::vector<Variable> odd{{"A", R"(it's \ $HOME "x")"}};
  EXPECT_EQ(render_exports(odd, Shell::sh), "export A='it'\\''s \\ $HOME \"x\"'\n");
  EXPECT_EQ(render_exports(odd, Shell::fish), "set -gx A 'it\\'s \\\\ $HOME \"x\"'\n");
  EXPECT_EQ(render_exports(odd, Shell::powershell), "$env:A = 'it''s \\ $HOME \"x\"'\n");
}

TEST(Launch, ClaudeNeitherUsesNorSendsALogin) {
  const LaunchPlan plan = plan_launch(**find_launch_program("claude"), access(), {.main = "smart", .all = {"fast", "smart"}}, {"-p", "hi"});
  EXPECT_EQ(value_of(plan.set, "ANTHROPIC_BASE_URL"), "https://hub:7700");
  EXPECT_EQ(value_of(plan.set, "ANTHROPIC_AUTH_TOKEN"), "fk_models");
  EXPECT_EQ(value_of(plan.set, "ANTHROPIC_MODEL"), "smart");
  EXPECT_EQ(value_of(plan.set, "ANTHROPIC_DEFAULT_HAIKU_MODEL"), "fast");
  EXPECT_EQ(value_of(plan.set, "CLAUDE_CONFIG_DIR"), "/d/clients/claude");
  EXPECT_TRUE(has(plan.unset, "CLAUDE_CODE_OAUTH_TOKEN"));
  EXPECT_TRUE(has(plan.unset, "ANTHROPIC_API_KEY"));
  EXPECT_EQ(plan.arguments, (std::vector<std::string>{"-p", "hi"}));
}

TEST(Launch, CodexIsToldOnItsCommandLineButNotTheKey) {
  const LaunchPlan plan = plan_launch(**find_launch_program("codex"), access(), {}, {"exec", "do it"});
  EXPECT_TRUE(has(plan.arguments, R"(model_provider="flotte")"));
  EXPECT_TRUE(has(plan.arguments, R"(model_providers.flotte.base_url="https://hub:7700/v1")"));
  EXPECT_TRUE(has(plan.arguments, R"(model_providers.flotte.wire_api="responses")"));
  EXPECT_EQ(plan.arguments.back(), "do it");
  for (const std::string& word : plan.arguments) EXPECT_EQ(word.find("fk_models"), std::string::npos);
  EXPECT_EQ(value_of(plan.set, "FLOTTE_CLIENT_KEY"), "fk_models");
}

TEST(Launch, GeminiGetsAHomeThatChoosesTheKey) {
  const LaunchPlan plan = plan_launch(**find_launch_program("gemini"), access(), {}, {});
  ASSERT_EQ(plan.files.size(), 1u);
  EXPECT_EQ(plan.files[0].name, "/d/clients/gemini/.gemini/settings.json");
  EXPECT_NE(plan.files[0].value.find("gemini-api-key"), std::string::npos);
  EXPECT_EQ(value_of(plan.set, "GEMINI_CLI_HOME"), "/d/clients/gemini");
  EXPECT_TRUE(plan.warnings.empty());
  HubAccess plain = access();
  plain.url = "http://10.0.0.7:7700";
  EXPECT_EQ(plan_launch(**find_launch_program("gemini"), plain, {}, {}).warnings.size(), 1u);
}

TEST(Launch, OpencodeGetsAProviderWithTheHubsModels) {
  const LaunchPlan plan = plan_launch(**find_launch_program("opencode"), access(), {.main = "default", .all = {"tiny"}}, {"run", "x"});
  const auto config = json::parse_object(value_of(plan.set, "OPENCODE_CONFIG_CONTENT"));
  ASSERT_TRUE(config);
  EXPECT_EQ(json::string_or(*config, "model", ""), "flotte/default");
  const json::object& provider = config->at("provider").get_object().at("flotte").get_object();
  EXPECT_EQ(json::string_or(provider.at("options").get_object(), "baseURL", ""), "https://hub:7700/v1");
  EXPECT_TRUE(provider.at("models").get_object().contains("tiny"));
  EXPECT_TRUE(provider.at("models").get_object().contains("default"));
}

class ClaudeLogin : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"HOME", "CLAUDE_CONFIG_DIR", "CLAUDE_CODE_OAUTH_TOKEN"}) before_.push_back({name, environment(name)});
    ::setenv("HOME", home_.c_str(), 1);
    ::unsetenv("CLAUDE_CONFIG_DIR");
    ::unsetenv("CLAUDE_CODE_OAUTH_TOKEN");
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) value.empty() ? ::unsetenv(name.c_str()) : ::setenv(name.c_str(), value.c_str(), 1);
  }
  TemporaryDirectory directory_;
  const std::string& home_ = directory_.path;
  std::vector<Variable> before_;
};

TEST_F(ClaudeLogin, IsFoundWhereTheProgramKeepsIt) {
  EXPECT_FALSE(find_claude_login());
  std::filesystem::create_directory(home_ + "/.claude");
  EXPECT_FALSE(find_claude_login()) << "a directory alone is no login";
  ASSERT_TRUE(replace_file(home_ + "/.claude.json", R"({"theme":"dark"})"));
  EXPECT_FALSE(find_claude_login());
  ASSERT_TRUE(replace_file(home_ + "/.claude.json", R"({"oauthAccount":{"emailAddress":"a@b"}})"));
  EXPECT_TRUE(find_claude_login()) << "the keychain of macOS holds its token";
  ASSERT_TRUE(replace_file(home_ + "/.claude/.credentials.json", "{}"));
  EXPECT_EQ(find_claude_login(), home_ + "/.claude/.credentials.json");
  ::setenv("CLAUDE_CONFIG_DIR", (home_ + "/other").c_str(), 1);
  EXPECT_FALSE(find_claude_login()) << "another directory, another login";
  ::setenv("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-x", 1);
  EXPECT_EQ(find_claude_login(), "CLAUDE_CODE_OAUTH_TOKEN in the environment");
}

TEST(ProviderKey, IsNeverTakenFromTheCommandLine) {
  const auto literal = read_provider_key("sk-secret");
  ASSERT_FALSE(literal);
  EXPECT_EQ(literal.error().text().find("sk-secret"), std::string::npos);
  ::setenv("FLOTTE_TEST_PROVIDER_KEY", "sk-from-env\n", 1);
  EXPECT_EQ(read_provider_key("env:FLOTTE_TEST_PROVIDER_KEY")->reveal(), "sk-from-env");
  ::unsetenv("FLOTTE_TEST_PROVIDER_KEY");
  EXPECT_FALSE(read_provider_key("env:FLOTTE_TEST_PROVIDER_KEY"));
}

}  // namespace
}  // namespace flotte::cli
