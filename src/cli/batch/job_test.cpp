// `batch run` and `attach` from files to results, against a scripted hub.
#include "cli/batch/job.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <atomic>
#include <csignal>
#include <thread>

#include <filesystem>
#include <fstream>

#include "base/file.hpp"
#include "base/log.hpp"
#include "cli/command/batch.hpp"
#include "client/fake_hub.hpp"

namespace flotte::cli {
namespace {

namespace fs = std::filesystem;

/// Made before any thread of a test: a signal to the process must reach nobody but the watch.
struct BlockedSignals {
  BlockedSignals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }
};

class BatchRun : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "flotte-batch-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    before_ = fs::current_path();
    fs::current_path(root_);
    log::set_level(log::Level::off);
    common_.url = hub_.url();
    common_.data = (root_ / "data").string();
    common_.key = Secret("secret");
    common_.output = Output::json;
    options_.paths = {"docs"};
    options_.prompt = "Summarise";
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(root_);
  }
  static void write(const std::string& path, const std::string& text) {
    if (fs::path(path).has_parent_path()) fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  static std::string read(const std::string& path) { return read_file(path).value_or("missing: " + path); }
  static std::vector<ResultRow> rows(const std::string& directory) { return parse_rows(read(directory + "/results.jsonl")); }
  /// "input state" of each row.
  static std::vector<std::string> states(const std::string& directory) {
    std::vector<std::string> out;
    for (const ResultRow& row : rows(directory)) out.push_back(row.input + " " + row.state);
    return out;
  }
  /// Runs the command; its summary on standard output is kept.
  int run() {
    testing::internal::CaptureStdout();
    const int code = run_batch(common_, options_);
    said_ = testing::internal::GetCapturedStdout();
    return code;
  }
  int attach(const BatchAttachOptions& options) {
    testing::internal::CaptureStdout();
    const int code = run_batch_attach(common_, options);
    said_ = testing::internal::GetCapturedStdout();
    return code;
  }
  std::size_t batches() {
    return hub_.with([](client::FakeHub& hub) { return hub.batches.size(); });
  }
  std::vector<std::string> items(const std::string& batch) {
    return hub_.with([&](client::FakeHub& hub) {
      std::vector<std::string> names;
      for (const auto& item : hub.batches[batch].items) names.push_back(item.name);
      return names;
    });
  }
  using Names = std::vector<std::string>;

  BlockedSignals blocked_;
  client::FakeHub hub_;
  Common common_;
  BatchRunOptions options_;
  fs::path root_, before_;
  std::string said_;
};

TEST_F(BatchRun, WritesAFilePerDocumentAndTheRowsInInputOrder) {
  write("docs/b.txt", "two");
  write("docs/a/x.md", "one");
  write("docs/photo.png", std::string("\x89PNG\0", 5));
  hub_.with([](client::FakeHub& hub) { hub.large = {"docs/b.txt"}; });
  EXPECT_EQ(run(), 1) << said_;
  EXPECT_EQ(states("flotte-b1"), (Names{"docs/a/x.md succeeded", "docs/b.txt succeeded", "docs/photo.png failed"}));
  EXPECT_EQ(read("flotte-b1/a/x.md.md"), "about docs/a/x.md: one\n");
  EXPECT_TRUE(read("flotte-b1/b.txt.md").starts_with("about docs/b.txt: twoxxxx"));
  const auto all = rows("flotte-b1");
  EXPECT_EQ(all[0].output, "a/x.md.md");
  EXPECT_EQ(all[0].target, "llama@box/tiny");
  EXPECT_EQ(all[2].error->code, "unsupported");
  EXPECT_EQ(json::int_or(*json::parse_object(said_), "failed", -1), 1);
}

