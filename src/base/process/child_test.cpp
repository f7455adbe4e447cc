// Children with real programs of the base system.
#include "base/process/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/async/wait.hpp"
#include "base/file.hpp"
#include "base/process/open_files.hpp"
#include "base/process/process_test.hpp"

namespace flotte {
namespace {
using namespace std::chrono_literals;

ChildSpec shell(std::string script) {
  ChildSpec spec;
  spec.argv = {"sh", "-c", std::move(script)};
  return spec;
}

TEST(RunChild, GivesOutputErrorsAndStatus) {
  asio::io_context context;
  const auto got = run_to_end(context, run_child(shell("cat; echo oops >&2; exit 3"), {}, "hello"));
  ASSERT_TRUE(got) << got.error().text();
  EXPECT_EQ(got->out, "hello");
  EXPECT_EQ(got->err, "oops\n");
  EXPECT_EQ(got->status.code, 3);
  EXPECT_EQ(got->status.text(), "exit status 3");
}

TEST(RunChild, PassesAMegabyteThrough) {
  asio::io_context context;
  const std::string input(1 << 20, 'x');
  const auto got = run_to_end(context, run_child(shell("cat"), {}, input));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->out, input);
}

Awaitable<int> run_one_after_another(int count, std::string input) {
  int right = 0;
  for (int i = 0; i < count; ++i) {
    ChildSpec spec = shell("cat; echo e >&2");
    auto got = co_await run_child(std::move(spec), {}, input);
    right += got && got->out == input;
  }
  co_return right;
}

TEST(RunChild, OneBehindAnotherIsNotMistakenForIt) {
  asio::io_context context;
  EXPECT_EQ(run_to_end(context, run_one_after_another(60, "hello")), 60);
}

TEST(RunChild, NamesAProgramThatIsNotThere) {
  asio::io_context context;
  ChildSpec spec;
  spec.argv = {"flotte-no-such-program"};
  const auto got = run_to_end(context, run_child(spec, {}));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::not_found);
  EXPECT_NE(got.error().message.find("flotte-no-such-program"), std::string::npos);
}

TEST(RunChild, EndsTheWholeGroupAfterItsTime) {
  asio::io_context context;
  TemporaryDirectory directory;
  const std::string file = directory.path + "/pid";
  const auto got = run_to_end(context, run_child(shell("sleep 100 & echo $! > " + file + "; wait"), {.time = 300ms}));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::deadline);
  const pid_t grandchild = std::stoi(read_file(file).value());
  EXPECT_TRUE(eventually([&] { return !is_running(grandchild); }));
}

TEST(RunChild, StopsWhatWritesTooMuch) {
  asio::io_context context;
  const auto got = run_to_end(context, run_child(shell("yes"), {.output_bytes = 100'000}));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::too_large);
}

TEST(RunChild, KeepsOnlyTheEndOfStandardError) {
  asio::io_context context;
  const auto got = run_to_end(context, run_child(shell("for i in $(seq 1000); do echo line $i >&2; done"), {.error_bytes = 100}));
  ASSERT_TRUE(got);
  EXPECT_LE(got->err.size(), 100u);
  EXPECT_TRUE(got->err.ends_with("line 1000\n"));
}

TEST(RunChild, DoesNotWaitForAnEscapedProcessThatHoldsThePipe) {
  asio::io_context context;
  const auto begin = std::chrono::steady_clock::now();
  const auto got = run_to_end(context, run_child(shell("setsid sleep 5 & echo done"), {}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->out, "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST(RunChild, ObeysItsLimits) {
  asio::io_context context;
  ChildSpec spec = shell("ulimit -n; while :; do :; done");
  spec.limits.cpu_seconds = 1;
  spec.limits.open_files = 33;
  const auto got = run_to_end(context, run_child(spec, {}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->out, "33\n");
  EXPECT_EQ(got->status.signal, SIGXCPU);
}

TEST(RunChild, GivesTheChildTheLimitThatWasRaisedForUsOnly) {
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  rlimit small = old;
  small.rlim_cur = 200;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &small), 0);
  EXPECT_GT(raise_open_files(), 200u);
  asio::io_context context;
  const auto got = run_to_end(context, run_child(shell("ulimit -Sn"), {}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->out, "200\n");
}

TEST(RunChild, GivesTheChildNoDescriptorOfOurs) {
  asio::io_context context;
  const Descriptor leaky(::open("/dev/null", O_RDONLY));  // not close-on-exec
  const auto got = run_to_end(context, run_child(shell("ls /proc/self/fd"), {}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->out, "0\n1\n2\n3\n") << "3 is the directory that ls reads";
}

TEST(Child, EndsPolitelyThenByForce) {
  asio::io_context context;
  auto child = Child::start(context.get_executor(), shell("trap '' TERM; while :; do sleep 0.1; done"));
  ASSERT_TRUE(child);
  ::usleep(100'000);
  const auto status = run_to_end(context, child->end(200ms));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->signal, SIGKILL);
}

TEST(Child, IsKilledWithItsGroupWhenItIsDestroyed) {
  asio::io_context context;
  pid_t pid = 0;
  {
    auto child = Child::start(context.get_executor(), shell("sleep 100 & wait"));
    ASSERT_TRUE(child);
    pid = child->pid();
    EXPECT_TRUE(eventually([&] { return !find_descendants(pid).empty(); }));
  }
  EXPECT_FALSE(is_running(pid));
}

TEST(Spawn, ReplacesNamesInTheEnvironment) {
  ::setenv("FLOTTE_TEST_A", "1", 1);
  const auto env = environment_with({"FLOTTE_TEST_A=2", "FLOTTE_TEST_B=3"});
  EXPECT_EQ(std::count(env.begin(), env.end(), "FLOTTE_TEST_A=2"), 1);
  EXPECT_EQ(std::count(env.begin(), env.end(), "FLOTTE_TEST_A=1"), 0);
  EXPECT_EQ(std::count(env.begin(), env.end(), "FLOTTE_TEST_B=3"), 1);
}

}  // namespace
}  // namespace flotte
