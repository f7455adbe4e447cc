// A node that sleeps when it is told to, and one whose hub is of another version.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "base/file.hpp"
#include "base/process/process_test.hpp"
#include "node/agent.hpp"
#include "node/fake_hub_for_tests.hpp"

namespace flotte::node {
namespace {

using namespace std::chrono_literals;
using testing::FakeHub;

class NodeVersionTest : public ::testing::Test {
 protected:
  NodeVersionTest() {
    config.name = "box";
    config.data = directory.path;
    config.find = false;
    config.workers.push_back({.name = "shell", .kind = "command", .model = "", .slots = 2, .labels = {}, .exclusive = false});
    EXPECT_TRUE(make_directories(config.directory()));
    hub.public_key = key.public_key();
  }
  void start() {
    Membership membership{hub.url(), "attic", "n1", "box", ""};
    agent = std::make_unique<Agent>(
        config, membership, key, *HubAddress::make(hub.url(), ""), [](Error) {},
        [this](const std::string& text) {
          std::lock_guard lock(mutex);
          said += text;
        });
    const auto started = agent->start();
    ASSERT_TRUE(started) << started.error().text();
  }
  bool says(const std::string& words) {
    return eventually([&] {
      std::lock_guard lock(mutex);
      return said.find(words) != std::string::npos;
    });
  }
  static wire::Offer command(const wire::RunId& run, std::string script) {
    wire::Offer offer;
    offer.run = run;
    offer.worker = "shell";
    offer.spec.kind = wire::TaskKind::command;
    offer.spec.input = {{"argv", json::array{"sh", "-c", script}}};
    return offer;
  }
  FakeHub hub;
  TemporaryDirectory directory;
  NodeConfig config;
  SigningKey key = SigningKey::make();
  std::mutex mutex;
  std::string said;
  std::unique_ptr<Agent> agent;
};

TEST_F(NodeVersionTest, SpeaksTheProtocolOfAnOlderHub) {
  hub.challenge.protocol = 1;
  start();
  ASSERT_TRUE(hub.heard<wire::Beat>());
  EXPECT_EQ(hub.protocol_heard, 1);
}

TEST_F(NodeVersionTest, SpeaksItsOwnWithANewerHubThatStillUnderstandsIt) {
  hub.challenge.protocol = wire::link_protocol + 1;
  hub.challenge.oldest = wire::link_protocol;
  start();
  ASSERT_TRUE(hub.heard<wire::Beat>());
  EXPECT_EQ(hub.protocol_heard, wire::link_protocol);
}

TEST_F(NodeVersionTest, SaysWhatToDoWhenItIsTooOldForItsHub) {
  hub.challenge.protocol = hub.challenge.oldest = wire::link_protocol + 1;
  hub.challenge.version = "9.1.0";
  start();
  EXPECT_TRUE(says("this node is too old"));
  EXPECT_TRUE(says("install flotte 9.1.0 here"));
  EXPECT_EQ(hub.count<wire::Hello>(), 0);
}

TEST_F(NodeVersionTest, SaysWhatToDoWhenTheHubIsTooOldForIt) {
  hub.challenge.protocol = wire::oldest_link_protocol - 1;
  start();
  EXPECT_TRUE(says("this node is too new"));
  EXPECT_TRUE(says("bring the hub up to date first"));
}

TEST_F(NodeVersionTest, PassesOverWhatItDoesNotKnowAndRefusesAnOfferThatItCannotRead) {
  start();
  ASSERT_TRUE(hub.heard<wire::Beat>());
  hub.say_text(R"({"type":"hibernate","for_ms":5})");
  hub.say_text(R"({"type":"offer","run":{"task":"t4","fence":10},"spec":{"kind":"dance","input":{}},"worker":"shell"})");
  EXPECT_TRUE(hub.heard<wire::Refuse>([](const wire::Refuse& r) { return r.unfit && r.run == wire::RunId{"t4", 10}; }));
  hub.forget();
  EXPECT_TRUE(hub.heard<wire::Beat>()) << "the link stands";
}

TEST_F(NodeVersionTest, SleepsWhenItIsToldToAndComesBackWithItsCommand) {
  start();
  ASSERT_TRUE(hub.heard<wire::Hello>(
      [](const wire::Hello& h) { return std::find(h.host.features.begin(), h.host.features.end(), "suspend") != h.host.features.end(); }));
  ASSERT_TRUE(hub.heard<wire::Beat>());
  hub.say(command({"t1", 1}, "echo begun; sleep 30"));
  ASSERT_TRUE(hub.heard<wire::Records>([](const wire::Records& r) {
    return std::any_of(r.items.begin(), r.items.end(), [](const wire::Record& i) { return i.kind == wire::RecordKind::output; });
  }));
  hub.forget();
  hub.say(wire::Suspend{.for_ms = 800});
  ASSERT_TRUE(hub.heard<wire::Goodbye>([](const wire::Goodbye& g) { return g.sleeping && g.keeps; }));
  EXPECT_EQ(hub.count<wire::Hello>(), 0);
  EXPECT_TRUE(hub.heard<wire::Hello>([](const wire::Hello& h) { return h.running == std::vector<wire::RunId>{{"t1", 1}}; }));
  agent->stop();
}

TEST_F(NodeVersionTest, IsLinkedAtOnceWhenItsMachineWakes) {
  start();
  ASSERT_TRUE(hub.heard<wire::Beat>());
  agent->suspend(1h);
  ASSERT_TRUE(hub.heard<wire::Goodbye>([](const wire::Goodbye& g) { return g.keeps; }));
  hub.forget();
  agent->resume();
  EXPECT_TRUE(hub.heard<wire::Hello>());
  EXPECT_TRUE(hub.heard<wire::Beat>());
}

TEST_F(NodeVersionTest, ARestartKeepsTheCommandAndSaysNothingOfAnEnd) {
  start();
  ASSERT_TRUE(hub.heard<wire::Beat>());
  hub.say(command({"t1", 1}, "echo begun; sleep 30"));
  ASSERT_TRUE(hub.heard<wire::Accept>());
  ASSERT_TRUE(hub.heard<wire::Records>([](const wire::Records& r) {
    return std::any_of(r.items.begin(), r.items.end(), [](const wire::Record& i) { return i.kind == wire::RecordKind::output; });
  }));
  agent->stop(work::Away::restarts);
  EXPECT_EQ(hub.count<wire::Goodbye>(), 0);
  agent.reset();
  hub.forget();
  start();
  EXPECT_TRUE(hub.heard<wire::Hello>([](const wire::Hello& h) { return h.running == std::vector<wire::RunId>{{"t1", 1}}; }));
  agent->stop();
}

}  // namespace
}  // namespace flotte::node
