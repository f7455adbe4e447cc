// What is found, without anything that is really there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/temporary_directory.hpp"
#include "hub/find/agents.hpp"
#include "hub/find/keys.hpp"

namespace flotte::hub {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<FoundKey> keys_of(std::map<std::string, std::string> variables) {
  return find_keys([variables](const std::string& name) { return variables.contains(name) ? variables.at(name) : std::string(); },
                   [](std::string_view key) { return key.starts_with("fk_"); });
}

TEST(FindKeys, FindsNothingInAnEmptyEnvironment) { EXPECT_THAT(keys_of({}), IsEmpty()); }

TEST(FindKeys, TakesTheVendorsOwnAddress) {
  const auto keys = keys_of({{"ANTHROPIC_API_KEY", "sk-ant-api03-x"}, {"GOOGLE_API_KEY", "AIza"}});
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_EQ(keys[0].vendor, "anthropic");
  EXPECT_EQ(keys[0].base_url, "https://api.anthropic.com/v1");
  EXPECT_EQ(keys[1].variable, "GOOGLE_API_KEY");
  EXPECT_EQ(keys[1].base_url, "https://generativelanguage.googleapis.com/v1beta");
}

TEST(FindKeys, HonoursAnAddressAndCompletesOneThatOnlyNamesAHost) {
  const auto keys = keys_of({{"ANTHROPIC_API_KEY", "k"},
                             {"ANTHROPIC_BASE_URL", "https://proxy.example"},
                             {"OPENAI_API_KEY", "k"},
                             {"OPENAI_BASE_URL", "http://127.0.0.1:9/llm/v1/"}});
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_EQ(keys[0].base_url, "http://127.0.0.1:9/llm/v1");
  EXPECT_EQ(keys[1].base_url, "https://proxy.example/v1");
  EXPECT_EQ(keys[1].base_variable, "ANTHROPIC_BASE_URL");
}

TEST(FindKeys, RefusesWhatIsNoKeyWithoutRepeatingIt) {
  const auto keys = keys_of({{"OPENAI_API_KEY", "fk_own-secret"},
                             {"ANTHROPIC_API_KEY", "sk-ant-oat01-login"},
                             {"GEMINI_API_KEY", "two words"},
                             {"MISTRAL_API_KEY", "m"},
                             {"MISTRAL_BASE_URL", "https://me:pass@host"},
                             {"CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-other"}});
  ASSERT_THAT(keys, SizeIs(5));
  EXPECT_THAT(keys[0].refused, HasSubstr("flotte's own"));
  EXPECT_THAT(keys[1].refused, HasSubstr("subscription"));
  EXPECT_THAT(keys[2].refused, HasSubstr("characters"));
  EXPECT_THAT(keys[3].refused, HasSubstr("MISTRAL_BASE_URL"));
  EXPECT_EQ(keys[4].variable, "CLAUDE_CODE_OAUTH_TOKEN");
  for (const FoundKey& key : keys)
    for (const char* secret : {"own-secret", "oat01", "two words", "pass@"}) EXPECT_THAT(key.refused, Not(HasSubstr(secret)));
}

TEST(FindKeys, MakesProvidersAndLeavesTheFilesOwnAlone) {
  auto keys = keys_of({{"OPENAI_API_KEY", "a"}, {"MISTRAL_API_KEY", "b"}, {"ANTHROPIC_API_KEY", "fk_x"}});
  json::array providers{json::object{{"name", "mistral"}, {"base_url", "http://mine"}}};
  add_providers(keys, providers);
  ASSERT_THAT(providers, SizeIs(2));
  EXPECT_EQ(json::string_or(providers[1].get_object(), "name", ""), "openai");
  EXPECT_EQ(json::string_or(providers[1].get_object(), "api_key", ""), "env:OPENAI_API_KEY");
  EXPECT_THAT(keys[2].refused, HasSubstr("of its own"));
}

class Folder : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text, WallTime at) {
    const std::string file = path + "/" + name;
    std::ofstream(file) << text;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    ::utimensat(AT_FDCWD, file.c_str(), times, 0);
    return file;
  }
  TemporaryDirectory directory;
  const std::string& path = directory.path;
  WallTime now = system_clock().wall();
  WallTime before = now - std::chrono::hours(1);
};

TEST_F(Folder, FindsAgentsOnThePath) {
  ::chmod(write("codex", "#!/bin/sh\n", before).c_str(), 0755);
  write("claude", "not executable", before);
  const auto agents = find_agents(path);
  ASSERT_THAT(agents, SizeIs(1));
  EXPECT_EQ(agents[0].program, "codex");
  EXPECT_EQ(agents[0].path, path + "/codex");
}

}  // namespace
}  // namespace flotte::hub
