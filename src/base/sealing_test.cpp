#include "base/sealing.hpp"

#include <gtest/gtest.h>

namespace flotte {
namespace {

const std::string key(32, 'k'), other(32, 'o');

TEST(Sealing, OpensOnlyByItsKeyAndForItsPlace) {
  const std::string line = seal_text(key, "file-1", Secret("sk-secret"));
  EXPECT_TRUE(is_sealed(line));
  EXPECT_EQ(line.find("secret"), std::string::npos);
  EXPECT_EQ(open_sealed(key, "file-1", line).value().reveal(), "sk-secret");
  EXPECT_EQ(open_sealed(other, "file-1", line).error().code, Code::corrupt);
  EXPECT_EQ(open_sealed(key, "file-2", line).error().code, Code::corrupt);
  EXPECT_NE(seal_text(key, "file-1", Secret("sk-secret")), line);
  EXPECT_EQ(open_sealed(key, "x", seal_text(key, "x", Secret(""))).value().reveal(), "");
}

TEST(Sealing, RefusesWhatWasChanged) {
  const std::string line = seal_text(key, "file", Secret("sk-secret"));
  for (std::size_t at = 0; at < line.size(); ++at) {
    std::string changed = line;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const auto opened = open_sealed(key, "file", changed);
    // The last digit has bits that stand for nothing.
    if (at + 1 < line.size()) {
      EXPECT_FALSE(opened) << at;
    }
  }
  EXPECT_FALSE(open_sealed(key, "file", "sealed:1:"));
  EXPECT_FALSE(open_sealed(key, "file", line.substr(0, 20)));
}

}  // namespace
}  // namespace flotte
