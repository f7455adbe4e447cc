// The call journal in a database in memory: what is durable when, who is charged, and what a later process knows.
#include "route/journal_store.hpp"

#include <gtest/gtest.h>

#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "route/journal_rows.hpp"
#include "route/migrations.hpp"
#include "store/store.hpp"

namespace flotte::route {
namespace {

struct Charged {
  std::int64_t task = 0, fence = 0;
  std::optional<std::int64_t> cost;
  bool fresh = false;
};

struct JournalStoreTest : testing::Test {
  const std::vector<store::Migration> steps{migrations().begin(), migrations().end()};
  std::unique_ptr<store::Store> store = store::Store::inline_for_tests(system_clock(), steps);
  asio::io_context context{1};
  std::vector<Charged> charged;
  bool wanted = true;
  std::size_t task_calls = 1'000;
  std::shared_ptr<Journal> journal = make();

  std::shared_ptr<Journal> make(std::int64_t task_bytes = 1 << 20) {
    JournalOptions options;
    options.task_bytes = task_bytes;
    options.task_calls = task_calls;
    options.patience = milliseconds(60);
    options.still_wanted = [this](store::Transaction&, std::int64_t) { return wanted; };
    options.charging = [this](std::int64_t task, std::int64_t fence, std::optional<std::int64_t> cost,
                              std::function<Result<bool>(store::Transaction&)> record) {
      std::function<Result<bool>(store::Transaction&)> body = [this, task, fence, cost, record](store::Transaction& rows) -> Result<bool> {
        auto fresh = record(rows);
        charged.push_back({task, fence, cost, fresh.value_or(false)});
        return fresh;
      };
      return store->write<bool>(std::move(body));
    };
    return store_journal(*store, std::move(options));
  }
  /// As after kill -9: only the rows are left.
  void restart() {
    write([](store::Transaction& rows) { settle_open_calls(rows); });
    journal = make();
  }
  void run(Awaitable<void> work) {
    asio::co_spawn(context, std::move(work), [](std::exception_ptr e) {
      if (e) std::rethrow_exception(e);
    });
    context.run();
    context.restart();
  }
  void write(std::function<void(store::Transaction&)> change) {
    store->post_write<bool>(
        [change](store::Transaction& rows) -> Result<bool> {
          change(rows);
          return true;
        },
        [](Result<bool> done) { EXPECT_TRUE(done) << done.error().text(); });
  }
  template <class T>
  T read(std::function<T(store::Transaction&)> look) {
    std::optional<T> out;
    store->post_read<bool>(
        [&](store::Transaction& rows) -> Result<bool> {
          out.emplace(look(rows));
          return true;
        },
        [](Result<bool>) {});
    return std::move(out.value());
  }
  CallCounts counts(std::int64_t task = 42) {
    return read<CallCounts>([task](store::Transaction& rows) { return count_calls(rows, task); });
  }
};

CallId call(std::int64_t fence, std::string request, std::int64_t task = 42) { return {task, fence, "part-1", std::move(request)}; }
Recorded answer(std::string body, std::optional<std::int64_t> cost = 1'234) {
  return {"text/event-stream", std::move(body), "p/m", {.input_tokens = 7, .output_tokens = 0}, cost};
}
const std::string long_body = std::string(100'000, 'x') + std::string("\0\xff", 2);

Awaitable<void> buy(Journal& journal, CallId id, Recorded what) {
  auto opened = co_await journal.open(id);
  EXPECT_TRUE(opened && !opened->answer);
  if (!opened) co_return;
  auto done = co_await journal.intend(id, *opened);
  EXPECT_TRUE(done);
  done = co_await journal.record(id, opened->place, std::move(what));
  EXPECT_TRUE(done);
  journal.told(id, opened->place);
}

Awaitable<void> expect_replay(Journal& journal, CallId id, std::string body) {
  auto opened = co_await journal.open(id);
  EXPECT_TRUE(opened && opened->answer);
  if (!opened || !opened->answer) co_return;
  EXPECT_EQ(opened->answer->body, body);
  EXPECT_EQ(opened->answer->content_type, "text/event-stream");
  EXPECT_EQ(opened->answer->target, "p/m");
  EXPECT_EQ(opened->answer->usage.input_tokens, 7);
  EXPECT_EQ(opened->answer->usage.cached_tokens, -1);
  EXPECT_EQ(opened->answer->usage.output_tokens, 0);
  journal.told(id, opened->place);
}

TEST_F(JournalStoreTest, GivesARecordedAnswerToTheNextRun) {
  run(buy(*journal, call(3, "a"), answer("short")));
  run(buy(*journal, call(3, "b"), answer(long_body)));
  run(expect_replay(*journal, call(4, "a"), "short"));
  run(expect_replay(*journal, call(4, "b"), long_body));
  EXPECT_LT(read<std::int64_t>(journal_bytes), 1'000) << "long answers are compressed";
  EXPECT_EQ(counts().bought, 2);
  EXPECT_EQ(counts().replayed, 2);
  EXPECT_EQ(counts().maybe_bought_twice, 0);
}

TEST_F(JournalStoreTest, ALaterProcessKnowsAsMuch) {
  run(buy(*journal, call(3, "a"), answer("one")));
  run(buy(*journal, call(3, "a"), answer("two")));
  run(expect_replay(*journal, call(4, "a"), "one"));
  restart();
  run(expect_replay(*journal, call(4, "a"), "two"));
  run(buy(*journal, call(4, "a"), answer("three")));
  restart();
  for (const char* body : {"one", "two", "three"}) run(expect_replay(*journal, call(5, "a"), body));
  run(buy(*journal, call(5, "a", 43), answer("another task's")));
}

Awaitable<void> expect_refusal(Journal& journal, CallId id) {
  auto opened = co_await journal.open(id);
  EXPECT_EQ(opened ? Code::internal : opened.error().code, Code::unprocessable);
}

TEST_F(JournalStoreTest, ATaskMakesNoMoreCallsThanItsBookHasRoomFor) {
  task_calls = 3;
  restart();
  run(buy(*journal, call(3, "a"), answer("one")));
  run(buy(*journal, call(3, "b"), answer("two")));
  run(expect_replay(*journal, call(4, "a"), "one"));
  run(expect_refusal(*journal, call(4, "b")));
  restart();
  run(expect_refusal(*journal, call(5, "a")));
  run(buy(*journal, call(5, "a", 43), answer("another task's")));
  EXPECT_EQ(counts().bought, 2);
}

TEST_F(JournalStoreTest, ChargesInTheTransactionThatRecords) {
  run(buy(*journal, call(3, "a"), answer("one")));
  run(buy(*journal, call(3, "free"), answer("local", 0)));
  run(buy(*journal, call(3, "unpriced"), answer("x", std::nullopt)));
  run(expect_replay(*journal, call(4, "a"), "one"));
  ASSERT_EQ(charged.size(), 2u) << "nobody hears of what costs nothing";
  EXPECT_EQ(charged[0].cost, 1'234);
  EXPECT_TRUE(charged[0].fresh);
  EXPECT_EQ(charged[1].cost, std::nullopt);
}

Awaitable<void> begin_only(Journal& journal, CallId id, std::int64_t& place) {
  auto opened = co_await journal.open(id);
  EXPECT_TRUE(opened);
  if (!opened) co_return;
  place = opened->place;
  auto done = co_await journal.intend(id, *opened);
  EXPECT_TRUE(done);
}

TEST_F(JournalStoreTest, WhatWasUnderWayWhenTheHubDiedIsCountedWhenItIsBoughtAgain) {
  std::int64_t place = 0;
  run(begin_only(*journal, call(3, "a"), place));
  restart();
  EXPECT_EQ(counts().lost, 1);
  EXPECT_EQ(counts().maybe_bought_twice, 0) << "not yet";
  run(buy(*journal, call(4, "a"), answer("again")));
  EXPECT_EQ(counts().maybe_bought_twice, 1);
  run(expect_replay(*journal, call(5, "a"), "again"));
  EXPECT_EQ(counts().maybe_bought_twice, 1);
}

Awaitable<void> lose(Journal& journal, CallId id, Lost how) {
  std::int64_t place = 0;
  co_await begin_only(journal, id, place);
  auto done = co_await journal.lose(id, place, how);
  EXPECT_TRUE(done);
}

TEST_F(JournalStoreTest, ARefusedCallWasNotBought) {
  Lost refused;
  refused.paid = Lost::Paid::nothing;
  run(lose(*journal, call(3, "a"), refused));
  run(buy(*journal, call(4, "a"), answer("x")));
  EXPECT_EQ(counts().maybe_bought_twice, 0);
  EXPECT_EQ(charged.size(), 1u);
  Lost half;
  half.charged = true;
  half.cost_pico_usd = 5;
  run(lose(*journal, call(4, "b"), half));
  run(buy(*journal, call(4, "b"), answer("y")));
  EXPECT_EQ(counts().maybe_bought_twice, 1);
  EXPECT_EQ(counts().lost, 1);
  ASSERT_EQ(charged.size(), 3u);
  EXPECT_EQ(charged[1].cost, 5) << "half an answer is paid for too";
}

Awaitable<void> record_later(Journal& journal, CallId id, std::int64_t place, milliseconds wait) {
  const bool slept = co_await sleep_for(wait);
  EXPECT_TRUE(slept);
  auto done = co_await journal.record(id, place, answer("late"));
  EXPECT_TRUE(done);
}

Awaitable<void> wait_for_another(Journal& journal) {
  std::int64_t place = 0;
  const CallId first = call(3, "a");
  co_await begin_only(journal, first, place);
  Scope scope(co_await asio::this_coro::executor, "test");
  scope.spawn("late", record_later(journal, first, place, milliseconds(30)));
  CallId second = call(4, "a");
  co_await expect_replay(journal, std::move(second), "late");
  co_await scope.close();
}

TEST_F(JournalStoreTest, WaitsForTheSameCallOfAnEarlierRun) { run(wait_for_another(*journal)); }

TEST_F(JournalStoreTest, DoesNotWaitForEver) {
  std::int64_t place = 0;
  run(begin_only(*journal, call(3, "a"), place));
  run(buy(*journal, call(4, "a"), answer("own")));
  EXPECT_EQ(counts().maybe_bought_twice, 1);
}

Awaitable<void> refused_for_size(Journal& journal, CallId id, Recorded what) {
  std::int64_t place = 0;
  co_await begin_only(journal, id, place);
  auto done = co_await journal.record(id, place, std::move(what));
  EXPECT_FALSE(done);
  if (!done) {
    EXPECT_EQ(done.error().code, Code::exhausted);
  }
  Lost lost;
  lost.charged = true;
  auto told = co_await journal.lose(id, place, lost);
  EXPECT_TRUE(told);
}

TEST_F(JournalStoreTest, OneTasksAnswersAreBounded) {
  journal = make(40);
  run(buy(*journal, call(3, "a"), answer(std::string(30, 'a'))));
  run(refused_for_size(*journal, call(3, "b"), answer(std::string(30, 'b'))));
  run(buy(*journal, call(3, "b", 43), answer(std::string(30, 'b'))));
  restart();
  journal = make(40);
  run(refused_for_size(*journal, call(4, "c"), answer(std::string(30, 'c'))));
  EXPECT_EQ(charged.size(), 4u) << "they are paid for all the same";
}

TEST_F(JournalStoreTest, SaysWhetherAnAnswerIsStillWanted) {
  std::int64_t place = 0;
  run(begin_only(*journal, call(3, "a"), place));
  std::vector<bool> told;
  journal->left(call(3, "a"), place, [&](bool yes) { told.push_back(yes); });
  wanted = false;
  journal->left(call(3, "a"), place, [&](bool yes) { told.push_back(yes); });
  EXPECT_EQ(told, (std::vector<bool>{true, false}));
}

TEST_F(JournalStoreTest, ForgottenCallsLeaveTheirCounts) {
  Lost half;
  run(lose(*journal, call(3, "a"), half));
  run(buy(*journal, call(4, "a"), answer("x")));
  run(expect_replay(*journal, call(5, "a"), "x"));
  run(buy(*journal, call(3, "a", 43), answer("y")));
  EXPECT_EQ(read<std::vector<std::int64_t>>([](store::Transaction& rows) { return journalled_tasks(rows, 0, 10); }),
            (std::vector<std::int64_t>{42, 43}));
  EXPECT_EQ(read<std::vector<CallLine>>([](store::Transaction& rows) { return list_calls(rows, 42, 0, 10); }).size(), 3u);
  const std::int64_t bytes = read<std::int64_t>(journal_bytes);
  write([](store::Transaction& rows) { EXPECT_EQ(forget_calls(rows, 42), 1); });
  EXPECT_EQ(read<std::int64_t>(journal_bytes), bytes - 1);
  EXPECT_EQ(counts().maybe_bought_twice, 1);
  EXPECT_EQ(counts().replayed, 1);
  EXPECT_EQ(read<std::vector<std::int64_t>>([](store::Transaction& rows) { return journalled_tasks(rows, 0, 10); }),
            (std::vector<std::int64_t>{43}));
}

}  // namespace
}  // namespace flotte::route
