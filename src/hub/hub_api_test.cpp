// The fleet API against its description (api/openapi.yaml), over real sockets: a hub without nodes and without engines.
#include <fmt/format.h>

#include "access/enrolment.hpp"
#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

using testing::eventually;
using testing::Fields;
using testing::missing;
using testing::Reply;
using testing::RunningHub;

// What api/openapi.yaml requires of each answer.
#define USAGE_MEMBERS "input_tokens", "cached_tokens", "output_tokens", "cost_usd"
#define TASK_MEMBERS                                                                                                                \
  "id", "kind", "title", "state", "reason", "batch", "project", "owner", "flow", "priority", "labels", "attempt", "node", "worker", \
      "model", "target", "retry_of", "created_at", "started_at", "ended_at", "usage", "error", "result"
#define BATCH_MEMBERS "id", "title", "state", "total", "counts", "usage", "reason", "max_cost_usd", "created_at", "ended_at"
#define NODE_MEMBERS "id", "name", "state", "epoch", "home", "host", "load", "seen_at", "engines", "capacity", "seen", "wake", "waking"
#define WORKER_MEMBERS \
  "id", "node", "name", "kind", "model", "slots", "labels", "exclusive", "state", "origin", "message", "activities", "done", "failed"
#define KEY_MEMBERS                                                                                                                      \
  "name", "scopes", "rpm", "budget_day_usd", "budget_month_usd", "spent_day_usd", "spent_month_usd", "reserved_usd", "id", "created_at", \
      "used_at", "revoked_at"

const std::string a_prompt = R"({"kind":"prompt","worker":"nobody","title":"a test","input":{"prompt":"hello"}})";

class HubApi : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { hub = new RunningHub; }
  static void TearDownTestSuite() { delete std::exchange(hub, nullptr); }

  static std::string submit(const std::string& spec = a_prompt) {
    const Reply reply = hub->post("/fleet/v1/tasks", spec);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.text("id");
  }
  static std::string make_batch() {
    const Reply reply = hub->post("/fleet/v1/batches", R"({"title":"letters"})");
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.text("id");
  }
  static std::string line(int index, const std::string& prompt = "read it") {
    return fmt::format(R"({{"index":{},"name":"a/{}.txt","task":{{"kind":"prompt","worker":"nobody","input":{{"prompt":"{}"}}}}}})"
                       "\n",
                       index, index, prompt);
  }
  static Reply add(const std::string& batch, const std::string& lines) { return hub->post("/fleet/v1/batches/" + batch + "/items", lines); }
  /// A new key's secret.
  static std::string make_key(const std::string& name, const std::string& scope) {
    const Reply reply = hub->post("/fleet/v1/keys", fmt::format(R"({{"name":"{}","scopes":["{}"]}})", name, scope));
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.text("key");
  }
  static json::array items(const Reply& reply) {
    const json::object page = reply.object();
    EXPECT_EQ(missing(page, {"items", "next"}), "") << reply.body;
    const json::array* found = json::get_array(page, "items");
    return found ? *found : json::array{};
  }
  static RunningHub* hub;
};
RunningHub* HubApi::hub = nullptr;

// ---- who may do what ----------------------------------------------------------------------------------------------

TEST_F(HubApi, AnswersNobodyWithoutAKey) {
  for (const char* path : {"/fleet/v1/tasks", "/fleet/v1/tasks/t1", "/fleet/v1/batches", "/fleet/v1/nodes", "/fleet/v1/workers",
                           "/fleet/v1/models", "/fleet/v1/keys", "/fleet/v1/usage", "/fleet/v1/session", "/fleet/v1/live", "/metrics"}) {
    const Reply reply = hub->ask("GET", path, "", "");
    EXPECT_EQ(reply.status, 401) << path;
    EXPECT_EQ(reply.error(), "unauthenticated") << path;
    EXPECT_EQ(hub->ask("GET", path, "", "fk_wrong").status, 401) << path;
    EXPECT_EQ(hub->ask("GET", path, "", "fr_wrong").status, 401) << path;
  }
  const Reply dialect = hub->ask("GET", "/v1/models", "", "fk_wrong");  // in the shape of the dialect that was asked
  EXPECT_EQ(dialect.status, 401);
  EXPECT_TRUE(dialect.object().at("error").get_object().contains("type")) << dialect.body;
  EXPECT_EQ(dialect.body.find("fk_wrong"), std::string::npos) << "a key is never repeated";
  for (const char* path : {"/healthz", "/readyz", "/", "/tasks", "/station/home"})
    EXPECT_EQ(hub->ask("GET", path, "", "").status, 200) << path;
}

