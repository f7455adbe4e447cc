// Limits out of a worker's definition.
#include "sandbox/limits.hpp"

#include <gtest/gtest.h>

namespace flotte::sandbox {
namespace {

Result<Limits> parse(std::string_view text) { return Limits::parse(json::parse_object(text).value()); }

TEST(Limits, AreNoneWhereTheWorkerNamesNone) {
  const auto limits = parse(R"({"name": "builder", "network": "direct"})");
  ASSERT_TRUE(limits);
  EXPECT_FALSE(limits->any());
}

TEST(Limits, ReadCpuMemoryAndNetwork) {
  const auto limits = parse(R"({"network": "none", "limits": {"cpu": 1.5, "memory": 4294967296, "processes": 64}})");
  ASSERT_TRUE(limits);
  EXPECT_EQ(*limits, (Limits{.cpus = 1.5, .memory_bytes = 4ull << 30, .processes = 64, .network = Network::none}));
  EXPECT_TRUE(limits->any());
}

TEST(Limits, TakeWholeCoresToo) { EXPECT_EQ(parse(R"({"limits": {"cpu": 2}})")->cpus, 2.0); }

TEST(Limits, RefuseProfilesOfLaterVersions) {
  for (const char* profile : {"proxy:http://127.0.0.1:8080", "interface:wg0", "netns:lab"}) {
    const auto limits = parse(fmt::format(R"({{"network": "{}"}})", profile));
    ASSERT_FALSE(limits) << profile;
    EXPECT_EQ(limits.error().code, Code::unsupported);
  }
}

TEST(Limits, DoNotRepeatTheSecretsOfAProxy) {
  EXPECT_EQ(parse(R"({"network": "proxy:http://me:hidden@proxy"})").error().text().find("hidden"), std::string::npos);
}

TEST(Limits, RefuseWhatIsNoProfile) { EXPECT_EQ(parse(R"({"network": "dircet"})").error().code, Code::invalid_argument); }

TEST(Limits, AskForTheMissingUnitOfMemory) {
  const auto limits = parse(R"({"limits": {"memory": 4}})");
  ASSERT_FALSE(limits);
  EXPECT_NE(limits.error().hint.find("unit"), std::string::npos);
}

TEST(Limits, RefuseAmountsThatAreNone) {
  for (const char* text : {R"({"limits": {"cpu": -1}})", R"({"limits": {"cpu": 0.001}})", R"({"limits": {"cpu": "two"}})",
                           R"({"limits": {"memory": -1}})", R"({"limits": {"processes": 1.5}})"})
    EXPECT_FALSE(parse(text)) << text;
}

}  // namespace
}  // namespace flotte::sandbox
