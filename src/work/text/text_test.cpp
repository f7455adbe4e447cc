// Characters, token estimates and cutting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "work/text/split.hpp"
#include "work/text/tokens.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

using testing::ElementsAre;

TEST(Utf8, FindsTheFirstWrongByte) {
  EXPECT_FALSE(find_bad_utf8("plain, größer, 日本語, 🚒"));
  EXPECT_EQ(find_bad_utf8("ab\xE4"
                          "c"),
            2u);                                     // Latin-1
  EXPECT_EQ(find_bad_utf8("a\xC0\x80"), 1u);         // overlong
  EXPECT_EQ(find_bad_utf8("\xED\xA0\x80"), 0u);      // surrogate
  EXPECT_EQ(find_bad_utf8("\xF4\x90\x80\x80"), 0u);  // over U+10FFFF
  EXPECT_EQ(find_bad_utf8("ok \xE6\x97"), 3u);       // cut off
}

TEST(Utf8, TailBeginsWithAWholeCharacter) {
  EXPECT_EQ(utf8_tail("日本語", 100), "日本語");
  EXPECT_EQ(utf8_tail("日本語", 7), "本語");
  EXPECT_EQ(utf8_tail("日本語", 3), "語");
  EXPECT_EQ(utf8_tail("日本語", 2), "");
}

TEST(Utf8, MendsOutputThatComesInPieces) {
  const std::string text = "größer 日本 🚒 end";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Utf8Mender mender;
    std::string mended = mender.feed(text.substr(0, cut));
    mended += mender.feed(text.substr(cut));
    mended += mender.finish();
    EXPECT_EQ(mended, text) << cut;
  }
  Utf8Mender mender;
  EXPECT_EQ(mender.feed("a\xE4"
                        "b"),
            "a\uFFFDb");
  EXPECT_EQ(mender.feed("\xE6\x97"), "");
  EXPECT_EQ(mender.finish(), "\uFFFD\uFFFD");
}

TEST(Utf8, MendsAnyBytes) {
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    Utf8Mender mender;
    std::string out;
    for (int piece = 0; piece < 4; ++piece) {
      std::string bytes;
      for (std::uint64_t i = random.below(6); i > 0; --i)
        bytes += static_cast<char>(random.one_in(2) ? random.below(256) : 0xE0 + random.below(32));
      out += mender.feed(bytes);
    }
    out += mender.finish();
    ASSERT_FALSE(find_bad_utf8(out));
  }
}

TEST(Tokens, AreEstimatedByScript) {
  EXPECT_EQ(estimate_tokens(""), 0);
  const std::string english(3500, 'e');
  EXPECT_GE(estimate_tokens(english), 1000);
  EXPECT_LE(estimate_tokens(english), 1200);
  std::string japanese;
  for (int i = 0; i < 1000; ++i) japanese += "日";
  EXPECT_GE(estimate_tokens(japanese), 1000);
  EXPECT_LE(estimate_tokens(japanese), 1200);
  EXPECT_GT(estimate_tokens("🚒🚒🚒"), 5);
}

std::vector<std::string> split(std::string_view text, std::int64_t limit) {
  std::vector<std::string> out;
  for (const auto part : split_text(text, limit)) out.emplace_back(part);
  return out;
}

TEST(Split, LeavesAShortTextWhole) {
  EXPECT_THAT(split("short", 100), ElementsAre("short"));
  EXPECT_TRUE(split("", 100).empty());
}

TEST(Split, PrefersHeadings) {
  const std::string words = "some words of a chapter that goes on for a while\n\nand another paragraph of it\n\n";
  EXPECT_THAT(split("# One\n" + words + "# Two\n" + words, 40), ElementsAre("# One\n" + words, "# Two\n" + words));
  EXPECT_THAT(split("One\n===\n" + words + "Two\n===\n" + words, 40), ElementsAre("One\n===\n" + words, "Two\n===\n" + words));
}

TEST(Split, PrefersBlankLinesToLinesToSentences) {
  EXPECT_THAT(split("first line here\nsecond line here\n\nthird line here\nfourth line\n", 14),
              ElementsAre("first line here\nsecond line here\n\n", "third line here\nfourth line\n"));
  EXPECT_THAT(split("one two three four five\nsix seven eight nine. Ten eleven\n", 14),
              ElementsAre("one two three four five\n", "six seven eight nine. Ten eleven\n"));
  EXPECT_THAT(split("One two three four five six. Seven eight nine ten eleven.", 14),
              ElementsAre("One two three four five six. ", "Seven eight nine ten eleven."));
}

TEST(Split, KnowsJapaneseSentences) {
  EXPECT_THAT(split("これは最初の文です。「次の文です。」三番目の文。", 16),
              ElementsAre("これは最初の文です。", "「次の文です。」三番目の文。"));
}

TEST(Split, CutsBetweenCharactersWhereThereIsNothingBetter) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "長";
  const auto parts = split(text, 10);
  std::string whole;
  for (const auto& part : parts) {
    EXPECT_FALSE(find_bad_utf8(part));
    EXPECT_LE(estimate_tokens(part), 10);
    whole += part;
  }
  EXPECT_EQ(whole, text);
}

TEST(Split, MakesEvenParts) {
  std::string text;
  for (int i = 0; i < 101; ++i) text += "A sentence of ten words that says nothing at all. ";
  const std::int64_t total = estimate_tokens(text);
  const auto parts = split(text, total / 3 - 10);  // three do not quite do
  ASSERT_EQ(parts.size(), 4u);
  for (const auto& part : parts) EXPECT_GT(estimate_tokens(part), total / 5);
}

TEST(Split, AlwaysFitsAndLosesNothing) {
  const std::vector<std::string> bits{"# Heading\n", "word ", "two words. ",         "\n",   "\n\n", "日本語。", "長い",
                                      "🚒",          "x",     std::string(200, 'y'), "\xFF", "\r\n"};
  Random random(5);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (std::uint64_t i = random.below(120); i > 0; --i) text += bits[random.below(bits.size())];
    const auto limit = static_cast<std::int64_t>(8 + random.below(60));
    std::string whole;
    for (const auto& part : split(text, limit)) {
      ASSERT_FALSE(part.empty());
      ASSERT_LE(estimate_tokens(part), limit);
      whole += part;
    }
    ASSERT_EQ(whole, text);
  }
}

}  // namespace
}  // namespace flotte::work