TEST_F(BatchRun, DoesNothingASecondTimeAndOnlyWhatChangedAThird) {
  write("docs/a.txt", "one");
  write("docs/b.txt", "two");
  write("docs/c.txt", "three");
  hub_.with([](client::FakeHub& hub) { hub.failing = {"docs/b.txt"}; });
  EXPECT_EQ(run(), 1);
  hub_.with([](client::FakeHub& hub) { hub.failing.clear(); });
  write("docs/c.txt", "three, changed");
  EXPECT_EQ(run(), 0) << said_;
  EXPECT_EQ(items("b2"), (Names{"docs/b.txt", "docs/c.txt"}));
  EXPECT_EQ(read("flotte-b1/c.txt.md"), "about docs/c.txt: three, changed\n");
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(batches(), 2U);
  EXPECT_EQ(json::int_or(*json::parse_object(said_), "kept", -1), 3);
  // Another prompt is other work, in a directory of its own.
  options_.prompt = "Translate";
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(items("b3").size(), 3U);
  EXPECT_TRUE(fs::exists("flotte-b3/a.txt.md"));
}

TEST_F(BatchRun, UploadsEqualContentOnce) {
  write("docs/a.txt", "same");
  write("docs/b.txt", "same");
  EXPECT_EQ(run(), 0);
  const auto puts = hub_.with([](client::FakeHub& hub) {
    return std::count_if(hub.requests.begin(), hub.requests.end(), [](const std::string& r) { return r.starts_with("PUT "); });
  });
  EXPECT_EQ(puts, 1);
}

TEST_F(BatchRun, TakesPromptsFromLinesAndSaysWhichLineIsBroken) {
  write("q.jsonl", "{\"prompt\":\"one\",\"id\":\"x\"}\n{broken\n{\"prompt\":\"two\"}\n");
  options_.paths = {"q.jsonl"};
  options_.prompt.clear();
  options_.output = "out";
  EXPECT_EQ(run(), 1);
  const auto all = rows("out");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].input, "q.jsonl:1");
  EXPECT_EQ(all[0].id, "x");
  EXPECT_EQ(all[0].output, "about q.jsonl:1");
  EXPECT_EQ(all[1].state, "failed");
  EXPECT_TRUE(all[1].error->message.starts_with("line 2: ")) << all[1].error->message;
  EXPECT_EQ(all[2].input, "q.jsonl:3");
}

TEST_F(BatchRun, LetsTheRestGoOnWhereTheHubRefusesOne) {
  for (int i = 0; i < 20; ++i) write("docs/" + std::to_string(100 + i) + ".txt", std::to_string(i));
  hub_.with([](client::FakeHub& hub) { hub.refused = {"docs/103.txt", "docs/111.txt"}; });
  hub_.with([](client::FakeHub& hub) { hub.per_look = 50; });
  EXPECT_EQ(run(), 1);
  const auto all = rows("flotte-b1");
  ASSERT_EQ(all.size(), 20U);
  EXPECT_EQ(all[3].error->message, "there is no model \"x\"");
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const ResultRow& row) { return row.succeeded(); }), 18);
  EXPECT_EQ(read("flotte-b1/119.txt.md"), "about docs/119.txt: 19\n");
}

TEST_F(BatchRun, EndsWhereTheHubRefusesAll) {
  write("docs/a.txt", "one");
  hub_.with([](client::FakeHub& hub) { hub.refused = {"docs/a.txt"}; });
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(states("flotte-b1"), (Names{"docs/a.txt failed"}));
}

TEST_F(BatchRun, WaitsForAHubThatGoesAwayAndLosesNothing) {
  for (int i = 0; i < 12; ++i) write("docs/" + std::to_string(100 + i) + ".txt", std::to_string(i));
  // Cut at many places: while blobs go up, items are handed in, results are followed.
  std::atomic<int> count{0};
  std::thread restarter;
  const auto on_request = [&](const http::RequestHead&) {
    const int n = ++count;
    if (n != 12 && n != 31) return;
    if (restarter.joinable()) restarter.join();
    restarter = std::thread([&] {
      hub_.stop();
      hub_.start();
    });
  };
  hub_.with([&](client::FakeHub& hub) { hub.on_request = on_request; });
  EXPECT_EQ(run(), 0) << said_;
  restarter.join();
  EXPECT_EQ(batches(), 1U);
  EXPECT_EQ(items("b1").size(), 12U);
  EXPECT_EQ(rows("flotte-b1").size(), 12U);
  EXPECT_GT(count.load(), 31);
}

