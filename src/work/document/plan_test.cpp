// Sizes of questions, and grouping of answers.
#include "work/document/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "work/text/tokens.hpp"

namespace flotte::work {
namespace {

TEST(Room, KeepsSpaceForTheAnswerAndThePrompt) {
  Room room{.context = 4096, .prompt = 100};
  EXPECT_EQ(room.answer(), 1024);
  EXPECT_EQ(room.tokens(), 4096 - 1024 - 64 - 100);
  EXPECT_EQ((Room{.context = 131'072}).answer(), 2048);
  EXPECT_EQ((Room{.context = 256, .prompt = 120}).tokens(), 0) << "no room";
  EXPECT_EQ((Room{.context = 10, .prompt = 500}).tokens(), 0);
}

TEST(Room, ShrinksUntilItIsGone) {
  Room room{.context = 100'000};
  int steps = 0;
  for (; room.tokens() > 0; ++steps) {
    const std::int64_t before = room.tokens();
    room = shrink(room, before, 0, 0);
    ASSERT_LT(room.tokens(), before);
    ASSERT_LT(steps, 100);
  }
  EXPECT_GT(steps, 5);
}

TEST(Room, LearnsFromWhatTheEngineSays) {
  const Room room = shrink({.context = 8192, .prompt = 0}, 1000, 4096, 3000);
  EXPECT_EQ(room.context, 4096);
  EXPECT_NEAR(static_cast<double>(room.tokens()), (4096 - 1024 - 64) / 3.15, 2);
}

TEST(Groups, HoldAtLeastTwoAndFit) {
  Random random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> answers;
    for (std::uint64_t i = 2 + random.below(20); i > 0; --i) answers.push_back(std::string(1 + random.below(2000), 'a'));
    const auto limit = static_cast<std::int64_t>(64 + random.below(500));
    const auto groups = group_answers(answers, limit);
    EXPECT_LE(groups.size(), (answers.size() + 1) / 2);
    for (const auto& group : groups) EXPECT_LE(estimate_tokens(group), limit + 2);
  }
}

TEST(Groups, KeepTheOrder) {
  EXPECT_EQ(group_answers({"first", "second"}, 100), (std::vector<std::string>{"[1]\nfirst\n\n[2]\nsecond\n\n"}));
}

}  // namespace
}  // namespace flotte::work
