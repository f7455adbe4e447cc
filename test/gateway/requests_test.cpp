// Requests that are refused before anybody is asked, lists of models, and calls of tasks.
#include <gmock/gmock.h>

#include "base/encoding.hpp"
#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::HasSubstr;
using testing::Not;

route::Caller run_of(std::int64_t task, std::int64_t fence) { return {.key_id = "run", .run = route::Run{.task = task, .fence = fence}}; }

TEST(Requests, ThatAreWrongAreToldWhy) {
  struct Case {
    std::string body;
    std::map<std::string, std::string> headers;
    int status;
    const char* says;
  };
  const Case cases[] = {
      {"{\"model\":\"a\"", {}, 400, "not valid JSON at byte 12"},
      {"", {}, 400, "not valid JSON at byte 0"},
      {"[]", {}, 400, "an object is expected"},
      {"{\"model\":\"a\",\"x\":\"\xff\"}", {}, 400, "invalid UTF-8"},
      {"{\"model\":\"a\",\"x\":" + std::string(100, '[') + "}", {}, 400, "nested too deeply"},
      {"{\"model\":\"a\",\"model\":\"b\"}", {}, 400, "two members"},
      {"{\"mode\\u006c\":\"a\"}", {}, 400, "escape"},
      {"{\"messages\":[]}", {}, 400, "no \\\"model\\\""},
      {request("bothh", false), {}, 404, "did you mean \\\"both\\\""},
      {request("pa/anything", false), {}, 200, "chat.completion"},
      {request("nothing/here", false), {}, 404, "model_not_found"},
      {request("a", false), {{"Content-Encoding", "br"}}, 415, "gzip, deflate or zstd"},
      {request("a", false), {{"Content-Encoding", "zstd"}}, 400, "not valid zstd"},
      {*from_base64("KLUv/QRonQEAksMLEbBrDKddbzySQC3ZksmgY0IVUcTROXdL3WJkcNN955pYG4Z81YxdVYPHedLC1DAA6MqtqQ=="),
       {{"Content-Encoding", "zstd"}},
       200,
       "chat.completion"},
      {request("a", false, "\"x\":\"" + std::string(1024 * 1024, 'x') + "\","), {}, 413, "request_too_large"},
      {request("loop", false), {}, 508, "loop_detected"},
      {request("away", false), {}, 503, "llama@gone"},
  };
  Rig rig;
  for (const Case& c : cases) {
    const Reply reply = rig.post(c.body, c.headers);
    EXPECT_EQ(reply.status, c.status) << c.says << reply.body.substr(0, 300);
    EXPECT_THAT(reply.body.substr(0, 2'000), HasSubstr(c.says));
    EXPECT_THAT(reply.header("x-flotte-request-id"), testing::StartsWith("req_"));
    EXPECT_EQ(reply.header("content-type"), "application/json");
  }
  EXPECT_EQ(rig.log('a').size(), 2u);
  EXPECT_EQ(rig.counts().under_way, 0u);
}

TEST(Requests, AreHeldToTheModelsOfTheirKey) {
  Rig rig;
  rig.call_as({.key_id = "k2", .models = std::make_shared<std::vector<std::string>>(std::vector<std::string>{"b", "x-*"})});
  EXPECT_EQ(rig.post(request("b", false)).status, 200);
  EXPECT_EQ(rig.post(request("bee-7", false)).status, 200);  // an alias of b
  const Reply reply = rig.post(request("a", false));
  EXPECT_EQ(reply.status, 403);
  EXPECT_THAT(reply.body, HasSubstr("it may use b, x-*"));
  const Reply list = rig.get("/v1/models");
  EXPECT_THAT(list.body, HasSubstr("\"id\":\"b\""));
  EXPECT_THAT(list.body, Not(HasSubstr("\"id\":\"a\"")));
  EXPECT_EQ(rig.get("/v1/models/a").status, 404);
}

TEST(Models, AreListedAndShown) {
  Rig rig;
  const Reply list = rig.get("/v1/models");
  EXPECT_EQ(list.status, 200);
  EXPECT_THAT(list.body, testing::StartsWith(
                             "{\"object\":\"list\",\"data\":[{\"id\":\"a\",\"object\":\"model\",\"created\":0,\"owned_by\":\"flotte\"}"));
  EXPECT_EQ(rig.get("/v1/models/both").status, 200);
  EXPECT_EQ(rig.get("/v1/models/pa/m-x").status, 200);
  const Reply none = rig.get("/v1/models/bothx");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr("\"code\":\"model_not_found\""));
}

TEST(Runs, GetTheRecordedAnswerTheSecondTime) {
  for (const bool stream : {false, true}) {
    Rig rig;
    rig.call_as(run_of(42, 1));
    const std::string body = request("a", stream);
    const Reply first = rig.post(body, {{"x-flotte-step", "part-1"}});
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.header("x-flotte-replayed"), "");
    EXPECT_EQ(rig.journal->records, 1);
    rig.call_as(run_of(42, 2));
    const Reply second = rig.post(body, {{"x-flotte-step", "part-1"}});
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.header("content-type"), first.header("content-type"));
    EXPECT_EQ(second.header("x-flotte-replayed"), "1");
    EXPECT_EQ(second.header("x-flotte-target"), "pa/m-a");
    EXPECT_EQ(rig.log('a').size(), 1u);
    EXPECT_EQ(rig.usage().size(), 1u);  // bought once, counted once
    rig.post(body, {{"x-flotte-step", "part-2"}});
    rig.call_as(run_of(43, 1));
    rig.post(body, {{"x-flotte-step", "part-1"}});
    EXPECT_EQ(rig.log('a').size(), 3u);
    EXPECT_EQ(rig.usage().at(1).task, 43);
  }
}

