// Which of a hub's definitions a machine follows.
#include "work/defined_workers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotte::work {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PlanWorkers, AddsTheHubsModelWorkersToItsOwn) {
  const WorkerPlan plan =
      plan_workers({{.name = "own", .kind = "command"}}, {{.name = "reader", .kind = "model", .model = "smart", .slots = 3}});
  ASSERT_THAT(plan.workers, SizeIs(2));
  EXPECT_EQ(plan.workers[0].name, "own");
  EXPECT_EQ(plan.workers[1].model, "smart");
  EXPECT_EQ(plan.workers[1].slots, 3);
  EXPECT_THAT(plan.refused, IsEmpty());
}

TEST(PlanWorkers, NeverTakesSomethingToExecuteFromAHub) {
  const WorkerPlan plan =
      plan_workers({}, {{.name = "shell", .kind = "command"}, {.name = "coder", .kind = "agent"}, {.name = "x", .kind = ""}});
  EXPECT_THAT(plan.workers, IsEmpty());
  ASSERT_THAT(plan.refused, SizeIs(3));
  EXPECT_EQ(plan.refused[0].kind, "worker");
  EXPECT_EQ(plan.refused[0].name, "shell");
  EXPECT_THAT(plan.refused[0].why, HasSubstr("command worker"));
}

TEST(PlanWorkers, TheFilesNamesStand) {
  const WorkerPlan plan =
      plan_workers({{.name = "reader", .kind = "model", .model = "mine"}}, {{.name = "reader", .kind = "model", .model = "theirs"}});
  ASSERT_THAT(plan.workers, SizeIs(1));
  EXPECT_EQ(plan.workers[0].model, "mine");
  ASSERT_THAT(plan.refused, SizeIs(1));
  EXPECT_THAT(plan.refused[0].why, HasSubstr("of that name"));
}

}  // namespace
}  // namespace flotte::work
