// What happens when a target says no, breaks, or says nothing.
#include <gmock/gmock.h>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::HasSubstr;

struct Fault {
  const char* scenario;
  int status;        // where there is nobody else
  const char* code;  // in the error's body
};

std::string code_of(const std::string& body) {
  const auto parsed = json::parse_object(body);
  if (!parsed) return "not JSON: " + body;
  const json::object* error = json::get_object(*parsed, "error");
  return error ? json::string_or(*error, "code", "null") : "no error: " + body;
}

const Fault faults[] = {
    {"status:status=500", 500, "simulated_500"},
    {"status:status=503", 503, "simulated_503"},
    {"status:status=529", 529, "simulated_529"},
    {"status:status=404", 404, "simulated_404"},
    {"status:status=401", 502, "provider_refused"},
    {"status:status=403", 502, "provider_refused"},
    {"rate_limited", 429, "simulated_429"},
    {"html:status=502", 502, "bad_gateway"},
    {"html:status=302", 502, "bad_gateway"},
    {"html", 502, "bad_gateway"},
    {"garbage", 502, "bad_gateway"},
    {"cut:after=0", 502, "bad_gateway"},
    {"error_inside", 502, "bad_gateway"},
    {"slow:delay_ms=60000", 504, "timeout"},
};

RigOptions impatient() { return {.timeouts = {milliseconds(500), milliseconds(300), milliseconds(300)}}; }

TEST(Failover, TheNextTargetAnswersInstead) {
  for (const Fault& fault : faults) {
    for (const bool stream : {false, true}) {
      if (!stream && std::string_view(fault.scenario).starts_with("slow")) continue;  // a whole answer may take its time
      Rig rig(impatient());
      rig.play('a', fault.scenario);
      const Reply reply = rig.post(request("both", stream));
      EXPECT_EQ(reply.status, 200) << fault.scenario << stream;
      EXPECT_EQ(reply.error, "") << fault.scenario << stream;
      EXPECT_EQ(reply.header("x-flotte-target"), "pb/m-b") << fault.scenario << stream;
      EXPECT_EQ(rig.log('a').size(), 1u);
      ASSERT_EQ(rig.log('b').size(), 1u) << fault.scenario << stream;
      EXPECT_THAT(rig.log('b')[0].body, HasSubstr("\"model\" :\"m-b\""));
      EXPECT_EQ(rig.counts().failed_over, 1u);
      const auto usage = rig.usage();
      ASSERT_EQ(usage.size(), 1u);
      EXPECT_EQ(usage[0].target, "pb/m-b");
      EXPECT_EQ(usage[0].model, "both");
    }
  }
}

TEST(Failover, WithoutAnotherTargetTheLastErrorIsTold) {
  for (const Fault& fault : faults) {
    for (const bool stream : {false, true}) {
      if (!stream && std::string_view(fault.scenario).starts_with("slow")) continue;
      Rig rig(impatient());
      rig.play('a', fault.scenario);
      const Reply reply = rig.post(request("a", stream));
      EXPECT_EQ(reply.status, fault.status) << fault.scenario << stream;
      EXPECT_EQ(code_of(reply.body), fault.code) << fault.scenario << stream;
      EXPECT_EQ(reply.header("content-type"), "application/json") << fault.scenario;
      EXPECT_EQ(rig.usage().at(0).status, fault.status) << fault.scenario;
    }
  }
}

TEST(Failover, ATargetThatNobodyListensAtIs503) {
  Rig rig;
  const Reply reply = rig.post(request("nobody", true));
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("closed/x"));
}

TEST(Failover, AModelWhoseEngineIsAwayIs503AndSaysSo) {
  Rig rig;
  const Reply reply = rig.post(request("away", false));
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("llama@gone"));
}

TEST(Failover, TheWrongKeyOfAProviderIsNotTheClientsFault) {
  Rig rig;
  const Reply reply = rig.post(request("keyless", false));
  EXPECT_EQ(reply.status, 502);
  EXPECT_THAT(reply.body, HasSubstr("refused flotte's credentials"));
  EXPECT_THAT(reply.body, HasSubstr("api_key"));
}