TEST_F(HubApi, HoldsEveryKeyToItsScopes) {
  const std::string models = make_key("models only", "models");
  const std::string tasks = make_key("tasks only", "tasks");
  const std::string blob = "/fleet/v1/blobs/" + std::string(64, 'a');
  struct Case {
    const char* method;
    std::string target, body;
    int models, tasks;
  };
  const Case cases[] = {
      {"GET", "/fleet/v1/tasks", "", 403, 200},
      {"GET", "/fleet/v1/tasks/t9999", "", 403, 404},
      {"POST", "/fleet/v1/tasks", a_prompt, 403, 201},
      {"GET", "/fleet/v1/batches", "", 403, 200},
      {"GET", blob, "", 403, 404},
      {"PUT", blob, "x", 403, 422},
      {"GET", "/fleet/v1/nodes", "", 403, 200},
      {"GET", "/fleet/v1/workers", "", 403, 200},
      {"GET", "/fleet/v1/usage", "", 403, 200},
      {"GET", "/v1/models", "", 200, 403},
      {"GET", "/fleet/v1/models", "", 200, 200},
      {"GET", "/fleet/v1/keys", "", 403, 403},
      {"POST", "/fleet/v1/keys", "{}", 403, 403},
      {"POST", "/fleet/v1/invites", "{}", 403, 403},
      {"DELETE", "/fleet/v1/nodes/x", "", 403, 403},
      {"POST", "/fleet/v1/nodes/x/drain", "", 403, 403},
      {"GET", "/fleet/v1/session", "", 200, 200},
      {"GET", "/metrics", "", 200, 200},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(hub->ask(c.method, c.target, c.body, models).status, c.models) << c.method << " " << c.target << " with models";
    EXPECT_EQ(hub->ask(c.method, c.target, c.body, tasks).status, c.tasks) << c.method << " " << c.target << " with tasks";
  }
  const Reply command = hub->ask("POST", "/fleet/v1/tasks", R"({"kind":"command","input":{"argv":["id"]}})", tasks);
  EXPECT_EQ(command.status, 403);
  EXPECT_NE(command.body.find("commands"), std::string::npos);
  // A run's key is worth nothing without the run.
  EXPECT_EQ(hub->ask("GET", "/v1/models", "", (*hub)->tickets().run_key({.task = 1, .fence = 1})).status, 401);
}

