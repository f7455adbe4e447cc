// Schedules over real sockets: who may do what with them, and what is refused.
#include <gmock/gmock.h>

#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

using namespace testing;
using ::testing::HasSubstr;

class SchedulesApi : public ::testing::Test {
 protected:
  std::string key(const std::string& name, const std::string& scopes) {
    const Reply made = hub.post("/fleet/v1/keys", R"({"name":")" + name + R"(","scopes":[)" + scopes + "]}");
    EXPECT_EQ(made.status, 201) << made.body;
    return made.text("key");
  }
  Reply add(const std::string& name, const std::string& makes, const std::string& by) {
    return hub.ask("POST", "/fleet/v1/schedules", R"({"name":")" + name + R"(","cron":"@yearly",)" + makes + "}", by);
  }
  Reply act(const std::string& name, const std::string& what, const std::string& by) {
    return hub.ask("POST", "/fleet/v1/schedules/" + name + "/" + what, "{}", by);
  }
  static constexpr const char* prompt = R"("task":{"kind":"prompt","worker":"nobody","input":{"prompt":"hello"}})";
  static constexpr const char* command = R"("task":{"kind":"command","input":{"argv":["true"]}})";
  RunningHub hub;
};

TEST_F(SchedulesApi, NothingIsMadeForAnOwnerWhoseKeyIsGone) {
  const std::string owner = key("ci", R"("tasks")"), other = key("other", R"("tasks")");
  ASSERT_EQ(add("news", prompt, owner).status, 201);
  ASSERT_EQ(act("news", "run", other).status, 200);
  ASSERT_EQ(hub.ask("DELETE", "/fleet/v1/keys/ci", "", hub.admin()).status, 200);
  for (const char* what : {"run", "resume"})
    for (const std::string& by : {other, hub.admin()}) {
      const Reply refused = act("news", what, by);
      EXPECT_EQ(refused.status, 409) << what << refused.body;
      EXPECT_THAT(refused.body, HasSubstr("the key ci was removed"));
    }
  EXPECT_EQ(hub.get("/fleet/v1/schedules/news").text("state"), "broken");
  EXPECT_EQ(act("news", "pause", other).status, 200);
  (void)key("ci", R"("tasks")");
  const Reply resumed = act("news", "resume", other);
  EXPECT_EQ(resumed.status, 200) << "there is an owner again";
  EXPECT_EQ(resumed.text("state"), "active");
}

TEST_F(SchedulesApi, CommandsOfOthersAreSetGoingOnlyByThoseWhoMayRunCommands) {
  const std::string tasks = key("tasks", R"("tasks")"), commands = key("commands", R"("tasks","commands")");
  EXPECT_EQ(add("mine", command, tasks).status, 403);
  ASSERT_EQ(add("clean", command, commands).status, 201);
  ASSERT_EQ(
      add("both",
          R"("batch":{"items":[{"kind":"prompt","worker":"nobody","input":{"prompt":"a"}},{"kind":"command","input":{"argv":["true"]}}]})",
          commands)
          .status,
      201);
  ASSERT_EQ(add("news", prompt, commands).status, 201);
  for (const char* name : {"clean", "both"}) {
    for (const char* what : {"run", "resume"}) {
      const Reply refused = act(name, what, tasks);
      EXPECT_EQ(refused.status, 403) << name << what << refused.body;
      EXPECT_THAT(refused.body, HasSubstr("lacks the scope 'commands'"));
    }
    EXPECT_EQ(hub.ask("DELETE", std::string("/fleet/v1/schedules/") + name, "", tasks).status, 403);
    EXPECT_EQ(act(name, "pause", tasks).status, 200) << "everybody may stop one, as everybody may cancel a task";
    EXPECT_EQ(act(name, "resume", commands).status, 200);
    EXPECT_EQ(act(name, "run", hub.admin()).status, 200);
  }
  EXPECT_EQ(act("news", "run", tasks).status, 200);
  EXPECT_EQ(hub.ask("DELETE", "/fleet/v1/schedules/clean", "", commands).status, 200);
  EXPECT_EQ(hub.ask("DELETE", "/fleet/v1/schedules/news", "", tasks).status, 200);
}

