#include "dialect/responses/free_text.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace flotte::dialect::responses {
namespace {

struct Read {
  std::string text;
  bool begun = false;
  bool operator==(const Read&) const = default;
};
Read read(const std::vector<std::string_view>& pieces) {
  FreeText free;
  Read out;
  for (const std::string_view piece : pieces) out.text += free.feed(piece);
  out.begun = free.begun();
  return out;
}

/// The same in two pieces, wherever they are cut, and byte by byte.
Read everywhere(std::string_view json) {
  Read whole = read({json});
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < json.size(); ++i) {
    EXPECT_EQ(read({json.substr(0, i), json.substr(i)}).text, whole.text) << json << " cut at " << i;
    bytes.push_back(json.substr(i, 1));
  }
  EXPECT_EQ(read(bytes), whole) << json;
  return whole;
}

TEST(FreeText, IsReadWhileItComes) {
  EXPECT_EQ(everywhere(R"({"input":"*** \"Begin\"\n\\ \/ Gr\u00fc\u00dfe \ud83d\ude00"})"),
            (Read{"*** \"Begin\"\n\\ / Grüße \xF0\x9F\x98\x80", true}));
  EXPECT_EQ(everywhere(" {\n \"input\" : \"a\" , \"more\": 1 }"), (Read{"a", true}));
  EXPECT_EQ(everywhere(R"({"input":""})"), (Read{"", true}));
  EXPECT_EQ(everywhere(R"({"input":"cut o)"), (Read{"cut o", true}));
}

TEST(FreeText, OfSomethingElseIsNothing) {
  for (const std::string_view json : {R"({"patch":"x"})", R"({"input":5})", R"(["input"])", R"(plain text)", "", "{}"})
    EXPECT_EQ(everywhere(json), (Read{"", false})) << json;
}

TEST(FreeText, EndsAtWhatIsNoJson) {
  EXPECT_EQ(everywhere(R"({"input":"a\xb"})"), (Read{"a", true}));
  EXPECT_EQ(everywhere(R"({"input":"a\u12g4b"})"), (Read{"a", true}));
  EXPECT_EQ(everywhere("{\"input\":\"a\nb\"}"), (Read{"a\nb", true}));  // many models forget to escape it
}

TEST(FreeText, KeepsAHalfOfAPairApart) {
  EXPECT_EQ(everywhere(R"({"input":"\ud83d x"})"), (Read{"\xEF\xBF\xBD x", true}));
  EXPECT_EQ(everywhere(R"({"input":"\ud83d\u0041"})"), (Read{"\xEF\xBF\xBD"
                                                             "A",
                                                             true}));
}

}  // namespace
}  // namespace flotte::dialect::responses
