// Clients that leave, providers that keep silent, and the comments in between.
#include <gmock/gmock.h>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view comment = ": keep-alive\n\n";

/// The body without our comments; each must stand between two events.
std::string without_comments(std::string body, int& count) {
  count = 0;
  for (std::size_t at = 0; (at = body.find(comment, at)) != std::string::npos; ++count) {
    EXPECT_TRUE(at == 0 || body.substr(at - 2, 2) == "\n\n") << body;
    body.erase(at, comment.size());
  }
  return body;
}

TEST(Leaving, AbortsTheProviderAtOnce) {
  Rig rig;
  rig.play('a', "forever");
  const Reply reply = rig.post(request("both", true), {}, [](const std::string& so_far) { return so_far.size() < 2'000; });
  EXPECT_EQ(reply.error, "left");
  EXPECT_TRUE(eventually([&] { return rig.log('a').at(0).state == "gone"; }));
  EXPECT_TRUE(eventually([&] { return rig.counts().under_way == 0; }));
  EXPECT_EQ(rig.in_flight('a'), 0u);
  EXPECT_TRUE(rig.log('b').empty());  // leaving is no reason to ask another
  EXPECT_EQ(rig.usage().at(0).status, 499);
  rig.play('a', "normal");  // and none to think ill of this one
  EXPECT_EQ(rig.post(request("both", false)).header("x-flotte-target"), "pa/m-a");
}

TEST(Leaving, AbortsAProviderThatStillThinks) {
  for (const char* scenario : {"slow:delay_ms=60000", "silent:delay_ms=60000"}) {
    Rig rig({.keep_alive = milliseconds(30)});
    rig.play('a', scenario);
    // The first comment is the sign that the call is under way.
    const Reply reply = rig.post(request("both", true), {}, [](const std::string&) { return false; });
    EXPECT_EQ(reply.error, "left");
    EXPECT_TRUE(eventually([&] { return rig.log('a').at(0).state == "gone"; })) << scenario;
    EXPECT_TRUE(eventually([&] { return rig.counts().under_way == 0; }));
    EXPECT_TRUE(rig.log('b').empty());
  }
}

// Edge case 32 of the facts.
TEST(Leaving, SaysNothingAboutTheTarget) {
  for (const char* scenario : {"gaps:delay_ms=20,events=60", "forever"}) {
    Rig rig;
    rig.play('a', scenario);
    for (std::size_t i = 0; i < 5; ++i) {
      const Reply reply = rig.post(request("both", true), {}, [](const std::string&) { return false; });
      EXPECT_EQ(reply.error, "left");
      EXPECT_TRUE(eventually([&] { return rig.log('a').size() == i + 1 && rig.log('a')[i].state == "gone"; })) << scenario;
    }
    EXPECT_TRUE(eventually([&] { return rig.in_flight('a') == 0; }));
    EXPECT_TRUE(rig.log('b').empty()) << scenario;
    rig.play('a', "normal");
    EXPECT_EQ(rig.post(request("both", false)).header("x-flotte-target"), "pa/m-a") << scenario;
  }
}

// A thousand at once, as when a proxy before the hub is restarted.
TEST(Leaving, OfAThousandClientsLeavesNothingBehind) {
  constexpr std::size_t clients = 1'000;
  Rig rig;
  rig.play('a', "gaps:delay_ms=500,events=200");
  rig.leave_together(request("a", true), clients);
  EXPECT_TRUE(eventually([&] { return rig.counts().under_way == 0; }));
  EXPECT_TRUE(eventually([&] { return rig.in_flight('a') == 0; }));
  const auto log = rig.log('a');
  EXPECT_EQ(log.size(), clients);
  EXPECT_TRUE(eventually([&] {
    const auto now = rig.log('a');
    return std::all_of(now.begin(), now.end(), [](const auto& call) { return call.state == "gone"; });
  }));
  rig.play('a', "normal");  // the target is thought well of
  EXPECT_EQ(rig.post(request("a", false)).status, 200);
}

TEST(Silence, IsFilledWithCommentsBetweenEvents) {
  for (const char* scenario : {"slow:delay_ms=200", "silent:delay_ms=200", "gaps:delay_ms=70", "gaps:delay_ms=70,half=1"}) {
    Rig rig({.keep_alive = milliseconds(30)});
    rig.play('a', scenario);
    const Reply reply = rig.post(request("a", true, "\"stream_options\":{\"include_usage\":true},"));
    int comments = 0;
    EXPECT_EQ(without_comments(reply.body, comments), rig.log('a').at(0).sent) << scenario;
    EXPECT_GE(comments, 2) << scenario;
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.error, "");
    EXPECT_THAT(reply.header("content-type"), testing::StartsWith("text/event-stream"));
    EXPECT_EQ(reply.header("x-flotte-target"), "pa/m-a");
    EXPECT_EQ(rig.usage().at(0).usage.output_tokens, 4);
  }
}

TEST(Silence, HasNoCommentsInWholeAnswers) {
  Rig rig({.keep_alive = milliseconds(20)});
  rig.play('a', "slow:delay_ms=150");
  const Reply reply = rig.post(request("a", false));
  EXPECT_EQ(reply.body, rig.log('a').at(0).sent);
}

TEST(Silence, CanStillEndInAnErrorOrWithAnotherTarget) {
  const RigOptions options{.keep_alive = milliseconds(30), .timeouts = {milliseconds(500), milliseconds(250), milliseconds(250)}};
  {
    Rig rig(options);
    rig.play('a', "slow:delay_ms=60000");
    const Reply reply = rig.post(request("a", true));
    EXPECT_EQ(reply.status, 200);  // it went out with the first comment
    EXPECT_THAT(reply.body, AllOf(HasSubstr("\n\ndata: {\"error\":{\"message\":\"pa/m-a: "), HasSubstr("\"code\":\"timeout\"}}\n\n")));
    EXPECT_EQ(reply.error, "");
    EXPECT_EQ(rig.usage().at(0).status, 504);
  }
  Rig rig(options);
  rig.play('a', "slow:delay_ms=60000");
  const Reply reply = rig.post(request("both", true, "\"stream_options\":{\"include_usage\":true},"));
  int comments = 0;
  EXPECT_EQ(without_comments(reply.body, comments), rig.log('b').at(0).sent);
  EXPECT_GE(comments, 2);
  EXPECT_EQ(rig.usage().at(0).target, "pb/m-b");
}

}  // namespace
}  // namespace flotte::rig
