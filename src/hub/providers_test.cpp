// Adding, testing and removing providers over the API, in front of a provider that is played here.
#include <fmt/format.h>
#include <sys/stat.h>

#include "hub/provider_request.hpp"
#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

using testing::eventually;
using testing::missing;
using testing::Reply;
using testing::RunningHub;

/// Knows one key; the path chooses what else goes wrong.
class PlayedProvider {
 public:
  PlayedProvider() : server_(loop_.executor(), answer) {
    port_ = server_.listen({.host = "127.0.0.1", .port = 0, .unix_path = {}}).value();
    loop_.start();
  }
  ~PlayedProvider() {
    loop_.stop();
    loop_.join();
  }
  std::string url(const std::string& path = "/v1") const { return fmt::format("http://127.0.0.1:{}{}", port_, path); }

 private:
  static Awaitable<void> answer(http::ServerCall& call) {
    const std::string path(call.head().path());
    const bool known =
        call.head().headers.get("authorization") == "Bearer sk-good" || call.head().headers.get("x-api-key") == "sk-ant-good";
    http::Response response = http::Response::json(200, R"({"object":"list","data":[{"id":"a"},{"id":"b"},{"id":"c"}]})");
    if (path.starts_with("/moved")) {
      response = http::Response::text(302, "");
      response.head.headers.set("location", "/v1/models");
    } else if (path.starts_with("/page")) {
      response = http::Response::text(200, "<html>sk-good</html>");
    } else if (path.starts_with("/slow")) {
      response = http::Response::json(503, R"({"error":"sk-good"})");
    } else if (!known) {
      response = http::Response::json(401, R"({"error":{"message":"Incorrect API key provided: sk-wrong"}})");
    } else if (path == "/v1/chat/completions") {
      response = http::Response::json(200, R"({"id":"x","object":"chat.completion","choices":[{"index":0,"message":)"
                                           R"({"role":"assistant","content":"hello"},"finish_reason":"stop"}]})");
    } else if (path != "/v1/models") {
      response = http::Response::json(404, "{}");
    }
    (void)co_await call.read_body();
    (void)co_await call.respond(std::move(response));
  }
  Loop loop_{"provider"};
  http::Server server_;
  std::uint16_t port_ = 0;
};

class ProvidersApi : public ::testing::Test {
 protected:
  Reply add(const std::string& members) { return hub.post("/fleet/v1/providers", "{" + members + "}"); }
  std::string members(const std::string& key, const std::string& path = "/v1", const std::string& more = "") {
    return fmt::format(R"("name":"p","api_key":"{}","base_url":"{}"{})", key, provider.url(path), more);
  }
  json::array list() {
    const json::object page = hub.get("/fleet/v1/providers").object();
    const json::array* items = json::get_array(page, "items");
    return items ? *items : json::array{};
  }
  std::vector<std::filesystem::path> key_files() {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(hub->config().data + "/providers")) out.push_back(entry.path());
    return out;
  }
  int ask_model() { return hub.post("/v1/chat/completions", R"({"model":"p/a","messages":[{"role":"user","content":"hi"}]})").status; }
  PlayedProvider provider;
  RunningHub hub;
};

