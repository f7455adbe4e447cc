// Commands that behave badly: contained, their node unharmed, their output told as far as it can be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>

#include <fstream>

#include "base/file.hpp"
#include "base/process/tree.hpp"
#include "work/command/command.hpp"
#include "work/runner.hpp"
#include "work/testing.hpp"
#include "work/text/utf8.hpp"

namespace flotte::work {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

struct MemoryKeeper final : BlobKeeper {
  Awaitable<Result<std::string>> keep(RunContext&, fs::path file) override {
    ++asked;
    if (refusals-- > 0) co_return fail(Code::unavailable, "the hub is away");
    kept = read_file(file.string(), 1 << 30).value_or("");
    co_return std::string("sha256:abc");
  }
  std::string kept;
  int refusals = 0, asked = 0;
};

class Contained : public ::testing::Test {
 protected:
  Contained() {
    std::string name = (fs::temp_directory_path() / "flotte-contained-XXXXXX").string();
    root = ::mkdtemp(name.data());
    options.runs_directory = root / "runs";
    options.grace = milliseconds(300);
    options.lease = milliseconds(5000);
    options.keeper = keeper;
  }
  ~Contained() override { fs::remove_all(root); }
  static wire::Offer shell(std::string script) {
    wire::Offer o;
    o.run = {"t7", 3};
    o.worker = "shell";
    o.spec.kind = wire::TaskKind::command;
    o.spec.input = {{"argv", json::array{"sh", "-c", script}}};
    return o;
  }
  wire::Finished perform(const wire::Offer& o) {
    executor = std::make_unique<CommandExecutor>(pool, options);
    context =
        std::make_unique<RunContext>(loop.get_executor(), o, wire::WorkerInfo{.name = "shell", .kind = "command"}, events, system_clock());
    auto finished = testing::wait(loop, executor->run(*context));
    context->flush();
    return finished;
  }
  static std::int64_t exit_code(const wire::Finished& f) {
    return f.result.is_object() ? json::int_or(f.result.get_object(), "exit_code", -99) : -99;
  }
  /// Living processes with that word in their environment.
  static std::size_t alive_with(const std::string& pair) { return find_by_environment(pair).size(); }

