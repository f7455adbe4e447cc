// Closures, groups and failures, on a database in memory.
#include "store/store.hpp"

#include <gtest/gtest.h>

#include "store/detail/group.hpp"
#include "store/detail/sqlite_connection.hpp"

namespace flotte::store {
namespace {

class ManualClock final : public Clock {
 public:
  WallTime wall() const override { return wall_; }
  SteadyTime steady() const override { return steady_; }
  WallTime wall_ = from_ms(1'000'000);
  SteadyTime steady_{milliseconds(500)};
};

const std::vector<Migration> steps{
    {101, "things", "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size REAL, note TEXT) STRICT"},
};

class StoreTest : public ::testing::Test {
 protected:
  template <class T>
  Result<T> write(std::function<Result<T>(Transaction&)> body) {
    std::optional<Result<T>> answer;
    store_->post_write<T>(std::move(body), [&](Result<T> r) { answer = std::move(r); });
    return std::move(answer.value());
  }
  std::int64_t count() {
    return *write<std::int64_t>([](Transaction& t) -> Result<std::int64_t> { return t.one("SELECT count(*) FROM thing")->integer(0); });
  }
  Result<std::int64_t> add(const std::string& name) {
    return write<std::int64_t>([name](Transaction& t) -> Result<std::int64_t> {
      t.execute("INSERT INTO thing (name) VALUES (?)", name);
      return t.last_id();
    });
  }
  ManualClock clock_;
  std::unique_ptr<Store> store_ = Store::inline_for_tests(clock_, steps);
};

TEST_F(StoreTest, KeepsValuesOfEveryKind) {
  const std::string odd("a\0b\xe2\x82\xac", 6);
  const auto row = write<Row>([&](Transaction& t) -> Result<Row> {
    t.execute("INSERT INTO thing (id, name, size, note) VALUES (?, ?, ?, ?)", std::int64_t{1} << 60, odd, 0.25,
              std::optional<std::string>());
    return *t.one("SELECT id, name, size, note, ? FROM thing", true);
  });
  ASSERT_TRUE(row);
  EXPECT_EQ(row->integer(0), std::int64_t{1} << 60);
  EXPECT_EQ(row->text(1), odd);
  EXPECT_DOUBLE_EQ(row->real(2), 0.25);
  EXPECT_TRUE(row->is_null(3));
  EXPECT_EQ(row->text_or_empty(3), "");
  EXPECT_TRUE(row->flag(4));
}

TEST_F(StoreTest, UndoesAClosureThatAnswersAnError) {
  const auto r = write<int>([](Transaction& t) -> Result<int> {
    t.execute("INSERT INTO thing (name) VALUES ('x')");
    return fail(Code::unprocessable, "no");
  });
  EXPECT_EQ(r.error().code, Code::unprocessable);
  EXPECT_EQ(count(), 0);
}

TEST_F(StoreTest, TurnsABrokenConstraintIntoAConflict) {
  ASSERT_TRUE(add("x"));
  const auto r = add("x");
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, Code::conflict);
  EXPECT_EQ(count(), 1);
}

TEST_F(StoreTest, ContainsAnExceptionOfAClosure) {
  const auto r = write<int>([](Transaction& t) -> Result<int> {
    t.execute("INSERT INTO thing (name) VALUES ('x')");
    throw std::runtime_error("a bug");
  });
  EXPECT_EQ(r.error().code, Code::internal);
  EXPECT_EQ(count(), 0);
}

TEST_F(StoreTest, SaysThatMemoryMustBeReadAgainOnlyWhenChangesWereUndone) {
  const auto rollbacks = [&] { return *write<std::uint64_t>([](Transaction& t) -> Result<std::uint64_t> { return t.rollbacks(); }); };
  const auto first = rollbacks();
  (void)write<int>([](Transaction&) -> Result<int> { return fail(Code::not_found, "nothing was changed"); });
  EXPECT_EQ(rollbacks(), first);
  (void)write<int>([](Transaction& t) -> Result<int> {
    t.execute("INSERT INTO thing (name) VALUES ('x')");
    return fail(Code::conflict, "something was");
  });
  EXPECT_EQ(rollbacks(), first + 1);
}

TEST_F(StoreTest, HasAClockThatIgnoresJumpsOfTheWallClock) {
  const WallTime before = store_->now();
  clock_.wall_ += std::chrono::hours(1);
  clock_.steady_ += seconds(5);
  EXPECT_EQ(store_->now(), before + seconds(5));
}

/// Operations of one group, run as the writer runs them.
class GroupTest : public ::testing::Test {
 protected:
  void SetUp() override { connection_.script(steps[0].sqlite); }
  void put(std::function<Result<int>(Transaction&)> body) {
    const std::size_t at = answers_.size();
    answers_.emplace_back(fail(Code::internal, "not answered"));
    group_.push_back(std::make_unique<TypedOperation<int>>(std::move(body), [this, at](Result<int> r) { answers_[at] = std::move(r); }));
  }
  void put_insert(const std::string& name) {
    put([name](Transaction& t) -> Result<int> {
      t.execute("INSERT INTO thing (name, note) VALUES (?, ?)", name, std::string(3000, 'x'));
      return 1;
    });
  }
  void run() { writer_.run(std::exchange(group_, {})); }
  /// The first goes alone; the others come while it runs.
  std::size_t run_with_late_ones() {
    detail::GroupWriter::Group first;
    first.push_back(std::move(group_.front()));
    group_.erase(group_.begin());
    return writer_.run(std::move(first), [this] { return std::exchange(group_, {}); });
  }
  std::int64_t count() { return connection_.fetch("SELECT count(*) FROM thing", {}, 1)[0].integer(0); }

