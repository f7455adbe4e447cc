// The scanner against texts that are JSON and texts that are not.
#include "dialect/scan.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace flotte::dialect {
namespace {

bool valid(std::string_view text) {
  Members members(text);
  Member m;
  while (members.next(m)) {
  }
  return members.ok();
}

std::string nested(int depth, std::string_view open, std::string_view close) {
  std::string text = "{\"a\":";
  for (int i = 1; i < depth; ++i) text += open;
  text += "1";
  for (int i = 1; i < depth; ++i) text += close;
  return text + "}";
}

TEST(Members, GivesEachMemberWithItsRangeAndKind) {
  const std::string_view text = R"( { "a" : "x\"y" , "b":[1,{"c":[]}],"d":{},"e":-1.5e+3,"f":true,"g":null,"":false} )";
  Members members(text);
  Member m;
  std::vector<std::tuple<std::string, std::string, Kind>> seen;
  while (members.next(m)) seen.emplace_back(m.key, m.value.of(text), m.kind);
  ASSERT_TRUE(members.ok());
  EXPECT_EQ(text[members.close()], '}');
  const std::vector<std::tuple<std::string, std::string, Kind>> expected{
      {"a", R"("x\"y")", Kind::string}, {"b", R"([1,{"c":[]}])", Kind::array}, {"d", "{}", Kind::object},
      {"e", "-1.5e+3", Kind::number},   {"f", "true", Kind::boolean},          {"g", "null", Kind::null},
      {"", "false", Kind::boolean}};
  EXPECT_EQ(seen, expected);
}

TEST(Members, AcceptsExactlyTheTextsThatAreJson) {
  for (const char* text : {"{}", " {\n} ", R"({"a":0})", R"({"a":-0.0e-0})", R"({"a":[]})", R"({"a":[[],{}]})", R"({"a":"\u00e9\n\/"})",
                           R"({"a":"é日本🎈"})", R"({"a":1e5,"b":[true,false,null]})", "{\"a\":\"\x7f\"}", "{\"a\":\"\xEF\xBF\xBF\"}",
                           "{\"a\":\"\xF4\x8F\xBF\xBF\"}", "{\"a\":\"\xED\x9F\xBF\"}", R"({"a":"\ud800"})"})
    EXPECT_TRUE(valid(text)) << text;
  for (const char* text : {"",
                           " ",
                           "[]",
                           "{",
                           "{\"",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1",
                           "{\"a\":1,",
                           "{\"a\":1,}",
                           "{,}",
                           "{\"a\" 1}",
                           "{\"a\":01}",
                           "{\"a\":+1}",
                           "{\"a\":.5}",
                           "{\"a\":1.}",
                           "{\"a\":1e}",
                           "{\"a\":-}",
                           "{\"a\":tru}",
                           "{\"a\":nul",
                           "{\"a\":[1,]}",
                           "{\"a\":[1 2]}",
                           "{\"a\":[}",
                           "{\"a\":{]}",
                           "{\"a\":[1}",
                           "{\"a\":1}}",
                           "{\"a\":1} x",
                           "{'a':1}",
                           "{a:1}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\u12g4\"}",
                           "{\"a\":\"\\u12\"}",
                           "{\"a\":\"\t\"}",
                           "{\"a\":\"\n\"}",
                           "{\"a\":\"\x80\"}",
                           "{\"a\":\"\xC0\x80\"}",
                           "{\"a\":\"\xC3\"}",
                           "{\"a\":\"\xE0\x80\x80\"}",
                           "{\"a\":\"\xED\xA0\x80\"}",
                           "{\"a\":\"\xF4\x90\x80\x80\"}",
                           "{\"a\":\"\xFF\"}",
                           "{\"a\":NaN}",
                           "{\"a\":1,\"b\"}",
                           "\xEF\xBB\xBF{}",
                           "{\"a\":{\"b\"}}"})
    EXPECT_FALSE(valid(text)) << text;
}

TEST(Members, AgreesWithTheParserOnEveryPrefixAndEveryChangedByte) {
  const std::string good = R"({"model":"m","list":[1,-2.5e3,{"k":"\u00e4ö\\"},[]],"on":true,"off":false,"no":null, "s":"日本"})";
  for (std::size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(valid(good.substr(0, i))) << i;
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const char byte : std::string_view("\0\x1F \"\\,:{}[]0-.ex\x80\xC3\xE3\xFF", 20)) {
      std::string text = good;
      text[i] = byte;
      const auto parsed = json::parse(text);
      EXPECT_EQ(valid(text), parsed.has_value() && parsed->is_object()) << i << " " << text;
    }
}