TEST_F(HubApi, MakesShowsAndRevokesKeys) {
  const Reply made = hub->post("/fleet/v1/keys", R"({"name":"laptop","scopes":["models"],"models":["tiny"]})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(missing(made.object(), {KEY_MEMBERS, "key"}), "") << made.body;
  EXPECT_EQ(made.header("cache-control"), "no-store");
  const std::string secret = made.text("key");
  EXPECT_EQ(hub->ask("GET", "/v1/models", "", secret).status, 200);
  EXPECT_EQ(hub->ask("GET", "/v1/models", "", "", {{"x-api-key", secret}}).status, 200);
  EXPECT_EQ(hub->ask("GET", "/v1/models", "", "", {{"x-goog-api-key", secret}}).status, 200);
  const Reply list = hub->get("/fleet/v1/keys");
  EXPECT_EQ(list.body.find(secret), std::string::npos);
  for (const auto& key : items(list)) EXPECT_EQ(missing(key.get_object(), {KEY_MEMBERS}), "");
  EXPECT_EQ(hub->post("/fleet/v1/keys", R"({"name":"laptop","scopes":["models"]})").status, 409);
  EXPECT_EQ(hub->post("/fleet/v1/keys", R"({"name":"x","scopes":["everything"]})").status, 400);
  EXPECT_EQ(hub->post("/fleet/v1/keys", R"({"name":"x","scopes":[]})").status, 400);
  EXPECT_EQ(hub->post("/fleet/v1/keys", R"({"name":"x","scopes":["models"],"models":"tiny"})").status, 400);
  const Reply revoked = hub->ask("DELETE", "/fleet/v1/keys/laptop", "", hub->admin());
  EXPECT_EQ(revoked.status, 200);
  EXPECT_TRUE(revoked.object().at("revoked_at").is_string());
  for (int i = 0; i < 8; ++i) EXPECT_EQ(hub->ask("GET", "/v1/models", "", secret).status, 401);
  EXPECT_EQ(hub->ask("DELETE", "/fleet/v1/keys/admin", "", hub->admin()).status, 409);  // the last of its kind
  EXPECT_EQ(hub->ask("DELETE", "/fleet/v1/keys/nobody", "", hub->admin()).status, 404);
}

// ---- the board's session ------------------------------------------------------------------------------------------

std::string cookie_of(const Reply& reply) {
  const std::string set = reply.header("set-cookie");
  return set.substr(0, set.find(';'));
}

TEST_F(HubApi, TurnsAKeyOrACodeIntoASession) {
  const Reply opened = hub->ask("POST", "/fleet/v1/session", fmt::format(R"({{"key":"{}"}})", hub->admin()), "");
  EXPECT_EQ(opened.status, 201);
  EXPECT_EQ(missing(opened.object(), {"name", "scopes", "hub"}), "");
  const std::string attributes = opened.header("set-cookie");
  for (const char* attribute : {"HttpOnly", "SameSite=Strict", "Path=/"}) EXPECT_NE(attributes.find(attribute), std::string::npos);
  const Fields cookie{{"cookie", "theme=dark; " + cookie_of(opened)}};
  EXPECT_EQ(hub->ask("GET", "/fleet/v1/session", "", "", cookie).text("name"), "admin");
  EXPECT_EQ(hub->ask("GET", "/fleet/v1/tasks", "", "", cookie).status, 200);

  const Reply code = hub->post("/fleet/v1/session/codes");
  EXPECT_EQ(code.status, 201);
  EXPECT_EQ(missing(code.object(), {"code", "expires_at"}), "");
  const std::string body = fmt::format(R"({{"code":"{}"}})", code.text("code"));
  EXPECT_EQ(hub->ask("POST", "/fleet/v1/session", body, "").status, 201);
  EXPECT_EQ(hub->ask("POST", "/fleet/v1/session", body, "").status, 401) << "a code is good once";
  EXPECT_EQ(hub->ask("POST", "/fleet/v1/session", "{}", "").status, 401);
  EXPECT_EQ(hub->ask("POST", "/fleet/v1/session", std::string(100'000, ' '), "").status, 413) << "a stranger sends little";

  const Reply closed = hub->ask("DELETE", "/fleet/v1/session", "", "");
  EXPECT_EQ(closed.status, 204);
  EXPECT_NE(closed.header("set-cookie").find("Max-Age=0"), std::string::npos);
}

TEST_F(HubApi, EndsTheSessionsOfARevokedKey) {
  const std::string secret = make_key("for a day", "tasks");
  const Reply opened = hub->ask("POST", "/fleet/v1/session", fmt::format(R"({{"key":"{}"}})", secret), "");
  const Fields cookie{{"cookie", cookie_of(opened)}};
  EXPECT_EQ(hub->ask("GET", "/fleet/v1/tasks", "", "", cookie).status, 200);
  EXPECT_EQ(hub->ask("DELETE", "/fleet/v1/keys/for%20a%20day", "", hub->admin()).status, 200);
  EXPECT_EQ(hub->ask("GET", "/fleet/v1/tasks", "", "", cookie).status, 401);
}

TEST_F(HubApi, TakesChangesByCookieOnlyFromItsOwnPages) {
  const Reply opened = hub->ask("POST", "/fleet/v1/session", fmt::format(R"({{"key":"{}"}})", hub->admin()), "");
  const std::string cookie = cookie_of(opened);
  const std::string here = "http://" + hub->authority();
  const auto submit_from = [&](const std::string& origin) {
    Fields fields{{"cookie", cookie}};
    if (!origin.empty()) fields["origin"] = origin;
    return hub->ask("POST", "/fleet/v1/tasks", a_prompt, "", fields).status;
  };
  EXPECT_EQ(submit_from(here), 201);
  for (const char* origin : {"", "null", "http://evil.example", "http://127.0.0.1:1"}) EXPECT_EQ(submit_from(origin), 403) << origin;
  EXPECT_EQ(submit_from("http://evil.example//" + hub->authority()), 403);
  const Fields evil{{"origin", "http://evil.example"}};
  EXPECT_EQ(hub->ask("POST", "/fleet/v1/session", fmt::format(R"({{"key":"{}"}})", hub->admin()), "", evil).status, 403);
  // Nothing keeps another site's page from opening a WebSocket with the cookie; we do.
  const auto watch_from = [&](const std::string& origin) {
    Fields fields{{"cookie", cookie}};
    if (!origin.empty()) fields["origin"] = origin;
    std::unique_ptr<http::WebSocket> socket;
    std::string first, error;
    hub->run(testing::open_socket(hub->connector(), RunningHub::head_of("GET", "/fleet/v1/live", "", fields), socket, first, error));
    return error.empty() ? json::string_or(json::parse_object(first).value_or(json::object{}), "type", "?") : error;
  };
  EXPECT_EQ(watch_from(here), "snapshot");
  EXPECT_EQ(watch_from("http://evil.example"), "forbidden");
  EXPECT_EQ(watch_from(""), "forbidden");
}

// ---- tasks --------------------------------------------------------------------------------------------------------

TEST_F(HubApi, TakesATaskAndShowsIt) {
  const Reply made = hub->post("/fleet/v1/tasks", a_prompt);
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(missing(made.object(), {TASK_MEMBERS}), "");
  EXPECT_EQ(missing(made.object().at("usage").get_object(), {USAGE_MEMBERS}), "");
  EXPECT_EQ(made.text("state"), "queued");
  EXPECT_EQ(made.text("owner"), "admin");
  const std::string id = made.text("id");
  const Reply shown = hub->get("/fleet/v1/tasks/" + id);
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(missing(shown.object(), {TASK_MEMBERS, "attempts", "input"}), "");
  EXPECT_EQ(json::string_or(shown.object().at("input").get_object(), "prompt", ""), "hello");
  const Reply why = hub->get("/fleet/v1/tasks/" + id + "/why");
  EXPECT_EQ(why.status, 200);
  EXPECT_EQ(missing(why.object(), {"id", "state", "reason", "text", "hint", "workers"}), "") << why.body;
  const Reply log = hub->get("/fleet/v1/tasks/" + id + "/log");
  EXPECT_EQ(log.status, 200);
  EXPECT_EQ(log.body, "");
  EXPECT_EQ(hub->get("/fleet/v1/tasks/" + id + "/log?attempt=1").status, 404);
  EXPECT_EQ(hub->get("/fleet/v1/tasks/" + id + "/log?attempt=first").status, 400);
  EXPECT_EQ(hub->get("/fleet/v1/tasks/" + id + "/log?stream=smoke").status, 400);
  for (const char* rest : {"", "/why", "/log", "/events"})
    EXPECT_EQ(hub->get(std::string("/fleet/v1/tasks/t99999") + rest).status, 404) << rest;
  EXPECT_EQ(hub->get("/fleet/v1/tasks/nonsense").error(), "not_found");
}

TEST_F(HubApi, ListsTasksInPagesAndByFilters) {
  for (int i = 0; i < 3; ++i) (void)submit();
  const Reply first = hub->get("/fleet/v1/tasks?limit=2&state=queued,running");
  const json::array page = items(first);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(missing(page.at(0).get_object(), {TASK_MEMBERS}), "");
  const std::string next = first.text("next");
  const json::array second = items(hub->get("/fleet/v1/tasks?limit=2&cursor=" + next));
  ASSERT_FALSE(second.empty());
  EXPECT_NE(second.at(0), page.at(1)) << "the page goes on behind the one before";
  EXPECT_TRUE(items(hub->get("/fleet/v1/tasks?kind=command")).empty());
  for (const char* wrong : {"limit=0", "limit=1001", "limit=x", "cursor=x", "state=lazy", "kind=holiday"})
    EXPECT_EQ(hub->get(std::string("/fleet/v1/tasks?") + wrong).status, 400) << wrong;
}

TEST_F(HubApi, TakesTheSameSubmissionOnce) {
  const Fields once{{"idempotency-key", "submission-1"}};
  const Reply first = hub->post("/fleet/v1/tasks", a_prompt, once);
  const Reply again = hub->post("/fleet/v1/tasks", a_prompt, once);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(first.text("id"), again.text("id"));
  const Reply other = hub->post("/fleet/v1/tasks", R"({"kind":"prompt","worker":"nobody","input":{"prompt":"other"}})", once);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.error(), "unprocessable");
  EXPECT_EQ(hub->post("/fleet/v1/tasks", a_prompt, {{"idempotency-key", std::string(129, 'k')}}).status, 400);
}

TEST_F(HubApi, CancelsAndRetries) {
  const std::string id = submit();
  EXPECT_EQ(hub->post("/fleet/v1/tasks/" + id + "/retry").status, 409) << "it has not failed";
  const Reply cancelled = hub->post("/fleet/v1/tasks/" + id + "/cancel");
  EXPECT_EQ(cancelled.status, 200);
  EXPECT_EQ(cancelled.text("state"), "cancelled");
  EXPECT_EQ(hub->post("/fleet/v1/tasks/" + id + "/cancel").status, 200) << "again: nothing happens";
  const Reply again = hub->post("/fleet/v1/tasks/" + id + "/retry");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.text("retry_of"), id);
  EXPECT_NE(again.text("id"), id);
  // The story of a task that has ended: what is recorded, then the end.
  const Reply events = hub->get("/fleet/v1/tasks/" + id + "/events");
  EXPECT_EQ(events.header("content-type"), "text/event-stream");
  EXPECT_NE(events.body.find("event: end\n"), std::string::npos) << events.body;
  EXPECT_TRUE(testing::eventually([] { return (*hub)->changes().size() == 0; })) << "whoever has left waits for nothing";
}

TEST_F(HubApi, SaysWhatIsWrongWithASubmission) {
  struct Case {
    std::string body;
    int status;
    std::string code;
  };
  const Case cases[] = {
      {"", 400, "invalid_argument"},
      {"{", 400, "invalid_argument"},
      {"[]", 400, "invalid_argument"},
      {R"({"kind":"holiday","input":{}})", 400, "invalid_argument"},
      {R"({"kind":"prompt","input":{}})", 400, "invalid_argument"},
      {R"({"kind":"prompt","input":{"prompt":"x"},"priority":10})", 400, "invalid_argument"},
      {R"({"kind":"prompt","worker":"w","input":{"prompt":"x"},"depends_on":["t777"]})", 400, "invalid_argument"},
      {R"({"kind":"prompt","input":{"prompt":"x"}})", 503, "unavailable"},  // no model can be asked yet
      {fmt::format(R"({{"kind":"document","worker":"w","input":{{"name":"a","prompt":"x","blob":"{}"}}}})", std::string(64, '0')), 400,
       "invalid_argument"},
      {std::string(17 * 1024 * 1024, ' '), 413, "too_large"},
  };
  for (const Case& c : cases) {
    const Reply reply = hub->post("/fleet/v1/tasks", c.body);
    EXPECT_EQ(reply.status, c.status) << c.body.substr(0, 80) << reply.body;
    EXPECT_EQ(reply.error(), c.code) << c.body.substr(0, 80);
  }
}

TEST_F(HubApi, KnowsItsPathsAndTheirMethods) {
  const Reply unknown = hub->get("/fleet/v1/holidays");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.error(), "not_found");
  const Reply wrong = hub->ask("DELETE", "/fleet/v1/tasks", "", hub->admin());
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("allow"), "GET, HEAD, POST");
  EXPECT_EQ(hub->ask("PUT", "/fleet/v1/tasks/t1/cancel", "", hub->admin()).header("allow"), "POST");
  EXPECT_EQ(hub->post("/").status, 405);
  const Reply dialect = hub->get("/v1/holidays");
  EXPECT_EQ(dialect.status, 404);
  EXPECT_TRUE(dialect.object().at("error").get_object().contains("type")) << dialect.body;
  // What GET answers, HEAD answers without the body; also where the body would never end.
  const std::string task = submit();
  for (const std::string& path : {std::string("/healthz"), std::string("/"), std::string("/fleet/v1/nodes"), "/fleet/v1/tasks/" + task,
                                  "/fleet/v1/tasks/" + task + "/events", "/fleet/v1/tasks/" + task + "/log"}) {
    const Reply head = hub->ask("HEAD", path, "", hub->admin());
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(head.body, "") << path;
  }
}

