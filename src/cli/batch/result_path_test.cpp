// Result paths.
#include "cli/batch/result_path.hpp"

#include <gtest/gtest.h>

#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

TEST(ResultPaths, KeepThePathAndAddAnEnding) {
  ResultPaths paths;
  EXPECT_EQ(paths.take("a/b.pdf"), "a/b.pdf.md");
  EXPECT_EQ(paths.take("会議/議事録.txt"), "会議/議事録.txt.md");
}

TEST(ResultPaths, NeverLeaveTheDirectory) {
  EXPECT_EQ(make_safe_relative("../../etc/passwd"), "etc/passwd");
  EXPECT_EQ(make_safe_relative("/etc/passwd"), "etc/passwd");
  EXPECT_EQ(make_safe_relative("a/./b//c/../d"), "a/b/c/d");
  EXPECT_EQ(make_safe_relative(".."), "result");
  EXPECT_EQ(make_safe_relative(""), "result");
  EXPECT_EQ(make_safe_relative("a\nb\x1b.txt"), "a_b_.txt");
  EXPECT_EQ(make_safe_relative(std::string("a\0b", 3)), "a_b");
}

TEST(ResultPaths, CutPartsThatNoFileSystemTakesAndKeepThemApart) {
  std::string one, other;
  for (int i = 0; i < 100; ++i) one += "議";
  other = one + "a";
  const std::string a = make_safe_relative(one), b = make_safe_relative(other);
  EXPECT_LE(a.size(), 240U);
  EXPECT_TRUE(is_utf8(a));
  EXPECT_NE(a, b);
}

TEST(ResultPaths, KeepApartWhatWouldCollide) {
  ResultPaths paths;
  EXPECT_EQ(paths.take("a.txt"), "a.txt.md");
  EXPECT_EQ(paths.take("../a.txt"), "a.txt~2.md");
  // `a` writes the file a.md, so the directory a.md of another document has to move.
  EXPECT_EQ(paths.take("a"), "a.md");
  EXPECT_EQ(paths.take("a.md/c.txt"), "a.md~2/c.txt.md");
  // The other way round: the directory is there first.
  EXPECT_EQ(paths.take("b.md/c.txt"), "b.md/c.txt.md");
  EXPECT_EQ(paths.take("b"), "b~2.md");
  // The files that are ours.
  EXPECT_EQ(paths.take("results.jsonl/x.txt"), "results.jsonl~2/x.txt.md");
}

TEST(ResultPaths, LeaveReservedPathsToTheirOwners) {
  ResultPaths paths;
  paths.reserve("x/a.txt.md");
  EXPECT_EQ(paths.take("x/a.txt"), "x/a.txt~2.md");
}

}  // namespace
}  // namespace flotte::cli
