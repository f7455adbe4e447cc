#include "route/measure.hpp"

#include <gtest/gtest.h>

#include <string>

namespace flotte::route {
namespace {

TEST(Measure, FindsTheBoundOfTheAnswerInEveryDialect) {
  for (const char* body : {R"({"model":"m","max_tokens":77})", R"({"model":"m","max_completion_tokens":77})", R"({"max_output_tokens":77})",
                           R"({"contents":[],"generationConfig":{"maxOutputTokens":77}})", R"({"model":"m","options":{"num_predict":77}})"})
    EXPECT_EQ(measure_request(body).output_tokens, 77) << body;
  EXPECT_EQ(measure_request(R"({"model":"m","n":3,"max_tokens":10})").output_tokens, 30);
  EXPECT_EQ(measure_request(R"({"model":"m","messages":[{"max_tokens":5}]})").output_tokens, 0);
  EXPECT_EQ(measure_request(R"({"max_tokens":-1})").output_tokens, 0);
}

TEST(Measure, TextCountsByItsLength) {
  const std::string text(30'000, 'a');
  std::string words;
  for (int i = 0; i < 3'000; ++i) words += "ten bytes ";
  const auto measured = measure_request(R"({"messages":[{"content":")" + words + "\"}]}");
  EXPECT_NEAR(static_cast<double>(measured.input_tokens), 10'000, 20);
}

TEST(Measure, APictureIsNotText) {
  const std::string picture(3'000'000, 'A');
  const auto measured = measure_request(R"({"messages":[{"content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
                                        picture + R"("}}]}]})");
  EXPECT_GE(measured.input_tokens, 4'000);
  EXPECT_LE(measured.input_tokens, most_of_a_file + 100);
}

TEST(Measure, QuotesInStringsDoNotMislead) {
  EXPECT_EQ(measure_request(R"({"a":"\"max_tokens\":9","max_tokens":5})").output_tokens, 5);
  EXPECT_LT(measure_request("").input_tokens, 1);
  EXPECT_GT(measure_request("{\"a\":\"unfinished").input_tokens, 0);
}

}  // namespace
}  // namespace flotte::route
