// Estimates: arithmetic on known numbers, and that they say what they are.
#include "cli/batch/estimate.hpp"

#include <gmock/gmock.h>

#include "base/money.hpp"
#include "cli/batch/token_guess.hpp"

namespace flotte::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

KnownModel paid(std::int64_t context = 0) {
  return KnownModel::from_json({{"targets", json::array{"openai/paid"}},
                                {"context_tokens", context},
                                {"local", false},
                                {"price", {{"input", "1.00"}, {"cached_input", "0.10"}, {"output", "2.00"}}}});
}

TEST(Estimate, AddsUpTasksTokensAndMoney) {
  const Estimate e = make_estimate({{"smart", 36, 900}, {"smart", 36, 0}}, {{"smart", paid(100'000)}});
  EXPECT_EQ(e.tasks, 2U);
  EXPECT_EQ(e.calls, 2);
  EXPECT_EQ(e.input_tokens, 900 + 2 * (36 + 64));
  EXPECT_EQ(e.output_tokens, 2 * Estimate::answer_tokens);
  EXPECT_EQ(format_usd(e.cost_pico_usd.value()), "0.0031");
  EXPECT_THAT(render_estimate(e),
              AllOf(HasSubstr("estimate: 2 tasks"), HasSubstr("about $0.0031"), HasSubstr("openai/paid"), HasSubstr("assumed")));
}

TEST(Estimate, ALongDocumentIsAskedInPartsAndPutTogether) {
  // 8192 - 2048 for the answer - 100 around it leave 6044 for the document.
  const Estimate e = make_estimate({{"m", 36, 12'000}}, {{"m", paid(8192)}});
  EXPECT_EQ(e.calls, 3);
  EXPECT_EQ(e.input_tokens, 12'000 + 3 * 100 + 2 * Estimate::answer_tokens);
  EXPECT_EQ(e.output_tokens, 3 * Estimate::answer_tokens);
}

TEST(Estimate, LongCallsHaveTheirOwnPrice) {
  KnownModel model = paid(1'000'000);
  model.long_over = 1'000;
  model.long_rates = {10'000'000, 20'000'000};
  EXPECT_EQ(make_estimate({{"m", 36, 900}}, {{"m", model}}).cost_pico_usd, 1'000 * 1'000'000 + 500 * 2'000'000LL);
  EXPECT_EQ(make_estimate({{"m", 36, 901}}, {{"m", model}}).cost_pico_usd, 1'001 * 10'000'000LL + 500 * 20'000'000LL);
}

TEST(Estimate, WhatNobodyKnowsIsNotZero) {
  KnownModel mystery;
  mystery.target = "openai/mystery";
  const Estimate e = make_estimate({{"a", 1, 1}, {"b", 1, 1}, {"", 1, 1}}, {{"a", paid()}, {"b", mystery}});
  EXPECT_FALSE(e.cost_pico_usd);
  EXPECT_TRUE(e.to_json().at("cost_usd").is_null());
  EXPECT_THAT(e.unpriced, testing::ElementsAre("openai/mystery", "the worker's model"));
  EXPECT_THAT(render_estimate(e), AllOf(HasSubstr("cost unknown"), HasSubstr("models.toml"), Not(HasSubstr("$"))));
}

TEST(Estimate, EnginesOfOnesOwnCostNothing) {
  const KnownModel own = KnownModel::from_json({{"targets", json::array{"llama@box/tiny"}}, {"price", nullptr}, {"local", true}});
  const Estimate e = make_estimate({{"tiny", 1, 1}}, {{"tiny", own}});
  EXPECT_TRUE(e.local);
  EXPECT_EQ(e.cost_pico_usd, 0);
  EXPECT_THAT(render_estimate(e), HasSubstr("nothing to pay"));
  EXPECT_FALSE(make_estimate({{"tiny", 1, 1}, {"p", 1, 1}}, {{"tiny", own}, {"p", paid()}}).local);
}

TEST(TokenGuess, KnowsScriptsAndEncodings) {
  const auto tokens_per_100 = [](const std::string& character) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += character;
    return guess_tokens(text);
  };
  EXPECT_EQ(tokens_per_100("a"), 25);
  EXPECT_EQ(tokens_per_100("日"), 100);
  EXPECT_EQ(tokens_per_100("ж"), 50);
  EXPECT_EQ(guess_tokens(""), 0);
  EXPECT_EQ(guess_tokens(std::string("\xFF\xFE") + std::string("a\0b\0c\0d\0", 8)), 1) << "UTF-16";
  EXPECT_EQ(guess_tokens("\xC6\xFC\xCB\xDC"), 2) << "EUC-JP: a pair is a character";
  EXPECT_EQ(guess_tokens("Gr\xFC\xDF Gott"), guess_tokens("Gr") + 2) << "Windows-1252, roughly";
}

TEST(TokenGuess, SeesOfAPageWhatAPersonSees) {
  EXPECT_EQ(visible_text("<html><script>var x = '<p>';</script><style>p{}</style><p>Hello   <b>world</b></p>"), "Hello world");
  EXPECT_EQ(visible_text("a < b"), "a ") << "an open tag at the end hides the rest, and nothing worse";
  EXPECT_EQ(visible_text("<script>never closed"), "");
  EXPECT_EQ(visible_text("<"), "");
}

}  // namespace
}  // namespace flotte::cli
