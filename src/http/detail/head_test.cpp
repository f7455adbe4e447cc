// What two parsers could read differently is refused: the table of smuggling attempts.
#include "http/detail/head.hpp"

#include <gtest/gtest.h>

namespace flotte::http::detail {
namespace {

int status_of(std::string_view text) {
  std::size_t scanned = 0;
  const HeadEnd end = find_head_end(text, scanned);
  if (end.kind == HeadEnd::Kind::bare_line_feed) return 400;
  if (end.kind == HeadEnd::Kind::incomplete) return 0;
  RequestHead head;
  const auto facts = parse_request(text.substr(0, end.size), head);
  return facts ? 200 : facts.error().status;
}
std::string with(std::string_view fields) { return "POST /x HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n"; }

TEST(RequestHead, RefusesWhatCouldBeReadInTwoWays) {
  const std::pair<std::string, int> table[] = {
      {with(""), 200},
      {with("Content-Length: 5\r\n"), 200},
      {with("Transfer-Encoding: chunked\r\n"), 200},
      {with("Transfer-Encoding: Chunked\r\n"), 200},
      {with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {with("Content-Length: 5, 6\r\n"), 400},
      {with("Content-Length: +5\r\n"), 400},
      {with("Content-Length: -5\r\n"), 400},
      {with("Content-Length: 0x5\r\n"), 400},
      {with("Content-Length:\r\n"), 400},
      {with("Content-Length: 99999999999999999999\r\n"), 400},
      {with("Content-Length : 5\r\n"), 400},
      {with("Transfer-Encoding : chunked\r\n"), 400},
      {with("Transfer-Encoding: gzip\r\n"), 501},
      {with("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {with("Transfer-Encoding: chunked, chunked\r\n"), 501},
      {with("Transfer-Encoding: xchunked\r\n"), 501},
      {with("Transfer-Encoding: \"chunked\"\r\n"), 501},
      {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
      {with("X: a\r\n b\r\n"), 400},
      {with("X: a\r\n\tb\r\n"), 400},
      {with(" X: a\r\n"), 400},
      {with("X\r\n"), 400},
      {with(": a\r\n"), 400},
      {with("X y: a\r\n"), 400},
      {with("X\x01: a\r\n"), 400},
      {with("X: a\rb\r\n"), 400},
      {with(std::string_view("X: a\0b\r\n", 8)), 400},
      {with("X: a\nTransfer-Encoding: chunked\r\n"), 400},
      {with("Host: b\r\n"), 400},
      {with("Expect: 100-continue\r\n"), 200},
      {with("Expect: magic\r\n"), 417},
      {"POST /x HTTP/1.1\r\n\r\n", 400},
      {"POST /x HTTP/1.0\r\n\r\n", 200},
      {"POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"POST /x HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"POST /x http/1.1\r\nHost: a\r\n\r\n", 400},
      {"POST /x\r\nHost: a\r\n\r\n", 400},
      {"POST  /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"POST /x y HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"P\x01ST /x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"POST x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"POST /x HTTP/1.1\nHost: a\n\n", 400},
      {"\n", 400},
  };
  for (const auto& [text, status] : table) EXPECT_EQ(status_of(text), status) << text;
}

TEST(RequestHead, MoreFieldsThanTheLimitAreAFlood) {
  std::string fields;
  for (int i = 0; i < 300; ++i) fields += "X: y\r\n";
  EXPECT_EQ(status_of(with(fields)), 431);
}

TEST(RequestHead, IsTakenApart) {
  RequestHead head;
  const auto facts = parse_request("GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-A:  v \t\r\nConnection: Upgrade, x\r\n\r\n", head);
  ASSERT_TRUE(facts);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/a?b=c");
  EXPECT_EQ(head.headers.get("x-a"), "v");
  EXPECT_TRUE(facts->upgrade);
  EXPECT_TRUE(facts->keep_alive);
  EXPECT_EQ(facts->framing.kind, Framing::Kind::none);
}

TEST(RequestHead, AnAbsoluteTargetBecomesAPathAndAHost) {
  RequestHead head;
  ASSERT_TRUE(parse_request("GET http://other:81/a HTTP/1.1\r\nHost: h\r\n\r\n", head));
  EXPECT_EQ(head.target, "/a");
  EXPECT_EQ(head.headers.get("host"), "other:81");
  ASSERT_TRUE(parse_request("GET http://other HTTP/1.1\r\nHost: h\r\n\r\n", head));
  EXPECT_EQ(head.target, "/");
}

TEST(RequestHead, KeepAliveFollowsVersionAndConnection) {
  RequestHead head;
  EXPECT_FALSE(parse_request("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", head)->keep_alive);
  EXPECT_FALSE(parse_request("GET / HTTP/1.0\r\n\r\n", head)->keep_alive);
  EXPECT_TRUE(parse_request("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", head)->keep_alive);
}

TEST(HeadEnd, IsFoundInEveryPieceSize) {
  const std::string text = with("A: b\r\n") + "body";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    std::size_t scanned = 0;
    HeadEnd end;
    for (std::size_t n = step; end.kind == HeadEnd::Kind::incomplete; n += step)
      end = find_head_end(std::string_view(text).substr(0, n), scanned);
    EXPECT_EQ(end.kind, HeadEnd::Kind::complete);
    EXPECT_EQ(end.size, text.size() - 4);
  }
}

TEST(ResponseHead, FramingFollowsStatusAndMethod) {
  ResponseHead head;
  const auto framing = [&head](std::string_view text, std::string_view method) { return parse_response(text, method, head)->framing; };
  EXPECT_EQ(framing("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "GET").length, 3u);
  EXPECT_EQ(framing("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "HEAD").kind, Framing::Kind::none);
  EXPECT_EQ(framing("HTTP/1.1 204 No Content\r\n\r\n", "GET").kind, Framing::Kind::none);
  EXPECT_EQ(framing("HTTP/1.1 200 OK\r\n\r\n", "GET").kind, Framing::Kind::until_close);
  EXPECT_EQ(framing("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n", "GET").kind, Framing::Kind::chunked);
  EXPECT_FALSE(parse_response("HTTP/1.1 2x0 OK\r\n\r\n", "GET", head));
  EXPECT_FALSE(parse_response("HTTP/3 200 OK\r\n\r\n", "GET", head));
  EXPECT_FALSE(parse_response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", head));
}

}  // namespace
}  // namespace flotte::http::detail
