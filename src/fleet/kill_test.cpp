// A hub with its node is killed in the middle of its work: what was acknowledged is there, and every task stands in exactly one place.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <set>

#include "base/async/loop.hpp"
#include "base/log.hpp"
#include "fleet/fleet.hpp"
#include "fleet/migrations.hpp"
#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

std::unique_ptr<store::Store> open_store(const std::string& directory) {
  store::Options options;
  options.path = directory + "/flotte.db";
  auto opened = store::Store::open(options, {migrations().begin(), migrations().end()});
  if (!opened) return nullptr;
  return std::move(*opened);
}

/// Accepts everything; every third run fails, the rest succeed. On the fleet loop.
class WorkingNode final : public NodeConnection {
 public:
  WorkingNode(Loop& loop) : loop_(loop) {}
  void send(wire::ToNode message) override {
    if (const auto* welcome = std::get_if<wire::Welcome>(&message)) number_ = welcome->acknowledged;
    const auto* offer = std::get_if<wire::Offer>(&message);
    if (!offer) return;
    loop_.post([this, run = offer->run] {
      fleet->on_message(*this, wire::Accept{run});
      wire::Finished finished;
      finished.outcome = run.fence % 3 == 0 ? "failed" : "succeeded";
      fleet->on_message(*this, wire::Records{{{++number_, run, wire::RecordKind::finished, 0, finished.to_json()}}});
    });
  }
  void close(std::string) override {}
  Fleet* fleet = nullptr;

 private:
  Loop& loop_;
  std::int64_t number_ = 0;
};

[[noreturn]] void work_until_killed(const std::string& directory, int pipe) {
  log::set_level(log::Level::off);
  auto store = open_store(directory);
  if (!store) ::_exit(3);
  Loop loop("fleet");
  TestCredentials credentials;
  FleetOptions options;
  options.hub = "attic";
  options.policy.backoff = 0.001;
  Fleet fleet(*store, credentials, [&](std::function<void()> work) { loop.post(std::move(work)); }, options);
  WorkingNode node(loop);
  node.fleet = &fleet;
  loop.post([&] {
    fleet.start();
    fleet.attach(node, Fleet::Trust::home);
    wire::Hello hello;
    hello.node = "home";
    hello.workers = {{"reader", "model", "tiny", 20, {}, false}};
    fleet.on_message(node, hello);
  });
  loop.start();
  std::atomic<int> running = 0;
  Submission submission;
  submission.owner = "me";
  submission.spec.input = {{"prompt", "hello"}};
  for (int n = 0;; ++n) {
    while (running > 100) ::usleep(100);
    ++running;
    if (n % 50 == 0) loop.post([&] { fleet.tick(); });
    fleet.act<Submitted>([&submission](Ledger& ledger) { return submit(ledger, submission); },
                         [&running, pipe](Result<Submitted> r) {
                           if (r && ::write(pipe, &r->task, sizeof r->task) != sizeof r->task) ::_exit(4);
                           --running;
                         });
  }
}

TEST(Kill, LeavesEveryAcknowledgedTaskInExactlyOnePlace) {
  std::string pattern = (std::filesystem::temp_directory_path() / "flotte-kill-XXXXXX").string();
  const std::string directory = ::mkdtemp(pattern.data());
  std::set<std::int64_t> told;
  for (int round = 1; round <= 3; ++round) {  // the same database again and again
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) work_until_killed(directory, ends[1]);
    ::close(ends[1]);
    std::int64_t task = 0;
    for (std::size_t n = 0; n < 400 && ::read(ends[0], &task, sizeof task) == sizeof task; ++n) told.insert(task);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &task, sizeof task) == sizeof task) told.insert(task);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);

    auto store = open_store(directory);
    ASSERT_TRUE(store);
    std::promise<std::vector<std::string>> wrong;
    store->post_read<bool>(
        [&](store::Transaction& rows) -> Result<bool> {
          std::vector<std::string> out;
          for (const std::int64_t id : told)
            if (!rows.one("SELECT 1 FROM task WHERE id = ?", id)) out.push_back("lost: " + std::to_string(id));
          const auto none = [&](std::string_view what, std::string_view sql) {
            const std::int64_t n = rows.one(sql)->integer(0);
            if (n != 0) out.push_back(std::string(what) + ": " + std::to_string(n));
          };
          none("not in exactly one place",
               "SELECT count(*) FROM task t WHERE (SELECT count(*) FROM ready WHERE task = t.id) + (SELECT count(*) FROM deferred WHERE "
               "task = t.id) + (SELECT count(*) FROM lease WHERE task = t.id) + (t.state <> 0) <> 1");
          none("queue rows of no task",
               "SELECT count(*) FROM (SELECT task FROM ready UNION ALL SELECT task FROM deferred UNION ALL "
               "SELECT task FROM lease) WHERE task NOT IN (SELECT id FROM task)");
          none("two outcomes",
               "SELECT count(*) FROM (SELECT task FROM attempt WHERE outcome = 'succeeded' GROUP BY task HAVING count(*) > 1)");
          none("fences beyond the counter", "SELECT count(*) FROM lease WHERE fence > (SELECT value FROM counter WHERE name = 'fence')");
          none("results without an end",
               "SELECT count(*) FROM attempt a JOIN task t ON t.id = a.task WHERE a.outcome = 'succeeded' AND t.state <> 4");
          if (rows.one("SELECT count(*) FROM attempt")->integer(0) == 0) out.push_back("nothing was done at all");
          wrong.set_value(out);
          return true;
        },
        [](Result<bool>) {});
    EXPECT_EQ(wrong.get_future().get(), std::vector<std::string>());
  }
  EXPECT_GE(told.size(), 1200U);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace flotte::fleet