TEST_F(BatchRun, SaysWhenThereIsNoHubAndWhenTheKeyIsWrong) {
  write("docs/a.txt", "one");
  testing::internal::CaptureStderr();
  common_.key = Secret("wrong");
  EXPECT_EQ(run(), 4);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("\"code\":\"unauthenticated\""), std::string::npos);
  hub_.stop();
  testing::internal::CaptureStderr();
  EXPECT_EQ(run(), 3);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("no hub reached at " + common_.url), std::string::npos) << said;
  EXPECT_FALSE(fs::exists("flotte-b1"));
}

TEST_F(BatchRun, RefusesWrongUsageBeforeItAsksAnybody) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(run(), 2);  // docs is not there
  write("docs/a.txt", "one");
  options_.prompt.clear();
  EXPECT_EQ(run(), 2);
  fs::create_directories("empty");
  options_.paths = {"empty"};
  options_.prompt = "x";
  EXPECT_EQ(run(), 2);
  testing::internal::GetCapturedStderr();
  EXPECT_TRUE(hub_.with([](client::FakeHub& hub) { return hub.requests.empty(); }));
}

TEST_F(BatchRun, DetachesAndAttachesIntoTheSameDirectory) {
  write("docs/a.txt", "one");
  write("docs/b.txt", "two");
  options_.detach = true;
  options_.output = "deep/out";
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(json::string_or(*json::parse_object(said_), "batch", ""), "b1");
  EXPECT_FALSE(fs::exists("deep/out/a.txt.md"));
  fs::create_directories("elsewhere");
  fs::current_path("elsewhere");
  EXPECT_EQ(attach({"b1", ""}), 0) << said_;
  fs::current_path("..");
  EXPECT_EQ(states("deep/out"), (Names{"docs/a.txt succeeded", "docs/b.txt succeeded"}));
  EXPECT_EQ(read("deep/out/b.txt.md"), "about docs/b.txt: two\n");
}

TEST_F(BatchRun, AttachesToABatchOfAnotherMachineWithinItsDirectory) {
  hub_.with([](client::FakeHub& hub) {
    client::FakeBatch& batch = hub.batches["b1"];
    batch.sealed = true;
    for (const char* name : {"docs/a.txt", "../../outside.txt"}) {
      client::FakeItem item;
      item.name = name;
      item.task.id = "t1";
      item.task.kind = item.spec.kind = wire::TaskKind::document;
      batch.items.push_back(item);
    }
    return 0;
  });
  EXPECT_EQ(attach({"b1", ""}), 0) << said_;
  EXPECT_TRUE(fs::exists("flotte-b1/docs/a.txt.md"));
  EXPECT_TRUE(fs::exists("flotte-b1/outside.txt.md"));
  testing::internal::CaptureStderr();
  EXPECT_EQ(attach({"b9", ""}), 1);
  testing::internal::GetCapturedStderr();
}

TEST_F(BatchRun, GoesOnWithABatchThatWasLeftHalfHandedIn) {
  for (const char* name : {"a", "b", "c"}) write(std::string("docs/") + name + ".txt", name);
  options_.output = "out";
  options_.detach = true;
  EXPECT_EQ(run(), 0);
  // As if we had been killed after the first item.
  hub_.with([](client::FakeHub& hub) {
    hub.batches["b1"].sealed = false;
    hub.batches["b1"].items.resize(1);
    return 0;
  });
  testing::internal::CaptureStderr();
  EXPECT_EQ(attach({"b1", ""}), 1);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("still being handed in"), std::string::npos);
  options_.detach = false;
  write("docs/0.txt", "new");
  EXPECT_EQ(run(), 0) << said_;
  EXPECT_EQ(batches(), 1U);
  EXPECT_EQ(items("b1"), (Names{"docs/a.txt", "docs/0.txt", "docs/b.txt", "docs/c.txt"}));
  EXPECT_EQ(states("out"), (Names{"docs/0.txt succeeded", "docs/a.txt succeeded", "docs/b.txt succeeded", "docs/c.txt succeeded"}));
  EXPECT_EQ(read("out/c.txt.md"), "about docs/c.txt: c\n");
}