  ManualClock clock_;
  detail::SqliteConnection connection_{":memory:", detail::SqliteConnection::Access::write};
  detail::DatabaseClock database_clock_{clock_};
  detail::GroupWriter writer_{connection_, database_clock_};
  std::vector<std::unique_ptr<Operation>> group_;
  std::vector<Result<int>> answers_;
};

TEST_F(GroupTest, KeepsTheOthersOfAGroupWhenOneFails) {
  put_insert("a");
  put([](Transaction& t) -> Result<int> {
    t.execute("INSERT INTO thing (name) VALUES ('b')");
    return fail(Code::conflict, "no");
  });
  put([](Transaction& t) -> Result<int> { return t.execute("INSERT INTO thing (name) VALUES ('a')"), 1; });
  put_insert("c");
  run();
  EXPECT_TRUE(answers_[0]);
  EXPECT_EQ(answers_[1].error().message, "no");
  EXPECT_EQ(answers_[2].error().code, Code::conflict);
  EXPECT_TRUE(answers_[3]);
  EXPECT_EQ(count(), 2);
}

TEST_F(GroupTest, AnswersExhaustedWhenFullAndGoesOnWhenThereIsRoom) {
  connection_.script("PRAGMA max_page_count=20");
  for (int i = 0; i < 40; ++i) put_insert("n" + std::to_string(i));
  run();
  std::int64_t stored = 0;
  bool exhausted = false;
  for (const auto& answer : answers_) {
    stored += answer.has_value() ? 1 : 0;
    exhausted |= !answer && answer.error().code == Code::exhausted;
  }
  EXPECT_TRUE(exhausted);
  EXPECT_EQ(count(), stored);  // whoever was told yes is there, and nobody else
  connection_.script("PRAGMA max_page_count=1000");
  answers_.clear();
  put_insert("later");
  run();
  EXPECT_TRUE(answers_[0]);
  EXPECT_EQ(count(), stored + 1);
}

TEST_F(GroupTest, FailsEverybodyWhenTheCommitFails) {
  connection_.script(
      "CREATE TABLE child (thing INTEGER REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED) STRICT; PRAGMA foreign_keys=1");
  put_insert("a");
  put([](Transaction& t) -> Result<int> { return t.execute("INSERT INTO child VALUES (99)"), 1; });
  const auto before = writer_.rollbacks();
  run();
  EXPECT_FALSE(answers_[0]);
  EXPECT_FALSE(answers_[1]);
  EXPECT_GT(writer_.rollbacks(), before);
  EXPECT_EQ(count(), 0);
}

TEST_F(GroupTest, WhatComesBeforeTheCommitSharesIt) {
  int commits = 0;
  put_insert("a");
  put_insert("b");
  put([](Transaction& t) -> Result<int> {
    t.execute("INSERT INTO thing (name) VALUES ('c')");
    return fail(Code::conflict, "no");
  });
  put([&commits, this](Transaction&) -> Result<int> {
    commits += connection_.in_transaction() ? 0 : 1;
    return static_cast<int>(count());
  });
  EXPECT_EQ(run_with_late_ones(), 4U);
  EXPECT_TRUE(answers_[0]);
  EXPECT_TRUE(answers_[1]);
  EXPECT_EQ(answers_[2].error().message, "no");
  EXPECT_EQ(answers_[3].value(), 2) << "in the transaction of the others";
  EXPECT_EQ(commits, 0);
  EXPECT_EQ(count(), 2);
}

TEST_F(GroupTest, NothingJoinsATransactionThatWasUndone) {
  put([](Transaction& t) -> Result<int> {
    t.execute("INSERT INTO thing (name) VALUES ('a')");
    return fail(Code::conflict, "no");
  });
  put_insert("b");
  EXPECT_EQ(run_with_late_ones(), 1U);
  EXPECT_FALSE(answers_[0]);
  run();
  EXPECT_TRUE(answers_[1]);
  EXPECT_EQ(count(), 1);
}

}  // namespace
}  // namespace flotte::store
