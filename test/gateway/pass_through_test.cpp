// Byte for byte: what the provider received and what the client got, against the contract's list of permitted edits.
#include <gmock/gmock.h>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string without(std::string text, std::string_view part) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  if (at != std::string::npos) text.erase(at, part.size());
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// The event with the usage that the scripted provider sends.
std::string usage_event(const std::string& sent) {
  const std::size_t choices = sent.find("\"choices\":[]");
  EXPECT_NE(choices, std::string::npos);
  if (choices == std::string::npos) return {};
  const std::size_t begin = sent.rfind("data:", choices), end = sent.find("\n\n", choices) + 2;
  return sent.substr(begin, end - begin);
}

TEST(PassThrough, WholeAnswersAreTheSameBytes) {
  Rig rig;
  const std::string body = request("a", false);
  const Reply reply = rig.post(body, {{"x-custom", "kept"}, {"Accept-Encoding", "gzip"}, {"Cookie", "session=1"}});
  EXPECT_EQ(reply.status, 200);
  const auto log = rig.log('a');
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].body, replaced(body, "\"a\"", "\"m-a\""));
  EXPECT_EQ(reply.body, log[0].sent);
  EXPECT_EQ(log[0].head.target, "/v1/chat/completions?x=1");
  EXPECT_EQ(log[0].head.headers.get("authorization"), "Bearer sk-a");
  EXPECT_EQ(log[0].head.headers.get("accept-encoding"), "identity");
  EXPECT_EQ(log[0].head.headers.get("x-custom"), "kept");
  EXPECT_EQ(log[0].head.headers.get("x-flotte-via"), "hub-1");
  EXPECT_EQ(log[0].head.headers.get("cookie"), std::nullopt);
  EXPECT_EQ(reply.header("x-flotte-target"), "pa/m-a");
  EXPECT_THAT(reply.header("x-flotte-request-id"), testing::StartsWith("req_"));
  EXPECT_EQ(reply.header("x-request-id"), "sim-1");
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.header("content-length"), std::to_string(reply.body.size()));
  const auto usage = rig.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].key, "k1");
  EXPECT_EQ(usage[0].model, "a");
  EXPECT_EQ(usage[0].target, "pa/m-a");
  EXPECT_EQ(usage[0].usage.input_tokens, 21);
  EXPECT_EQ(usage[0].usage.cached_tokens, 8);
  EXPECT_EQ(usage[0].usage.output_tokens, 4);
  EXPECT_EQ(usage[0].status, 200);
  EXPECT_GE(usage[0].first_ms, 0);
  EXPECT_EQ(usage[0].task, 0);
}

TEST(PassThrough, ABodyWhoseModelKeepsItsNameIsUntouched) {
  Rig rig;
  const std::string body = request("m-a", false);
  rig.post(body);
  EXPECT_EQ(rig.log('a').at(0).body, body);
}

TEST(PassThrough, StreamsAreTheSameBytesButForTheUsageThatOnlyWeAskedFor) {
  Rig rig;
  const std::string body = request("m-a", true);
  const Reply reply = rig.post(body);
  const auto log = rig.log('a');
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].body, replaced(body, "true }", "true ,\"stream_options\":{\"include_usage\":true}}"));
  EXPECT_EQ(reply.body, without(log[0].sent, usage_event(log[0].sent)));
  EXPECT_THAT(reply.body, Not(HasSubstr("prompt_tokens")));
  EXPECT_THAT(reply.body, testing::EndsWith("data: [DONE]\n\n"));
  EXPECT_EQ(reply.header("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(reply.header("x-flotte-target"), "pa/m-a");
  const auto usage = rig.usage();
  ASSERT_EQ(usage.size(), 1u);
  EXPECT_EQ(usage[0].usage.input_tokens, 21);
  EXPECT_EQ(usage[0].usage.output_tokens, 4);
}

TEST(PassThrough, AClientThatAsksForUsageGetsItAndNothingIsEdited) {
  Rig rig;
  const std::string body = request("m-a", true, "\"stream_options\":{\"include_usage\":true},");
  const Reply reply = rig.post(body);
  EXPECT_EQ(rig.log('a').at(0).body, body);
  EXPECT_EQ(reply.body, rig.log('a').at(0).sent);
  EXPECT_THAT(reply.body, HasSubstr("prompt_tokens"));
}

TEST(PassThrough, AClientThatDeclinesUsageIsHeard) {
  Rig rig;
  const std::string body = request("m-a", true, "\"stream_options\":{\"include_usage\":false},");
  const Reply reply = rig.post(body);
  EXPECT_EQ(rig.log('a').at(0).body, body);
  EXPECT_EQ(reply.body, rig.log('a').at(0).sent);
  EXPECT_FALSE(rig.usage().at(0).usage.known());
}

TEST(PassThrough, EveryLineEndingAndEveryCutOfTheBytes) {
  for (const char* ends : {"lf", "crlf", "cr"}) {
    Rig rig;
    rig.play('a', std::string("bytes:ends=") + ends);
    const Reply reply = rig.post(request("a", true, "\"stream_options\":{\"include_usage\":true},"));
    EXPECT_EQ(reply.body, rig.log('a').at(0).sent) << ends;
    EXPECT_EQ(reply.error, "") << ends;
    EXPECT_EQ(rig.usage().at(0).usage.output_tokens, 4) << ends;
  }
}

TEST(PassThrough, NoTokenIsHeldBack) {
  // The provider sends event n+1 only after the client has reported event n: whoever holds one back waits for ever.
  for (const bool own_wish : {false, true}) {
    Rig rig;
    rig.play('a', "step:events=12");
    std::int64_t told = 0;
    const auto report = [&](const std::string& so_far) {
      std::int64_t events = 0;
      for (std::size_t at = 0; (at = so_far.find("\n\n", at)) != std::string::npos; at += 2) ++events;
      // Taken out of the stream, the usage chunk cannot be reported: the event before it stands for both.
      if (!own_wish && so_far.find("\"stop\"") != std::string::npos) ++events;
      if (events > told) rig.acknowledge('a', told = events);
      return true;
    };
    const Reply reply = rig.post(request("a", true, own_wish ? "\"stream_options\":{\"include_usage\":true}," : ""), {}, report);
    EXPECT_EQ(reply.error, "");
    EXPECT_THAT(reply.body, testing::EndsWith("data: [DONE]\n\n"));
    EXPECT_TRUE(eventually([&] { return rig.log('a').back().state == "done"; }));
  }
}

TEST(PassThrough, LargeAnswersGoThroughInPieces) {
  Rig rig;
  rig.play('a', "large:bytes=3000000");
  const Reply reply = rig.post(request("a", false));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.error, "");
  EXPECT_TRUE(reply.body == rig.log('a').at(0).sent);
}

TEST(PassThrough, ErrorsOfTheClientsOwnMakingComeAsTheProviderWroteThem) {
  Rig rig;
  rig.play('a', "status:status=400");
  const Reply reply = rig.post(request("both", true));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, rig.log('a').at(0).sent);
  EXPECT_EQ(reply.header("x-flotte-target"), "pa/m-a");
  EXPECT_TRUE(rig.log('b').empty());
}

TEST(PassThrough, ConnectionsToTheProviderAreUsedAgain) {
  Rig rig;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(rig.post(request("a", i % 2 == 0)).status, 200);
  }
  EXPECT_EQ(rig.counts().calls, 5u);
  EXPECT_EQ(rig.counts().streams, 3u);
  EXPECT_EQ(rig.counts().under_way, 0u);
  EXPECT_EQ(rig.in_flight('a'), 0u);
}

}  // namespace
}  // namespace flotte::rig
