#include "route/price.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

constexpr std::int64_t million = 1'000'000;  // a dollar per million tokens

Price claude() {
  return {.rates = {4 * million, 4 * million / 10, 20 * million, 5 * million, 8 * million},
          .batch_rates = Price::Rates{2 * million, million / 5, 10 * million}};
}

TEST(Price, CachedTokensAndThoseWrittenToACacheHavePricesOfTheirOwn) {
  const llm::Usage usage{
      .input_tokens = 1'000, .cached_tokens = 600, .output_tokens = 50, .cache_creation_tokens = 300, .cache_creation_1h_tokens = 100};
  // 100 plain, 600 read, 200 for five minutes, 100 for an hour, 50 of the answer.
  EXPECT_EQ(claude().cost(usage), 100 * 4 * million + 600 * 4 * million / 10 + 200 * 5 * million + 100 * 8 * million + 50 * 20 * million);
}

TEST(Price, WithoutAPriceForItWritingToACacheCostsWhatInputCosts) {
  const Price price{.rates = {4 * million, million, 20 * million}};
  EXPECT_EQ(price.cost({.input_tokens = 100, .output_tokens = 0, .cache_creation_tokens = 80, .cache_creation_1h_tokens = 80}),
            400 * million);
  const Price five_minutes{.rates = {4 * million, million, 20 * million, 5 * million}};
  EXPECT_EQ(five_minutes.cost({.input_tokens = 100, .output_tokens = 0, .cache_creation_tokens = 100, .cache_creation_1h_tokens = 80}),
            500 * million);
}

TEST(Price, ABatchCostsWhatABatchCosts) {
  EXPECT_EQ(claude().cost({.input_tokens = 1'000, .cached_tokens = 500, .output_tokens = 10, .batch = true}),
            500 * 2 * million + 500 * million / 5 + 10 * 10 * million);
  Price without = claude();
  without.batch_rates.reset();
  EXPECT_EQ(without.cost({.input_tokens = 1'000, .output_tokens = 10, .batch = true}), 1'000 * 4 * million + 10 * 20 * million);
}

TEST(Price, NonsenseFromOutsideNeverCostsLessThanNothing) {
  EXPECT_EQ(
      claude().cost(
          {.input_tokens = 10, .cached_tokens = 50, .output_tokens = -1, .cache_creation_tokens = 70, .cache_creation_1h_tokens = 900}),
      10 * 4 * million / 10);
  EXPECT_FALSE(claude().cost({}));
}

TEST(Price, SurvivesJson) {
  for (const Price& price : {claude(), Price{}, Price{.rates = {1, 1, 1}, .long_over = 5, .long_rates = {2, 2, 2, 3, 4}}})
    EXPECT_EQ(json::dump(Price::from_json(price.to_json())->to_json()), json::dump(price.to_json()));
  EXPECT_TRUE(Price{}.free());
  EXPECT_FALSE(claude().free());
}

}  // namespace
}  // namespace flotte::route
