// The shell around the machine: real spool, scripted executor, a link made of memory.
#include "work/runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "work/testing.hpp"

namespace flotte::work {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const wire::RunId t1{"t1", 10};

wire::Offer offer(const wire::RunId& run) {
  wire::Offer o;
  o.run = run;
  o.worker = "reader";
  o.spec.kind = wire::TaskKind::prompt;
  return o;
}

struct MemoryLink final : Link {
  void send(const wire::ToHub& message) override { messages.push_back(message); }
  template <class T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const auto& m : messages)
      if (const T* it = std::get_if<T>(&m)) out.push_back(*it);
    return out;
  }
  std::vector<wire::Record> records() const {
    std::vector<wire::Record> out;
    for (const auto& r : all<wire::Records>()) out.insert(out.end(), r.items.begin(), r.items.end());
    return out;
  }
  std::optional<wire::Finished> end_of(const wire::RunId& run) const {
    for (const auto& r : records())
      if (r.run == run && r.kind == wire::RecordKind::finished) return wire::Finished::from_json(r.body);
    return std::nullopt;
  }
  std::vector<wire::ToHub> messages;
};

/// Does what the test says, or waits to be stopped.
struct Scripted final : TaskExecutor {
  Awaitable<wire::Finished> run(RunContext& run) override {
    ++started;
    if (fails) throw std::runtime_error("broken executor");
    run.output("text", "some text");
    // Built outside of the coroutine: g++ 12 destroys braced temporaries twice in here.
    wire::Finished done = well();
    if (waits) {
      const bool asked = co_await run.stop().event.wait();
      if (!asked) co_return done;
      causes.push_back(run.stop().cause());
      co_return stopped();
    }
    co_return done;
  }
  static wire::Finished well() { return succeeded({{"text", "done"}}); }
  std::vector<wire::Offer> survivors() override { return left_over; }
  void forget(const wire::RunId& run) override { forgotten.push_back(run); }
  bool waits = false, fails = false;
  int started = 0;
  std::vector<StopCause> causes;
  std::vector<wire::RunId> forgotten;
  std::vector<wire::Offer> left_over;
};

class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest() {
    std::string name = (fs::temp_directory_path() / "flotte-runner-XXXXXX").string();
    directory = ::mkdtemp(name.data());
    boot();
  }
  ~RunnerTest() override {
    if (runner) shut();
    fs::remove_all(directory);
  }
  void boot() {
    RunnerOptions options;
    options.spool_directory = directory / "spool";
    runner = std::make_unique<Runner>(loop.get_executor(), system_clock(), pool, link, ExecutorTable{{wire::TaskKind::prompt, executor}},
                                      options);
    wire::WorkerInfo worker;
    worker.name = "reader", worker.kind = "model", worker.slots = 2;
    runner->announce({}, {worker});
    const auto started = runner->start();
    ASSERT_TRUE(started) << started.error().text();
  }
  void shut() {
    finish(runner->close());
    runner.reset();
  }
  void finish(Awaitable<void> work) {
    Scope scope(loop.get_executor(), "test");
    scope.spawn("work", std::move(work));
    EXPECT_TRUE(eventually([&] { return scope.size() == 0; }));
  }
  bool eventually(std::function<bool()> condition) { return testing::eventually(loop, condition); }
  void connect(std::vector<wire::RunId> keep = {}) {
    runner->on_message(wire::Challenge{"n", "hub"});
    wire::Welcome welcome;
    welcome.epoch = 1;
    welcome.keep = std::move(keep);
    runner->on_message(welcome);
  }

  asio::io_context loop;
  BlockingPool pool{"runner", 1};
  MemoryLink link;
  std::shared_ptr<Scripted> executor = std::make_shared<Scripted>();
  fs::path directory;
  std::unique_ptr<Runner> runner;
};

TEST_F(RunnerTest, PerformsAnOfferAndReportsItsEnd) {
  connect();
  runner->on_message(offer(t1));
  EXPECT_THAT(link.all<wire::Accept>(), SizeIs(1));
  ASSERT_TRUE(eventually([&] { return link.end_of(t1).has_value(); }));
  EXPECT_EQ(link.end_of(t1)->outcome, "succeeded");
  const auto records = link.records();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].kind, wire::RecordKind::started);
  EXPECT_EQ(records[1].kind, wire::RecordKind::output) << "what was gathered goes out before the end";
  EXPECT_TRUE(eventually([&] { return executor->forgotten == std::vector{t1}; }));
  EXPECT_EQ(runner->free_slots("reader"), 2);
  EXPECT_EQ(runner->running(), 0u);
}