TEST(Members, FindsTheEndOfAStringAtEveryAlignment) {
  for (std::size_t size = 0; size < 70; ++size)
    for (const std::string_view special : {"", "ä", "\\\"", "\\u0041", "日"}) {
      for (std::size_t place = 0; place <= size; place += 7) {
        std::string inner(size, 'x');
        inner.insert(place, special);
        const std::string text = "{\"k\":\"" + inner + "\",\"l\":1}";
        Members members(text);
        Member m;
        ASSERT_TRUE(members.next(m));
        EXPECT_EQ(m.value.of(text), "\"" + inner + "\"");
        ASSERT_TRUE(members.next(m));
        EXPECT_FALSE(members.next(m));
        EXPECT_TRUE(members.ok());
      }
    }
}

TEST(Members, RefusesWhatIsNestedTooDeeply) {
  EXPECT_TRUE(valid(nested(64, "[", "]")));
  EXPECT_FALSE(valid(nested(65, "[", "]")));
  EXPECT_TRUE(valid(nested(64, "{\"a\":", "}")));
  EXPECT_FALSE(valid(nested(65, "{\"a\":", "}")));
  EXPECT_FALSE(valid("{\"a\":" + std::string(1'000'000, '[')));
}

TEST(Members, SaysWhereTheProblemIs) {
  Members members(R"({"a":tru})");
  Member m;
  EXPECT_FALSE(members.next(m));
  EXPECT_EQ(members.error_offset(), 5u);
  EXPECT_EQ(members.error().message, "not valid JSON at byte 5: a value is expected");
}

TEST(DecodeString, DecodesEscapesAndSurrogates) {
  EXPECT_EQ(decode_string(R"(plain)"), "plain");
  EXPECT_EQ(decode_string(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(decode_string(R"(\u00e4\u65e5\ud83c\udf88)"), "ä日🎈");
  EXPECT_EQ(decode_string(R"(\ud83cx)"), "\xEF\xBF\xBDx");
  EXPECT_EQ(decode_string(R"(\ud83c\u0041)"),
            "\xEF\xBF\xBD"
            "A");
}

TEST(WholeNumber, TakesWholeNumbersInEverySpelling) {
  EXPECT_EQ(whole_number("17"), 17);
  EXPECT_EQ(whole_number("-3"), -3);
  EXPECT_EQ(whole_number("1e3"), 1000);
  EXPECT_EQ(whole_number("1.0"), 1);
  EXPECT_EQ(whole_number("1.5"), std::nullopt);
  EXPECT_EQ(whole_number("1e300"), std::nullopt);
  EXPECT_EQ(whole_number("null"), std::nullopt);
}

TEST(ChatRequest, FindsModelAndStream) {
  const std::string body = R"({"messages":[{"role":"user","content":"\"model\":\"no\""}], "model" : "sm\u0061rt" ,"stream":true})";
  const auto request = scan_chat_request(body);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->model, "smart");
  EXPECT_EQ(request->model_value.of(body), R"("sm\u0061rt")");
  EXPECT_TRUE(request->stream);
  EXPECT_FALSE(scan_chat_request(R"({"model":"m","stream":false})")->stream);
  EXPECT_FALSE(scan_chat_request(R"({"model":"m"})")->stream);
  EXPECT_FALSE(scan_chat_request(R"({"model":"m"})")->usage_edit);
}

TEST(ChatRequest, RefusesADoubtfulModel) {
  for (const char* body : {R"({"model":"a","model":"b"})", R"({"mod\u0065l":"a"})", R"({"model":"a","\u006dodel":"b"})", R"({"model":1})",
                           R"({"model":null})", R"({})", R"({"messages":[]})", R"([1])", R"("model")", R"({"model":"a"}{"model":"b"})"}) {
    const auto request = scan_chat_request(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().code, Code::invalid_argument) << body;
  }
  EXPECT_TRUE(scan_chat_request(R"({"model":"a","metadata":{"model":"b"},"modell":"c"})"));
}

}  // namespace
}  // namespace flotte::dialect
