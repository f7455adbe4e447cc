// Lines of prompts.
#include "cli/batch/prompts.hpp"

#include <gtest/gtest.h>

namespace flotte::cli {
namespace {

TEST(ParsePrompts, ReadsEachLineAndCountsFromOne) {
  const auto entries = parse_prompts("{\"prompt\":\"one\"}\r\n\n{\"prompt\":\"two\",\"id\":\"b\",\"model\":\"m\",\"system\":\"s\"}", "");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].prompt->prompt, "one");
  EXPECT_EQ(entries[0].line, 1U);
  EXPECT_EQ(entries[1].line, 3U);
  EXPECT_EQ(entries[1].prompt->id, "b");
  EXPECT_EQ(entries[1].prompt->model, "m");
  EXPECT_EQ(entries[1].prompt->system, "s");
}

TEST(ParsePrompts, PutsTheCommonPromptBeforeEach) {
  const auto entries = parse_prompts("\xEF\xBB\xBF{\"prompt\":\"one\",\"id\":7}\n", "Translate:");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].prompt->prompt, "Translate:\n\none");
  EXPECT_EQ(entries[0].prompt->id, "7");
}

TEST(ParsePrompts, SaysWhatIsWrongWithALineAndGoesOn) {
  const auto entries = parse_prompts("{\"prompt\":1}\n{\"prompt\"\n[]\n{\"text\":\"x\"}\n{\"prompt\":\"ok\"}\n{\"prompt\":\"\xFF\"}\n", "");
  ASSERT_EQ(entries.size(), 6U);
  EXPECT_EQ(entries[0].prompt.error().message, "line 1: \"prompt\" must be a string");
  EXPECT_TRUE(entries[1].prompt.error().message.starts_with("line 2: not valid JSON at byte "));
  EXPECT_EQ(entries[2].prompt.error().message, "line 3: a JSON object is expected");
  EXPECT_EQ(entries[3].prompt.error().message, "line 4: has no \"prompt\"");
  EXPECT_TRUE(entries[4].prompt);
  EXPECT_EQ(entries[5].prompt.error().message, "line 6: is not UTF-8 text");
}

}  // namespace
}  // namespace flotte::cli