TEST(Failover, RetryAfterIsPassedOnAndKept) {
  Rig rig;
  rig.play('a', "rate_limited:seconds=7");
  const Reply first = rig.post(request("a", false));
  EXPECT_EQ(first.status, 429);
  EXPECT_EQ(first.header("retry-after"), "7");
  rig.play('a', "normal");
  const Reply second = rig.post(request("a", false));
  EXPECT_EQ(second.status, 429);
  EXPECT_EQ(code_of(second.body), "rate_limit_exceeded");
  EXPECT_THAT(second.header("retry-after"), testing::AnyOf("6", "7"));
  EXPECT_EQ(rig.log('a').size(), 1u);  // not asked before its time
  EXPECT_EQ(rig.post(request("both", false)).header("x-flotte-target"), "pb/m-b");
}

TEST(Failover, AfterContentThereIsNoOtherTarget) {
  Rig rig;
  rig.play('a', "cut:after=2");
  const Reply reply = rig.post(request("both", true));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.error, "closed");  // half an answer must not look whole
  const std::string sent = rig.log('a').at(0).sent;
  EXPECT_THAT(reply.body, testing::StartsWith(sent));
  EXPECT_THAT(reply.body.substr(sent.size()), testing::StartsWith("data: {\"error\":{\"message\":\"pa/m-a broke off its answer"));
  EXPECT_TRUE(rig.log('b').empty());
  EXPECT_EQ(rig.usage().at(0).status, 502);
}

TEST(Failover, AStreamThatEndsWithoutAnEndIsCut) {
  Rig rig;
  rig.play('a', "no_end");
  EXPECT_EQ(rig.post(request("a", true)).error, "closed");
  rig.play('a', "no_done");
  const Reply reply = rig.post(request("a", true));
  EXPECT_EQ(reply.error, "");
  EXPECT_THAT(reply.body, HasSubstr("\"stop\""));
}

TEST(Failover, AnErrorBehindTheFirstEventIsPassedOn) {
  Rig rig;
  rig.play('a', "error_inside:after=2");
  const Reply reply = rig.post(request("both", true));
  EXPECT_EQ(reply.error, "");
  EXPECT_EQ(reply.body, rig.log('a').at(0).sent);
  EXPECT_TRUE(rig.log('b').empty());
}

TEST(Failover, ATargetThatFallsSilentIsGivenUp) {
  Rig rig(impatient());
  rig.play('a', "gaps:delay_ms=60000");
  const Reply first = rig.post(request("both", true));  // silent before its first event: the other one answers
  EXPECT_EQ(first.header("x-flotte-target"), "pb/m-b");
  EXPECT_TRUE(eventually([&] { return rig.log('a')[0].state == "gone"; }));
  rig.play('a', "step");  // silent behind it: the stream is cut
  const Reply second = rig.post(request("a", true));
  EXPECT_EQ(second.error, "closed");
  EXPECT_THAT(second.body, HasSubstr("role"));
  EXPECT_TRUE(eventually([&] { return rig.log('a')[1].state == "gone"; }));
}

TEST(Failover, BrokenTargetsAreLeftAloneForAWhile) {
  Rig rig;
  rig.play('a', "status:status=500");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(rig.post(request("both", false)).status, 200);
  }
  EXPECT_EQ(rig.log('a').size(), 3u);
  EXPECT_EQ(rig.log('b').size(), 5u);
}

TEST(Failover, TheLeastBusyTargetIsAskedFirst) {
  Rig rig;
  rig.play('a', "slow:delay_ms=60000");
  rig.play('b', "slow:delay_ms=60000");
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 6; ++i) {
    replies.push_back(rig.post_later(request("busy", true)));
    EXPECT_TRUE(eventually([&] { return rig.in_flight('a') + rig.in_flight('b') == static_cast<std::size_t>(i) + 1; }));
  }
  EXPECT_EQ(rig.in_flight('a'), 3u);
  EXPECT_EQ(rig.in_flight('b'), 3u);
}

}  // namespace
}  // namespace flotte::rig
