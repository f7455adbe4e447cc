// Memory, processes and CPU time of real children; what this machine cannot do is skipped with a message.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "sandbox/confine_test.hpp"

namespace flotte::sandbox {
namespace {
using testing::HasSubstr;
using namespace std::chrono_literals;

const std::string hog = "head -c 100000000 /dev/zero | tail -n 1 | wc -c";

TEST(ConfinedMemory, EndsAHogAndSaysSo) {
  if (!read_machine().memory) GTEST_SKIP() << "no cgroup memory controller can be used here";
  Confined child({.memory_bytes = 24 * mib});
  child.shell("tail -n 1 /dev/zero");
  const ExitStatus status = child.wait();
  EXPECT_EQ(status.signal == SIGKILL || status.code == 128 + SIGKILL, true) << status.text() << child.err();
  const auto account = remove(child.name);
  ASSERT_TRUE(account) << account.error().text();
  EXPECT_GE(account->oom_kills, 1u);
  EXPECT_GT(account->peak_memory_bytes, 16 * mib);
  EXPECT_LE(account->peak_memory_bytes, 24 * mib);
}

TEST(ConfinedMemory, LeavesAloneWhatStaysBelow) {
  if (!read_machine().memory) GTEST_SKIP() << "no cgroup memory controller can be used here";
  Confined child({.memory_bytes = 512 * mib});
  EXPECT_TRUE(child.shell(hog).wait().success()) << child.err();
  EXPECT_EQ(child.out(), "100000000\n");
  const auto account = remove(child.name);
  ASSERT_TRUE(account);
  EXPECT_EQ(account->oom_kills, 0u);
}

TEST(ConfinedMemory, IsCountedForAllProcessesTogether) {
  if (!read_machine().memory) GTEST_SKIP() << "no cgroup memory controller can be used here";
  const std::string thirty = "(head -c 30000000 /dev/zero; sleep 3) | tail -n 1 | wc -c & ";
  Confined child({.memory_bytes = 64 * mib});
  child.shell(thirty + thirty + thirty + thirty + "wait");
  child.wait();
  EXPECT_GE(remove(child.name)->oom_kills, 1u);
}

TEST(ConfinedMemory, WithoutACgroupLimitsEachProcessAndWarns) {
  if (::getuid() != 0) GTEST_SKIP() << "needs root, to become a user without cgroups";
  Confined child({.memory_bytes = 64 * mib}, nobody);
  EXPECT_FALSE(child.start({"/usr/bin/tail", "-n", "1", "/dev/zero"}).wait().success());
  EXPECT_THAT(child.err(), HasSubstr("address space"));
  EXPECT_THAT(child.err(), HasSubstr("memory exhausted")) << "tail itself was told that there is no more";
}

TEST(ConfinedProcesses, BoundsAForkBomb) {
  if (!read_machine().pids) GTEST_SKIP() << "no cgroup pids controller can be used here";
  Confined child({.processes = 10});
  child.shell("i=0; while [ $i -lt 50 ]; do sleep 20 & i=$((i+1)); echo $i; done");
  EXPECT_FALSE(child.wait().success());
  EXPECT_THAT(child.out(), HasSubstr("9\n"));
  EXPECT_EQ(child.out().find("10\n"), std::string::npos);
  const auto account = remove(child.name);
  ASSERT_TRUE(account) << account.error().text();
  EXPECT_GE(account->refused_processes, 1u);
}

TEST(ConfinedProcesses, WithoutACgroupCountsThoseOfTheUserAndWarns) {
  if (::getuid() != 0) GTEST_SKIP() << "needs root, to become a user without cgroups";
  Confined child({.processes = 10}, nobody);
  child.shell("i=0; while [ $i -lt 50 ]; do sleep 1 & i=$((i+1)); echo $i; done");
  EXPECT_FALSE(child.wait().success());
  EXPECT_THAT(child.err(), HasSubstr("counted together"));
  EXPECT_EQ(child.out().find("50\n"), std::string::npos);
}

TEST(ConfinedCpu, GetsItsQuotaAndNoMore) {
  if (!read_machine().cpu) GTEST_SKIP() << "no cgroup cpu controller can be used here";
  Confined child({.cpus = 0.2});
  const auto begin = std::chrono::steady_clock::now();
  child.shell("while :; do :; done");
  std::this_thread::sleep_for(2s);
  child.end();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  const double used = seconds(child.usage.ru_utime) + seconds(child.usage.ru_stime);
  EXPECT_LT(used, wall.count() * 0.2 + 0.15);
  EXPECT_GT(used, 0.02);
  EXPECT_GE(remove(child.name)->throttled_periods, 3u);
}

TEST(ConfinedCpu, WithoutACgroupIsPinnedAndWarns) {
  if (::getuid() != 0) GTEST_SKIP() << "needs root, to become a user without cgroups";
  if (read_machine().cpus.size() < 2) GTEST_SKIP() << "one CPU only: there is nothing to choose";
  Confined child({.cpus = 1}, nobody);
  EXPECT_TRUE(child.shell("nproc; nice").wait().success());
  EXPECT_EQ(child.out(), fmt::format("1\n{}\n", std::min(::getpriority(PRIO_PROCESS, 0) + 5, 19)));  // the tests may be niced themselves
  EXPECT_THAT(child.err(), HasSubstr("kept on 1 of"));
}

}  // namespace
}  // namespace flotte::sandbox
