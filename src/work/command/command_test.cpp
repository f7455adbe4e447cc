// Commands as real processes under real shims.
#include "work/command/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <fstream>

#include "base/file.hpp"
#include "base/process/shim_entry.hpp"
#include "base/process/tree.hpp"
#include "work/command/environment.hpp"
#include "work/testing.hpp"

namespace flotte::work {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Command : public ::testing::Test {
 protected:
  Command() {
    std::string name = (fs::temp_directory_path() / "flotte-command-XXXXXX").string();
    root = ::mkdtemp(name.data());
    options.runs_directory = root / "runs";
    options.url = "http://hub:7700";
    options.grace = milliseconds(300);
    options.lease = milliseconds(5000);
    make();
  }
  ~Command() override { fs::remove_all(root); }
  void make() { executor = std::make_unique<CommandExecutor>(pool, options); }
  static wire::Offer offer(json::object input) {
    wire::Offer o;
    o.run = {"t7", 3};
    o.key = "fr_secret";
    o.worker = "shell";
    o.spec.kind = wire::TaskKind::command;
    o.spec.input = std::move(input);
    return o;
  }
  static wire::Offer shell(std::string script) { return offer({{"argv", json::array{"sh", "-c", script}}}); }
  RunContext& context_of(const wire::Offer& o, std::string kind = "command") {
    context = std::make_unique<RunContext>(loop.get_executor(), o, wire::WorkerInfo{.name = "shell", .kind = kind}, events, system_clock());
    return *context;
  }
  wire::Finished perform(const wire::Offer& o) {
    auto finished = testing::wait(loop, executor->run(context_of(o)));
    context->flush();
    return finished;
  }
  static std::int64_t exit_code(const wire::Finished& f) {
    return f.result.is_object() ? json::int_or(f.result.get_object(), "exit_code", -99) : -99;
  }

  std::optional<ShimStatus> status() const {
    const auto text = read_file((root / "runs" / "t7-3" / "shim" / "status.json").string());
    const auto object = text ? json::parse_object(*text) : Result<json::object>(fail(Code::not_found, ""));
    auto read = object ? ShimStatus::from_json(*object) : Result<ShimStatus>(fail(Code::not_found, ""));
    return read ? std::optional(*read) : std::nullopt;
  }