TEST_F(BatchRun, FollowsARunningBatchToItsEndBeforeItDoesWhatIsNew) {
  write("docs/a.txt", "one");
  write("docs/b.txt", "two");
  options_.output = "out";
  options_.detach = true;
  EXPECT_EQ(run(), 0);
  options_.detach = false;
  write("docs/c.txt", "three");
  EXPECT_EQ(run(), 0) << said_;
  EXPECT_EQ(items("b2"), (Names{"docs/c.txt"}));
  EXPECT_EQ(states("out"), (Names{"docs/a.txt succeeded", "docs/b.txt succeeded", "docs/c.txt succeeded"}));
}

TEST_F(BatchRun, StartsAnewWhereTheHubHasForgottenTheBatch) {
  write("docs/a.txt", "one");
  options_.output = "out";
  options_.detach = true;
  EXPECT_EQ(run(), 0);
  hub_.with([](client::FakeHub& hub) { return hub.batches.clear(), 0; });
  options_.detach = false;
  EXPECT_EQ(run(), 0) << said_;
  EXPECT_EQ(states("out"), (Names{"docs/a.txt succeeded"}));
}

TEST_F(BatchRun, SaysWhoWasCancelled) {
  write("docs/a.txt", "one");
  options_.output = "out";
  options_.detach = true;
  EXPECT_EQ(run(), 0);
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_batch_action(common_, "b1", "cancel"), 0);
  testing::internal::GetCapturedStdout();
  EXPECT_EQ(attach({"b1", ""}), 1);
  EXPECT_EQ(states("out"), (Names{"docs/a.txt cancelled"}));
}

TEST_F(BatchRun, FollowsWhatIsTriedAgain) {
  write("docs/a.txt", "one");
  write("docs/b.txt", "two");
  hub_.with([](client::FakeHub& hub) { hub.failing = {"docs/b.txt"}; });
  EXPECT_EQ(run(), 1);
  hub_.with([](client::FakeHub& hub) { hub.failing.clear(); });
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_batch_action(common_, "b1", "retry"), 0);
  testing::internal::GetCapturedStdout();
  EXPECT_EQ(attach({"b1", ""}), 0) << said_;
  EXPECT_EQ(states("flotte-b1"), (Names{"docs/a.txt succeeded", "docs/b.txt succeeded"}));
  EXPECT_EQ(read("flotte-b1/b.txt.md"), "about docs/b.txt: two\n");
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(batches(), 1U);
}

TEST_F(BatchRun, LetsOneProcessWriteToADirectory) {
  write("docs/a.txt", "one");
  auto held = ResultDirectory::open("out");
  ASSERT_TRUE(held);
  options_.output = "out";
  testing::internal::CaptureStderr();
  EXPECT_EQ(run(), 1);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("another flotte is writing"), std::string::npos);
}

TEST_F(BatchRun, LeavesOnInterruptAndSaysHowToGoOn) {
  write("docs/a.txt", "one");
  write("docs/b.txt", "two");
  hub_.with([](client::FakeHub& hub) { hub.per_look = 0; });
  common_.output = Output::text;
  const auto on_request = [looks = std::make_shared<std::atomic<int>>(0)](const http::RequestHead& head) {
    if (head.path() == "/fleet/v1/batches/b1" && ++*looks == 3) ::kill(::getpid(), SIGINT);
  };
  hub_.with([&](client::FakeHub& hub) { hub.on_request = on_request; });
  testing::internal::CaptureStderr();
  EXPECT_EQ(run(), 130);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("b1 goes on, 0 of 2 done. `flotte batch attach b1`"), std::string::npos) << said;
  EXPECT_FALSE(hub_.with([](client::FakeHub& hub) { return hub.batches["b1"].cancelled; }));
  hub_.with([](client::FakeHub& hub) { hub.per_look = 2; });
  common_.output = Output::json;
  EXPECT_EQ(attach({"b1", ""}), 0);
  EXPECT_EQ(states("flotte-b1"), (Names{"docs/a.txt succeeded", "docs/b.txt succeeded"}));
}

}  // namespace
}  // namespace flotte::cli
