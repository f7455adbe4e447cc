// Machines made of files: what read_machine takes from them.
#include "sandbox/machine.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/crypto.hpp"

namespace flotte::sandbox {
namespace {

class FakeMachine {
 public:
  FakeMachine() {
    put("proc/self/status", "Name:\tflotte\nUid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\nCpus_allowed_list:\t0-2,6\n");
    put("proc/sys/user/max_user_namespaces", "1000\n");
    put("proc/sys/user/max_net_namespaces", "1000\n");
  }
  ~FakeMachine() { std::filesystem::remove_all(root_); }

  void put(const std::string& path, std::string_view text) {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::ofstream(at(path)) << text;
  }
  std::string at(const std::string& path) const { return root_ + "/" + path; }
  void mount(const std::string& text) {
    mounts_ += text;
    put("proc/self/mountinfo", mounts_);
  }
  void mount_v2(const std::string& root = "/") { mount(fmt::format("30 1 0:26 {} {} rw - cgroup2 cgroup2 rw\n", root, at("cg"))); }
  void mount_v1(const std::string& directory, const std::string& controllers) {
    mount(fmt::format("31 1 0:27 / {} rw,relatime shared:9 - cgroup cgroup rw,{}\n", at(directory), controllers));
  }
  Machine read() const { return read_machine(at("proc")); }

