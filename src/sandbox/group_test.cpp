// Real groups: made, entered, swept, removed; what this machine cannot do is skipped with a message.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/file.hpp"
#include "base/process/tree.hpp"
#include "sandbox/confine_test.hpp"
#include "sandbox/detail/cgroup.hpp"

namespace flotte::sandbox {
namespace {
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

TEST(Group, IsNamedAfterTheDirectoryOfItsRun) {
  const std::string one = group_name("/data/a/runs/t7:3/"), other = group_name("/data/b/runs/t7:3");
  EXPECT_THAT(one, StartsWith("run-t7_3-"));
  EXPECT_NE(one, other);
  EXPECT_EQ(one, group_name("/data/a/runs/t7:3"));
  EXPECT_TRUE(check_group_name(group_name("/" + std::string(300, 'x'))));
  for (const char* wrong : {"", ".", "..", "a/b", "a b"}) EXPECT_FALSE(check_group_name(wrong)) << wrong;
}

std::optional<CgroupPlace> any_place() {
  const Machine machine = read_machine();
  return machine.pids ? machine.pids : machine.memory ? machine.memory : machine.cpu;
}

TEST(Group, RemoveEndsWhatStillLivesThere) {
  if (!read_machine().pids) GTEST_SKIP() << "no cgroup pids controller can be used here";
  Confined child({.processes = 20});
  child.shell("setsid sleep 60 & echo $!").wait();
  const pid_t left = std::stoi(child.out());
  EXPECT_TRUE(process_birth(left));
  ASSERT_TRUE(remove(child.name));
  EXPECT_TRUE(eventually([&] { return !process_birth(left); }));
  EXPECT_FALSE(std::filesystem::exists(read_machine().pids->directory + "/flotte/" + child.name));
  EXPECT_TRUE(remove(child.name)) << "again is harmless";
}

TEST(Group, LeftoversGoAndTheLivingStay) {
  if (!read_machine().pids) GTEST_SKIP() << "no cgroup pids controller can be used here";
  const std::string family = read_machine().pids->directory + "/flotte/", left = family + group_name("/test/" + random_token(9));
  Confined living({.processes = 20});
  living.shell("sleep 60");
  ASSERT_TRUE(eventually([&] { return !read_file(family + living.name + "/cgroup.procs").value_or("").empty(); }));
  ASSERT_EQ(::mkdir(left.c_str(), 0755), 0);
  detail::sweep(family, 100s);
  EXPECT_TRUE(std::filesystem::exists(left)) << "its owner may still want to know what happened in it";
  detail::sweep(family, 100s);
  EXPECT_TRUE(std::filesystem::exists(left));
  detail::sweep(family, 0s);
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(std::filesystem::exists(family + living.name));
}

TEST(Group, IsNeverSharedByTwoRuns) {
  if (!read_machine().pids) GTEST_SKIP() << "no cgroup pids controller can be used here";
  const std::string family = read_machine().pids->directory + "/flotte/";
  Confined living({.processes = 20}), same({});
  living.shell("sleep 60");
  ASSERT_TRUE(eventually([&] { return !read_file(family + living.name + "/cgroup.procs").value_or("").empty(); }));
  same.start_args({"--processes", "20", "--name", living.name, "--", "echo", "ran"});
  EXPECT_EQ(same.wait().code, 126);
  EXPECT_THAT(same.err(), HasSubstr("another run lives in"));
}

TEST(Group, ManyAtOnceDoNotRemoveEachOther) {
  if (!any_place()) GTEST_SKIP() << "no cgroup controller can be used here";
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<Confined>> children;
    for (int i = 0; i < 12; ++i)
      children.push_back(std::make_unique<Confined>(Limits{.cpus = 1, .memory_bytes = 64 * mib, .processes = 20}));
    for (auto& child : children) child->shell("true");
    for (auto& child : children) EXPECT_TRUE(child->wait().success()) << child->err();
  }
}

TEST(Group, VanishesWithItsCommonDirectory) {
  const auto place = any_place();
  if (!place) GTEST_SKIP() << "no cgroup controller can be used here";
  const std::string name = group_name("/test/" + random_token(9));
  ::mkdir((place->directory + "/flotte").c_str(), 0755);
  ASSERT_EQ(::mkdir((place->directory + "/flotte/" + name).c_str(), 0755), 0);
  EXPECT_TRUE(remove(name));
  EXPECT_FALSE(std::filesystem::exists(place->directory + "/flotte/" + name));
}

/// The directory of the version 2 tree, wherever it is mounted.
std::optional<std::string> unified_root() {
  for (const char* path : {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"})
    if (std::filesystem::exists(std::string(path) + "/cgroup.subtree_control") && ::access(path, W_OK) == 0) return path;
  return std::nullopt;
}

TEST(Group, OfVersion2IsMadeEnteredAndRemoved) {
  const auto root = unified_root();
  if (!root || ::getuid() != 0) GTEST_SKIP() << "no writable cgroup tree of version 2 here";
  const EnterCgroup step{{CgroupVersion::v2, *root}, {}, {{"cgroup.max.depth", "3"}, {"no.such.file", "1", Setting::Need::where_present}}};
  const std::string name = group_name("/test/" + random_token(9)), group = *root + "/flotte/" + name;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto entered = detail::enter_cgroup(step, name);
    ::_exit(entered && read_file("/proc/self/cgroup").value_or("").find("0::/flotte/" + name + "\n") != std::string::npos &&
                    read_file(group + "/cgroup.max.depth").value_or("") == "3\n"
                ? 0
                : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(std::filesystem::exists(group));
  EXPECT_TRUE(detail::remove_cgroup(step.place, name));
  EXPECT_FALSE(std::filesystem::exists(group));
}

TEST(Group, ThatCannotBeSetUpIsNotEntered) {
  const auto root = unified_root();
  if (!root || ::getuid() != 0) GTEST_SKIP() << "no writable cgroup tree of version 2 here";
  const EnterCgroup step{{CgroupVersion::v2, *root}, {}, {{"no.such.file", "1"}}};
  const std::string name = group_name("/test/" + random_token(9));
  EXPECT_FALSE(detail::enter_cgroup(step, name));
  EXPECT_FALSE(std::filesystem::exists(*root + "/flotte/" + name));
  EXPECT_TRUE(detail::remove_cgroup(step.place, name));
}

TEST(Group, OfVersion2SwitchesItsControllersOn) {
  const std::string directory = (std::filesystem::temp_directory_path() / ("flotte-group-" + random_token(9))).string();
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/cgroup.subtree_control") << "";
  EXPECT_TRUE(detail::switch_on(directory, {"memory"}));
  EXPECT_EQ(read_file(directory + "/cgroup.subtree_control").value(), "+memory");
  EXPECT_FALSE(detail::switch_on(directory + "/nowhere", {"memory"}));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace flotte::sandbox
