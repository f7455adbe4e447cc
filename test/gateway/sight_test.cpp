// What the flight recorder and the metrics see of calls over real sockets.
#include "rig.hpp"
#include "route/prometheus_for_tests.hpp"
#include "route/trace_json.hpp"

namespace flotte::rig {
namespace {

RigOptions recording(route::Recording record) {
  RigOptions options;
  options.recorder.record = record;
  return options;
}

json::object shown(Rig& rig, const std::string& id, route::Recording record = route::Recording::bodies) {
  auto trace = rig.trace(id);
  return trace ? route::to_json(*trace, record, {}) : json::object{};
}

const json::object& attempt(const json::object& request, std::size_t i) { return request.at("asked").get_array().at(i).get_object(); }

std::string body_text(const json::object& message) { return json::string_or(*json::get_object(message, "body"), "text", ""); }

TEST(Sight, KeepsNothingUnlessItIsTold) {
  Rig rig;
  EXPECT_EQ(rig.post(request("a", false)).status, 200);
  EXPECT_TRUE(rig.recorded().empty());
}

TEST(Sight, KeepsBothSidesOfAWholeAnswer) {
  Rig rig(recording(route::Recording::bodies));
  const std::string body = request("a", false);
  const Reply reply = rig.post(body, {{"X-Api-Key", "fk_secret"}});
  ASSERT_EQ(reply.status, 200);
  ASSERT_TRUE(eventually([&] { return rig.recorded({.status = "ok"}).size() == 1; }));
  const route::TraceLine line = rig.recorded().front();
  EXPECT_EQ(line.id, reply.header("x-flotte-request-id"));
  EXPECT_EQ(line.key, "k1");
  EXPECT_EQ(line.model, "a");
  EXPECT_EQ(line.target, "pa/m-a");
  EXPECT_EQ(line.status, 200);
  EXPECT_EQ(line.usage.input_tokens, 21);
  EXPECT_GE(line.end, line.first_byte);
  const json::object one = shown(rig, line.id);
  const json::object &client = *json::get_object(one, "request"), &answer = *json::get_object(one, "answer");
  EXPECT_EQ(body_text(client), body);
  EXPECT_EQ(body_text(answer), reply.body);
  EXPECT_EQ(json::string_or(client, "line", ""), "POST /v1/chat/completions?x=1");
  ASSERT_EQ(one.at("asked").get_array().size(), 1u);
  const json::object& asked = attempt(one, 0);
  EXPECT_EQ(json::string_or(asked, "target", ""), "pa/m-a");
  EXPECT_EQ(json::int_or(asked, "status", 0), 200);
  const std::string sent = body_text(*json::get_object(asked, "request"));
  EXPECT_NE(sent.find("\"m-a\""), std::string::npos) << "what the target was asked has its own model's name";
  EXPECT_EQ(sent, rig.log('a').back().body);
  EXPECT_EQ(body_text(*json::get_object(asked, "answer")), rig.log('a').back().sent);
  const std::string everything = json::dump(one);
  for (const std::string_view secret : {"fk_client", "fk_secret", "sk-a"}) EXPECT_EQ(everything.find(secret), std::string::npos) << secret;
}

TEST(Sight, KeepsBothSidesOfAStream) {
  Rig rig(recording(route::Recording::bodies));
  const Reply reply = rig.post(request("a", true));
  ASSERT_EQ(reply.status, 200);
  ASSERT_TRUE(eventually([&] { return rig.recorded({.status = "ok"}).size() == 1; }));
  const json::object one = shown(rig, reply.header("x-flotte-request-id"));
  EXPECT_EQ(body_text(*json::get_object(one, "answer")), reply.body);
  const json::object& asked = attempt(one, 0);
  EXPECT_EQ(body_text(*json::get_object(asked, "answer")), rig.log('a').back().sent) << "with the usage that the client did not ask for";
  EXPECT_GT(json::get_number(asked, "ended_ms").value_or(-1), 0);
  EXPECT_LE(json::get_number(asked, "asked_ms").value_or(-1), json::get_number(asked, "answered_ms").value_or(-1));
}

TEST(Sight, HeadsAloneTellSizesAndTimes) {
  Rig rig(recording(route::Recording::heads));
  const std::string body = request("a", false);
  const Reply reply = rig.post(body);
  ASSERT_TRUE(eventually([&] { return rig.recorded({.status = "ok"}).size() == 1; }));
  const json::object one = shown(rig, reply.header("x-flotte-request-id"), route::Recording::heads);
  const json::object& kept = *json::get_object(*json::get_object(one, "request"), "body");
  EXPECT_EQ(json::int_or(kept, "bytes", 0), static_cast<std::int64_t>(body.size()));
  EXPECT_TRUE(kept.at("text").is_null());
  EXPECT_EQ(json::int_or(*json::get_object(*json::get_object(one, "answer"), "body"), "bytes", 0),
            static_cast<std::int64_t>(reply.body.size()));
  EXPECT_FALSE(json::get_bool(one, "replayable").value_or(true));
}

TEST(Sight, TellsWhyAnotherTargetWasAsked) {
  Rig rig(recording(route::Recording::heads));
  rig.play('a', "status:status=500");
  const Reply reply = rig.post(request("both", false));
  ASSERT_EQ(reply.status, 200);
  ASSERT_TRUE(eventually([&] { return rig.recorded({.status = "ok"}).size() == 1; }));
  const json::object one = shown(rig, reply.header("x-flotte-request-id"), route::Recording::heads);
  ASSERT_EQ(one.at("asked").get_array().size(), 2u);
  EXPECT_EQ(json::int_or(attempt(one, 0), "status", 0), 500);
  const json::object& left = attempt(one, 0).at("left").get_array().at(0).get_object();
  EXPECT_EQ(json::string_or(left, "target", ""), "pb/m-b");
  EXPECT_EQ(json::string_or(left, "why", ""), "not_its_turn");
  const json::object& before = attempt(one, 1).at("left").get_array().at(0).get_object();
  EXPECT_EQ(json::string_or(before, "why", ""), "asked_before");
  EXPECT_EQ(json::string_or(one, "target", ""), "pb/m-b");
}

TEST(Sight, TellsThatABreakerIsOpenAndForHowLong) {
  Rig rig(recording(route::Recording::heads));
  rig.play('a', "rate_limited:seconds=7");
  ASSERT_EQ(rig.post(request("both", false)).status, 200);
  const Reply reply = rig.post(request("both", false));
  ASSERT_EQ(reply.status, 200);
  ASSERT_TRUE(eventually([&] { return rig.recorded({.status = "ok"}).size() == 2; }));
  const json::object one = shown(rig, reply.header("x-flotte-request-id"), route::Recording::heads);
  ASSERT_EQ(one.at("asked").get_array().size(), 1u);
  const json::object& left = attempt(one, 0).at("left").get_array().at(0).get_object();
  EXPECT_EQ(json::string_or(left, "why", ""), "quota");
  EXPECT_GT(json::int_or(left, "opens_in_ms", 0), 5'000);
}

TEST(Sight, KeepsRefusalsAndWhatTargetsNeverAnswered) {
  Rig rig(recording(route::Recording::heads));
  const Reply unknown = rig.post(request("nothing-of-the-kind", false));
  EXPECT_EQ(unknown.status, 404);
  const Reply nobody = rig.post(request("nobody", false));
  EXPECT_GE(nobody.status, 500);
  ASSERT_TRUE(eventually([&] { return rig.recorded({.status = "error"}).size() == 2; }));
  const json::object one = shown(rig, nobody.header("x-flotte-request-id"), route::Recording::heads);
  EXPECT_TRUE(attempt(one, 0).at("status").is_null());
  EXPECT_NE(json::string_or(attempt(one, 0), "error", ""), "");
  const json::object other = shown(rig, unknown.header("x-flotte-request-id"), route::Recording::heads);
  EXPECT_EQ(json::string_or(other, "model", ""), "nothing-of-the-kind");
  EXPECT_TRUE(other.at("asked").get_array().empty());
}

TEST(Sight, ACallUnderWayIsThereToo) {
  Rig rig(recording(route::Recording::heads));
  rig.play('a', "step");
  auto reply = rig.post_later(request("a", true));
  ASSERT_TRUE(eventually([&] { return rig.recorded({.status = "live"}).size() == 1; }));
  const json::object one = shown(rig, rig.recorded().front().id, route::Recording::heads);
  EXPECT_EQ(json::string_or(one, "state", ""), "live");
  EXPECT_EQ(json::string_or(attempt(one, 0), "target", ""), "pa/m-a");
  rig.acknowledge('a', 100);
  EXPECT_EQ(reply.get().status, 200);
  EXPECT_TRUE(eventually([&] { return rig.recorded({.status = "ok"}).size() == 1; }));
}

TEST(Sight, AClientThatLeftIsRecordedAs499) {
  Rig rig(recording(route::Recording::heads));
  rig.play('a', "forever");
  rig.post(request("a", true), {}, [](const std::string&) { return false; });
  EXPECT_TRUE(eventually([&] { return rig.recorded({.status = "499"}).size() == 1; }));
}

TEST(Sight, MetricsCountWhatPassed) {
  Rig rig;
  rig.post(request("a", true));
  rig.post(request("a", false));
  rig.post(request("nothing-of-the-kind", false));
  MetricsText text;
  ASSERT_TRUE(eventually([&] { return rig.counts().under_way == 0; }));
  rig.metrics().write(text);
  const auto read = prometheus::parse(text.text());
  EXPECT_EQ(read.problem, "");
  const std::string labels = R"({gen_ai_operation_name="chat",gen_ai_provider_name="pa",gen_ai_request_model="a")";
  EXPECT_EQ(read.value("gen_ai_server_request_duration_seconds_count" + labels + "}"), 2);
  EXPECT_EQ(read.value("gen_ai_server_time_to_first_token_seconds_count" + labels + "}"), 1) << "of the stream alone";
  EXPECT_EQ(read.value("gen_ai_client_token_usage_sum" + labels + R"(,gen_ai_token_type="input"})"), 42);
  EXPECT_EQ(read.value("gen_ai_server_request_duration_seconds_count{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"none\","
                       "gen_ai_request_model=\"unknown\",error_type=\"404\"}"),
            1);
}

}  // namespace
}  // namespace flotte::rig