TEST(Runs, WhoseStepIsNoNameAreRefused) {
  Rig rig;
  rig.call_as(run_of(42, 1));
  const std::string longest(200, 's');
  for (const std::string& step : {longest + "s", std::string("part \xe4 of latin"), longest.substr(1) + "\xc3"}) {
    const Reply refused = rig.post(request("a", false), {{"x-flotte-step", step}});
    EXPECT_EQ(refused.status, 400) << refused.body;
    EXPECT_THAT(refused.body, HasSubstr("x-flotte-step"));
  }
  EXPECT_EQ(rig.log('a').size(), 0u) << "nobody was asked";
  for (const std::string& step : {longest, std::string("größe/2 of 3"), std::string()})
    EXPECT_EQ(rig.post(request("a", false), {{"x-flotte-step", step}}).status, 200) << step;
}

TEST(Runs, AreRecordedBeforeTheLastByteGoesOut) {
  for (const bool stream : {false, true}) {
    Rig rig;
    rig.call_as(run_of(42, 1));
    rig.journal->hold = true;
    std::atomic<bool> released{false}, early{false};
    std::string got;
    std::thread release([&] {
      EXPECT_TRUE(eventually([&] { return rig.journal->waiting == 1; }));
      std::this_thread::sleep_for(std::chrono::milliseconds(30));  // time for a byte that must not come
      released = true;
      rig.journal->hold = false;
    });
    const Reply reply = rig.post(request("a", stream), {{"x-flotte-step", "s"}}, [&](const std::string& so_far) {
      const bool last = !stream || so_far.find("[DONE]") != std::string::npos;
      if (last && !released) early = true;
      return true;
    });
    release.join();
    EXPECT_FALSE(early);
    EXPECT_EQ(reply.error, "");
    EXPECT_EQ(rig.journal->records, 1);
  }
}

TEST(Runs, DoNotRecordWhatIsNoWholeAnswer) {
  for (const char* scenario : {"status:status=400", "cut:after=2", "no_end", "error_inside:after=2", "large:bytes=100000"}) {
    Rig rig;
    rig.play('a', scenario);
    rig.call_as(run_of(42, 1));
    const std::string body = request("a", !std::string_view(scenario).starts_with("large"));
    rig.post(body);
    rig.post(body);
    EXPECT_EQ(rig.journal->records, 0) << scenario;
    EXPECT_EQ(rig.log('a').size(), 2u) << scenario;
  }
}