// ---- batches and blobs --------------------------------------------------------------------------------------------

TEST_F(HubApi, OpensABatchOnce) {
  const Fields once{{"idempotency-key", "batch-1"}};
  const Reply first = hub->post("/fleet/v1/batches", R"({"title":"letters"})", once);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(missing(first.object(), {BATCH_MEMBERS}), "");
  EXPECT_EQ(
      missing(first.object().at("counts").get_object(), {"queued", "offered", "running", "waiting", "succeeded", "failed", "cancelled"}),
      "");
  EXPECT_EQ(first.text("state"), "open");
  const Reply again = hub->post("/fleet/v1/batches", R"({"title":"letters"})", once);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.text("id"), first.text("id"));
  EXPECT_EQ(hub->post("/fleet/v1/batches", R"({"title":"bills"})", once).status, 422);
  EXPECT_EQ(hub->post("/fleet/v1/batches", R"({"project":"x"})").status, 501) << "what is not done is not taken";
  for (const char* amount : {"1.00", "\"0\"", "\"-1\"", "\"much\""})
    EXPECT_EQ(hub->post("/fleet/v1/batches", fmt::format(R"({{"max_cost_usd":{}}})", amount)).status, 400) << amount;
  const Reply limited = hub->post("/fleet/v1/batches", R"({"max_cost_usd":"1.5"})");
  EXPECT_EQ(limited.status, 201);
  EXPECT_EQ(limited.text("max_cost_usd"), "1.50");
  const std::string item = R"({"index":0,"task":{"kind":"prompt","model":"nowhere/x","input":{"prompt":"hello"}}})";
  const Reply unpriced = hub->post("/fleet/v1/batches/" + limited.text("id") + "/items", item);
  EXPECT_EQ(unpriced.status, 422) << unpriced.body;
  EXPECT_NE(unpriced.body.find("models.toml"), std::string::npos) << unpriced.body;
  EXPECT_EQ(hub->post("/fleet/v1/batches", R"({"title":7})").status, 400);
  EXPECT_EQ(hub->get("/fleet/v1/batches/b99999").status, 404);
  EXPECT_EQ(hub->get("/fleet/v1/batches?state=lazy").status, 400);
  for (const auto& batch : items(hub->get("/fleet/v1/batches?state=open")))
    EXPECT_EQ(json::string_or(batch.get_object(), "state", ""), "open");
}

