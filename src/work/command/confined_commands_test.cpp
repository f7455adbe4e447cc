// Commands under limits, as real processes: what is said of an end at a limit, and that nothing of a run's groups is left.
#include "work/command/confined_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "base/temporary_directory.hpp"
#include "sandbox/confine.hpp"
#include "sandbox/group.hpp"
#include "sandbox/machine.hpp"
#include "work/testing.hpp"

namespace flotte::work {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

[[gnu::constructor]] void answer_as_confine(int argc, char** argv, char**) {
  if (argc > 1 && std::strcmp(argv[1], "confine") == 0) std::_Exit(sandbox::confine_main(std::vector<std::string>(argv + 2, argv + argc)));
}

constexpr std::uint64_t mib = 1024 * 1024;

class Confined : public ::testing::Test {
 protected:
  wire::Finished perform(const std::string& script) {
    wire::Offer offer;
    offer.run = {"t7", 3};
    offer.worker = "shell";
    offer.spec.kind = wire::TaskKind::command;
    offer.spec.input = {{"argv", json::array{"sh", "-c", script}}};
    CommandOptions options{.runs_directory = runs()};
    ConfinedCommands commands(pool, std::move(options), limits);
    RunContext context(loop.get_executor(), offer, wire::WorkerInfo{.name = "shell", .kind = "command"}, events, system_clock());
    auto finished = testing::wait(loop, commands.run(context));
    context.flush();
    return finished;
  }
  fs::path runs() const { return fs::path(root.path) / "runs"; }
  /// The run's groups that are there now, of every controller.
  std::vector<std::string> groups() const {
    const std::string name = sandbox::group_name(RunDirectory(runs(), {"t7", 3}).path().string());
    const sandbox::Machine machine = sandbox::read_machine();
    std::vector<std::string> out;
    for (const auto& place : {machine.memory, machine.cpu, machine.pids})
      if (place && fs::exists(place->directory + "/flotte/" + name)) out.push_back(place->directory);
    return out;
  }

  asio::io_context loop;
  BlockingPool pool{"confined", 1};
  TemporaryDirectory root;
  ConfinedCommands::LimitsTable limits;
  testing::Recorder events;
};

TEST_F(Confined, AnEndAtTheMemoryLimitIsSaidToBeOne) {
  if (!sandbox::read_machine().memory) GTEST_SKIP() << "no cgroup memory controller can be used here";
  limits["shell"] = {.memory_bytes = 24 * mib};
  const auto f = perform("tail -n 1 /dev/zero");
  EXPECT_EQ(f.outcome, "failed");
  ASSERT_TRUE(f.error);
  EXPECT_THAT(f.error->message, HasSubstr("memory limit")) << events.err;
  EXPECT_TRUE(groups().empty()) << groups().front();
}

TEST_F(Confined, NothingOfARunsGroupsIsLeftAfterIt) {
  if (!sandbox::read_machine().pids) GTEST_SKIP() << "no cgroup pids controller can be used here";
  limits["shell"] = {.memory_bytes = 256 * mib, .processes = 20};
  const std::string name = sandbox::group_name(RunDirectory(runs(), {"t7", 3}).path().string());
  const auto f = perform("cat /proc/self/cgroup; exit 3");
  EXPECT_THAT(events.out, HasSubstr(name)) << "it ran in a group of its own";
  ASSERT_TRUE(f.error);
  EXPECT_THAT(f.error->message, Not(HasSubstr("memory limit")));
  EXPECT_TRUE(groups().empty()) << groups().front();
}

TEST_F(Confined, AWorkerWithoutLimitsRunsAsItIs) {
  limits["another"] = {.processes = 20};
  EXPECT_EQ(perform("cat /proc/self/cgroup").outcome, "succeeded");
  EXPECT_THAT(events.out, Not(HasSubstr("/run-t7")));
}

}  // namespace
}  // namespace flotte::work
