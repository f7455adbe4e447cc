// Headers, targets and percent-encoding.
#include "http/message.hpp"

#include <gtest/gtest.h>

namespace flotte::http {
namespace {

TEST(Headers, NamesCompareWithoutCaseAndKeepTheirSpelling) {
  Headers h;
  h.add("X-One", "1");
  h.add("x-two", "2");
  EXPECT_EQ(h.get("x-one"), "1");
  EXPECT_EQ(h.get("X-TWO"), "2");
  EXPECT_EQ(h.get("x-three"), std::nullopt);
  std::string all;
  for (const auto& [name, value] : h) all += std::string(name) + "=" + std::string(value) + ";";
  EXPECT_EQ(all, "X-One=1;x-two=2;");
}

TEST(Headers, SetReplacesEveryFieldOfThatNameInPlace) {
  Headers h;
  h.add("a", "1");
  h.add("b", "2");
  h.add("A", "3");
  h.set("a", "4");
  EXPECT_EQ(h.size(), 2u);
  EXPECT_EQ(h.begin()->second, "4");
  EXPECT_EQ(h.get("b"), "2");
}

TEST(Headers, AValueMayComeFromTheSameHeaders) {
  Headers h;
  h.add("long", std::string(100, 'x'));
  h.set("copy", *h.get("long"));
  h.set("long", *h.get("copy"));
  EXPECT_EQ(h.get("copy"), std::string(100, 'x'));
  EXPECT_EQ(h.get("long"), std::string(100, 'x'));
}

TEST(Headers, AValueCannotAddAField) {
  Headers h;
  h.add("a", "x\r\nSet-Cookie: y");
  EXPECT_EQ(h.get("a"), "x  Set-Cookie: y");
}

TEST(Headers, RemoveTakesEveryFieldOfThatName) {
  Headers h;
  h.add("a", "1");
  h.add("b", "2");
  h.add("A", "3");
  h.remove("a");
  EXPECT_EQ(h.size(), 1u);
  EXPECT_EQ(h.get("a"), std::nullopt);
}

TEST(RequestHead, TakesTheTargetApart) {
  RequestHead head;
  head.target = "/v1/models?key=a%2Fb+c&empty=&flag&key=second";
  EXPECT_EQ(head.path(), "/v1/models");
  EXPECT_EQ(head.query("key"), "a/b c");
  EXPECT_EQ(head.query("empty"), "");
  EXPECT_EQ(head.query("flag"), "");
  EXPECT_EQ(head.query("none"), std::nullopt);
  head.target = "/";
  EXPECT_EQ(head.query("key"), std::nullopt);
}

TEST(Percent, DecodesAndRefusesBrokenText) {
  EXPECT_EQ(percent_decode("a%20b+c"), "a b c");
  EXPECT_EQ(percent_decode("%e6%97%A5"), "\xe6\x97\xa5");
  EXPECT_EQ(percent_decode("%2"), std::nullopt);
  EXPECT_EQ(percent_decode("%zz"), std::nullopt);
  EXPECT_EQ(percent_decode(percent_encode("a/b c%\xc3\xa4+")), "a/b c%\xc3\xa4+");
}

TEST(HopByHop, IsNeverForwarded) {
  EXPECT_TRUE(hop_by_hop("Connection"));
  EXPECT_TRUE(hop_by_hop("Transfer-Encoding"));
  EXPECT_TRUE(hop_by_hop("Proxy-Authorization"));
  EXPECT_FALSE(hop_by_hop("Content-Length"));
  EXPECT_FALSE(hop_by_hop("authorization"));
}

TEST(Response, NamesItsType) {
  EXPECT_EQ(Response::json(201, "{}").head.headers.get("content-type"), "application/json");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(799), "");
}

}  // namespace
}  // namespace flotte::http
