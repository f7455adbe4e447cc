// Shims with real processes: nothing may outlive its shim, whatever is killed.
#include "base/process/shim.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/async/wait.hpp"
#include "base/file.hpp"
#include "base/process/process_test.hpp"
#include "base/process/shim_entry.hpp"

namespace flotte {
namespace {
using namespace std::chrono_literals;

ShimSpec shell(std::string script) {
  ShimSpec spec;
  spec.argv = {"sh", "-c", std::move(script)};
  spec.env = environment_with({});
  spec.grace = 500ms;
  return spec;
}

/// Leaves its parent, its group and its session, ignores SIGTERM, and writes its number to `file`.
std::string daemon_script(const std::string& file) {
  return "setsid sh -c '(trap \"\" TERM HUP; sh -c \"trap \\\"\\\" TERM; echo \\$\\$ > " + file + ".part; mv " + file + ".part " + file +
         "; while :; do sleep 0.1; done\" &)' & ";
}

class Shim : public testing::Test {
 protected:
  Result<ShimHandle> start(ShimSpec spec) { return run_to_end(context, ShimHandle::start(dir, std::move(spec))); }
  pid_t daemon_pid() {
    const std::string file = directory.path + "/daemon";
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(file); }));
    return std::stoi(read_file(file).value_or("0"));
  }
  TemporaryDirectory directory;
  std::string dir = directory.path + "/run";
  asio::io_context context;
};

TEST_F(Shim, KeepsOutputAndOutcome) {
  auto shim = start(shell("echo out; echo err >&2; cat; exit 7"));
  ASSERT_TRUE(shim) << shim.error().text();
  const auto status = run_to_end(context, shim->wait());
  ASSERT_TRUE(status) << status.error().text();
  EXPECT_EQ(status->state, ShimState::ended);
  EXPECT_EQ(status->end, ShimEnd::exited);
  EXPECT_EQ(status->exit.code, 7);
  EXPECT_EQ(shim->read_output(OutputStream::out, 0).value(), "out\n");
  EXPECT_EQ(shim->read_output(OutputStream::out, 2, 1).value(), "t");
  EXPECT_EQ(shim->read_output(OutputStream::err, 0).value(), "err\n");
  EXPECT_FALSE(std::filesystem::exists(dir + "/spec.json")) << "it may hold a key";
  EXPECT_FALSE(shim->keep_alive());
}

TEST_F(Shim, GivesTheChildInputDirectoryAndEnvironment) {
  ShimSpec spec = shell("pwd; cat; echo $FLOTTE_TEST");
  spec.env.push_back("FLOTTE_TEST=yes");
  spec.input = "in\n";
  spec.cwd = "/usr";
  auto shim = start(spec);
  ASSERT_TRUE(shim);
  ASSERT_TRUE(run_to_end(context, shim->wait()));
  EXPECT_EQ(shim->read_output(OutputStream::out, 0).value(), "/usr\nin\nyes\n");
}

TEST_F(Shim, SaysWhatCouldNotBeStarted) {
  ShimSpec spec;
  spec.argv = {"flotte-no-such-program"};
  const auto shim = start(spec);
  ASSERT_FALSE(shim);
  EXPECT_EQ(shim.error().code, Code::not_found);
}

TEST_F(Shim, LimitsOutputFiles) {
  ShimSpec spec = shell("yes | head -c 1000000");
  spec.output_bytes = 1000;
  auto shim = start(spec);
  ASSERT_TRUE(shim);
  ASSERT_TRUE(run_to_end(context, shim->wait()));
  const auto size = std::filesystem::file_size(dir + "/stdout");
  EXPECT_GE(size, 1000u);
  EXPECT_LT(size, 1100u);
}

TEST_F(Shim, RotatesALog) {
  ShimSpec spec = shell("for i in $(seq 400); do echo line number $i; done; echo last >&2");
  spec.log = directory.path + "/engine.log";
  spec.output_bytes = 2000;
  auto shim = start(spec);
  ASSERT_TRUE(shim);
  ASSERT_TRUE(run_to_end(context, shim->wait()));
  EXPECT_TRUE(read_file(spec.log)->ends_with("line number 400\nlast\n"));
  EXPECT_LE(std::filesystem::file_size(spec.log), 65'536u);
}

TEST_F(Shim, EndsWhatEscapedWhenItIsToldToStop) {
  auto shim = start(shell(daemon_script(directory.path + "/daemon") + "sleep 100"));
  ASSERT_TRUE(shim) << shim.error().text();
  const pid_t daemon = daemon_pid();
  ASSERT_TRUE(is_running(daemon));
  const auto status = run_to_end(context, shim->end(10s));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->end, ShimEnd::stopped);
  EXPECT_FALSE(is_running(daemon));
  EXPECT_FALSE(is_running(status->child));
  EXPECT_FALSE(is_running(status->shim));
}