TEST(Runs, GetANewAnswerWhereTheyAskTheSameAgainThemselves) {
  Rig rig;
  rig.call_as(run_of(42, 1));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(rig.post(request("a", true)).header("x-flotte-replayed"), "");
  rig.call_as(run_of(42, 2));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(rig.post(request("a", true)).header("x-flotte-replayed"), "1");
  EXPECT_EQ(rig.post(request("a", true)).header("x-flotte-replayed"), "");
  EXPECT_EQ(rig.log('a').size(), 3u);
  EXPECT_EQ(rig.journal->told_count, 5);
  EXPECT_EQ(rig.journal->under_way(42), 0u);
}

TEST(Runs, TellTheJournalHowACallEnded) {
  Rig rig;
  rig.call_as(run_of(42, 1));
  rig.play('a', "status:status=400");
  EXPECT_EQ(rig.post(request("a", false)).status, 400);
  EXPECT_EQ(rig.journal->frees, 1);
  rig.play('a', "cut:after=2");
  rig.post(request("a", true));
  EXPECT_TRUE(eventually([&] { return rig.journal->losses == 1; }));
  const Reply nobody = rig.post(request("nobody", false));
  EXPECT_EQ(nobody.status, 503) << nobody.body;
  EXPECT_EQ(rig.journal->frees, 2);
  EXPECT_EQ(rig.journal->intents, 3);
  EXPECT_EQ(rig.journal->under_way(42), 0u);
}

/// Leaves as soon as the first words have come.
bool first_words(const std::string& so_far) { return so_far.find("content") == std::string::npos; }

TEST(Runs, AnAnswerThatItsClientHasLeftIsReadToItsEndWhereItIsWanted) {
  Rig rig;
  rig.journal->wanted = true;
  rig.call_as(run_of(42, 1));
  rig.play('a', "gaps:delay_ms=30");
  rig.post(request("a", true), {}, first_words);
  EXPECT_TRUE(eventually([&] { return rig.journal->records == 1; }));
  EXPECT_TRUE(eventually([&] { return rig.counts().under_way == 0; }));
  EXPECT_EQ(rig.journal->untold_count, 1);
  EXPECT_EQ(rig.log('a').at(0).state, "done");
  for (const std::int64_t fence : {1, 2}) {  // its own run, whose client tries again, and the next one
    rig.call_as(run_of(42, fence));
    const Reply again = rig.post(request("a", true));
    EXPECT_EQ(again.header("x-flotte-replayed"), "1");
    EXPECT_THAT(again.body, HasSubstr("[DONE]"));
  }
  EXPECT_EQ(rig.log('a').size(), 1u);
}

TEST(Runs, AnAnswerThatNobodyWantsIsLeft) {
  Rig rig;
  rig.call_as(run_of(42, 1));
  rig.play('a', "forever");
  rig.post(request("a", true), {}, first_words);
  EXPECT_TRUE(eventually([&] { return rig.counts().under_way == 0; }));
  EXPECT_EQ(rig.journal->lefts, 1);
  EXPECT_EQ(rig.journal->losses, 1);
  EXPECT_EQ(rig.journal->under_way(42), 0u);
}

TEST(Runs, AnAnswerThatCannotBeRecordedIsStillPassedOn) {
  for (const char* model : {"a", "msg"}) {  // passed through, translated
    Rig rig;
    rig.journal->full = true;
    rig.call_as(run_of(42, 1));
    const Reply reply = rig.post(request(model, true));
    EXPECT_EQ(reply.error, "");
    EXPECT_THAT(reply.body, HasSubstr("[DONE]"));
    EXPECT_EQ(rig.journal->losses, 1) << "and counted as perhaps paid for";
    rig.journal->full = false;
    rig.call_as(run_of(42, 2));
    EXPECT_EQ(rig.post(request(model, true)).header("x-flotte-replayed"), "");
  }
}

TEST(Runs, AreRefusedWhileTheJournalCannotBeRead) {
  Rig rig;
  rig.call_as(run_of(42, 1));
  rig.journal->broken = true;
  EXPECT_EQ(rig.post(request("a", true)).status, 503);
  EXPECT_TRUE(rig.log('a').empty());
}

}  // namespace
}  // namespace flotte::rig
