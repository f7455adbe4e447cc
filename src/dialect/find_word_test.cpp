#include "dialect/detail/find_word.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace flotte::dialect::detail {
namespace {

TEST(FindWord, AgreesWithTheStandardLibrary) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 80, ' '), word(1 + random() % 5, ' ');
    for (char& c : text) c = "ab"[random() % 2];
    for (char& c : word) c = "ab"[random() % 2];
    const std::size_t from = random() % (text.size() + 2);
    ASSERT_EQ(find_word(text, word, from), text.find(word, from)) << text << " " << word << " " << from;
  }
}

}  // namespace
}  // namespace flotte::dialect::detail