TEST_F(Shim, EndsWhatAnEndedChildLeftBehind) {
  auto shim = start(shell(daemon_script(directory.path + "/daemon") + "while [ ! -e " + directory.path + "/daemon ]; do sleep 0.05; done"));
  ASSERT_TRUE(shim);
  const auto status = run_to_end(context, shim->wait());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->end, ShimEnd::exited);
  EXPECT_EQ(status->exit.code, 0);
  EXPECT_FALSE(is_running(daemon_pid()));
}

TEST_F(Shim, EndsItsChildAfterALeaseOfSilence) {
  ShimSpec spec = shell("sleep 100");
  spec.lease = 600ms;
  auto shim = start(spec);
  ASSERT_TRUE(shim);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) {  // longer than a lease
    ::usleep(200'000);
    EXPECT_TRUE(shim->keep_alive());
  }
  EXPECT_EQ(shim->status()->state, ShimState::running);
  const auto status = run_to_end(context, shim->wait());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->end, ShimEnd::no_node);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 1600ms);
}

TEST_F(Shim, EndsAfterItsTimeLimit) {
  ShimSpec spec = shell("sleep 100");
  spec.time_limit = 200ms;
  auto shim = start(spec);
  ASSERT_TRUE(shim);
  const auto status = run_to_end(context, shim->wait());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->end, ShimEnd::time_limit);
  EXPECT_EQ(status->exit.signal, SIGTERM);
}

TEST_F(Shim, IsAdoptedByTheNextProcessOfItsNode) {
  const pid_t node = ::fork();
  if (node == 0) {
    asio::io_context own;
    auto shim = run_to_end(own, ShimHandle::start(dir, shell("while [ ! -e " + directory.path + "/go ]; do sleep 0.05; done; exit 5")));
    ::_exit(shim ? 0 : 1);
  }
  int node_status = 0;
  ASSERT_EQ(::waitpid(node, &node_status, 0), node);
  ASSERT_EQ(node_status, 0);
  auto shim = ShimHandle::adopt(context.get_executor(), dir);
  ASSERT_TRUE(shim) << shim.error().text();
  EXPECT_EQ(shim->status()->state, ShimState::running);
  EXPECT_TRUE(shim->keep_alive());
  ASSERT_TRUE(replace_file(directory.path + "/go", ""));
  const auto status = run_to_end(context, shim->wait());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->exit.code, 5);
  auto again = ShimHandle::adopt(context.get_executor(), dir);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status()->exit.code, 5);
  EXPECT_EQ(ShimHandle::adopt(context.get_executor(), dir + "2").error().code, Code::not_found);
}

TEST_F(Shim, BoundEndsAtOnceWhenItsParentIsKilled) {
  const pid_t node = ::fork();
  if (node == 0) {
    asio::io_context own;
    ShimSpec spec = shell(daemon_script(directory.path + "/daemon") + "sleep 100");
    spec.bound = true;
    auto shim = run_to_end(own, ShimHandle::start(dir, spec));
    for (;;) ::pause();
  }
  const pid_t daemon = daemon_pid();
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(dir + "/status.json"); }));
  const auto status = ShimStatus::from_json(json::parse_object(read_file(dir + "/status.json").value()).value());
  ASSERT_TRUE(is_running(daemon));
  ASSERT_TRUE(is_running(status->child));
  ::kill(node, SIGKILL);
  ::waitpid(node, nullptr, 0);
  EXPECT_TRUE(eventually([&] { return !is_running(status->child) && !is_running(daemon) && !is_running(status->shim); }, 5s));
}

TEST_F(Shim, TakesItsChildWithItWhenItIsKilled) {
  auto shim = start(shell(daemon_script(directory.path + "/daemon") + "sleep 100"));
  ASSERT_TRUE(shim);
  const pid_t daemon = daemon_pid();
  const auto before = shim->status();
  ASSERT_TRUE(before);
  ASSERT_TRUE(is_running(before->child));
  ::kill(before->shim, SIGKILL);
  const auto after = run_to_end(context, shim->wait());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->end, ShimEnd::lost);
  EXPECT_TRUE(eventually([&] { return !is_running(before->child) && !is_running(daemon); }, 2s));
}

TEST_F(Shim, AdoptedAfterItWasKilledIsLostAndSwept) {
  auto shim = start(shell(daemon_script(directory.path + "/daemon") + "sleep 100"));
  ASSERT_TRUE(shim);
  const pid_t daemon = daemon_pid();
  ::kill(shim->status()->shim, SIGKILL);
  auto adopted = ShimHandle::adopt(context.get_executor(), dir);
  ASSERT_TRUE(adopted);
  const auto status = run_to_end(context, adopted->wait());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->end, ShimEnd::lost);
  EXPECT_TRUE(eventually([&] { return !is_running(daemon); }, 2s));
}

TEST_F(Shim, IsKilledWhenItDoesNotAnswer) {
  auto shim = start(shell(daemon_script(directory.path + "/daemon") + "sleep 100"));
  ASSERT_TRUE(shim);
  const pid_t daemon = daemon_pid();
  ::kill(shim->status()->shim, SIGSTOP);
  const auto status = run_to_end(context, shim->end(300ms));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->end, ShimEnd::lost);
  EXPECT_FALSE(is_running(daemon));
}

}  // namespace
}  // namespace flotte
