#include "route/affinity.hpp"

#include <gtest/gtest.h>

#include <set>

namespace flotte::route {
namespace {

using namespace std::chrono_literals;

struct AffinityTest : testing::Test {
  Route route;
  Affinity affinity;
  SteadyTime now{1'000s};
  AffinityTest() {
    for (const char* name : {"a", "b", "c"}) route.targets.push_back({.name = name, .health = std::make_shared<Health>()});
  }
  static Prefixes read(std::string_view body) { return read_prefixes(body, 7); }
  Affinity::Found find(std::string_view body) { return affinity.find(read(body), route, now); }
  void served(std::string_view body, std::size_t by) { affinity.remember(read(body), route.targets[by], now); }
};

std::string chat(int messages, const std::string& system = "be brief", const std::string& first = "hello") {
  std::string body =
      R"({"model":"m","messages":[{"role":"system","content":")" + system + R"("},{"role":"user","content":")" + first + "\"}";
  for (int i = 2; i < messages; ++i) body += R"(, {"role":"user","content":"message )" + std::to_string(i) + "\"}";
  return body + "],\"stream\":true}";
}

TEST_F(AffinityTest, AConversationThatGoesOnComesBack) {
  served(chat(5), 1);
  const auto found = find(chat(7));
  EXPECT_TRUE(found.known);
  EXPECT_EQ(found.place, 1);
  served(chat(40), 2);
  EXPECT_EQ(find(chat(46)).place, 2) << "several calls of tools in one turn";
  EXPECT_EQ(find(chat(200)).place, 2) << "32 messages in common";
}

TEST_F(AffinityTest, TheLongestCommonPrefixDecides) {
  served(chat(3), 0);
  served(chat(9), 1);
  EXPECT_EQ(find(chat(11)).place, 1);
  served(chat(3, "be brief", "another"), 2);
  EXPECT_EQ(find(chat(11)).place, 1);
}

TEST_F(AffinityTest, AnotherBeginningIsAnotherPrefix) {
  served(chat(5), 1);
  EXPECT_FALSE(find(chat(5, "be long")).known);
  EXPECT_TRUE(find(chat(5, "be brief", "another")).known) << "the system prompt in common";
}

TEST_F(AffinityTest, SystemPromptAndToolsCountWhereverTheyStand) {
  const std::string tail = R"("messages":[{"role":"user","content":"hi"}])";
  served("{" + tail + R"(,"system":"s","tools":[{"name":"t"}]})", 2);
  EXPECT_EQ(find(R"({"tools":[{"name":"t"}],"system":"s",)" + tail + "}").place, 2);
  EXPECT_FALSE(find(R"({"tools":[{"name":"u"}],"system":"s",)" + tail + "}").known);
  served(R"({"instructions":"s","input":"a question"})", 1);
  EXPECT_EQ(find(R"({"instructions":"s","input":"a question"})").place, 1);
  served(R"({"systemInstruction":{"parts":[]},"contents":[{"parts":[{"text":"x"}]}]})", 0);
  EXPECT_EQ(find(R"({"systemInstruction":{"parts":[]},"contents":[{"parts":[{"text":"x"}]},{"parts":[]}]})").place, 0);
}

TEST_F(AffinityTest, AnUnknownPrefixHasAPlaceThatAllLoopsAgreeOn) {
  Affinity other;
  std::set<int> places;
  for (int i = 0; i < 50; ++i) {
    const Prefixes prefixes = read(chat(2, "s", "question " + std::to_string(i)));
    const auto found = affinity.find(prefixes, route, now);
    EXPECT_FALSE(found.known);
    EXPECT_EQ(found.place, other.find(prefixes, route, now).place);
    places.insert(found.place);
  }
  EXPECT_EQ(places.size(), 1u) << "one system prompt belongs together";
  places.clear();
  for (int i = 0; i < 50; ++i) places.insert(find(chat(2, "system " + std::to_string(i))).place);
  EXPECT_EQ(places.size(), 3u) << "different ones are spread";
}

TEST_F(AffinityTest, ForgetsAfterItsTime) {
  served(chat(5), 1);
  now += 10min;
  EXPECT_TRUE(find(chat(5)).known);
  now += 1ms;
  EXPECT_FALSE(find(chat(5)).known);
}

TEST_F(AffinityTest, ATargetThatIsGoneIsNobody) {
  served(chat(5), 2);
  route.targets.pop_back();
  const auto found = find(chat(5));
  EXPECT_FALSE(found.known);
  EXPECT_GE(found.place, 0);
}

TEST_F(AffinityTest, RemembersABoundedNumber) {
  served(chat(5, "the first one"), 1);
  for (int i = 0; i < 20'000; ++i) {
    now += 1ms;
    served(chat(5, "system " + std::to_string(i)), 1);
  }
  EXPECT_FALSE(find(chat(5, "the first one")).known);
  EXPECT_TRUE(find(chat(5, "system 19999")).known);
}

TEST_F(AffinityTest, SurvivesWhatIsNoRequest) {
  for (const std::string_view body :
       {"", "{", "{}", R"({"messages":[]})", R"({"messages":"x"})", R"({"messages":[1,2,{"a":[]}]})", R"({"prompt":""})"})
    (void)find(body);
  EXPECT_TRUE(read("{}").empty());
  EXPECT_EQ(affinity.find(read("{}"), route, now).place, -1);
}

TEST(HashBytes, TellsTextsApart) {
  std::set<std::uint64_t> seen;
  for (std::size_t length = 0; length < 64; ++length)
    for (const char c : {'a', 'b', '\0'}) seen.insert(hash_bytes(std::string(length, c), 1));
  EXPECT_EQ(seen.size(), 1u + 63u * 3u);
}

}  // namespace
}  // namespace flotte::route