TEST_F(HubApi, TakesItemsByTheirIndexHoweverOftenTheyAreSent) {
  const std::string batch = make_batch();
  const Reply broken = add(batch, line(0) + line(1) + "{\"index\":2}\n" + line(3));
  EXPECT_EQ(broken.status, 400);
  EXPECT_NE(broken.body.find("line 3"), std::string::npos) << broken.body;
  const Reply asked = add(batch, "");
  EXPECT_EQ(asked.status, 200);
  EXPECT_EQ(missing(asked.object(), {"added", "skipped", "next_index"}), "");
  EXPECT_EQ(asked.object().at("next_index"), json::value(2)) << "the lines before the wrong one are stored";
  const Reply rest = add(batch, line(0) + "\n" + line(1) + line(2) + line(3).substr(0, line(3).size() - 1));  // no line feed at the end
  EXPECT_EQ(rest.status, 200) << rest.body;
  EXPECT_EQ(rest.object().at("added"), json::value(2));
  EXPECT_EQ(rest.object().at("skipped"), json::value(2));
  EXPECT_EQ(rest.object().at("next_index"), json::value(4));
  const Reply other = add(batch, line(1, "something else"));
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(add("b99999", line(0)).status, 404);
  EXPECT_EQ(add("b99999", "").status, 404);
  EXPECT_EQ(add(batch, line(-1)).status, 400);
}

TEST_F(HubApi, TakesManyItemsInOneUpload) {
  const std::string batch = make_batch();
  std::string lines;
  for (int i = 0; i < 1200; ++i) lines += line(i, std::string(200, 'x'));
  const Reply added = add(batch, lines);
  EXPECT_EQ(added.status, 200) << added.body;
  EXPECT_EQ(added.object().at("added"), json::value(1200));
  EXPECT_EQ(json::int_or(hub->get("/fleet/v1/batches/" + batch).object(), "total", 0), 1200);
  EXPECT_EQ(add(batch, std::string(17 * 1024 * 1024, 'x')).status, 413) << "a line has an end";
}

