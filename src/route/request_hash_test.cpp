// Which requests are the same.
#include "route/request_hash.hpp"

#include <gtest/gtest.h>

#include "route/gateway.hpp"
#include "route/packed.hpp"

namespace flotte::route {
namespace {

std::string hash(std::string_view body, dialect::Api api = dialect::Api::chat, const PathFacts& path = {}, std::string_view version = "") {
  return request_hash(dialect::facts_of(api), path, version, body);
}

TEST(RequestHash, DoesNotCareAboutSpelling) {
  const std::string one = hash(R"({"model":"a","messages":[{"role":"user","content":"hé"}],"n":1})");
  EXPECT_EQ(one.size(), 64u);
  EXPECT_EQ(one, hash("{ \"n\": 1,\n\"messages\": [ {\"content\":\"h\\u00e9\", \"role\":\"user\"} ], \"model\":\"a\" }"));
}

TEST(RequestHash, CaresAboutEverythingThatIsAsked) {
  const std::string one = hash(R"({"model":"a","messages":["x","y"],"tools":{"a":1}})");
  for (const char* other :
       {R"({"model":"b","messages":["x","y"],"tools":{"a":1}})", R"({"model":"a","messages":["y","x"],"tools":{"a":1}})",
        R"({"model":"a","messages":["x","y"],"tools":{"a":2}})", R"({"model":"a","messages":["xy"],"tools":{"a":1}})",
        R"({"model":"a","messages":["x","y"],"tools":{"a":"1"}})", R"({"model":"a","messages":["x","y"]})"})
    EXPECT_NE(one, hash(other)) << other;
}

TEST(RequestHash, LeavesOutWhoAsks) {
  const std::string one = hash(R"({"model":"a","messages":[]})");
  EXPECT_EQ(one, hash(R"({"model":"a","metadata":{"user_id":"session 1"},"messages":[],"user":"u","prompt_cache_key":"k"})"));
  EXPECT_NE(one, hash(R"({"model":"a","messages":[{"user":"u"}]})")) << "inside a message it is content";
}

TEST(RequestHash, TellsApisPathsAndVersionsApart) {
  const std::string body = R"({"model":"a"})";
  EXPECT_NE(hash(body), hash(body, dialect::Api::responses));
  const PathFacts whole{"g", false}, stream{"g", true}, other{"h", false};
  const std::string one = hash(body, dialect::Api::gemini, whole);
  EXPECT_NE(one, hash(body, dialect::Api::gemini, stream));
  EXPECT_NE(one, hash(body, dialect::Api::gemini, other));
  EXPECT_NE(hash(body, dialect::Api::messages, {}, "2023-06-01"), hash(body, dialect::Api::messages, {}, "2023-06-01\nbeta"));
}

TEST(RequestHash, TakesWhatIsNoJsonByteForByte) {
  EXPECT_EQ(hash("[1, 2]"), hash("[1, 2]"));
  EXPECT_NE(hash("[1, 2]"), hash("[1,2]"));
}

TEST(Packed, ComesBackAsItWas) {
  std::string text(100'000, 'x');
  text += std::string("\0\xff end", 6);
  Packed packed = pack(text);
  EXPECT_TRUE(packed.compressed);
  EXPECT_LT(packed.bytes.size(), 1'000u);
  Packed again = packed;
  EXPECT_EQ(unpack(std::move(packed), text.size()).value_or(""), text);
  EXPECT_FALSE(unpack(std::move(again), text.size() - 1)) << "no more than allowed";
  EXPECT_EQ(unpack(pack("short"), 10).value_or(""), "short");
  EXPECT_FALSE(unpack(Packed{"no zstd", true}, 1'000));
}

}  // namespace
}  // namespace flotte::route
