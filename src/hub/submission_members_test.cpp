// What the API does with members that nobody knows: a budget that was meant must not be dropped.
#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

using testing::Reply;
using testing::RunningHub;

std::string hint_of(const Reply& reply) {
  const json::object answer = reply.object();
  const json::object* error = json::get_object(answer, "error");
  return error ? json::string_or(*error, "message", "") + " | " + json::string_or(*error, "hint", "") : reply.body;
}

void expect_refused(RunningHub& hub, const std::string& path, const std::string& body, std::string_view meant) {
  const Reply reply = hub.post(path, body);
  EXPECT_EQ(reply.status, 400) << body << ": " << reply.body;
  EXPECT_NE(hint_of(reply).find(meant), std::string::npos) << body << ": " << hint_of(reply);
}

TEST(Submission, RefusesMembersThatNobodyKnows) {
  RunningHub hub;
  const std::string start = R"({"kind":"prompt","worker":"nobody","input":{"prompt":"x"})";
  expect_refused(hub, "/fleet/v1/tasks", start + R"(,"budget":"0.01"})", "\"budget_usd\"");
  expect_refused(hub, "/fleet/v1/tasks", start + R"(,"max_cost_usd":"0.01"})", "\"budget_usd\"");
  expect_refused(hub, "/fleet/v1/tasks", start + R"(,"after":["t1"]})", "\"depends_on\"");
  expect_refused(hub, "/fleet/v1/tasks", start + R"(,"prioritty":9})", "\"priority\"");
  EXPECT_EQ(json::get_array(hub.get("/fleet/v1/tasks").object(), "items")->size(), 0u);

  expect_refused(hub, "/fleet/v1/batches", R"({"title":"x","budget_usd":"1"})", "\"max_cost_usd\"");
  const std::string batch = hub.post("/fleet/v1/batches", R"({"title":"x","max_cost_usd":null})").text("id");
  expect_refused(hub, "/fleet/v1/batches/" + batch + "/items", R"({"index":0,"titel":"a","task":)" + start + "}}", "line 1");
  expect_refused(hub, "/fleet/v1/batches/" + batch + "/items", R"({"index":0,"task":)" + start + R"(,"budget":"1"}})", "\"budget_usd\"");

  const std::string schedule = R"({"name":"nightly","cron":"@daily","task":)" + start + "}";
  expect_refused(hub, "/fleet/v1/schedules", schedule + R"(,"timezone":"Europe/Berlin"})", "\"zone\"");
  expect_refused(hub, "/fleet/v1/schedules", R"({"name":"n","cron":"@daily","task":)" + start + R"(,"after":["t1"]}})", "\"depends_on\"");
  expect_refused(hub, "/fleet/v1/schedules", R"({"name":"n","cron":"@daily","batch":{"budget_usd":"1","items":[)" + start + "}]}}",
                 "\"max_cost_usd\"");
  EXPECT_EQ(hub.post("/fleet/v1/schedules", schedule + "}").status, 201);
}

}  // namespace
}  // namespace flotte::hub