TEST_F(HubApi, FollowsABatchToItsEnd) {
  const std::string batch = make_batch(), path = "/fleet/v1/batches/" + batch;
  (void)add(batch, line(0) + line(1) + line(2));
  const Reply first = hub->get(path + "/items?limit=2");
  const json::array page = items(first);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(missing(page.at(0).get_object(), {"index", "name", "task"}), "");
  EXPECT_EQ(json::string_or(page.at(1).get_object(), "name", ""), "a/1.txt");
  EXPECT_EQ(items(hub->get(path + "/items?cursor=" + first.text("next"))).size(), 1u);
  const Reply nothing = hub->get(path + "/items?ended_after=0");
  EXPECT_TRUE(items(nothing).empty());
  EXPECT_EQ(nothing.text("next"), "0") << "the place to ask from next time";

  EXPECT_EQ(hub->post(path + "/pause").text("state"), "paused");
  EXPECT_EQ(hub->post(path + "/resume").status, 200);
  EXPECT_EQ(hub->post(path + "/seal").status, 200);
  EXPECT_EQ(hub->post(path + "/seal").status, 200) << "again: nothing happens";
  EXPECT_EQ(add(batch, line(3)).status, 409);
  EXPECT_EQ(hub->post(path + "/retry").status, 409) << "it still runs";
  const std::string one = json::string_or(page.at(0).get_object().at("task").get_object(), "id", "");
  EXPECT_EQ(hub->post("/fleet/v1/tasks/" + one + "/cancel").status, 200);
  const json::array ended = items(hub->get(path + "/items?ended_after=0"));
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(items(hub->get(path + "/items?state=queued")).size(), 2u);
  EXPECT_EQ(hub->get(path + "/items?state=lazy").status, 400);
  EXPECT_EQ(hub->post(path + "/cancel").status, 200);
  EXPECT_TRUE(eventually([&] { return hub->get(path).object().at("ended_at").is_string(); }));
  EXPECT_EQ(hub->get(path).text("state"), "cancelled");
  const Reply retried = hub->post(path + "/retry");
  EXPECT_EQ(retried.status, 200);
  EXPECT_EQ(missing(retried.object(), {BATCH_MEMBERS}), "");
  EXPECT_EQ(hub->post("/fleet/v1/batches/b99999/seal").status, 404);
}

