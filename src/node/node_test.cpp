// A node against a hub that does only what a node sees of it.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/file.hpp"
#include "base/process/process_test.hpp"
#include "base/process/shim_entry.hpp"
#include "http/testing_certificate.hpp"
#include "node/agent.hpp"
#include "node/fake_hub_for_tests.hpp"
#include "node/membership.hpp"
#include "sandbox/confine.hpp"

namespace flotte::node {
namespace {

[[gnu::constructor]] void answer_as_confine(int argc, char** argv, char**) {
  if (argc > 1 && std::strcmp(argv[1], "confine") == 0) std::_Exit(sandbox::confine_main(std::vector<std::string>(argv + 2, argv + argc)));
}

using namespace std::chrono_literals;
using testing::FakeHub;

Awaitable<void> answer_as_engine(http::ServerCall& call) {
  http::Response response = http::Response::json(200, R"({"data":[{"id":"demo"}],"path":")" + std::string(call.head().path()) + "\"}");
  co_await call.respond(std::move(response));
}

class NodeTest : public ::testing::Test {
 protected:
  NodeTest() : engine(engine_loop.executor(), answer_as_engine) {
    engine_port = engine.listen({.host = "127.0.0.1", .port = 0}).value();
    engine_loop.start();
    config.name = "box";
    config.data = directory.path;
    config.engines.push_back({.name = "mine", .kind = "openai", .base_url = "http://127.0.0.1:" + std::to_string(engine_port)});
    config.workers.push_back({.name = "reader", .kind = "model", .model = "demo", .slots = 2, .labels = {}, .exclusive = false});
    EXPECT_TRUE(make_directories(config.directory()));
    hub.public_key = key.public_key();
  }
  ~NodeTest() override {
    agent.reset();
    engine_loop.stop();
    engine_loop.join();
  }
  /// An engine's server; made, bound and ended on its loop.
  struct OnItsLoop {
    Loop& loop;
    std::unique_ptr<http::Server> server;
    template <class Work>
    auto on_loop(Work work) {
      std::packaged_task<decltype(work())()> task(std::move(work));
      auto done = task.get_future();
      loop.post([&] { task(); });
      return done.get();
    }
    explicit OnItsLoop(Loop& l) : loop(l) {
      on_loop([this] { server = std::make_unique<http::Server>(loop.executor(), answer_as_engine); });
    }
    ~OnItsLoop() {
      on_loop([this] { server.reset(); });
    }
    Result<std::uint16_t> listen(std::uint16_t port) {
      return on_loop([this, port] { return server->listen({.host = "127.0.0.1", .port = port}); });
    }
  };
  void start() {
    Membership membership{hub.url(), "attic", "n1", "box", ""};
    auto address = HubAddress::make(hub.url(), "");
    ASSERT_TRUE(address);
    agent = std::make_unique<Agent>(config, membership, key, *address, [this](Error e) {
      ended_with = e.code;
      ++ended;
    });
    auto started = agent->start();
    ASSERT_TRUE(started) << started.error().text();
  }
  FakeHub hub;
  TemporaryDirectory directory;
  Loop engine_loop{"engine"};
  http::Server engine;
  std::uint16_t engine_port = 0;
  NodeConfig config;
  SigningKey key = SigningKey::make();
  std::unique_ptr<Agent> agent;
  std::atomic<int> ended{0};
  Code ended_with = Code::internal;
};

TEST_F(NodeTest, ProvesWhoItIsAndTellsWhatItHas) {
  start();
  ASSERT_TRUE(hub.heard<wire::Hello>([](const wire::Hello& h) {
    return h.node == "box" && h.workers.size() == 1 && h.engines.size() == 1 && h.host.cpus > 0 && !h.host.version.empty();
  }));
  EXPECT_TRUE(hub.signatures_wrong.empty());
  EXPECT_TRUE(hub.heard<wire::Beat>());
}

TEST_F(NodeTest, TellsWhenAnEngineBecomesReady) {
  std::uint16_t port = 0;
  {
    OnItsLoop earlier(engine_loop);
    port = earlier.listen(0).value();
  }
  config.engines[0].base_url = "http://127.0.0.1:" + std::to_string(port);
  start();
  ASSERT_TRUE(hub.heard<wire::Hello>([](const wire::Hello& h) { return h.engines.at(0).state != "ready"; }));
  OnItsLoop later(engine_loop);
  ASSERT_TRUE(later.listen(port));
  EXPECT_TRUE(hub.heard<wire::Announce>([](const wire::Announce& a) { return a.engines.at(0).state == "ready"; }));
  agent.reset();
}

TEST_F(NodeTest, JoinsSpareStreamsToItsEngine) {
  start();
  ASSERT_TRUE(eventually([&] { return hub.parked() >= 2; }));
  ASSERT_TRUE(eventually([&] { return hub.talk("{\"engine\":\"mine\"}\n", "\n").starts_with("{\"ok\":true}"); }));
  const std::string got = hub.talk("{\"engine\":\"mine\"}\nGET /v1/x HTTP/1.1\r\nHost: e\r\n\r\n", "/v1/x");
  EXPECT_NE(got.find("{\"ok\":true}\nHTTP/1.1 200"), std::string::npos) << got;
  EXPECT_TRUE(eventually([&] { return hub.parked() >= 2; })) << "what was used is replaced";
}

TEST_F(NodeTest, RefusesAnEngineThatItDoesNotHave) {
  start();
  const std::string got = hub.talk("{\"engine\":\"other\"}\n", "\n");
  EXPECT_NE(got.find("\"ok\":false"), std::string::npos) << got;
  EXPECT_NE(got.find("other"), std::string::npos) << got;
  EXPECT_NE(hub.talk("nonsense\n", "\n").find("\"ok\":false"), std::string::npos);
}

TEST_F(NodeTest, ConnectsAStreamToAPlaceOnItsEgressListAndToNoOther) {
  OnItsLoop place(engine_loop);
  const std::uint16_t port = place.listen(0).value();
  config.egress = Egress::parse({"127.0.0.1:" + std::to_string(port)}).value();
  start();
  ASSERT_TRUE(eventually([&] { return hub.parked() >= 2; }));
  const std::string asking = "{\"connect\":\"127.0.0.1:" + std::to_string(port) + "\"}\n";
  const std::string got = hub.talk(asking + "GET /v1/x HTTP/1.1\r\nHost: e\r\n\r\n", "/v1/x");
  EXPECT_NE(got.find("{\"ok\":true}\nHTTP/1.1 200"), std::string::npos) << got;
  for (const std::string& other : std::vector<std::string>{"127.0.0.1:1", "localhost:" + std::to_string(port), "no place"}) {
    const std::string refused = hub.talk("{\"connect\":\"" + other + "\"}\n", "\n");
    EXPECT_NE(refused.find("\"ok\":false"), std::string::npos) << refused;
  }
}

TEST_F(NodeTest, DialsMoreWhenTheHubAsks) {
  start();
  ASSERT_TRUE(eventually([&] { return hub.parked() >= 2; }));
  hub.say(wire::Spares{.keep = 6, .now = 4});
  EXPECT_TRUE(eventually([&] { return hub.parked() >= 6; }));
}

TEST_F(NodeTest, ComesBackAfterTheHubWentAway) {
  start();
  ASSERT_TRUE(hub.heard<wire::Hello>());
  ASSERT_TRUE(eventually([&] { return hub.parked() >= 2; }));
  hub.forget();
  hub.close_links();
  EXPECT_TRUE(hub.heard<wire::Hello>());
  EXPECT_TRUE(eventually([&] { return hub.parked() >= 2; })) << "with the new link's ticket";
}

TEST_F(NodeTest, LeavesAHubThatSaysNothing) {
  hub.lease_ms = 600;
  start();
  ASSERT_TRUE(hub.heard<wire::Beat>());
  hub.on_loop([&] { hub.answer_beats = false; });
  hub.forget();
  EXPECT_TRUE(hub.heard<wire::Hello>());
}

TEST_F(NodeTest, EndsWhenItIsRemoved) {
  start();
  ASSERT_TRUE(hub.heard<wire::Hello>());
  ASSERT_TRUE(eventually([&] { return hub.parked() >= 1; }));
  hub.say(wire::Stop{.revoked = true});
  EXPECT_TRUE(eventually([&] { return ended == 1; }));
  EXPECT_EQ(ended_with, Code::forbidden);
}

TEST_F(NodeTest, SaysWhyItIsNotTakenAnyMore) {
  start();
  ASSERT_TRUE(hub.heard<wire::Hello>([&](const wire::Hello& h) { return h.public_key == to_base64url(key.public_key()); }));
  hub.say(wire::Stop{.revoked = true, .message = "this machine ('box') is not enrolled here"});
  EXPECT_TRUE(eventually([&] { return ended == 1; }));
  EXPECT_EQ(ended_with, Code::forbidden);
}

TEST_F(NodeTest, RemembersTheNameThatTheHubGaveIt) {
  start();
  ASSERT_TRUE(hub.heard<wire::Hello>());
  wire::Welcome welcome;
  welcome.node = "n1";
  welcome.hub = "attic";
  welcome.ticket = "ticket";
  welcome.epoch = 8;
  welcome.name = "cellar";
  hub.say(welcome);
  EXPECT_TRUE(eventually([&] {
    const auto saved = Membership::load(config.directory());
    return saved && *saved && (*saved)->node_name == "cellar" && (*saved)->hub_url == hub.url();
  }));
}

TEST_F(NodeTest, RefusesWorkForAWorkerThatItDoesNotHave) {
  start();
  ASSERT_TRUE(hub.heard<wire::Beat>());
  wire::Offer offer;
  offer.run = {"t1", 1};
  offer.worker = "nobody";
  offer.spec.input = {{"prompt", "hello"}};
  hub.say(offer);
  EXPECT_TRUE(hub.heard<wire::Refuse>([](const wire::Refuse& r) { return r.run.task == "t1"; }));
}

TEST_F(NodeTest, RunsACommandOnlyForAWorkerOfItsOwnFile) {
  config.workers.push_back({.name = "shell", .kind = "command", .model = "", .slots = 1, .labels = {}, .exclusive = false});
  config.limits["shell"] = {.memory_bytes = 512 * 1024 * 1024};
  start();
  ASSERT_TRUE(hub.heard<wire::Beat>());
  wire::Offer offer;
  offer.run = {"t1", 1};
  offer.spec.kind = wire::TaskKind::command;
  offer.spec.input = {{"argv", json::array{"sh", "-c", "echo hello; exit 3"}}};
  offer.worker = "reader";
  hub.say(offer);
  EXPECT_TRUE(hub.heard<wire::Refuse>([](const wire::Refuse& r) { return r.run.task == "t1"; }));
  offer.run = {"t2", 2};
  offer.worker = "shell";
  hub.say(offer);
  EXPECT_TRUE(hub.heard<wire::Records>([](const wire::Records& r) {
    for (const wire::Record& record : r.items)
      if (record.run.task == "t2" && record.kind == wire::RecordKind::output && json::string_or(record.body, "text", "") == "hello\n")
        return true;
    return false;
  }));
  EXPECT_TRUE(hub.heard<wire::Records>([](const wire::Records& r) {
    for (const wire::Record& record : r.items)
      if (record.run.task == "t2" && record.kind == wire::RecordKind::finished) {
        const wire::Finished finished = wire::Finished::from_json(record.body);
        return finished.outcome == "failed" && json::int_or(finished.result.as_object(), "exit_code", 0) == 3;
      }
    return false;
  }));
}

TEST_F(NodeTest, SaysGoodbye) {
  start();
  ASSERT_TRUE(hub.heard<wire::Beat>());
  agent->stop();
  EXPECT_TRUE(hub.heard<wire::Goodbye>());
}

TEST_F(NodeTest, RefusesADataDirectoryThatIsInUse) {
  start();
  Membership membership{hub.url(), "attic", "n1", "box", ""};
  auto address = HubAddress::make(hub.url(), "");
  Agent second(config, membership, key, *address, [](Error) {});
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::conflict);
}