TEST_F(RunnerTest, CancelsARun) {
  executor->waits = true;
  connect();
  runner->on_message(offer(t1));
  ASSERT_TRUE(eventually([&] { return executor->started == 1; }));
  runner->on_message(wire::Cancel{t1});
  ASSERT_TRUE(eventually([&] { return link.end_of(t1).has_value(); }));
  EXPECT_EQ(link.end_of(t1)->outcome, "cancelled");
}

TEST_F(RunnerTest, ReportsABrokenExecutorAsAFailure) {
  executor->fails = true;
  connect();
  runner->on_message(offer(t1));
  ASSERT_TRUE(eventually([&] { return link.end_of(t1).has_value(); }));
  EXPECT_EQ(link.end_of(t1)->outcome, "failed");
  EXPECT_THAT(link.end_of(t1)->error->message, HasSubstr("broken executor"));
}

TEST_F(RunnerTest, SaysThatItHasNoExecutorForAKind) {
  connect();
  wire::Offer o = offer(t1);
  o.spec.kind = wire::TaskKind::document;
  runner->on_message(o);
  ASSERT_TRUE(eventually([&] { return link.end_of(t1).has_value(); }));
  EXPECT_EQ(link.end_of(t1)->error->code, Code::unsupported);
}

TEST_F(RunnerTest, AResultSurvivesTheProcessWhileTheHubIsAway) {
  connect();
  runner->on_message(offer(t1));
  runner->link_down();
  ASSERT_TRUE(eventually([&] { return executor->forgotten.size() == 1; }));
  EXPECT_FALSE(link.end_of(t1));
  shut();
  boot();
  runner->on_message(wire::Challenge{"n", "hub"});
  EXPECT_THAT(link.all<wire::Hello>().back().running, ElementsAre(t1));
  wire::Welcome welcome;
  welcome.epoch = 2;
  welcome.keep = {t1};
  runner->on_message(welcome);
  ASSERT_TRUE(link.end_of(t1));
  EXPECT_EQ(link.end_of(t1)->outcome, "succeeded");
  runner->on_message(wire::Acknowledge{1'000'000});
  runner->link_down();
  runner->on_message(wire::Challenge{"n", "hub"});
  EXPECT_THAT(link.all<wire::Hello>().back().running, SizeIs(0));
}

TEST_F(RunnerTest, CloseCutsOffWithoutAWord) {
  executor->waits = true;
  connect();
  runner->on_message(offer(t1));
  ASSERT_TRUE(eventually([&] { return executor->started == 1; }));
  shut();
  EXPECT_FALSE(link.end_of(t1));
  EXPECT_TRUE(executor->causes.empty());
}

TEST_F(RunnerTest, LeaveGivesRunsBack) {
  executor->waits = true;
  connect();
  runner->on_message(offer(t1));
  ASSERT_TRUE(eventually([&] { return executor->started == 1; }));
  finish(runner->leave(Away::ends, std::chrono::seconds(5)));
  EXPECT_THAT(executor->causes, ElementsAre(StopCause::dropped));
  EXPECT_FALSE(link.end_of(t1));
  EXPECT_THAT(link.all<wire::Goodbye>(), SizeIs(1));
}

TEST_F(RunnerTest, TakesOverSurvivors) {
  shut();
  executor->left_over = {offer(t1)};
  executor->waits = true;
  boot();
  ASSERT_TRUE(eventually([&] { return executor->started == 1; }));
  runner->on_message(wire::Challenge{"n", "hub"});
  EXPECT_THAT(link.all<wire::Hello>().back().running, ElementsAre(t1));
  EXPECT_EQ(runner->free_slots("reader"), 1);
}

TEST_F(RunnerTest, SaysWhatItDoes) {
  executor->waits = true;
  connect();
  runner->on_message(offer(t1));
  ASSERT_TRUE(eventually([&] {
    const auto doing = link.all<wire::Doing>();
    return !doing.empty() && doing.back().activities.size() == 1 && doing.back().activities[0].tail == "some text";
  }));
}

TEST_F(RunnerTest, OneProcessAtATime) {
  RunnerOptions options;
  options.spool_directory = directory / "spool";
  Runner second(loop.get_executor(), system_clock(), pool, link, {}, options);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::conflict);
}

}  // namespace
}  // namespace flotte::work
