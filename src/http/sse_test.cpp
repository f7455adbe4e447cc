// The event stream in every piece size that a network can make.
#include "http/sse.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace flotte::http {
namespace {

std::vector<std::string> parse(std::string_view bytes, std::size_t step, bool finish = false) {
  SseParser parser;
  std::vector<std::string> out;
  const auto keep = [&out](const SseEvent& e) { out.push_back(e.event + "|" + e.id + "|" + e.data); };
  for (std::size_t i = 0; i < bytes.size(); i += step) EXPECT_TRUE(parser.feed(bytes.substr(i, step), keep));
  if (finish) parser.finish(keep);
  return out;
}
using Events = std::vector<std::string>;

TEST(Sse, EveryPieceSizeAndLineEndGivesTheSameEvents) {
  const std::string lf =
      "\xEF\xBB\xBF"
      "event: a\nid: 7\ndata: one\ndata:two\ndata\n\n: comment\ndata: {\"x\": 1}\n\nevent: none\n\ndata:\n\n";
  std::string crlf, cr;
  for (const char c : lf) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
    cr += c == '\n' ? '\r' : c;
  }
  const Events expected{"a|7|one\ntwo\n", "||{\"x\": 1}", "||"};
  for (const std::string& text : {lf, crlf, cr})
    for (std::size_t step = 1; step <= text.size(); ++step) EXPECT_EQ(parse(text, step), expected) << "step " << step;
}

TEST(Sse, AnUnfinishedEventComesOnlyWithFinish) {
  EXPECT_EQ(parse("data: x", 1), Events{});
  EXPECT_EQ(parse("data: x", 1, true), Events{"||x"});
  EXPECT_EQ(parse("data: x\n", 1, true), Events{"||x"});
  EXPECT_EQ(parse("data: x\n\n", 1, true), Events{"||x"});
}

TEST(Sse, KnowsTheBoundariesBetweenEvents) {
  SseParser parser;
  const auto ignore = [](const SseEvent&) {};
  EXPECT_TRUE(parser.at_boundary());
  ASSERT_TRUE(parser.feed("da", ignore));
  EXPECT_FALSE(parser.at_boundary());
  ASSERT_TRUE(parser.feed("ta: x\n", ignore));
  EXPECT_FALSE(parser.at_boundary());
  ASSERT_TRUE(parser.feed("\n", ignore));
  EXPECT_TRUE(parser.at_boundary());
  ASSERT_TRUE(parser.feed("event: y\n", ignore));
  EXPECT_FALSE(parser.at_boundary());
}

TEST(Sse, AnEventOverTheLimitIsRefused) {
  SseParser parser(10);
  const auto ignore = [](const SseEvent&) {};
  EXPECT_TRUE(parser.feed("data: 1234\n", ignore));
  auto r = parser.feed("data: 567890\n", ignore);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, Code::too_large);
}

TEST(Sse, WhatIsFormattedIsParsedBack) {
  const SseEvent event{"delta", "a\n\nb", "9"};
  EXPECT_EQ(format_sse(event), "event: delta\nid: 9\ndata: a\ndata: \ndata: b\n\n");
  EXPECT_EQ(parse(format_sse(event), 1), Events{"delta|9|a\n\nb"});
}

}  // namespace
}  // namespace flotte::http
