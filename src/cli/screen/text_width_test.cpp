// Columns, cutting and cleaning.
#include "cli/screen/text_width.hpp"

#include <gtest/gtest.h>

namespace flotte::cli {
namespace {

TEST(TextWidth, CountsColumnsOfLatinJapaneseCombiningAndEmoji) {
  EXPECT_EQ(width_of("letter.txt"), 10);
  EXPECT_EQ(width_of("Übergabe"), 8);
  EXPECT_EQ(width_of("会議の議事録"), 12);
  EXPECT_EQ(width_of("ｶﾀｶﾅ"), 4);
  EXPECT_EQ(width_of("か\xE3\x82\x99"), 2);  // か and a combining voiced mark
  EXPECT_EQ(width_of("e\xCC\x81"), 1);
  EXPECT_EQ(width_of("🚢"), 2);
  EXPECT_EQ(width_of(""), 0);
}

TEST(TextWidth, CutsBetweenCharactersAndNeverOverTheWidth) {
  EXPECT_EQ(cut_to("会議の議事録", 12), "会議の議事録");
  EXPECT_EQ(cut_to("会議の議事録", 8), "会議の…");
  EXPECT_EQ(cut_to("会議の議事録", 7), "会議の…");
  EXPECT_EQ(cut_to("abcdef", 4), "abc…");
  EXPECT_EQ(cut_to("abc", 0), "");
  for (int columns = 1; columns < 14; ++columns) EXPECT_LE(width_of(cut_to("a会b議cのd議事録", columns)), columns);
}

TEST(TextWidth, PadsToExactlyTheColumns) {
  for (const char* text : {"", "a", "会議", "a会議の議事録 of today"})
    for (int columns = 1; columns < 12; ++columns) {
      EXPECT_EQ(width_of(pad_right(text, columns)), columns) << text << columns;
      EXPECT_EQ(width_of(pad_left(text, columns)), columns) << text << columns;
    }
}

TEST(TextWidth, MakesALineThatCannotControlATerminal) {
  EXPECT_EQ(make_line("a\x1b[2Jb"), "a [2Jb");
  EXPECT_EQ(make_line("  two\nlines\t here \r\n"), "two lines here");
  EXPECT_EQ(make_line("x\xE2\x80\xAEy"), "x y");  // right-to-left override
  EXPECT_EQ(make_line("x\xC2\x9By"), "x y");      // the one-byte CSI of C1
  EXPECT_EQ(make_line("x\xFFy"), "x\xEF\xBF\xBDy");
}

TEST(TextWidth, KeepsLinesButNoEscapesInLongerText) { EXPECT_EQ(make_harmless("a\n\tb\x1b[31mc\r\n"), "a\n\tb[31mc\n"); }

TEST(TextWidth, TellsUtf8FromOtherBytes) {
  EXPECT_TRUE(is_utf8("Grüße, 世界, \xEF\xBF\xBD"));
  EXPECT_FALSE(
      is_utf8("Gr\xFC\xDF"
              "e"));
  EXPECT_FALSE(is_utf8("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // a surrogate
  EXPECT_FALSE(is_utf8("\xF5\x80\x80\x80"));  // beyond Unicode
  EXPECT_FALSE(is_utf8("cut \xE4\xBC"));
  EXPECT_EQ(to_utf8("a\xFC"
                    "b"),
            "a\xEF\xBF\xBD"
            "b");
}

}  // namespace
}  // namespace flotte::cli