  asio::io_context loop;
  BlockingPool pool{"contained", 1};
  fs::path root;
  CommandOptions options;
  std::shared_ptr<MemoryKeeper> keeper = std::make_shared<MemoryKeeper>();
  std::unique_ptr<CommandExecutor> executor;
  testing::Recorder events;
  std::unique_ptr<RunContext> context;
};

TEST_F(Contained, BytesThatAreNoTextBecomeText) {
  const auto f = perform(shell("head -c 300000 /dev/urandom"));
  EXPECT_EQ(exit_code(f), 0);
  EXPECT_GT(events.out.size(), 300'000u) << "wrong bytes become three";
  EXPECT_FALSE(find_bad_utf8(events.out));
  for (const std::string& chunk : events.chunks) EXPECT_LE(chunk.size(), RunContext::record_bytes + 10) << "a hub would cut it";
}

TEST_F(Contained, EndlessOutputIsBoundedNotedAndDoesNotBlockTheChild) {
  options.output_bytes = 1'000'000;
  options.log = {.head_bytes = 100'000, .tail_bytes = 1'000};
  const auto f = perform(shell("yes 'the same line again' | head -c 50000000; echo $? > " + (root / "went-on").string()));
  EXPECT_EQ(exit_code(f), 0);
  EXPECT_TRUE(fs::exists(root / "went-on")) << "nobody reads what is left out, and the child is not stopped by that";
  EXPECT_LT(events.out.size(), 110'000u);
  EXPECT_THAT(events.notes, HasSubstr("bytes are left out here"));
  EXPECT_THAT(events.out, HasSubstr("[flotte: more output was left out]")) << "at its end";
  EXPECT_LE(keeper->kept.size(), 1'000'100u);
  EXPECT_THAT(json::dump(f.result), HasSubstr("sha256:abc"));
}

TEST_F(Contained, ALongOutputIsInTheResultAsAWholeWithBeginningAndEndInTheLog) {
  options.log = {.head_bytes = 10'000, .tail_bytes = 500};
  keeper->refusals = 1;  // it is tried again
  const auto f = perform(shell("seq 1 20000; echo problem >&2; exit 4"));
  EXPECT_EQ(exit_code(f), 4);
  EXPECT_THAT(keeper->kept, ::testing::StartsWith("1\n2\n3\n"));
  EXPECT_THAT(keeper->kept, ::testing::EndsWith("19999\n20000\n"));
  EXPECT_EQ(keeper->asked, 2);
  EXPECT_THAT(events.out, ::testing::StartsWith("1\n2\n3\n"));
  EXPECT_THAT(events.out, ::testing::EndsWith("19999\n20000\n"));
  EXPECT_LT(events.out.size(), 10'600u);
  EXPECT_THAT(events.notes, HasSubstr("the whole of stdout is blob sha256:abc"));
  const json::object* whole = json::get_object(f.result.get_object(), "stdout");
  ASSERT_TRUE(whole);
  EXPECT_EQ(json::int_or(*whole, "bytes", 0), static_cast<std::int64_t>(keeper->kept.size()));
  EXPECT_FALSE(f.result.get_object().contains("stderr")) << "a short one is in the log as it is";
}

TEST_F(Contained, AChildThatForksAwayEndsWithTheRun) {
  // Twice forked, a session of its own, deaf to SIGTERM: as a daemon does it.
  const auto f =
      perform(shell("CONTAINED_MARK=twice setsid sh -c '(trap \"\" TERM HUP; while :; do sleep 0.05; done) & exit 0'; "
                    "while ! grep -qsz CONTAINED_MARK=twice /proc/[0-9]*/environ >/dev/null; do sleep 0.02; done; echo parted"));
  EXPECT_EQ(exit_code(f), 0);
  EXPECT_EQ(events.out, "parted\n");
  EXPECT_EQ(alive_with("CONTAINED_MARK=twice"), 0u);
}

TEST_F(Contained, AChildThatIgnoresSigtermIsKilledWhenItIsCancelled) {
  executor = std::make_unique<CommandExecutor>(pool, options);
  context = std::make_unique<RunContext>(loop.get_executor(), shell("trap '' TERM INT HUP; echo deaf; while :; do sleep 0.05; done"),
                                         wire::WorkerInfo{.name = "shell", .kind = "command"}, events, system_clock());
  std::optional<wire::Finished> finished;
  Scope scope(loop.get_executor(), "test");
  scope.spawn("run", testing::keep(executor->run(*context), finished));
  ASSERT_TRUE(testing::eventually(loop, [&] {
    context->flush();
    return events.out == "deaf\n";
  }));
  const auto asked = std::chrono::steady_clock::now();
  context->stop().request(StopCause::cancelled);
  ASSERT_TRUE(testing::eventually(loop, [&] { return finished.has_value(); }));
  EXPECT_EQ(finished->outcome, "cancelled");
  EXPECT_GE(std::chrono::steady_clock::now() - asked, options.grace) << "it is asked before it is killed";
}

TEST_F(Contained, AChildThatFillsTheDiskOfItsDirectoryEndsWithItsOwnOutcome) {
  const fs::path disk = root / "disk";
  fs::create_directories(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=4m") != 0) GTEST_SKIP() << "a small disk needs the right to mount one";
  struct Unmount {
    fs::path path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{disk};
  options.runs_directory = disk / "runs";
  const auto f = perform(shell("echo begins; dd if=/dev/zero of=big bs=64k 2>/dev/null; exit 9"));
  EXPECT_EQ(f.outcome, "failed");
  EXPECT_EQ(exit_code(f), 9) << (f.error ? f.error->text() : "");
  EXPECT_EQ(events.out, "begins\n");
  executor->forget({"t7", 3});
  EXPECT_TRUE(testing::eventually(loop, [&] { return !fs::exists(disk / "runs" / "t7-3"); })) << "the room is free again";
  wire::Offer next = shell("echo fine");
  next.run = {"t8", 4};
  EXPECT_EQ(exit_code(perform(next)), 0);
}

TEST_F(Contained, OutputThatDoesNotFitOnTheDiskIsSaidToBeMissing) {
  const fs::path disk = root / "disk";
  fs::create_directories(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=2m") != 0) GTEST_SKIP() << "a small disk needs the right to mount one";
  struct Unmount {
    fs::path path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{disk};
  options.runs_directory = disk / "runs";
  options.log.head_bytes = 1000;
  const auto f = perform(shell("dd if=/dev/zero of=big bs=64k 2>/dev/null; seq 1 100000; echo went on > /dev/null; exit 0"));
  EXPECT_EQ(exit_code(f), 0) << "it is not the command's fault";
  EXPECT_THAT(events.notes, HasSubstr("could not be kept"));
}

// ---- every line once, whoever looks after it ------------------------------------------------------------------------

struct CountingLink final : Link {
  void send(const wire::ToHub& message) override {
    const auto* records = std::get_if<wire::Records>(&message);
    if (!records) return;
    for (const wire::Record& record : records->items) seen[record.number] = record;
  }
  std::map<std::int64_t, wire::Record> seen;
};

TEST_F(Contained, EveryLineOfACommandIsToldOnceAcrossManyProcessesOfItsNode) {
  CountingLink link;
  const wire::Offer task = shell("for i in $(seq 1 400); do echo \"line $i\"; [ $((i % 7)) = 0 ] && sleep 0.02; done; exit 5");
  bool over = false;
  for (int process = 0; process < 40 && !over; ++process) {
    asio::io_context life;
    RunnerOptions runner_options;
    runner_options.spool_directory = root / "spool";
    auto commands = std::make_shared<CommandExecutor>(pool, options);
    Runner runner(life.get_executor(), system_clock(), pool, link, ExecutorTable{{wire::TaskKind::command, commands}}, runner_options);
    runner.announce({}, {{"shell", "command", "", 1, {}, false}});
    ASSERT_TRUE(runner.start());
    const bool linked = process % 3 != 1;  // the hub is away now and then
    if (linked) {
      runner.on_message(wire::Challenge{"n", "hub"});
      wire::Welcome welcome;
      welcome.epoch = 1;
      welcome.keep = {task.run};
      runner.on_message(welcome);
      if (process == 0) runner.on_message(task);
    }
    const auto end = std::chrono::steady_clock::now() + milliseconds(120);
    while (std::chrono::steady_clock::now() < end) {
      life.restart();
      life.run_one_for(milliseconds(10));
    }
    // What it has stored it acknowledges, so that the spool forgets it; not always the last.
    if (linked && !link.seen.empty()) runner.on_message(wire::Acknowledge{link.seen.rbegin()->first - (process % 2)});
    for (const auto& [number, record] : link.seen) over |= record.kind == wire::RecordKind::finished;
    // Cut off in the middle of whatever it does, as by kill -9.
    Scope scope(life.get_executor(), "test");
    scope.spawn("close", runner.close());
    ASSERT_TRUE(testing::eventually(life, [&] { return scope.size() == 0; }));
  }
  ASSERT_TRUE(over);
  std::string text, wanted;
  for (const auto& [number, record] : link.seen)
    if (record.kind == wire::RecordKind::output) text += json::string_or(record.body, "text", "");
  for (int i = 1; i <= 400; ++i) wanted += "line " + std::to_string(i) + "\n";
  EXPECT_EQ(text, wanted);
}

}  // namespace
}  // namespace flotte::work