  asio::io_context loop;
  BlockingPool pool{"command", 1};
  fs::path root;
  CommandOptions options;
  std::unique_ptr<CommandExecutor> executor;
  testing::Recorder events;
  std::unique_ptr<RunContext> context;
};

TEST_F(Command, ReportsOutputAndExitCode) {
  const auto f = perform(shell("echo größer; echo problem >&2; exit 3"));
  EXPECT_EQ(f.outcome, "failed");
  EXPECT_FALSE(f.retryable);
  EXPECT_EQ(exit_code(f), 3);
  EXPECT_THAT(f.error->message, HasSubstr("exit status 3"));
  EXPECT_EQ(events.out, "größer\n");
  EXPECT_EQ(events.err, "problem\n");
  EXPECT_EQ(exit_code(perform(shell("true"))), 3) << "the same run is not started again, it is taken over";
}

TEST_F(Command, SucceedsWithZero) {
  const auto f = perform(shell("exit 0"));
  EXPECT_EQ(f.outcome, "succeeded");
  EXPECT_EQ(exit_code(f), 0);
  executor->forget({"t7", 3});
  EXPECT_TRUE(testing::eventually(loop, [&] { return !fs::exists(root / "runs" / "t7-3"); }));
}

TEST_F(Command, SeesACleanEnvironment) {
  ::setenv("FLOTTE_TEST_SECRET", "must not be seen", 1);
  wire::Offer o = offer(
      {{"argv", json::array{"env"}}, {"env", json::object{{"MINE", "yes"}, {"FLOTTE_KEY", "forged"}, {"FLOTTE_STEP_SOCKET", "forged"}}}});
  perform(o);
  ::unsetenv("FLOTTE_TEST_SECRET");
  EXPECT_THAT(events.out, HasSubstr("MINE=yes\n"));
  EXPECT_THAT(events.out, HasSubstr("FLOTTE_URL=http://hub:7700\n"));
  EXPECT_THAT(events.out, HasSubstr("FLOTTE_KEY=fr_secret\n"));
  EXPECT_THAT(events.out, HasSubstr("FLOTTE_TASK=t7\n"));
  EXPECT_THAT(events.out, Not(HasSubstr("FLOTTE_STEP_SOCKET"))) << "there is none here";
  EXPECT_THAT(events.out, HasSubstr("PATH="));
  EXPECT_THAT(events.out, Not(HasSubstr("must not be seen")));
  EXPECT_THAT(events.out, Not(HasSubstr("forged")));
}

TEST_F(Command, RunsWhereItIsTold) {
  perform(offer({{"argv", json::array{"pwd"}}, {"cwd", "/usr"}}));
  EXPECT_EQ(events.out, "/usr\n");
}

TEST_F(Command, RunsInADirectoryOfItsOwnOtherwise) {
  perform(shell("pwd"));
  EXPECT_EQ(events.out, fs::canonical(root / "runs" / "t7-3" / "work").string() + "\n");
}

TEST_F(Command, SaysWhatCannotBeStarted) {
  const auto f = perform(offer({{"argv", json::array{"flotte-no-such-program"}}}));
  EXPECT_EQ(f.outcome, "failed");
  EXPECT_FALSE(f.retryable);
  EXPECT_EQ(f.error->code, Code::not_found);
}

TEST_F(Command, SaysOfWhatIsMissingWhereAndNothingOfItsOwnParts) {
  options.wrap = [](const wire::Offer&, std::vector<std::string> argv) {
    argv.insert(argv.begin(), {"/proc/self/exe", "confine", "--"});
    return argv;
  };
  make();
  struct Case {
    json::object input;
    const char* names;
  };
  const Case cases[] = {
      {{{"argv", json::array{"true"}}, {"cwd", "/no/such/directory"}}, "the directory /no/such/directory does not exist"},
      {{{"argv", json::array{"true"}}, {"cwd", "/bin/sh"}}, "/bin/sh is not a directory"},
      {{{"argv", json::array{"/no/such/program"}}}, "no program '/no/such/program'"},
      {{{"argv", json::array{"flotte-no-such-program"}}}, "no program 'flotte-no-such-program'"},
      {{{"argv", json::array{"./here"}}, {"cwd", "/usr"}}, "no program './here'"},
  };
  for (const Case& c : cases) {
    const auto f = perform(offer(c.input));
    ASSERT_TRUE(f.error) << c.names;
    EXPECT_THAT(f.error->message, HasSubstr(c.names));
    EXPECT_THAT(f.error->text(), Not(HasSubstr("/proc/self/exe")));
    EXPECT_FALSE(f.retryable) << c.names;
    EXPECT_EQ(events.err, "");
  }
}

TEST_F(Command, FindsFlotteItselfBehindItsPath) {
  const fs::path own = fs::read_symlink("/proc/self/exe").parent_path();
  wire::Offer o = shell("command -v work_test; echo $PATH");
  o.spec.input["env"] = json::object{{"PATH", "/usr/bin:/bin"}};
  perform(o);
  EXPECT_EQ(events.out, (own / "work_test").string() + "\n/usr/bin:/bin:" + own.string() + "\n");
}

TEST(CommandEnvironment, EndsThePathWithTheProgramsDirectoryOnce) {
  const wire::Offer o;
  const HubPlaces hub{"http://hub", "", "/opt/flotte"};
  EXPECT_THAT(command_environment({"PATH=/usr/bin:/bin"}, o, hub), Contains("PATH=/usr/bin:/bin:/opt/flotte"));
  EXPECT_THAT(command_environment({"PATH=/opt/flotte:/bin"}, o, hub), Contains("PATH=/opt/flotte:/bin"));
  EXPECT_THAT(command_environment({}, o, hub), Contains("PATH=/usr/local/bin:/usr/bin:/bin:/opt/flotte"));
  EXPECT_THAT(command_environment({"PATH=/bin"}, o, {"http://hub", "", "/a:b"}), Contains("PATH=/bin"));
}

TEST_F(Command, IsRefusedForAnotherKindOfWorker) {
  const auto f = testing::wait(loop, executor->run(context_of(shell("touch " + (root / "ran").string()), "model")));
  EXPECT_EQ(f.error->code, Code::forbidden);
  EXPECT_FALSE(fs::exists(root / "ran"));
}

TEST_F(Command, CancelEndsTheWholeTree) {
  const fs::path file = root / "child";
  RunContext& run = context_of(
      shell("(trap '' TERM; echo $$ > " + file.string() + "; while :; do sleep 0.1; done) & trap '' TERM; while :; do sleep 0.1; done"));
  std::optional<wire::Finished> finished;
  Scope scope(loop.get_executor(), "test");
  scope.spawn("run", testing::keep(executor->run(run), finished));
  ASSERT_TRUE(testing::eventually(loop, [&] { return fs::exists(file) && fs::file_size(file) > 0; }));
  run.stop().request(StopCause::cancelled);
  ASSERT_TRUE(testing::eventually(loop, [&] { return finished.has_value(); }));
  EXPECT_EQ(finished->outcome, "cancelled");
  const pid_t pid = std::stoi(read_file(file.string()).value());
  EXPECT_FALSE(process_birth(pid)) << "it ignored SIGTERM";
}

TEST_F(Command, BoundsItsOutput) {
  options.output_bytes = 10'000;
  make();
  perform(shell("yes | head -c 200000"));
  EXPECT_LT(events.out.size(), 10'500u);
  EXPECT_GE(events.out.size(), 9'900u);
}

TEST_F(Command, OutputThatIsNotTextIsMended) {
  perform(shell("printf 'a\\377b'"));
  EXPECT_EQ(events.out, "a\uFFFDb");
}

TEST_F(Command, OutlivesTheNodesProcessAndIsTakenOver) {
  const fs::path go = root / "go";
  {
    asio::io_context first;  // the process that dies: its coroutines vanish without an end
    RunContext run(first.get_executor(), shell("echo before; while [ ! -e " + go.string() + " ]; do sleep 0.05; done; echo after; exit 4"),
                   wire::WorkerInfo{.kind = "command"}, events, system_clock());
    std::optional<wire::Finished> never;
    Scope scope(first.get_executor(), "first");
    scope.spawn("run", testing::keep(executor->run(run), never));
    ASSERT_TRUE(testing::eventually(first, [&] {
      run.flush();
      return events.out == "before\n";
    }));
    ASSERT_TRUE(testing::eventually(first, [&] { return fs::exists(root / "runs" / "t7-3" / "followed"); }));
    executor = nullptr;
  }
  make();
  const auto survivors = executor->survivors();
  ASSERT_EQ(survivors.size(), 1u);
  EXPECT_EQ(survivors[0].run, (wire::RunId{"t7", 3}));
  EXPECT_EQ(survivors[0].key, "fr_secret");
  std::ofstream(go) << "x";
  const auto f = perform(survivors[0]);
  EXPECT_EQ(exit_code(f), 4);
  EXPECT_EQ(events.out, "before\nafter\n");
}

TEST_F(Command, AnEndThatHappenedMeanwhileIsReported) {
  {
    asio::io_context first;
    RunContext run(first.get_executor(), shell("sleep 0.2; echo done"), wire::WorkerInfo{.kind = "command"}, events, system_clock());
    std::optional<wire::Finished> never;
    Scope scope(first.get_executor(), "first");
    scope.spawn("run", testing::keep(executor->run(run), never));
    ASSERT_TRUE(testing::eventually(first, [&] { return !events.steps.empty(); }));
  }
  ASSERT_TRUE(testing::eventually(loop, [&] { return status() && status()->state == ShimState::ended; }));
  const auto f = perform(executor->survivors().at(0));
  EXPECT_EQ(f.outcome, "succeeded");
  EXPECT_EQ(events.out, "done\n");
}

TEST_F(Command, AShimThatWasKilledMeansAnotherAttempt) {
  RunContext& run = context_of(shell("while :; do sleep 0.1; done"));
  std::optional<wire::Finished> finished;
  Scope scope(loop.get_executor(), "test");
  scope.spawn("run", testing::keep(executor->run(run), finished));
  ASSERT_TRUE(testing::eventually(loop, [&] { return !events.steps.empty(); }));
  ASSERT_TRUE(status());
  ::kill(status()->shim, SIGKILL);
  ASSERT_TRUE(testing::eventually(loop, [&] { return finished.has_value(); }));
  EXPECT_EQ(finished->outcome, "failed");
  EXPECT_TRUE(finished->retryable);
}

TEST(CommandOutcome, SaysWhetherItMayBeTriedAgain) {
  ShimStatus status;
  status.state = ShimState::ended;
  status.end = ShimEnd::no_node;
  EXPECT_TRUE(command_outcome(status).retryable);
  status.end = ShimEnd::lost;
  EXPECT_TRUE(command_outcome(status).retryable);
  status.end = ShimEnd::exited;
  status.exit.signal = 9;
  EXPECT_FALSE(command_outcome(status).retryable);
  EXPECT_EQ(json::int_or(command_outcome(status).result.get_object(), "exit_code", 0), 137);
}

TEST(RunDirectory, KeepsToItsPlaceAndClearsRubbish) {
  std::string name = (fs::temp_directory_path() / "flotte-runs-XXXXXX").string();
  const fs::path root = ::mkdtemp(name.data());
  EXPECT_EQ(RunDirectory(root, {"../../etc", 1}).path().parent_path(), root);
  fs::create_directories(root / "half-made");
  EXPECT_TRUE(RunDirectory::list(root).empty());
  EXPECT_FALSE(fs::exists(root / "half-made"));
  fs::remove_all(root);
}

}  // namespace
}  // namespace flotte::work