 private:
  std::string root_ = (std::filesystem::temp_directory_path() / ("flotte-machine-" + random_token(9))).string();
  std::string mounts_;
};

CgroupPlace v2(const std::string& directory) { return {CgroupVersion::v2, directory}; }
CgroupPlace v1(const std::string& directory) { return {CgroupVersion::v1, directory}; }

TEST(Machine, HasNothingWhereNothingCanBeRead) {
  const Machine machine = read_machine("/nowhere");
  EXPECT_FALSE(machine.memory || machine.cpu || machine.pids);
  EXPECT_FALSE(machine.administrator || machine.user_namespaces || machine.network_namespaces);
}

TEST(Machine, KnowsUserRightsAndCpus) {
  FakeMachine fake;
  const Machine user = fake.read();
  EXPECT_EQ(user.uid, 1000u);
  EXPECT_FALSE(user.administrator);
  EXPECT_TRUE(user.user_namespaces && user.network_namespaces);
  EXPECT_EQ(user.cpus, (std::vector<int>{0, 1, 2, 6}));
  fake.put("proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n");
  EXPECT_TRUE(fake.read().administrator);
}

TEST(Machine, TakesUserNamespacesAsAbsentWhereTheDistributionForbidsThem) {
  FakeMachine debian, ubuntu;
  debian.put("proc/sys/kernel/unprivileged_userns_clone", "0\n");
  ubuntu.put("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
  EXPECT_FALSE(debian.read().user_namespaces);
  EXPECT_FALSE(ubuntu.read().user_namespaces);
}

TEST(Machine, MakesGroupsOfVersion2BesideItsOwn) {
  FakeMachine fake;
  fake.mount_v2();
  fake.put("proc/self/cgroup", "0::/app.slice/term.scope\n");
  fake.put("cg/app.slice/term.scope/cgroup.procs", "42\n");
  fake.put("cg/app.slice/cgroup.procs", "");
  fake.put("cg/app.slice/cgroup.events", "populated 1\n");
  fake.put("cg/app.slice/cgroup.controllers", "cpu memory pids\n");
  fake.put("cg/app.slice/cgroup.subtree_control", "memory\n");
  const Machine machine = fake.read();
  EXPECT_EQ(machine.memory, v2(fake.at("cg/app.slice")));
  EXPECT_EQ(machine.cpu, v2(fake.at("cg/app.slice"))) << "offered, and can be switched on as nothing lives there";
}

TEST(Machine, CannotSwitchAControllerOnAboveLivingProcesses) {
  FakeMachine fake;
  fake.mount_v2();
  fake.put("proc/self/cgroup", "0::/app.slice/term.scope\n");
  fake.put("cg/app.slice/term.scope/cgroup.procs", "");
  fake.put("cg/app.slice/cgroup.procs", "7\n");
  fake.put("cg/app.slice/cgroup.events", "populated 1\n");
  fake.put("cg/app.slice/cgroup.controllers", "cpu memory\n");
  fake.put("cg/app.slice/cgroup.subtree_control", "memory\n");
  EXPECT_TRUE(fake.read().memory);
  EXPECT_FALSE(fake.read().cpu);
}

TEST(Machine, StaysInTheRootOfAContainersTree) {
  FakeMachine fake;
  fake.mount_v2();
  fake.put("proc/self/cgroup", "0::/\n");
  fake.put("cg/cgroup.procs", "1\n");
  fake.put("cg/cgroup.controllers", "memory\n");
  fake.put("cg/cgroup.subtree_control", "\n");
  EXPECT_EQ(fake.read().memory, v2(fake.at("cg"))) << "the real root may have processes";
  fake.put("cg/cgroup.events", "populated 1\n");
  EXPECT_FALSE(fake.read().memory) << "what only looks like a root may not";
}

TEST(Machine, FindsTheMountedPartOfATree) {
  FakeMachine fake;
  fake.mount_v2("/docker/abc");
  fake.put("proc/self/cgroup", "0::/docker/abc/inner/own\n");
  fake.put("cg/inner/own/cgroup.procs", "");
  fake.put("cg/inner/cgroup.procs", "");
  fake.put("cg/inner/cgroup.subtree_control", "pids\n");
  EXPECT_EQ(fake.read().pids, v2(fake.at("cg/inner")));
  fake.put("proc/self/cgroup", "0::/docker/abcdef/inner/own\n");
  EXPECT_FALSE(fake.read().pids) << "another container's";
}

TEST(Machine, MakesGroupsOfVersion1InItsOwn) {
  FakeMachine fake;
  fake.mount_v1("cpu,cpuacct", "cpu,cpuacct");
  fake.mount_v1("memory", "memory");
  fake.mount_v1("pids", "pids");
  fake.put("proc/self/cgroup", "5:cpuacct,cpu:/\n4:memory:/sessions/one\n3:pids:/\n0::/\n");
  fake.put("cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  fake.put("memory/sessions/one/memory.limit_in_bytes", "9223372036854771712\n");
  fake.put("pids/cgroup.procs", "");
  const Machine machine = fake.read();
  EXPECT_EQ(machine.cpu, v1(fake.at("cpu,cpuacct")));
  EXPECT_EQ(machine.memory, v1(fake.at("memory/sessions/one")));
  EXPECT_EQ(machine.pids, v1(fake.at("pids")));
}

TEST(Machine, LeavesAloneAVersion1ControllerWithoutTheFileThatMatters) {
  FakeMachine fake;
  fake.mount_v1("cpu", "cpu");
  fake.put("proc/self/cgroup", "5:cpu:/\n");
  fake.put("cpu/cpu.shares", "1024\n");
  EXPECT_FALSE(fake.read().cpu) << "a kernel without bandwidth control";
}

TEST(Machine, TakesAControllerFromTheTreeThatHasIt) {
  FakeMachine hybrid;
  hybrid.mount_v2();
  hybrid.mount_v1("memory", "memory");
  hybrid.put("proc/self/cgroup", "4:memory:/\n0::/own\n");
  hybrid.put("memory/memory.limit_in_bytes", "1\n");
  hybrid.put("cg/own/cgroup.procs", "");
  hybrid.put("cg/cgroup.procs", "");
  hybrid.put("cg/cgroup.subtree_control", "pids\n");
  const Machine machine = hybrid.read();
  EXPECT_EQ(machine.memory, v1(hybrid.at("memory")));
  EXPECT_EQ(machine.pids, v2(hybrid.at("cg")));
  EXPECT_FALSE(machine.cpu);
}

TEST(Machine, ReadsMountPointsWithBlanks) {
  FakeMachine fake;
  fake.mount(fmt::format("31 1 0:27 / {}/my\\040groups rw - cgroup cgroup rw,pids\n", fake.at("x")));
  fake.put("proc/self/cgroup", "3:pids:/\n");
  fake.put("x/my groups/cgroup.procs", "");
  EXPECT_EQ(fake.read().pids, v1(fake.at("x/my groups")));
}

}  // namespace
}  // namespace flotte::sandbox
