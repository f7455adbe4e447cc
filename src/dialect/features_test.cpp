// The page of the matrix is the matrix.
#include "dialect/features.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace flotte::dialect {
namespace {

TEST(Features, KeepThePageEqualToTheTable) {
  std::string path = __FILE__;
  path = path.substr(0, path.rfind('/')) + "/../../docs/dialects.md";
  if (std::getenv("FLOTTE_UPDATE")) std::ofstream(path, std::ios::binary) << matrix_document();
  std::ifstream in(path, std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_EQ(page, matrix_document()) << "run this test with FLOTTE_UPDATE=1";
}

TEST(Features, HaveASentenceForEverythingThatIsNotCarried) {
  for (const FeatureRow& row : features())
    for (const Format format : provider_formats) {
      const Cell& cell = row.to(format);
      EXPECT_TRUE(cell.fate == Fate::carried || !cell.how.empty()) << row.title;
    }
}

}  // namespace
}  // namespace flotte::dialect
