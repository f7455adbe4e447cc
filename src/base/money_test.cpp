#include "base/money.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace flotte {
namespace {

TEST(Money, IsPrintedWithEveryDigitThatSaysSomething) {
  EXPECT_EQ(format_usd(0), "0.00");
  EXPECT_EQ(format_usd(1), "0.000000000001");
  EXPECT_EQ(format_usd(1'500'000'000'000), "1.50");
  EXPECT_EQ(format_usd(10'500'000'000), "0.0105");
  EXPECT_EQ(format_usd(-20'000'000'000), "-0.02");
  EXPECT_EQ(format_usd(std::numeric_limits<std::int64_t>::min()), "-9223372.036854775807");
}

TEST(Money, ComesBackFromItsText) {
  for (const std::int64_t pico :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{75'000}, std::int64_t{123'456'789'012'345}})
    EXPECT_EQ(parse_usd(format_usd(pico)), pico);
  EXPECT_EQ(parse_usd("5"), 5 * pico_per_usd);
  EXPECT_EQ(parse_usd("0.0000000000010"), 1);
}

TEST(Money, TakesNothingThatIsNoPlainAmount) {
  for (const char* text : {"", "-", ".5", "1.", "1e3", "+1", "1,5", " 1", "1 ", "$1", "0.0000000000001", "9000001", "nan", "1.5.2"})
    EXPECT_EQ(parse_usd(text), std::nullopt) << text;
}

TEST(Money, IsRoundedForPeopleWithoutVanishing) {
  EXPECT_EQ(round_usd(0), "0.00");
  EXPECT_EQ(round_usd(1), "0.000000000001");
  EXPECT_EQ(round_usd(57'250'000), "0.000057");
  EXPECT_EQ(round_usd(-916'000'000), "-0.00092");
  EXPECT_EQ(round_usd(123'456'000'000), "0.1235");
  EXPECT_EQ(round_usd(2'345'678'000'000), "2.35");
  EXPECT_EQ(round_usd(2 * pico_per_usd), "2.00");
}

TEST(Money, StaysInItsRange) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(add_usd(most, 1), most);
  EXPECT_EQ(add_usd(1, 2), 3);
}

}  // namespace
}  // namespace flotte
