// Gemini's and Ollama's own APIs where client and target both speak them: byte for byte, and honest where the target fails.
#include <gmock/gmock.h>

#include <thread>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view gemini_body =
    "{ \"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Hi\"}]}],\n \"unknownField\" : 1.50e+1 }\r\n";

std::string ollama_body(const std::string& model, std::string_view more) {
  return "{ \"model\" : \"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}], \"unknown\":1.50e+1" + std::string(more) +
         "}\n";
}

struct Way {
  const char* path;  // of a client of Gemini; null: Ollama's
  std::string_view more;
};
const Way ways[] = {{"generateContent", ""},
                    {"streamGenerateContent?alt=sse", ""},
                    {"streamGenerateContent", ""},
                    {nullptr, ",\"stream\":false"},
                    {nullptr, ""}};

Reply ask(Rig& rig, const Way& way, const std::string& gemini_model, const std::string& ollama_model) {
  if (!way.path) return rig.post_to("/api/chat", ollama_body(ollama_model, way.more));
  return rig.post_to("/v1beta/models/" + gemini_model + ":" + way.path, std::string(gemini_body), {{"x-goog-api-key", "fk_client"}});
}

TEST(NativeApis, PassThroughByteForByte) {
  for (const Way& way : ways) {
    Rig rig;
    const Reply reply = ask(rig, way, "gem", "oll");
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.error, "");
    const auto log = rig.log('a');
    ASSERT_EQ(log.size(), 1u);
    EXPECT_EQ(reply.body, log[0].sent);
    EXPECT_EQ(log[0].body, way.path ? std::string(gemini_body) : ollama_body("m-o", way.more));
    EXPECT_EQ(log[0].head.target, way.path ? "/v1beta/models/m%20g%2F1:" + std::string(way.path) : std::string("/api/chat"));
    EXPECT_EQ(log[0].head.headers.get("x-goog-api-key").value_or(""), way.path ? "sk-a" : "");
    EXPECT_EQ(log[0].head.headers.get("authorization").value_or(""), way.path ? "" : "Bearer sk-a");
    const auto usage = rig.usage();
    ASSERT_EQ(usage.size(), 1u);
    EXPECT_EQ(usage[0].usage.input_tokens, 21);
    EXPECT_EQ(usage[0].usage.output_tokens, 4);
    EXPECT_EQ(usage[0].status, 200);
  }
}

TEST(NativeApis, Edge6_AnEarlyErrorAsksTheNextTargetWhateverItSpeaks) {
  for (const Way& way : ways) {
    for (const char* scenario : {"error_inside", "status:status=503", "cut:after=0", "html"}) {
      Rig rig;
      rig.play('a', scenario);
      const Reply reply = ask(rig, way, "gem-then-chat", "oll-then-chat");
      const std::string what = fmt::format("{} {}", way.path ? way.path : "ollama", scenario);
      EXPECT_EQ(reply.status, 200) << what << reply.body;
      EXPECT_EQ(reply.error, "") << what;
      EXPECT_EQ(reply.header("x-flotte-target"), "chatb/m-b") << what;
      EXPECT_THAT(reply.body, AllOf(HasSubstr("Flotte"), Not(HasSubstr("error")))) << what;
    }
  }
}

TEST(NativeApis, Edge3_AStreamThatIsCutEndsInAnErrorOfItsFormat) {
  for (const char* scenario : {"cut:after=2", "error_inside:after=2"}) {
    const bool cut = std::string_view(scenario).starts_with("cut");
    Rig rig;
    rig.play('a', scenario);
    const Reply events = ask(rig, ways[1], "gem", "oll");
    EXPECT_THAT(events.body, AllOf(HasSubstr("Flotte"), HasSubstr("data: {\"error\":{"))) << scenario;
    EXPECT_EQ(events.error, cut ? "closed" : "");
    const Reply array = ask(rig, ways[2], "gem", "oll");
    const auto parsed = json::parse(array.body);
    ASSERT_TRUE(parsed && parsed->is_array()) << array.body;
    EXPECT_TRUE(parsed->get_array().back().get_object().contains("error")) << array.body;
    const Reply lines = ask(rig, ways[4], "gem", "oll");
    const std::size_t last = lines.body.rfind("\n", lines.body.size() - 2);
    EXPECT_THAT(lines.body.substr(last + 1), StartsWith("{\"error\":\"")) << lines.body;
    EXPECT_THAT(lines.body, Not(HasSubstr("\"done\":true")));
    for (const route::UsageRecord& record : rig.usage()) EXPECT_EQ(record.status, 502) << scenario;
  }
}

TEST(NativeApis, OneByteAtATimeIsTheSame) {
  for (const Way& way : ways) {
    if (!way.more.empty() || &way == &ways[0]) continue;  // those are whole
    Rig rig;
    rig.play('a', "bytes");
    const Reply reply = ask(rig, way, "gem", "oll");
    EXPECT_EQ(reply.error, "");
    EXPECT_EQ(reply.body, rig.log('a').at(0).sent);
    EXPECT_EQ(rig.usage().at(0).usage.output_tokens, 4);
  }
}

TEST(NativeApis, TheTasksJournalTellsCallsApartByTheirPath) {
  Rig rig;
  rig.call_as({.key_id = "k1", .name = "test", .run = route::Run{7, 1}});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(ask(rig, ways[i], "gem", "").header("x-flotte-replayed"), "") << i;
  rig.call_as({.key_id = "k1", .name = "test", .run = route::Run{7, 2}});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(ask(rig, ways[i], "gem", "").header("x-flotte-replayed"), "1") << i;
  EXPECT_EQ(rig.log('a').size(), 3u) << "the same body, but three calls";
}

TEST(NativeApis, Edge32_ManyWhoLeaveTranslatedStreamsLeaveNothingBehind) {
  Rig rig;
  rig.play('a', "forever");
  std::vector<std::thread> clients;
  for (int i = 0; i < 40; ++i)
    clients.emplace_back([&rig] {
      (void)rig.post_to("/api/chat", ollama_body("plain", ""), {}, [](const std::string& so_far) { return so_far.size() < 500; });
    });
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(eventually([&] { return rig.counts().under_way == 0; }));
  EXPECT_TRUE(eventually([&] { return rig.in_flight_at("plain") == 0; }));
  const auto log = rig.log('a');
  EXPECT_EQ(log.size(), 40u);
  EXPECT_TRUE(eventually([&] {
    for (const scripted::Logged& call : rig.log('a'))
      if (call.state == "running") return false;
    return true;
  }));
}

}  // namespace
}  // namespace flotte::rig
