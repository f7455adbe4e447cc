// The command itself, with real children; what this machine cannot do is skipped with a message.
#include "sandbox/confine_test.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/process/tree.hpp"

namespace flotte::sandbox {
namespace {
using testing::HasSubstr;
using testing::StartsWith;

TEST(Confine, GivesUpGainingRights) {
  Confined child({});
  child.start_args({"--name", child.name, "--", "grep", "NoNewPrivs", "/proc/self/status"}).wait();
  EXPECT_EQ(child.out(), "NoNewPrivs:\t1\n");
}

TEST(Confine, KeepsStatusArgumentsAndDirectory) {
  Confined child({.cpus = 1});
  EXPECT_EQ(child.start({"sh", "-c", "printf '%s|' \"$@\"; pwd; exit 7", "x", "a b", "--", ""}).wait().code, 7);
  EXPECT_EQ(child.out(), "a b|--||" + std::filesystem::current_path().string() + "\n");
}

TEST(Confine, StillEndsWithItsParent) {
  if (second_thread) GTEST_SKIP() << "needs a process with one thread";
  if (::getuid() != 0 || !can_cut_network(nobody)) GTEST_SKIP() << "needs root and user namespaces";
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const pid_t child = ::fork();
    if (child == 0) {
      become_nobody();
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::_exit(confine_main(std::vector<std::string>{"--network", "none", "--", "sh", "-c", "exec sleep 30"}));
    }
    [[maybe_unused]] const auto told = ::write(ends[1], &child, sizeof child);
    ::pause();
  }
  pid_t child = 0;
  ASSERT_EQ(::read(ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  const auto comm = [&] { return read_file(fmt::format("/proc/{}/comm", child)).value_or(""); };
  EXPECT_TRUE(eventually([&] { return comm() == "sleep\n"; }));
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(eventually([&] { return !process_birth(child); }));
  ::kill(child, SIGKILL);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Confine, RefusesWhatItDoesNotUnderstand) {
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"--"},
      {"--memory"},
      {"--memory", "64M", "--", "echo", "ran"},
      {"--memory", "12", "--", "echo", "ran"},
      {"--cpus", "-1", "--", "echo", "ran"},
      {"--cpus", "nan", "--", "echo", "ran"},
      {"--disk", "1", "--", "echo", "ran"},
      {"--name", "../up", "--", "echo", "ran"},
      {"--network", "interface:wg0", "--", "echo", "ran"},
      {"--network", "none"},
  };
  for (const auto& args : wrong) {
    Confined child({});
    EXPECT_EQ(child.start_args(args).wait().code, 126) << fmt::format("{}", fmt::join(args, " "));
    EXPECT_EQ(child.out(), "");
    EXPECT_THAT(child.err(), StartsWith("flotte confine: not run: "));
    EXPECT_EQ(std::ranges::count(child.err(), '\n'), 1) << child.err();
  }
}

TEST(Confine, NamesAProgramThatIsNotThere) {
  Confined child({.cpus = 1});
  EXPECT_EQ(child.start({"flotte-no-such-program"}).wait().code, 127);
  EXPECT_THAT(child.err(), HasSubstr("no program 'flotte-no-such-program'"));
}

TEST(Confine, ChangesNothingWithoutLimits) { EXPECT_EQ(confined({}, {.name = "r"}, {"ls", "-l"}), (std::vector<std::string>{"ls", "-l"})); }

TEST(Confine, PutsItselfBeforeTheProgram) {
  EXPECT_EQ(confined({.cpus = 0.5, .memory_bytes = 4096, .processes = 3, .network = Network::none}, {.name = "r", .binary = "/bin/flotte"},
                     {"ls"}),
            (std::vector<std::string>{"/bin/flotte", "confine", "--name", "r", "--memory", "4096", "--cpus", "0.5", "--processes", "3",
                                      "--network", "none", "--", "ls"}));
}

}  // namespace
}  // namespace flotte::sandbox