TEST_F(SchedulesApi, NorAreTheyTriedAgainByOthers) {
  const std::string tasks = key("tasks", R"("tasks")");
  const std::string command_task = hub.post("/fleet/v1/tasks", R"({"kind":"command","input":{"argv":["true"]}})").text("id");
  const std::string prompt_task = hub.post("/fleet/v1/tasks", R"({"kind":"prompt","worker":"nobody","input":{"prompt":"x"}})").text("id");
  for (const std::string& id : {command_task, prompt_task}) EXPECT_EQ(hub.post("/fleet/v1/tasks/" + id + "/cancel").status, 200);
  EXPECT_EQ(hub.ask("POST", "/fleet/v1/tasks/" + command_task + "/retry", "{}", tasks).status, 403);
  EXPECT_EQ(hub.ask("POST", "/fleet/v1/tasks/" + prompt_task + "/retry", "{}", tasks).status, 201);
  EXPECT_EQ(hub.ask("POST", "/fleet/v1/tasks/t4711/retry", "{}", tasks).status, 404);
  EXPECT_EQ(hub.post("/fleet/v1/tasks/" + command_task + "/retry").status, 201);
  const std::string batch = hub.post("/fleet/v1/batches").text("id");
  EXPECT_EQ(hub.post("/fleet/v1/batches/" + batch + "/items", R"({"index":0,"task":{"kind":"command","input":{"argv":["true"]}}})").status,
            200);
  EXPECT_EQ(hub.post("/fleet/v1/batches/" + batch + "/cancel").status, 200);
  ASSERT_TRUE(eventually([&] { return hub.get("/fleet/v1/batches/" + batch).object().at("ended_at").is_string(); }));
  EXPECT_EQ(hub.ask("POST", "/fleet/v1/batches/" + batch + "/retry", "{}", tasks).status, 403);
  EXPECT_EQ(hub.post("/fleet/v1/batches/" + batch + "/retry").status, 200);
}

TEST_F(SchedulesApi, AreChangedAsTheyWereMade) {
  const std::string tasks = key("tasks", R"("tasks")"), commands = key("commands", R"("tasks","commands")");
  ASSERT_EQ(add("news", prompt, tasks).status, 201);
  ASSERT_EQ(add("clean", command, commands).status, 201);
  const auto edit = [&](const std::string& name, const std::string& body, const std::string& by) {
    return hub.ask("PATCH", "/fleet/v1/schedules/" + name, body, by);
  };
  const Reply changed = edit("news", R"({"cron":"30 2 * * *","zone":"Europe/Berlin","catch_up":"all","overlap":"skip"})", tasks);
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.text("cron"), "30 2 * * *");
  EXPECT_EQ(changed.text("zone"), "Europe/Berlin");
  EXPECT_EQ(changed.text("overlap"), "skip");
  EXPECT_THAT(changed.body, HasSubstr(R"("prompt":"hello")"));
  EXPECT_EQ(edit("news", R"({"catch_up":"none"})", tasks).text("cron"), "30 2 * * *") << "what is not said stays";
  EXPECT_THAT(edit("news", R"({"task":{"kind":"prompt","worker":"nobody","input":{"prompt":"other"}}})", tasks).body, HasSubstr("other"));
  EXPECT_EQ(edit("news", R"({"batch":{"items":[{"kind":"prompt","worker":"nobody","input":{"prompt":"a"}}]}})", tasks).text("makes"),
            "batch");
  for (const char* wrong : {"{}", R"({"name":"x"})", R"({"paused":true})", R"({"cron":"x"})", R"({"zone":"Mars"})", R"({"catch_up":"x"})",
                            R"({"task":{"kind":"prompt","input":{}}})", R"({"task":null})"})
    EXPECT_EQ(edit("news", wrong, tasks).status, 400) << wrong;
  EXPECT_EQ(edit("nothing", R"({"cron":"@daily"})", tasks).status, 404);
  // Nobody gets commands by an edit who may not submit them, nor moves those of others.
  EXPECT_EQ(edit("news", std::string("{") + command + "}", tasks).status, 403);
  EXPECT_EQ(edit("clean", R"({"cron":"* * * * *"})", tasks).status, 403);
  EXPECT_EQ(edit("clean", std::string("{") + prompt + "}", tasks).status, 403);
  EXPECT_EQ(edit("clean", R"({"cron":"@daily"})", commands).status, 200);
  ASSERT_EQ(hub.ask("DELETE", "/fleet/v1/keys/tasks", "", hub.admin()).status, 200);
  EXPECT_EQ(edit("news", R"({"cron":"@daily"})", hub.admin()).status, 409) << "its owner is gone";
}

TEST_F(SchedulesApi, AListHasPagesAndNotWhatTheyMake) {
  for (const char* name : {"b", "a", "c"}) ASSERT_EQ(add(name, prompt, hub.admin()).status, 201);
  const json::object first = hub.get("/fleet/v1/schedules?limit=2").object();
  ASSERT_EQ(json::get_array(first, "items")->size(), 2U);
  EXPECT_EQ(json::string_or(first, "next", ""), "b");
  const json::object& item = json::get_array(first, "items")->at(0).get_object();
  EXPECT_EQ(missing(item, {"name", "cron", "zone", "state", "makes", "tasks", "last", "next_at", "problem"}), "");
  EXPECT_FALSE(item.contains("task"));
  EXPECT_THAT(hub.get("/fleet/v1/schedules?limit=2&cursor=b").body, HasSubstr(R"("name":"c")"));
  EXPECT_TRUE(hub.get("/fleet/v1/schedules/a").object().contains("task"));
  const std::string long_text(3 * 1024 * 1024, 'x');
  EXPECT_EQ(add("large", R"("task":{"kind":"prompt","worker":"nobody","input":{"prompt":")" + long_text + R"("}})", hub.admin()).status,
            413);
}

}  // namespace
}  // namespace flotte::hub