TEST_F(ProvidersApi, AddsTestsUsesAndForgetsAProvider) {
  EXPECT_TRUE(eventually([&] { return ask_model() == 404; }));  // before the first table is there: 503
  const Reply added = add(members("sk-good"));
  ASSERT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(missing(added.object(), {"name", "dialect", "base_url", "source", "state", "reason", "models", "warnings"}), "");
  EXPECT_EQ(json::int_or(added.object(), "models", 0), 3);
  EXPECT_EQ(added.text("state"), "on");
  EXPECT_TRUE(eventually([&] { return ask_model() == 200; }));
  // A second hub life keeps it; the key is in a file that only we can read, and nowhere else.
  hub.stop();
  hub.start();
  ASSERT_EQ(list().size(), 1u);
  EXPECT_EQ(json::string_or(list()[0].get_object(), "source", ""), "stored");
  EXPECT_TRUE(eventually([&] { return ask_model() == 200; }));
  ASSERT_EQ(key_files().size(), 1u);
  struct stat facts{};
  ASSERT_EQ(::stat(key_files()[0].c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(read_file(key_files()[0]).value_or("").find("sk-good"), std::string::npos) << "it is sealed";
  EXPECT_EQ(read_file(hub->config().data + "/flotte.db").value_or("").find("sk-good"), std::string::npos);
  EXPECT_EQ(hub.get("/fleet/v1/providers").body.find("sk-good"), std::string::npos);
  const Reply removed = hub.ask("DELETE", "/fleet/v1/providers/p", "", hub.admin());
  EXPECT_EQ(removed.status, 200) << removed.body;
  EXPECT_TRUE(eventually([&] { return ask_model() == 404; }));
  EXPECT_TRUE(key_files().empty());
  EXPECT_TRUE(list().empty());
  EXPECT_EQ(hub.ask("DELETE", "/fleet/v1/providers/p", "", hub.admin()).status, 404);
}

TEST_F(ProvidersApi, SealsKeysOfAnEarlierVersionAndNamesThoseItCannotOpen) {
  ASSERT_EQ(add(members("sk-good")).status, 201);
  const std::string file = key_files()[0];
  hub.stop();
  ASSERT_TRUE(replace_file(file, "sk-good\n", 0600));  // as it was written before keys were sealed
  hub.start();
  EXPECT_TRUE(eventually([&] { return ask_model() == 200; }));
  const std::string sealed = read_file(file).value_or("");
  EXPECT_TRUE(sealed.starts_with("sealed:1:"));
  hub.stop();
  ASSERT_TRUE(replace_file(file, sealed.substr(0, sealed.size() - 8) + "AAAAAAA\n", 0600));
  hub.start();
  ASSERT_EQ(list().size(), 1u);
  EXPECT_EQ(json::string_or(list()[0].get_object(), "state", ""), "off");
  EXPECT_NE(json::string_or(list()[0].get_object(), "reason", "").find("add it again"), std::string::npos);
}

TEST_F(ProvidersApi, RefusesWhatCannotWorkAndStoresNothing) {
  struct Case {
    std::string key, path, says;
  };
  const Case cases[] = {{"sk-wrong", "/v1", "refuses this key (status 401)"},
                        {"sk-good", "/moved", "redirect"},
                        {"sk-good", "/page", "not with a list of models"},
                        {"sk-good", "/slow", "status 503"},
                        {"sk-good", "/v2", "has no list of models"}};
  for (const Case& c : cases) {
    const Reply reply = add(members(c.key, c.path));
    EXPECT_EQ(reply.status, 422) << c.path << reply.body;
    EXPECT_NE(reply.body.find(c.says), std::string::npos) << reply.body;
    EXPECT_EQ(reply.body.find(c.key), std::string::npos) << "the key is repeated: " << reply.body;
  }
  const Reply away = add(R"("name":"p","api_key":"sk-good","base_url":"http://127.0.0.1:1/v1")");
  EXPECT_EQ(away.status, 422) << away.body;
  EXPECT_NE(away.body.find("cannot be reached"), std::string::npos) << away.body;
  EXPECT_TRUE(list().empty());
  EXPECT_TRUE(key_files().empty());
  // A name that failed is free again.
  EXPECT_EQ(add(members("sk-good")).status, 201);
}

TEST_F(ProvidersApi, TestsOnly) {
  const Reply tested = add(members("sk-good", "/v1", R"(,"test_only":true)"));
  EXPECT_EQ(tested.status, 200) << tested.body;
  EXPECT_EQ(json::int_or(tested.object(), "models", 0), 3);
  EXPECT_TRUE(list().empty());
  EXPECT_TRUE(key_files().empty());
}

TEST_F(ProvidersApi, SendsAnthropicsKeyAsAnthropicWantsIt) {
  const Reply added = add(fmt::format(R"("vendor":"anthropic","api_key":"sk-ant-good","base_url":"{}")", provider.url("")));
  EXPECT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(added.text("name"), "anthropic");
  EXPECT_EQ(added.text("base_url"), provider.url("/v1"));
}

TEST_F(ProvidersApi, HoldsNamesApart) {
  ASSERT_EQ(add(members("sk-good")).status, 201);
  const Reply again = add(members("sk-good"));
  EXPECT_EQ(again.status, 409) << again.body;
  EXPECT_EQ(key_files().size(), 1u);
}

TEST_F(ProvidersApi, IsForAdministrators) {
  const std::string models = hub.post("/fleet/v1/keys", R"({"name":"m","scopes":["models","tasks"]})").text("key");
  for (const char* method : {"GET", "POST"}) EXPECT_EQ(hub.ask(method, "/fleet/v1/providers", "", models).status, 403) << method;
  EXPECT_EQ(hub.ask("DELETE", "/fleet/v1/providers/p", "", models).status, 403);
}

TEST_F(ProvidersApi, RemovesKeyFilesThatNobodyNames) {
  const std::string orphan = hub->config().data + "/providers/left-over";
  ASSERT_TRUE(replace_file(orphan, "sk-old\n", 0600));
  ASSERT_EQ(add(members("sk-good")).status, 201);
  hub.stop();
  hub.start();
  EXPECT_FALSE(std::filesystem::exists(orphan));
  EXPECT_EQ(key_files().size(), 1u);
  // Without its key a provider is off, with the reason, and can be removed.
  std::filesystem::remove(key_files()[0]);
  hub.stop();
  hub.start();
  ASSERT_EQ(list().size(), 1u);
  EXPECT_EQ(json::string_or(list()[0].get_object(), "state", ""), "off");
  EXPECT_NE(json::string_or(list()[0].get_object(), "reason", "").find("key cannot be read"), std::string::npos);
  EXPECT_EQ(hub.ask("DELETE", "/fleet/v1/providers/p", "", hub.admin()).status, 200);
}

TEST_F(ProvidersApi, RefusesALoginAsTheCallersKeyInTheShapeThatWasAsked) {
  const std::string login = "sk-ant-oat01-abcdefgh";
  const Reply gateway = hub.ask("POST", "/v1/chat/completions", "{}", login);
  EXPECT_EQ(gateway.status, 401);
  EXPECT_NE(gateway.body.find("Claude subscription"), std::string::npos) << gateway.body;
  EXPECT_TRUE(gateway.object().at("error").get_object().contains("type")) << gateway.body;
  EXPECT_EQ(gateway.body.find(login), std::string::npos);
  const Reply fleet = hub.ask("GET", "/fleet/v1/tasks", "", "", {{"x-api-key", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"}});
  EXPECT_EQ(fleet.status, 401);
  EXPECT_EQ(fleet.error(), "unauthenticated");
  EXPECT_NE(fleet.body.find("login"), std::string::npos) << fleet.body;
}

TEST_F(ProvidersApi, TellsWhereEachProviderComesFrom) {
  Providers::Configured configured;
  configured.routes.providers = {{.name = "a", .dialect = "openai", .base_url = "https://a/v1"}, {.name = "openai"}};
  configured.routes.off = {"b"};
  configured.routes.warnings = {"provider \"b\" is off: the environment variable B is not set"};
  configured.from_environment = {"openai"};
  ASSERT_EQ(add(members("sk-good")).status, 201);
  auto loaded = Providers::load(hub->database(), hub->config().data, hub->tickets().derived_key("keys of providers"), configured);
  ASSERT_TRUE(loaded) << loaded.error().text();
  std::map<std::string, json::object> by_name;
  for (const json::value& value : (*loaded)->list()) by_name[json::string_or(value.get_object(), "name", "")] = value.get_object();
  ASSERT_EQ(by_name.size(), 4u);
  EXPECT_EQ(json::string_or(by_name["a"], "source", ""), "file");
  EXPECT_EQ(json::string_or(by_name["openai"], "source", ""), "environment");
  EXPECT_EQ(json::string_or(by_name["b"], "reason", ""), "the environment variable B is not set");
  EXPECT_EQ(json::string_or(by_name["p"], "source", ""), "stored");
  for (const char* name : {"a", "openai", "b"}) {
    EXPECT_EQ((*loaded)->reserve_new(name).error().code, Code::conflict) << name;
    EXPECT_EQ((*loaded)->reserve_old(name).error().code, Code::conflict) << name;
  }
  EXPECT_EQ((*loaded)->effective().providers.size(), 3u);
  // The file's comes first where both have the name.
  configured.routes.providers.push_back({.name = "p"});
  auto again = Providers::load(hub->database(), hub->config().data, hub->tickets().derived_key("keys of providers"), configured);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->effective().providers.size(), 3u);
}

// ---- what is checked before anything is sent ----------------------------------------------------------------------

Result<ProviderRequest> parse(const std::string& text) { return parse_provider_request(json::parse_object(text).value()); }

TEST(ProviderRequest, KnowsVendors) {
  const auto gemini = parse(R"({"vendor":"gemini","api_key":" AIzaX\n"})");
  ASSERT_TRUE(gemini) << gemini.error().text();
  EXPECT_EQ(gemini->name, "gemini");
  EXPECT_EQ(gemini->base_url, "https://generativelanguage.googleapis.com/v1beta");
  EXPECT_EQ(gemini->api_key.reveal(), "AIzaX");
  EXPECT_TRUE(gemini->warnings.empty());
  EXPECT_EQ(parse(R"({"api_key":"k","base_url":"https://api.groq.com/openai/v1/"})")->name, "groq");
  EXPECT_EQ(parse(R"({"api_key":"k","base_url":"http://127.0.0.1:8000/v1"})")->name, "local");
}

TEST(ProviderRequest, RefusesWhatIsNoKeyOfThatVendor) {
  for (const char* key : {"fk_abc", "fr_abc", "sk-ant-oat01-abc", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln", "ya29.abc", "two words"}) {
    const auto parsed = parse(fmt::format(R"({{"vendor":"openai","api_key":"{}"}})", key));
    ASSERT_FALSE(parsed) << key;
    EXPECT_EQ(parsed.error().code, Code::unprocessable) << key;
    EXPECT_EQ(parsed.error().text().find(key), std::string::npos) << key;
  }
  const auto other = parse(R"({"vendor":"openai","api_key":"sk-ant-api03-abc"})");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("Anthropic"), std::string::npos);
}

TEST(ProviderRequest, LetsNamesOfTheInternetLeadToTheInternetOnly) {
  EXPECT_TRUE(parse(R"({"api_key":"k","base_url":"https://api.groq.com/openai/v1"})")->open_network_only);
  for (const char* meant : {"http://192.168.1.20:1234/v1", "http://localhost:8000/v1", "http://box.lan/v1", "http://nas:8000/v1"})
    EXPECT_FALSE(parse(fmt::format(R"({{"api_key":"k","base_url":"{}"}})", meant))->open_network_only) << meant;
  const auto metadata = parse(R"({"api_key":"k","base_url":"http://169.254.169.254/v1"})");
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().code, Code::unprocessable);
}

TEST(ProviderRequest, ChecksAddresses) {
  for (const char* url : {"ftp://x/v1", "file:///etc/passwd", "https://user:secret@host/v1", "https://host/v1?key=1", "host"}) {
    const auto parsed = parse(fmt::format(R"({{"api_key":"k","base_url":"{}"}})", url));
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, Code::invalid_argument) << url;
    EXPECT_EQ(parsed.error().text().find("secret"), std::string::npos);
  }
  EXPECT_FALSE(parse(R"({"api_key":"k"})"));
  EXPECT_FALSE(parse(R"({"vendor":"nobody","api_key":"k"})"));
  EXPECT_FALSE(parse(R"({"vendor":"openai"})"));
  EXPECT_FALSE(parse(R"({"vendor":"openai","api_key":"k","name":"a/b"})"));
  EXPECT_EQ(parse(R"({"api_key":"k","base_url":"http://10.0.0.7:8000/v1"})")->warnings.size(), 1u);
}

}  // namespace
}  // namespace flotte::hub
