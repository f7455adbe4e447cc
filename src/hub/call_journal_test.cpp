// How long calls and answers are kept.
#include "hub/call_journal.hpp"

#include <gtest/gtest.h>

#include "base/async/blocking.hpp"
#include "fleet/migrations.hpp"
#include "route/journal_rows.hpp"
#include "route/migrations.hpp"
#include "store/store.hpp"

namespace flotte::hub {
namespace {

class TurnedClock final : public Clock {
 public:
  WallTime wall() const override { return from_ms(1'790'000'000'000) + passed; }
  SteadyTime steady() const override { return SteadyTime(passed); }
  milliseconds passed{0};
};

std::vector<store::Migration> all_migrations() {
  std::vector<store::Migration> all;
  for (const auto list : {fleet::migrations(), route::migrations()}) all.insert(all.end(), list.begin(), list.end());
  return all;
}

Awaitable<void> count_forgotten(store::Store& store, JournalKeeping keeping, std::int64_t& into) {
  into = co_await forget_ended_calls(store, keeping);
}

struct CallJournalTest : testing::Test {
  TurnedClock clock;
  std::unique_ptr<store::Store> store = store::Store::inline_for_tests(clock, all_migrations());

  void write(std::function<void(store::Transaction&)> change) {
    store->post_write<bool>(
        [change](store::Transaction& rows) -> Result<bool> {
          change(rows);
          return true;
        },
        [](Result<bool> done) { EXPECT_TRUE(done) << done.error().text(); });
  }
  /// With an answer of so many bytes that do not become shorter.
  void task(std::int64_t id, bool ended, std::int64_t bytes) {
    write([=](store::Transaction& rows) {
      rows.execute(
          "INSERT INTO task (id, kind, title, owner, project, flow, priority, labels, model, max_attempts, created_at, state, ended_at) "
          "VALUES (?, 0, '', 'me', '', 1, 2, '[]', '', 5, ?, ?, ?)",
          id, rows.now(), ended ? 4 : 0, ended ? std::optional(rows.now()) : std::nullopt);
      route::KnownCall call{1, 7, "s", "hash"};
      route::KeptAnswer answer;
      answer.answer.target = "p/m";
      answer.body.bytes = std::string(static_cast<std::size_t>(bytes), 'x');
      EXPECT_TRUE(route::insert_answer(rows, id, call, answer));
    });
  }
  std::int64_t forget(JournalKeeping keeping) {
    asio::io_context context{1};
    std::int64_t forgotten = -1;
    auto ended = begin_on(context.get_executor(), count_forgotten(*store, keeping, forgotten));
    context.run();
    ended.get();
    return forgotten;
  }
  std::vector<std::int64_t> kept() {
    std::vector<std::int64_t> out;
    store->post_read<bool>(
        [&](store::Transaction& rows) -> Result<bool> {
          out = route::journalled_tasks(rows, 0, 1'000);
          return true;
        },
        [](Result<bool>) {});
    return out;
  }
};

TEST_F(CallJournalTest, ForgetsADayAfterTheTaskHasEnded) {
  for (std::int64_t id = 1; id <= 450; ++id) task(id, id % 2 == 0, 10);
  clock.passed += std::chrono::hours(23);
  task(500, true, 10);
  EXPECT_EQ(forget({}), 0);
  clock.passed += std::chrono::hours(2);
  EXPECT_EQ(forget({}), 225);
  EXPECT_EQ(kept().size(), 226u) << "225 that go on, however old they are, and one that has just ended";
  EXPECT_EQ(kept().back(), 500);
}

TEST_F(CallJournalTest, OverItsSizeTasksThatHaveEndedGoEarlier) {
  for (std::int64_t id = 1; id <= 10; ++id) task(id, id != 1, 100);
  clock.passed += std::chrono::minutes(1);
  JournalKeeping keeping;
  keeping.bytes = 750;
  EXPECT_EQ(forget(keeping), 3);
  EXPECT_EQ(kept(), (std::vector<std::int64_t>{1, 5, 6, 7, 8, 9, 10})) << "the oldest go first, and none that goes on";
}

TEST_F(CallJournalTest, OverItsSizeItForgetsNoMoreThanItMustHoweverManyRoundsThatTakes) {
  for (std::int64_t id = 1; id <= 450; ++id) task(id, true, 10);
  clock.passed += std::chrono::minutes(1);
  JournalKeeping keeping;
  keeping.bytes = 2'000;
  EXPECT_EQ(forget(keeping), 250) << "2,500 bytes too many: one round of 200 tasks and a part of the next";
  EXPECT_EQ(kept().size(), 200u);
}

}  // namespace
}  // namespace flotte::hub
