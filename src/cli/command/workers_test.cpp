// What people read of a machine.
#include "cli/command/workers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/fleet.hpp"

namespace flotte::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

wire::NodeView laptop() {
  wire::NodeView node;
  node.id = "n2";
  node.name = "laptop";
  node.state = "linked";
  node.labels = {"office"};
  node.host.hostname = "t14";
  node.host.wake = true;
  wire::Capacity& has = node.host.capacity;
  has.measured_at_ms = 1;
  has.cores = 8;
  has.memory_mb = 16'000;
  has.memory_available_mb = 9'000;
  has.gpus = {{"Radeon 780M", "amd", 4096, 4000}};
  has.power = "battery";
  has.battery_percent = 71;
  has.metered = true;
  has.agents = {{"claude", "Claude Code", "/usr/bin/claude", "2.1.0", true}};
  has.networks = {{"enp3s0", "aa:bb:cc:dd:ee:ff", "192.168.1.0/24", true}};
  node.host.seen = {{"model", "big.gguf", "/m/big.gguf", "it is too large", "take a smaller one"}};
  return node;
}

TEST(RenderNode, ShowsWhatTheMachineHasAndWhatItCannotUse) {
  const std::string text = render_node(laptop().to_json());
  for (const char* part :
       {"laptop (n2)", "t14", "office, gpu, battery, metered, agent:claude", "16 GiB, 8.8 GiB available", "Radeon 780M, 4.0 GiB",
        "battery at 71 %", "metered", "enp3s0 aa:bb:cc:dd:ee:ff in 192.168.1.0/24", "Claude Code 2.1.0", "logged in", "may be woken",
        "seen, not usable", "big.gguf: it is too large (take a smaller one)"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(RenderNode, SaysNothingOfWhatIsNotKnown) {
  wire::NodeView old;
  old.name = "old";
  const std::string text = render_node(old.to_json());
  for (const char* part : {"cores", "memory", "gpu", "battery", "network", "seen", "waking"}) EXPECT_THAT(text, Not(HasSubstr(part)));
}

TEST(RenderNode, ShowsThatItIsBeingWoken) {
  wire::NodeView node = laptop();
  node.waking = wire::Waking{};
  node.waking->packets = 2;
  node.waking->by = "home";
  EXPECT_THAT(render_node(node.to_json()), HasSubstr("called 2 times by home"));
  node.waking->why = "no node near it is linked";
  EXPECT_THAT(render_node(node.to_json()), HasSubstr("no node near it"));
}

}  // namespace
}  // namespace flotte::cli
