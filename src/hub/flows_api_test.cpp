// Flows, projects, weights, pauses and what they do to tasks, over real sockets: a hub without nodes.
#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

using namespace testing;

class FlowsApi : public ::testing::Test {
 protected:
  std::string submit(const std::string& more) {
    const Reply reply = hub.post(
        "/fleet/v1/tasks", R"({"kind":"prompt","worker":"nobody","input":{"prompt":"hello"})" + (more.empty() ? "" : "," + more) + "}");
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.text("id");
  }
  json::array flows(const std::string& query = "") {
    const Reply reply = hub.get("/fleet/v1/flows" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    const json::object page = reply.object();
    const json::array* items = json::get_array(page, "items");
    return items ? *items : json::array{};
  }
  RunningHub hub;
};

TEST_F(FlowsApi, ShowTheirShareTheirSeatsAndWhoWaits) {
  EXPECT_EQ(hub.ask("PATCH", "/fleet/v1/keys/admin", R"({"weight":2.5})", hub.admin()).status, 200);
  submit(R"("project":"acme","concurrency":{"key":"db","limit":3})");
  const json::array found = flows("?project=acme");
  ASSERT_EQ(found.size(), 1u);
  const json::object& flow = found[0].get_object();
  EXPECT_EQ(json::string_or(flow, "owner", ""), "admin");
  EXPECT_EQ(json::string_or(flow, "state", ""), "ready");
  EXPECT_EQ(json::int_or(flow, "ready", 0), 1);
  EXPECT_EQ(flow.at("owner_weight").to_number<double>(), 2.5);
  EXPECT_EQ(json::dump(flow.at("concurrency")), R"({"key":"db","limit":3,"used":0})");
  EXPECT_TRUE(flow.at("oldest_ready_at").is_string());
  EXPECT_TRUE(flows("?project=other").empty());
  for (const char* wrong : {"{}", R"({"weight":0})", R"({"weight":"2"})", R"({"weight":1,"rpm":3})"})
    EXPECT_EQ(hub.ask("PATCH", "/fleet/v1/keys/admin", wrong, hub.admin()).status, 400) << wrong;
  EXPECT_EQ(hub.ask("PATCH", "/fleet/v1/keys/nobody", R"({"weight":1})", hub.admin()).status, 404);
}

TEST_F(FlowsApi, APausedProjectHoldsWhatComesAndAResumedOneLetsItGo) {
  EXPECT_EQ(hub.post("/fleet/v1/projects/acme/pause").status, 200);
  const std::string task = submit(R"("project":"acme")");
  const Reply held = hub.get("/fleet/v1/tasks/" + task);
  EXPECT_EQ(held.text("state"), "waiting");
  EXPECT_EQ(held.text("reason"), "paused");
  EXPECT_EQ(hub.get("/fleet/v1/tasks/" + task + "/why").text("text"), "its project acme is paused");
  const Reply projects = hub.get("/fleet/v1/projects");
  EXPECT_NE(projects.body.find(R"("name":"acme","weight":1)"), std::string::npos) << projects.body;
  EXPECT_EQ(hub.post("/fleet/v1/projects/acme/resume").status, 200);
  EXPECT_EQ(hub.get("/fleet/v1/tasks/" + task).text("state"), "queued");
  const std::string flow = held.text("flow");
  const Reply paused = hub.post("/fleet/v1/flows/" + flow + "/pause");
  EXPECT_EQ(paused.text("state"), "paused");
  EXPECT_EQ(hub.get("/fleet/v1/tasks/" + task).text("state"), "waiting");
  EXPECT_EQ(hub.post("/fleet/v1/flows/" + flow + "/resume").text("state"), "ready");
  EXPECT_EQ(hub.post("/fleet/v1/flows/f4711/pause").status, 404);
  EXPECT_EQ(hub.post("/fleet/v1/flows/x/pause").status, 404);
  EXPECT_EQ(hub.post("/fleet/v1/workers/nobody@nowhere/pause").status, 404);
}

TEST_F(FlowsApi, AUniqueTaskIsGivenAgainAndWrongWishesAreNamed) {
  const std::string task = submit(R"("unique":"nightly")");
  const Reply again = hub.post("/fleet/v1/tasks", R"({"kind":"prompt","worker":"nobody","unique":"nightly","input":{"prompt":"other"}})");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.text("id"), task);
  EXPECT_EQ(hub.post("/fleet/v1/tasks/" + task + "/cancel").status, 200);
  EXPECT_EQ(hub.post("/fleet/v1/tasks", R"({"kind":"prompt","worker":"nobody","unique":"nightly","input":{"prompt":"other"}})").status,
            201);
  for (const char* wrong :
       {R"("concurrency":"db")", R"("concurrency":{"limit":2})", R"("concurrency":{"key":"x","limit":0})", R"("unique":7)"}) {
    const Reply refused =
        hub.post("/fleet/v1/tasks", std::string(R"({"kind":"prompt","worker":"nobody","input":{"prompt":"x"},)") + wrong + "}");
    EXPECT_EQ(refused.status, 400) << wrong;
  }
}

TEST_F(FlowsApi, NeedAnAdminToHoldOthersUp) {
  const Reply made = hub.post("/fleet/v1/keys", R"({"name":"tasks","scopes":["tasks"],"weight":3})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string key = made.text("key");
  EXPECT_EQ(hub.ask("GET", "/fleet/v1/flows", "", key).status, 200);
  EXPECT_EQ(hub.ask("GET", "/fleet/v1/projects", "", key).status, 200);
  for (const char* path : {"/fleet/v1/projects/a/pause", "/fleet/v1/flows/f1/pause", "/fleet/v1/workers/a@b/pause"})
    EXPECT_EQ(hub.ask("POST", path, "", key).status, 403) << path;
  EXPECT_EQ(hub.ask("PATCH", "/fleet/v1/keys/tasks", R"({"weight":9})", key).status, 403);
}

TEST_F(FlowsApi, MetricsShowHowLongTasksWait) {
  submit(R"("priority":7)");
  const Reply metrics = hub.get("/metrics");
  EXPECT_NE(metrics.body.find("flotte_task_oldest_seconds{priority=\"7\"}"), std::string::npos);
}

}  // namespace
}  // namespace flotte::hub
