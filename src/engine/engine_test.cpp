// Engines with real processes: this test program plays llama-server when it is started with `--host`.
#include "engine/engine.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>

#include "base/async/loop.hpp"
#include "base/async/scope.hpp"
#include "base/file.hpp"
#include "base/process/process_test.hpp"
#include "base/process/shim_entry.hpp"
#include "engine/diagnosis.hpp"
#include "engine/gguf_for_tests.hpp"
#include "engine/llama_server.hpp"
#include "engine/running_server.hpp"
#include "http/server.hpp"

namespace flotte::engine {
namespace {
using namespace std::chrono_literals;

Awaitable<void> answer_as_llama(http::ServerCall& call) {
  std::string body = R"({"status":"ok"})";
  if (call.head().path() == "/props") body = R"({"total_slots":3,"default_generation_settings":{"n_ctx":4096},"model_path":"/none"})";
  if (call.head().path() == "/v1/models") body = R"({"object":"list","data":[{"id":"/models/abc.gguf"},{"id":"two"}]})";
  if (call.head().path() == "/api/tags") body = R"({"models":[{"name":"llama3:8b"}]})";
  if (call.head().path() == "/slots") body = R"([{"id":0,"is_processing":false},{"id":1,"is_processing":true}])";
  http::Response response = http::Response::json(200, std::move(body));
  co_await call.respond(std::move(response));
}

[[gnu::constructor]] void play_llama_server(int argc, char** argv, char**) {
  if (argc < 3 || std::strcmp(argv[1], "--host") != 0) return;
  const std::string mode = environment("FLOTTE_FAKE_LLAMA");
  if (mode == "refuse") {
    std::fputs("loading\nggml: failed to allocate buffer of size 99\nexiting\n", stderr);
    std::_Exit(3);
  }
  Loop loop("fake");
  http::Server server(loop.executor(), answer_as_llama);
  if (!server.listen({.unix_path = argv[2]})) std::_Exit(4);
  loop.run_here();
}

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() : client(context.get_executor()) {
    ::unsetenv("FLOTTE_FAKE_LLAMA");
    testing::GgufWriter w;
    w.text("general.architecture", "llama").text("general.name", "flotte-demo");
    EXPECT_TRUE(replace_file(model, w.bytes()));
    config.name = "llama";
    config.model = model;
    config.program = "/proc/self/exe";
  }
  ~EngineTest() override { client.close(); }
  std::unique_ptr<Engine> make() {
    auto made = make_engine(context.get_executor(), client, config, directory.path + "/engines", [] {});
    EXPECT_TRUE(made) << made.error().text();
    return std::move(*made);
  }
  /// Runs the loop until the condition holds.
  bool until(const std::function<bool()>& condition, std::chrono::milliseconds time = 15s) {
    const auto end = std::chrono::steady_clock::now() + time;
    context.restart();
    while (!condition() && std::chrono::steady_clock::now() < end) context.run_one_for(20ms);
    return condition();
  }
  void stop(Engine& engine) {
    Scope stopping(context.get_executor(), "stopping");
    stopping.spawn("engine", engine.stop());
    EXPECT_TRUE(until([&] { return stopping.size() == 0; }, 30s));
  }
  pid_t server_pid() {
    const auto text = read_file(directory.path + "/engines/llama.shim/status.json");
    return text ? ShimStatus::from_json(json::parse_object(*text).value())->child : 0;
  }
  TemporaryDirectory directory;
  std::string model = directory.path + "/small.gguf";
  asio::io_context context;
  http::Client client;
  EngineConfig config;
};

TEST_F(EngineTest, IsStartedAndTellsItsFacts) {
  auto engine = make();
  engine->start();
  ASSERT_TRUE(until([&] { return engine->info().state == "ready"; })) << engine->info().message;
  EXPECT_EQ(engine->info().models, std::vector<std::string>{"small"});
  EXPECT_EQ(engine->info().slots, 3);
  EXPECT_EQ(engine->info().context_tokens, 4096);
  EXPECT_TRUE(engine->info().demonstration);
  ASSERT_TRUE(engine->connector());
  EXPECT_TRUE(run_to_end(context, engine->busy()));
  const pid_t pid = server_pid();
  EXPECT_TRUE(is_running(pid));
  stop(*engine);
  EXPECT_FALSE(is_running(pid));
  EXPECT_EQ(engine->info().state, "stopped");
  EXPECT_FALSE(engine->connector());
}

TEST_F(EngineTest, IsStartedAgainAfterItWasKilled) {
  auto engine = make();
  engine->start();
  ASSERT_TRUE(until([&] { return engine->info().state == "ready"; })) << engine->info().message;
  const pid_t first = server_pid();
  ::kill(first, SIGKILL);
  ASSERT_TRUE(until([&] { return engine->info().state == "failed"; }));
  EXPECT_NE(engine->info().message.find("killed by signal 9"), std::string::npos) << engine->info().message;
  ASSERT_TRUE(until([&] { return engine->info().state == "ready"; }));
  EXPECT_NE(server_pid(), first);
  EXPECT_EQ(engine->info().message, "");
  stop(*engine);
}

TEST_F(EngineTest, SaysTheLastLinesAndWhatToTry) {
  ::setenv("FLOTTE_FAKE_LLAMA", "refuse", 1);
  auto engine = make();
  engine->start();
  ASSERT_TRUE(until([&] { return engine->info().state == "failed"; }));
  EXPECT_NE(engine->info().message.find("exit status 3"), std::string::npos) << engine->info().message;
  EXPECT_NE(engine->info().message.find("failed to allocate buffer of size 99\nexiting"), std::string::npos) << engine->info().message;
  EXPECT_NE(engine->info().message.find("smaller"), std::string::npos) << engine->info().message;
  ::unsetenv("FLOTTE_FAKE_LLAMA");
  EXPECT_TRUE(until([&] { return engine->info().state == "ready"; })) << "it is tried again";
  stop(*engine);
}

TEST_F(EngineTest, SaysWhatIsMissing) {
  config.model = directory.path + "/none.gguf";
  auto engine = make();
  engine->start();
  ASSERT_TRUE(until([&] { return engine->info().state == "failed"; }));
  EXPECT_NE(engine->info().message.find("none.gguf"), std::string::npos);
  stop(*engine);
  config.model = model;
  config.program = "/nonexistent/llama-server";
  auto other = make();
  other->start();
  ASSERT_TRUE(until([&] { return other->info().state == "failed"; }));
  EXPECT_NE(other->info().message.find("FLOTTE_LLAMA_SERVER"), std::string::npos);
  stop(*other);
}

TEST_F(EngineTest, UsesAServerThatRunsAlready) {
  auto server = std::make_unique<http::Server>(context.get_executor(), answer_as_llama);
  const auto port = server->listen({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(port);
  config = {.name = "mine", .kind = "openai", .base_url = "http://127.0.0.1:" + std::to_string(*port) + "/v1"};
  auto engine = make();
  engine->start();
  ASSERT_TRUE(until([&] { return engine->info().state == "ready"; })) << engine->info().message;
  EXPECT_EQ(engine->info().models, (std::vector<std::string>{"abc", "two"}));
  EXPECT_EQ(engine->info().slots, 3);
  stop(*engine);
}

TEST_F(EngineTest, SaysThatAServerIsNotThere) {
  config = {.name = "mine", .kind = "ollama", .base_url = "http://127.0.0.1:1"};
  auto engine = make();
  engine->start();
  ASSERT_TRUE(until([&] { return engine->info().state == "failed"; }));
  EXPECT_NE(engine->info().message.find("http://127.0.0.1:1"), std::string::npos) << engine->info().message;
  stop(*engine);
}

TEST(LlamaArguments, LeaveWhatTheConfigurationSays) {
  EXPECT_EQ(llama_arguments("p", "s", "/m/x.gguf", {}),
            (std::vector<std::string>{"p", "--host", "s", "-m", "/m/x.gguf", "--alias", "x", "-np", "4", "-c", "32768", "--no-webui"}));
  EXPECT_EQ(llama_arguments("p", "s", "m", {"--parallel", "2", "--ctx-size=99", "--webui", "-a", "y"}),
            (std::vector<std::string>{"p", "--host", "s", "-m", "m", "--parallel", "2", "--ctx-size=99", "--webui", "-a", "y"}));
}

TEST(Diagnosis, KeepsTheLastLinesOfThisStart) {
  TemporaryDirectory directory;
  const std::string path = directory.path + "/log";
  ASSERT_TRUE(replace_file(path, "old\nold\na\nb\nc\n"));
  EXPECT_EQ(read_log_end(path, 8, 2), "b\nc");
  EXPECT_EQ(read_log_end(path, 8, 9), "a\nb\nc");
  EXPECT_EQ(read_log_end(path, 1000, 1), "c") << "the log was begun anew";
  EXPECT_EQ(read_log_end(path + "x", 0), "");
}

TEST(ModelNames, AreTakenFromBothKinds) {
  EXPECT_EQ(model_names("ollama", json::parse_object(R"({"models":[{"name":"a:1"},{"x":1},7]})").value()), std::vector<std::string>{"a:1"});
  EXPECT_TRUE(model_names("openai", json::parse_object(R"({"data":3})").value()).empty());
}

}  // namespace
}  // namespace flotte::engine