TEST_F(HubApi, KeepsBlobsUnderTheirHash) {
  const std::string bytes = std::string(700'000, 'b') + "end", id = sha256_hex(bytes), path = "/fleet/v1/blobs/" + id;
  EXPECT_EQ(hub->get(path).status, 404);
  EXPECT_EQ(hub->ask("HEAD", path, "", hub->admin()).status, 404);
  EXPECT_EQ(hub->ask("PUT", path, "something else", hub->admin()).status, 422);
  const Reply stored = hub->ask("PUT", path, bytes, hub->admin());
  EXPECT_EQ(stored.status, 201) << stored.body;
  EXPECT_EQ(stored.text("id"), id);
  EXPECT_EQ(json::int_or(stored.object(), "bytes", 0), static_cast<std::int64_t>(bytes.size()));
  EXPECT_EQ(hub->ask("PUT", path, bytes, hub->admin()).status, 200);
  const Reply got = hub->get(path);
  EXPECT_EQ(got.status, 200);
  EXPECT_TRUE(got.body == bytes);
  EXPECT_EQ(got.header("content-security-policy"), "sandbox; default-src 'none'") << "somebody's bytes are no page of the cockpit's";
  EXPECT_EQ(got.header("content-disposition"), "attachment");
  EXPECT_EQ(hub->ask("HEAD", path, "", hub->admin()).header("content-length"), std::to_string(bytes.size()));
  EXPECT_EQ(hub->get("/fleet/v1/blobs/abc").status, 400);
  EXPECT_EQ(hub->get("/fleet/v1/blobs/..%2f..%2fadmin.key").status, 400);
}

// ---- the fleet, usage, health -------------------------------------------------------------------------------------

TEST_F(HubApi, ShowsItsOwnNode) {
  const auto home = [] { return hub->get("/fleet/v1/nodes/home").object(); };
  EXPECT_TRUE(eventually([&] { return json::string_or(home(), "state", "") == "linked"; }));
  EXPECT_EQ(missing(home(), {NODE_MEMBERS}), "");
  EXPECT_EQ(missing(home().at("host").get_object(), {"hostname", "os", "arch", "version", "cpus", "memory_mb", "labels"}), "");
  EXPECT_FALSE(items(hub->get("/fleet/v1/nodes")).empty());
  for (const auto& worker : items(hub->get("/fleet/v1/workers"))) EXPECT_EQ(missing(worker.get_object(), {WORKER_MEMBERS}), "");
  (void)items(hub->get("/fleet/v1/models"));
  EXPECT_EQ(hub->ask("DELETE", "/fleet/v1/nodes/home", "", hub->admin()).status, 409);
  EXPECT_EQ(hub->ask("DELETE", "/fleet/v1/nodes/nowhere", "", hub->admin()).status, 404);
  EXPECT_EQ(hub->get("/fleet/v1/nodes/nowhere").status, 404);
}

TEST_F(HubApi, DefinesChangesAndTakesAwayWorkers) {
  EXPECT_TRUE(eventually([] { return hub->get("/fleet/v1/nodes/home").text("state") == "linked"; }));
  const Reply added = hub->post("/fleet/v1/workers", R"({"name":"quiet","model":"nonesuch","slots":2,"labels":["night"]})");
  EXPECT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(missing(added.object(), {WORKER_MEMBERS}), "");
  EXPECT_EQ(added.text("id"), "quiet@home");
  EXPECT_NE(added.text("message"), "");
  EXPECT_TRUE(eventually([] { return hub->get("/fleet/v1/workers/quiet@home").text("state") == "unusable"; }));
  EXPECT_NE(hub->get("/fleet/v1/workers/quiet@home").text("message").find("nothing answers for model 'nonesuch'"), std::string::npos);
  const std::string waits = submit(R"({"kind":"prompt","worker":"quiet","input":{"prompt":"hello"}})");
  EXPECT_NE(hub->get("/fleet/v1/tasks/" + waits + "/why").text("text").find("nothing answers now"), std::string::npos);
  EXPECT_EQ(hub->post("/fleet/v1/tasks/" + waits + "/cancel").status, 200);
  EXPECT_EQ(hub->get("/fleet/v1/workers/quiet").text("origin"), "hub");
  EXPECT_EQ(hub->post("/fleet/v1/workers", R"({"name":"quiet","model":"x"})").status, 409);
  EXPECT_EQ(hub->post("/fleet/v1/workers", R"({"name":"shell","kind":"command","model":"x"})").status, 403);
  EXPECT_EQ(hub->post("/fleet/v1/workers", R"({"name":"a","node":"nowhere","model":"x"})").status, 404);
  for (const char* wrong :
       {R"({"name":"a"})", R"({"name":"a b","model":"x"})", R"({"name":"a","model":"x","slots":0})", R"({"name":"a","model":"x","slot":2})",
        R"({"name":"a","model":7})", R"({"name":"a","model":"x","labels":[1]})"})
    EXPECT_EQ(hub->post("/fleet/v1/workers", wrong).status, 400) << wrong;
  const auto put = [](const std::string& id, const std::string& body) {
    return hub->ask("PUT", "/fleet/v1/workers/" + id, body, hub->admin());
  };
  EXPECT_EQ(put("quiet@home", R"({"slots":7})").status, 200);
  EXPECT_TRUE(eventually([] { return json::int_or(hub->get("/fleet/v1/workers/quiet@home").object(), "slots", 0) == 7; }));
  EXPECT_EQ(hub->get("/fleet/v1/workers/quiet@home").text("model"), "nonesuch");
  EXPECT_EQ(put("quiet@home", R"({"name":"loud"})").status, 400);
  EXPECT_EQ(put("nobody@home", R"({"slots":7})").status, 404);
  EXPECT_EQ(hub->ask("DELETE", "/fleet/v1/workers/quiet@home", "", hub->admin()).status, 200);
  EXPECT_EQ(hub->ask("DELETE", "/fleet/v1/workers/quiet@home", "", hub->admin()).status, 404);
  EXPECT_TRUE(eventually([] { return hub->get("/fleet/v1/workers/quiet@home").status == 404; }));
}

TEST_F(HubApi, MeasuresItsOwnMachine) {
  EXPECT_TRUE(eventually([] {
    const json::object home = hub->get("/fleet/v1/nodes/home").object();
    const json::object* has = json::get_object(home, "capacity");
    return has && json::int_or(*has, "cores", 0) > 0 && json::int_or(*has, "disk_free_mb", 0) > 0;
  }));
  EXPECT_EQ(hub->post("/fleet/v1/nodes/home/wake", "{}").status, 409);
  EXPECT_EQ(hub->post("/fleet/v1/nodes/nowhere/wake", "{}").status, 404);
}

TEST_F(HubApi, InvitesAndEnrolsNodes) {
  const Reply invite = hub->post("/fleet/v1/invites", "{}", {{"host", "hub.example:7700"}});
  EXPECT_EQ(invite.status, 201);
  EXPECT_EQ(missing(invite.object(), {"join", "pin", "command", "expires_at"}), "");
  const std::string join = invite.text("join");
  EXPECT_TRUE(join.starts_with("http://hub.example:7700#")) << join;
  const std::string code = join.substr(join.find('#') + 1);
  const Reply odd = hub->post("/fleet/v1/invites", "{}", {{"host", "x'; rm -rf ~ #"}});
  EXPECT_EQ(odd.text("command").find("rm -rf"), std::string::npos) << "what is pasted into a shell holds no stranger's words";

  const std::string key = to_base64url(std::string(32, 'k'));
  const auto enrol = [&](const std::string& with) {
    return hub->ask("POST", "/fleet/v1/enrol", fmt::format(R"({{"code":"{}","name":"box","public_key":"{}"}})", with, key), "");
  };
  EXPECT_EQ(enrol("wrong").status, 401);
  const Reply enrolled = enrol(code);
  EXPECT_EQ(enrolled.status, 201) << enrolled.body;
  EXPECT_EQ(missing(enrolled.object(), {"id", "name", "hub"}), "");
  EXPECT_EQ(enrol(code).status, 401) << "a code is good once";
  EXPECT_EQ(hub->ask("GET", "/fleet/v1/node/stream", "", "", {{"authorization", "FlotteNode box:ticket"}}).status, 401);
  // It never linked, so the fleet has not seen it; it can be removed all the same.
  const Reply removed = hub->ask("DELETE", "/fleet/v1/nodes/box", "", hub->admin());
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(missing(removed.object(), {NODE_MEMBERS}), "");
  EXPECT_EQ(removed.text("state"), "revoked");
}

TEST_F(HubApi, SumsUpUsage) {
  for (const char* by : {"model", "target", "key", "worker", "day"})
    EXPECT_EQ(hub->get(std::string("/fleet/v1/usage?by=") + by).status, 200) << by;
  (void)items(hub->get("/fleet/v1/usage?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"));
  EXPECT_EQ(hub->get("/fleet/v1/usage?by=mood").status, 400);
  EXPECT_EQ(hub->get("/fleet/v1/usage?from=yesterday").status, 400);
}

TEST_F(HubApi, TellsItsHealth) {
  EXPECT_EQ(hub->ask("GET", "/healthz", "", "").body, "ok\n");
  EXPECT_EQ(hub->ask("GET", "/readyz", "", "").body, "ready\n");
  const Reply metrics = hub->get("/metrics");
  EXPECT_NE(metrics.body.find("flotte_calls_total "), std::string::npos);
  const Reply page = hub->ask("GET", "/", "", "");
  EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
  EXPECT_NE(page.header("content-security-policy").find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(hub->ask("GET", "/", "", "", {{"if-none-match", page.header("etag")}}).status, 304);
}

TEST_F(HubApi, ShowsChangesToWhoeverWatches) {
  std::unique_ptr<http::WebSocket> socket;
  std::string first, error;
  hub->run(testing::open_socket(hub->connector(), RunningHub::head_of("GET", "/fleet/v1/live", hub->admin(), {}), socket, first, error));
  ASSERT_EQ(error, "");
  const json::object snapshot = json::parse_object(first).value_or(json::object{});
  EXPECT_EQ(missing(snapshot, {"type", "offset", "hub", "items"}), "");
  EXPECT_EQ(missing(snapshot.at("hub").get_object(), {"name", "version", "now", "started_at"}), "");
  const std::string id = submit();
  (void)hub->post("/fleet/v1/tasks/" + id + "/cancel");
  struct Reader {
    static Awaitable<void> until(http::WebSocket& from, std::string wanted, bool& seen) {
      for (auto text = co_await from.read(); text; text = co_await from.read()) {
        seen = text->find(wanted) != std::string::npos;
        if (seen) co_return;
      }
    }
  };
  bool seen = false;
  hub->run(Reader::until(*socket, "\"id\":\"" + id + "\"", seen));
  EXPECT_TRUE(seen);
}

// ---- stopping -----------------------------------------------------------------------------------------------------

TEST(HubStop, EndsWhileSomebodyFollowsWatchesAndKnocks) {
  RunningHub hub;
  const std::string id = hub.post("/fleet/v1/tasks", a_prompt).text("id");
  http::Client follower(hub.executor());
  Reply events;
  auto followed = hub.begin(testing::fetch(follower, hub.connector(),
                                           RunningHub::head_of("GET", "/fleet/v1/tasks/" + id + "/events", hub.admin(), {}), "", events));
  std::unique_ptr<http::WebSocket> board, stranger;
  std::string first, error;
  hub.run(testing::open_socket(hub.connector(), RunningHub::head_of("GET", "/fleet/v1/live", hub.admin(), {}), board, first, error));
  hub.run(testing::open_socket(hub.connector(), RunningHub::head_of("GET", "/fleet/v1/node", "", {}), stranger, first, error));
  EXPECT_NE(first.find("challenge"), std::string::npos) << first;
  ASSERT_TRUE(eventually([&] { return hub->changes().size() == 1; }));
  const auto start = std::chrono::steady_clock::now();
  hub.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  EXPECT_EQ(followed.wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_EQ(events.status, 200);
  EXPECT_EQ(events.body.find("broken off"), std::string::npos) << "the stream ends in order: " << events.body;
  EXPECT_EQ(events.body.find("event: end\n"), std::string::npos) << "and does not say that the task has ended";
  // The same data, another hub: what was acknowledged is there.
  hub.start();
  EXPECT_EQ(hub.get("/fleet/v1/tasks/" + id).text("state"), "queued");
}

}  // namespace
}  // namespace flotte::hub
