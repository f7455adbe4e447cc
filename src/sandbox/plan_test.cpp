// The table of means: limits and a machine to steps.
#include "sandbox/plan.hpp"

#include <gmock/gmock.h>

#include <set>

namespace flotte::sandbox {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t gib = 1ull << 30;
const CgroupPlace unified{CgroupVersion::v2, "/cg/app.slice"};
const Limits everything{.cpus = 1.5, .memory_bytes = gib, .processes = 20, .network = Network::none};

Machine bare_user() { return {.uid = 1000, .user_namespaces = true, .network_namespaces = true, .cpus = {0, 1, 2, 3}}; }
Machine with_v2() {
  Machine out = bare_user();
  out.memory = out.cpu = out.pids = unified;
  return out;
}
CgroupPlace legacy(const char* tree) { return {CgroupVersion::v1, std::string("/cg/") + tree}; }
Machine with_v1() {
  return {.memory = legacy("memory"),
          .cpu = legacy("cpu"),
          .pids = legacy("pids"),
          .administrator = true,
          .user_namespaces = true,
          .network_namespaces = true,
          .cpus = {0, 1}};
}

TEST(Plan, IsEmptyWithoutLimits) {
  const Plan none = plan({}, bare_user(), "r");
  EXPECT_THAT(none.steps, IsEmpty());
  EXPECT_THAT(none.warnings, IsEmpty());
  EXPECT_THAT(none.refusals, IsEmpty());
}

TEST(Plan, UsesOneGroupOfVersion2) {
  const Plan made = plan(everything, with_v2(), "r");
  const EnterCgroup group{unified,
                          {"memory", "cpu", "pids"},
                          {{"memory.max", "1073741824"},
                           {"memory.swap.max", "0", Setting::Need::where_present},
                           {"cpu.max", "150000 100000"},
                           {"pids.max", "20"}}};
  EXPECT_THAT(made.steps, ElementsAre(Step(group), Step(CutNetwork{.with_user = true})));
  EXPECT_THAT(made.warnings, IsEmpty());
  EXPECT_THAT(made.refusals, IsEmpty());
}

TEST(Plan, UsesAGroupInEachTreeOfVersion1) {
  const Plan made = plan(everything, with_v1(), "r");
  const EnterCgroup memory{
      legacy("memory"),
      {"memory"},
      {{"memory.limit_in_bytes", "1073741824"}, {"memory.memsw.limit_in_bytes", "1073741824", Setting::Need::where_present}}};
  const EnterCgroup cpu{legacy("cpu"), {"cpu"}, {{"cpu.cfs_period_us", "100000"}, {"cpu.cfs_quota_us", "150000"}}};
  const EnterCgroup pids{legacy("pids"), {"pids"}, {{"pids.max", "20"}}};
  EXPECT_THAT(made.steps, ElementsAre(Step(memory), Step(cpu), Step(pids), Step(CutNetwork{.with_user = false})));
  EXPECT_THAT(made.warnings, IsEmpty());
}

TEST(Plan, FallsBackWithAWarningForEachWeakerMeans) {
  const Plan made = plan(everything, bare_user(), "r");
  EXPECT_THAT(made.refusals, IsEmpty());
  EXPECT_THAT(made.warnings, ElementsAre(HasSubstr("limits.cpu"), HasSubstr("limits.processes"), HasSubstr("limits.memory")));
  ASSERT_EQ(made.steps.size(), 5u);
  EXPECT_EQ(std::get<CutNetwork>(made.steps[0]), (CutNetwork{.with_user = true}));
  EXPECT_EQ(std::get<PinToCpus>(made.steps[1]).cpus.size(), 2u) << "one and a half cores need two";
  EXPECT_EQ(std::get<LimitUserProcesses>(made.steps[3]).more, 20u);
  EXPECT_EQ(std::get<LimitAddressSpace>(made.steps[4]).bytes, gib) << "last: the other steps need memory";
}

TEST(Plan, SpreadsPinnedRunsOverTheCpus) {
  std::set<std::vector<int>> seen;
  for (int run = 0; run < 64; ++run)
    seen.insert(std::get<PinToCpus>(plan({.cpus = 1}, bare_user(), "run-" + std::to_string(run)).steps.at(0)).cpus);
  EXPECT_EQ(seen.size(), 4u);
}

TEST(Plan, PinsNothingWhereAllCpusAreAllowed) {
  const Plan made = plan({.cpus = 4}, bare_user(), "r");
  EXPECT_THAT(made.steps, IsEmpty());
  EXPECT_THAT(made.warnings, IsEmpty());
}

TEST(Plan, GivesTheSmallestQuotaThatTheKernelTakes) {
  Machine machine;
  machine.cpu = unified;
  EXPECT_EQ(std::get<EnterCgroup>(plan({.cpus = 0.005}, machine, "r").steps.at(0)).settings.at(0).value, "1000 100000");
}

TEST(Plan, RefusesNetworkNoneRatherThanRunWithANetwork) {
  Machine no_right = bare_user(), no_kernel = bare_user();
  no_right.user_namespaces = false;
  no_kernel.network_namespaces = false;
  no_kernel.administrator = true;
  EXPECT_THAT(plan({.network = Network::none}, no_right, "r").refusals, ElementsAre(HasSubstr("run the node as root")));
  EXPECT_THAT(plan({.network = Network::none}, no_kernel, "r").refusals, ElementsAre(HasSubstr("this kernel has none")));
}

TEST(Plan, RefusesToCountTheProcessesOfRoot) {
  Machine root = bare_user();
  root.uid = 0;
  EXPECT_THAT(plan({.processes = 5}, root, "r").refusals, ElementsAre(HasSubstr("limits.processes"))) << "the kernel exempts root";
}

TEST(Plan, RefusesCpuLimitsWhereNothingIsKnown) {
  EXPECT_THAT(plan({.cpus = 1}, Machine{}, "r").refusals, ElementsAre(HasSubstr("limits.cpu")));
}

}  // namespace
}  // namespace flotte::sandbox
