#include "node/egress.hpp"

#include <gtest/gtest.h>

namespace flotte::node {
namespace {

TEST(Egress, AllowsOnlyWhatIsListed) {
  const auto egress = Egress::parse({"api.Anthropic.com:443", "*.example.org:8443", "10.0.0.7:8080", "[fd00::7]:80"});
  ASSERT_TRUE(egress) << egress.error().text();
  EXPECT_TRUE(egress->allows("api.anthropic.com", 443));
  EXPECT_TRUE(egress->allows("a.b.example.org", 8443));
  EXPECT_TRUE(egress->allows("10.0.0.7", 8080));
  EXPECT_TRUE(egress->allows("fd00::7", 80));
  EXPECT_FALSE(egress->allows("api.anthropic.com", 80));
  EXPECT_FALSE(egress->allows("evil-api.anthropic.com", 443));
  EXPECT_FALSE(egress->allows("example.org", 8443));
  EXPECT_FALSE(egress->allows("badexample.org", 8443));
  EXPECT_FALSE(egress->allows(".example.org", 8443));
  EXPECT_FALSE(Egress().allows("api.anthropic.com", 443)) << "by default nothing";
}

TEST(Egress, ReadsPlaces) {
  EXPECT_EQ(*Egress::parse_place("API.x.org.:443"), (Egress::Place{"api.x.org", 443}));
  for (const char* text :
       {"", "host", "host:", ":443", "host:0", "host:70000", "host:44x", "a b:1", "a/b:1", "::1:80", "[::1]", "a\n:1", ".:1"})
    EXPECT_FALSE(Egress::parse_place(text)) << text;
}

TEST(Egress, RefusesAStarInTheMiddle) {
  for (const char* text : {"*:443", "a.*.org:443", "*a.org:443", "*.*.org:443", "*.:443", "example.org"})
    EXPECT_FALSE(Egress::parse({text})) << text;
}

}  // namespace
}  // namespace flotte::node
