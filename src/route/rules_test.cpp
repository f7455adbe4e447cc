#include "route/rules.hpp"

#include <gtest/gtest.h>

#include "route/table.hpp"

namespace flotte::route {
namespace {

Result<std::vector<RuleSpec>> parse(std::string_view text) { return parse_rules(json::parse(text)->get_array()); }
When when(std::string_view text) {
  const auto rules = parse(R"([{"model":"x","when":)" + std::string(text) + R"(},{"model":"y"}])");
  EXPECT_TRUE(rules) << (rules ? "" : rules.error().text());
  return rules ? *rules->front().when : When{};
}

TEST(Rules, AreReadAndDescribed) {
  const auto rules = parse(R"([{"when":{"min_tokens":8000,"images":true,"tools":false},"model":"a"},
    {"when":{"key":"ci-*","label":"night","after":"22:00","before":"06:30"},"model":"b/c"},{"model":"d"}])");
  ASSERT_TRUE(rules) << rules.error().text();
  EXPECT_EQ(describe(rules->at(0).when), "min_tokens 8000, images, no tools");
  EXPECT_EQ(describe(rules->at(1).when), "key ci-*, label night, after 22:00, before 06:30");
  EXPECT_EQ(describe(rules->at(2).when), "otherwise");
  EXPECT_EQ(rules->at(1).model, "b/c");
}

TEST(Rules, RefuseMistakes) {
  for (const char* text :
       {"[]", R"([1])", R"([{"model":"a","when":{"images":true}}])", R"([{"model":"a"},{"model":"b"}])",
        R"([{"when":{"images":true}},{"model":"b"}])", R"([{"model":"a","when":{}},{"model":"b","when":{"tools":true}}])",
        R"([{"model":"a","when":{"images":"yes"}},{"model":"b"}])", R"([{"model":"a","when":{"after":"25:00"}},{"model":"b"}])",
        R"([{"model":"a","when":{"after":"9:00"}},{"model":"b"}])", R"([{"model":"a","when":{"min_tokens":-1}},{"model":"b"}])",
        R"([{"model":"a","when":{"lenght":1}},{"model":"b"}])"}) {
    const auto rules = parse(text);
    ASSERT_FALSE(rules) << text;
    EXPECT_EQ(rules.error().code, Code::invalid_argument);
  }
}

TEST(Rules, HoldOnlyWhereEverythingHolds) {
  Circumstances now{.facts = {.tokens = 1'000, .images = true}, .key_id = "k7", .key_name = "ci-main", .labels = "docs, night"};
  now.minute_of_day = 12 * 60;
  EXPECT_TRUE(matches(when(R"({"min_tokens":1000,"max_tokens":1000,"images":true,"tools":false,"key":"ci-*","label":"night"})"), now));
  for (const char* text : {R"({"min_tokens":1001})", R"({"max_tokens":999})", R"({"images":false})", R"({"tools":true})",
                           R"({"key":"other"})", R"({"label":"day"})", R"({"images":true,"tools":true})"})
    EXPECT_FALSE(matches(when(text), now)) << text;
  EXPECT_TRUE(matches(when(R"({"key":"k7"})"), now)) << "the id of a key does too";
}

TEST(Rules, KnowTheTimeOfDayAlsoOverMidnight) {
  const When day = when(R"({"after":"06:00","before":"22:00"})"), night = when(R"({"after":"22:00","before":"06:00"})"),
             late = when(R"({"after":"22:00"})");
  for (const auto& [minute, is_day, is_late] :
       {std::tuple{0, false, false}, {359, false, false}, {360, true, false}, {1'319, true, false}, {1'320, false, true}}) {
    const Circumstances now{.minute_of_day = minute};
    EXPECT_EQ(matches(day, now), is_day) << minute;
    EXPECT_EQ(matches(night, now), !is_day) << minute;
    EXPECT_EQ(matches(late, now), is_late) << minute;
  }
}

TEST(RequestFacts, FindPicturesOfEveryApi) {
  for (const char* body :
       {R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}]})",
        R"({"messages":[{"role":"user","content":[{"type" : "image","source":{"type":"base64","data":"aa"}}]}]})",
        R"({"input":[{"role":"user","content":[{"type":"input_image","image_url":"https://x/y.png"}]}]})",
        R"({"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"aa"}}]}]})",
        R"({"contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"aa"}}]}]})",
        R"({"messages":[{"role":"user","content":"what is this","images":["aa"]}]})", R"({"prompt":"what is this","images":["aa"]})"})
    EXPECT_TRUE(scan_facts(body).images) << body;
}

TEST(RequestFacts, AreNotMisledByWords) {
  for (
      const char* body :
      {R"({"messages":[{"role":"user","content":"say {\"type\":\"image\"} and \"image_url\": {\"url\":1}"}]})",
       R"({"messages":[{"role":"user","content":"image"}],"images":[]})",
       R"({"tools":[{"function":{"parameters":{"properties":{"image_url":{"type":"string"},"images":{"type":"array"}}}}}],"messages":[]})"})
    EXPECT_FALSE(scan_facts(body).images) << body;
}

TEST(RequestFacts, KnowToolsAndLength) {
  EXPECT_TRUE(scan_facts(R"({"tools": [ {"type":"function"}],"messages":[]})").tools);
  EXPECT_FALSE(scan_facts(R"({"tools":[],"messages":[{"tools":[1]}]})").tools);
  EXPECT_EQ(scan_facts(R"({"prompt":")" + std::string(3'996, 'x') + " " + R"("})").tokens, 3) << "one long word is data";
  std::string words;
  for (int i = 0; i < 1'000; ++i) words += "abc ";
  EXPECT_EQ(scan_facts(R"({"prompt":")" + words + R"("})").tokens, 1'003);
}

TEST(RequestFacts, SurviveWhatIsNoJson) {
  for (const std::string_view body : {"", "\"", "{\"a", "{\"type\":", "]]]]}}", "\"\\", "{\"tools\":["}) (void)scan_facts(body);
}

}  // namespace
}  // namespace flotte::route
