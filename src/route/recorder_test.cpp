#include "route/recorder.hpp"

#include <gtest/gtest.h>

#include "route/trace_json.hpp"

namespace flotte::route {
namespace {

class FakeClock final : public Clock {
 public:
  WallTime wall() const override { return now; }
  SteadyTime steady() const override { return SteadyTime(now.time_since_epoch()); }
  WallTime now = from_ms(1'800'000'000'000);
};

struct RecorderTest : ::testing::Test {
  FakeClock clock;

  /// A whole call, one millisecond after the one before.
  void call(Recorder& recorder, const std::string& id, const std::string& body = {}, int status = 200) {
    clock.now += milliseconds(1);
    Trace& trace = recorder.begin();
    trace.id = trace.put(id);
    trace.key = trace.put("k1");
    trace.model = trace.put(status == 200 ? "good" : "bad");
    recorder.keep(trace.received, body);
    trace.status = status;
    trace.end = 0;
    recorder.end(trace);
  }
  static std::string ids(const std::vector<TraceLine>& lines) {
    std::string out;
    for (const TraceLine& line : lines) out += (out.empty() ? "" : " ") + line.id;
    return out;
  }
};

RecorderLimits limits(Recording record) {
  return {.record = record, .count = 3, .bytes = 1024 * 1024, .age = milliseconds(60'000), .body_bytes = 1000};
}

TEST_F(RecorderTest, KeepsTheLastCallsNewestFirst) {
  Recorder recorder(limits(Recording::heads), clock);
  for (const char* id : {"a", "b", "c", "d"}) call(recorder, id);
  EXPECT_EQ(ids(recorder.list({})), "d c b");
  EXPECT_FALSE(recorder.find("a"));
  EXPECT_TRUE(recorder.find("b"));
  EXPECT_EQ(recorder.counts().forgotten, 1u);
}

TEST_F(RecorderTest, ForgetsWhatIsTooOld) {
  Recorder recorder(limits(Recording::heads), clock);
  call(recorder, "old");
  clock.now += milliseconds(59'000);
  call(recorder, "young");
  clock.now += milliseconds(2'000);
  EXPECT_EQ(ids(recorder.list({})), "young");
  EXPECT_EQ(recorder.counts().traces, 1u);
}

TEST_F(RecorderTest, StaysWithinItsMemoryAlsoWhileManyCallsAreUnderWay) {
  RecorderLimits small = limits(Recording::bodies);
  small.count = 1'000;
  small.bytes = 20'000;
  small.body_bytes = 5'000;
  Recorder recorder(small, clock);
  const std::string body(4'000, 'x');
  for (int i = 0; i < 20; ++i) call(recorder, "c" + std::to_string(i), body);
  EXPECT_LE(recorder.counts().bytes, small.bytes);
  EXPECT_GE(recorder.counts().traces, 2u);
  std::vector<Trace*> live;
  for (int i = 0; i < 20; ++i) {
    live.push_back(&recorder.begin());
    live.back()->id = live.back()->put("live");
    recorder.keep(live.back()->received, body);
    EXPECT_LE(recorder.counts().bytes, small.bytes);
  }
  EXPECT_EQ(live[0]->received.text.size(), 4'000u);
  EXPECT_EQ(live[19]->received.text.size(), 0u) << "there was no room left";
  EXPECT_EQ(live[19]->received.bytes, 4'000u);
  for (Trace* trace : live) {
    trace->end = 0;
    recorder.end(*trace);
    EXPECT_LE(recorder.counts().bytes, small.bytes);
  }
}

TEST_F(RecorderTest, CutsABodyAndKeepsNothingBehindTheCut) {
  Recorder recorder(limits(Recording::bodies), clock);
  Trace& trace = recorder.begin();
  recorder.keep(trace.received, std::string(600, 'a'));
  recorder.keep(trace.received, std::string(600, 'b'));
  recorder.keep(trace.received, "c");
  EXPECT_EQ(trace.received.text, std::string(600, 'a') + std::string(400, 'b'));
  EXPECT_EQ(trace.received.bytes, 1'201u);
  EXPECT_TRUE(trace.received.cut());
  EXPECT_FALSE(can_be_replayed(trace));
  recorder.end(trace);
}

TEST_F(RecorderTest, HeadsAloneCountBodiesButDoNotKeepThem) {
  Recorder recorder(limits(Recording::heads), clock);
  call(recorder, "a", "secret prompt");
  const auto trace = recorder.find("a");
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->received.bytes, 13u);
  EXPECT_EQ(trace->received.text, "");
  EXPECT_FALSE(can_be_replayed(*trace));
}

TEST_F(RecorderTest, ListsByKeyModelStatusAndPlace) {
  RecorderLimits many = limits(Recording::heads);
  many.count = 10;
  Recorder recorder(many, clock);
  call(recorder, "a");
  call(recorder, "b", {}, 429);
  call(recorder, "c", {}, 502);
  Trace& live = recorder.begin();
  live.id = live.put("d");
  live.at = clock.now + milliseconds(1);
  EXPECT_EQ(ids(recorder.list({})), "d c b a");
  EXPECT_EQ(ids(recorder.list({.status = "live"})), "d");
  EXPECT_EQ(ids(recorder.list({.status = "429"})), "b");
  EXPECT_EQ(ids(recorder.list({.status = "5xx"})), "c");
  EXPECT_EQ(ids(recorder.list({.status = "error"})), "c b");
  EXPECT_EQ(ids(recorder.list({.status = "ok"})), "a");
  EXPECT_EQ(ids(recorder.list({.model = "bad"})), "c b");
  EXPECT_EQ(ids(recorder.list({.key = "k1", .limit = 2})), "c b");
  EXPECT_EQ(ids(recorder.list({.key = "k2"})), "");
  const auto lines = recorder.list({.limit = 2});
  EXPECT_EQ(ids(recorder.list({.before = std::pair(lines.back().at, lines.back().id)})), "b a");
  recorder.end(live);
}

TEST_F(RecorderTest, UsesTheMemoryOfForgottenCallsAgain) {
  Recorder recorder(limits(Recording::heads), clock);
  for (int i = 0; i < 50; ++i) call(recorder, "c" + std::to_string(i));
  EXPECT_EQ(recorder.counts().traces, 3u);
  const auto trace = recorder.find("c49");
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->words(trace->model), "good");
  EXPECT_TRUE(trace->attempts.empty());
}

TEST_F(RecorderTest, ShowsTextsAsUtf8WithoutSecrets) {
  Recorder recorder(limits(Recording::bodies), clock);
  Trace& trace = recorder.begin();
  trace.id = trace.put("a");
  trace.request = trace.put("POST /v1/chat/completions\nContent-Type: application/json\nAuthorization: [redacted]");
  recorder.keep(trace.received,
                "Gr\xC3\xBC\xC3\x9F"
                "e \xFF fk_0123456789abcdefghijkl hunter2-hunter2 \xE6\x97");
  trace.status = 200;
  trace.end = 1'500;
  recorder.end(trace);
  const std::string secrets[] = {"hunter2-hunter2"};
  const json::object shown = to_json(*recorder.find("a"), Recording::bodies, secrets);
  const json::object& request = *json::get_object(shown, "request");
  EXPECT_EQ(json::string_or(request, "line", ""), "POST /v1/chat/completions");
  EXPECT_EQ(json::dump(request.at("headers")), R"([["Content-Type","application/json"],["Authorization","[redacted]"]])");
  EXPECT_EQ(json::string_or(*json::get_object(request, "body"), "text", ""),
            "Gr\xC3\xBC\xC3\x9F"
            "e \xEF\xBF\xBD [redacted] [redacted] ");
  EXPECT_EQ(json::get_number(shown, "total_ms"), 1.5);
  EXPECT_TRUE(shown.at("task").is_null());
}

TEST(RecorderLimits, AreSharedByTheLoops) {
  const RecorderLimits share = RecorderLimits{.record = Recording::bodies, .count = 10, .bytes = 1'000, .body_bytes = 900}.shared_by(4);
  EXPECT_EQ(share.count, 3u);
  EXPECT_EQ(share.bytes, 250u);
  EXPECT_LE(share.body_bytes, share.bytes);
}

}  // namespace
}  // namespace flotte::route
