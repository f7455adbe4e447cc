// The shim's decisions, without processes or clocks.
#include "base/process/shim_machine.hpp"

#include <gtest/gtest.h>

namespace flotte {
namespace {
using namespace std::chrono_literals;
using Action = ShimMachine::Action;
constexpr ShimMachine::Plan plan{.lease = 30s, .grace = 5s, .time_limit = 0s, .bound = false};

TEST(ShimMachine, TerminatesOnceThenKillsUntilNoneIsLeft) {
  ShimMachine machine(plan, 0s);
  EXPECT_EQ(machine.step(true, 1s), Action::nothing);
  machine.on_stop(ShimEnd::stopped, 2s);
  EXPECT_EQ(machine.step(true, 2s), Action::terminate);
  EXPECT_EQ(machine.step(true, 6s), Action::nothing);
  EXPECT_EQ(machine.step(true, 7s), Action::kill);
  EXPECT_EQ(machine.step(true, 8s), Action::kill);
  machine.on_child_ended(8s);
  EXPECT_EQ(machine.step(false, 8s), Action::finish);
  EXPECT_EQ(machine.end(), ShimEnd::stopped);
}

TEST(ShimMachine, FinishesAtOnceWhereNothingIsLeft) {
  ShimMachine machine(plan, 0s);
  machine.on_child_ended(1s);
  EXPECT_EQ(machine.step(false, 1s), Action::finish);
  EXPECT_EQ(machine.end(), ShimEnd::exited);
}

TEST(ShimMachine, CountsALeaseFromTheLastWord) {
  ShimMachine machine(plan, 0s);
  machine.on_keep(20s);
  EXPECT_EQ(machine.wait(20s), 30s);
  EXPECT_EQ(machine.step(true, 49s), Action::nothing);
  EXPECT_EQ(machine.step(true, 50s), Action::terminate);
  machine.on_keep(51s);
  EXPECT_EQ(machine.step(true, 55s), Action::kill) << "too late to change it";
  EXPECT_EQ(machine.end(), ShimEnd::no_node);
}

TEST(ShimMachine, GivesTheNodeAMomentAfterTheMachineSlept) {
  ShimMachine machine(plan, 0s);
  EXPECT_EQ(machine.step(true, 3600s), Action::nothing);
  EXPECT_EQ(machine.wait(3600s), 10s);
  EXPECT_EQ(machine.step(true, 3610s), Action::terminate);
}

TEST(ShimMachine, BoundKnowsNoLease) {
  ShimMachine machine({.lease = 30s, .grace = 5s, .time_limit = 0s, .bound = true}, 0s);
  EXPECT_EQ(machine.step(true, 3600s), Action::nothing);
}

TEST(ShimMachine, EndsAfterTheTimeLimitThoughTheNodeSpeaks) {
  ShimMachine machine({.lease = 30s, .grace = 5s, .time_limit = 60s, .bound = false}, 0s);
  machine.on_keep(59s);
  EXPECT_EQ(machine.wait(59s), 1s);
  EXPECT_EQ(machine.step(true, 60s), Action::terminate);
  EXPECT_EQ(machine.end(), ShimEnd::time_limit);
}

}  // namespace
}  // namespace flotte