TEST_F(NodeTest, EnrolsWithACode) {
  asio::io_context context;
  http::Client client(context.get_executor());
  const auto good = run_to_end(context, enrol(client, Invitation::parse(hub.url() + "/#good").value(), "box", key.public_key()));
  ASSERT_TRUE(good) << good.error().text();
  EXPECT_EQ(good->node_id, "n1");
  EXPECT_EQ(good->hub_name, "attic");
  EXPECT_EQ(good->hub_url, hub.url());
  const auto bad = run_to_end(context, enrol(client, Invitation::parse(hub.url() + "#bad").value(), "box", key.public_key()));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Code::unauthenticated);
  EXPECT_EQ(bad.error().message, "this hub does not know the code");
  const auto none = run_to_end(context, enrol(client, Invitation::parse("http://127.0.0.1:1#x").value(), "box", key.public_key()));
  EXPECT_EQ(none.error().code, Code::unavailable);
}

TEST_F(NodeTest, SaysNothingToAServerWithAnotherKey) {
  http::testing::TestCertificate real, other;
  int asked = 0;
  asio::io_context context;
  http::Server between(context.get_executor(), [&](http::ServerCall& call) {
    ++asked;
    return answer_as_engine(call);
  });
  const auto tls = http::TlsContext::server(other.certificate_file(), other.key_file());
  const std::uint16_t port = between.listen({.host = "127.0.0.1", .port = 0, .unix_path = {}}, *tls).value();
  http::Client client(context.get_executor());
  const std::string url = "https://127.0.0.1:" + std::to_string(port);
  const auto pinned = Invitation::parse(url + "#code." + to_base64url(*from_base64(real.pin()))).value();
  const auto refused = run_to_end(context, enrol(client, pinned, "box", key.public_key()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::forbidden);
  EXPECT_NE(refused.error().message.find("its key is another one"), std::string::npos);
  const auto unknown = run_to_end(context, enrol(client, Invitation::parse(url + "#code").value(), "box", key.public_key()));
  EXPECT_EQ(unknown.error().code, Code::forbidden) << "without a pin the system's authorities decide";
  EXPECT_EQ(asked, 0);
}

TEST(Invitation, IsUrlCodeAndPin) {
  const auto plain = Invitation::parse("http://127.0.0.1:7700/#abc");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->url, "http://127.0.0.1:7700");
  EXPECT_EQ(plain->code, "abc");
  EXPECT_EQ(plain->pin, "");
  const std::string hash = sha256("key");
  const auto pinned = Invitation::parse("https://h:7700#abc." + to_base64url(hash));
  ASSERT_TRUE(pinned);
  EXPECT_EQ(pinned->code, "abc");
  EXPECT_EQ(pinned->pin, to_base64(hash));
  for (const char* wrong : {"", "http://h", "http://h#", "#abc", "http://h#abc.short", "ftp://h#abc"})
    EXPECT_FALSE(Invitation::parse(wrong)) << wrong;
}

TEST(Membership, IsKept) {
  TemporaryDirectory directory;
  EXPECT_FALSE(Membership::load(directory.path).value().has_value());
  const Membership made{"http://h:1", "attic", "n1", "box", "pin"};
  ASSERT_TRUE(made.save(directory.path));
  const auto again = Membership::load(directory.path);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->node_name, "box");
  EXPECT_EQ((*again)->pin, "pin");
  ASSERT_TRUE(replace_file(directory.path + "/node.json", "{"));
  EXPECT_EQ(Membership::load(directory.path).error().code, Code::corrupt);
  const auto key = load_identity(directory.path);
  ASSERT_TRUE(key);
  EXPECT_EQ(load_identity(directory.path)->public_key(), key->public_key());
}

TEST(Backoff, GrowsToFiveSecondsWithChance) {
  Backoff backoff(1);
  std::chrono::milliseconds all{200};
  for (int i = 0; i < 20; ++i) {
    const auto wait = backoff.next();
    EXPECT_GE(wait, all / 2);
    EXPECT_LE(wait, all);
    all = std::min<std::chrono::milliseconds>(all * 2, 5s);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), 200ms);
}

}  // namespace
}  // namespace flotte::node
