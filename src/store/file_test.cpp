// The store on real files: threads, refusals, a full disk, a killed process.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/async/loop.hpp"
#include "base/disk_full.hpp"
#include "store/detail/sqlite_connection.hpp"
#include "store/store.hpp"

namespace flotte::store {
namespace {

const std::vector<Migration> steps{
    {101, "things", "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"},
    {201, "more", "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT"},
};

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "flotte-store-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~FileTest() override { std::filesystem::remove_all(directory_); }
  Options options() const {
    Options o;
    o.path = directory_ + "/flotte.db";
    return o;
  }
  std::string error_of(Options o, std::vector<Migration> migrations = steps) {
    auto store = Store::open(std::move(o), std::move(migrations));
    EXPECT_FALSE(store);
    return store ? "" : store.error().text();
  }
  std::string directory_;
};

template <class T>
Result<T> ask(Store& store, std::function<Result<T>(Transaction&)> body) {
  std::promise<Result<T>> promise;
  store.post_write<T>(std::move(body), [&](Result<T> r) { promise.set_value(std::move(r)); });
  return promise.get_future().get();
}

Result<std::int64_t> count(Store& store) {
  return ask<std::int64_t>(store, [](Transaction& t) -> Result<std::int64_t> { return t.one("SELECT count(*) FROM thing")->integer(0); });
}

TEST_F(FileTest, SharesCommitsBetweenManyWritersAndLosesNone) {
  auto store = Store::open(options(), steps);
  ASSERT_TRUE(store) << store.error().text();
  constexpr int each = 500, threads = 4;
  std::atomic<int> answered = 0, good = 0;
  std::vector<std::thread> writers;
  for (int w = 0; w < threads; ++w)
    writers.emplace_back([&] {
      for (int i = 0; i < each; ++i)
        (*store)->post_write<int>([](Transaction& t) -> Result<int> { return t.execute("INSERT INTO thing (name) VALUES ('x')"), 1; },
                                  [&](Result<int> r) {
                                    good += r.has_value() ? 1 : 0;
                                    ++answered;
                                  });
    });
  for (auto& w : writers) w.join();
  EXPECT_EQ(count(**store).value(), each * threads);  // asked last, so answered last
  EXPECT_EQ(answered, each * threads);
  EXPECT_EQ(good, each * threads);
  EXPECT_LT((*store)->counters().commits, static_cast<std::uint64_t>(each * threads) / 2);
}

TEST_F(FileTest, BringsTheLogIntoTheDatabaseBesideTheWriterAndBeginsItAnew) {
  auto store = Store::open(options(), steps);
  ASSERT_TRUE(store) << store.error().text();
  const std::string text(2000, 'x');
  std::atomic<bool> reading = true;
  std::atomic<int> reads = 0;
  std::thread reader([&] {
    while (reading) {
      std::promise<std::int64_t> seen;
      (*store)->post_read<std::int64_t>(
          [](Transaction& t) -> Result<std::int64_t> { return t.one("SELECT coalesce(max(id), 0) FROM thing")->integer(0); },
          [&](Result<std::int64_t> r) { seen.set_value(r.value_or(-1)); });
      EXPECT_GE(seen.get_future().get(), 0);
      ++reads;
    }
  });
  // 120 MB in all: several times as much as the log may hold before the writer has to wait for it.
  constexpr int commits = 300, rows = 200;
  for (int i = 0; i < commits; ++i) {
    const auto done = ask<int>(**store, [&](Transaction& t) -> Result<int> {
      for (int n = 0; n < rows; ++n) t.execute("INSERT INTO thing (name) VALUES (?)", text);
      return 1;
    });
    ASSERT_TRUE(done) << done.error().text();
  }
  reading = false;
  reader.join();
  EXPECT_GT(reads, 0);
  EXPECT_EQ(count(**store).value(), commits * rows);
  EXPECT_LT(std::filesystem::file_size(options().path + "-wal"), 100u << 20) << "the log was never begun anew";
  EXPECT_GT(std::filesystem::file_size(options().path), 40u << 20) << "nothing was brought into the database";
}

Awaitable<void> write_then_read(Store& store, std::promise<std::string>& result) {
  std::function<Result<std::int64_t>(Transaction&)> insert = [](Transaction& t) -> Result<std::int64_t> {
    t.execute("INSERT INTO thing (name) VALUES (?)", "from a coroutine");
    return t.last_id();
  };
  const auto id = co_await store.write<std::int64_t>(std::move(insert));
  std::function<Result<std::string>(Transaction&)> select = [n = id.value()](Transaction& t) -> Result<std::string> {
    return t.one("SELECT name FROM thing WHERE id=?", n)->text(0);
  };
  const auto name = co_await store.read<std::string>(std::move(select));
  std::function<Result<int>(Transaction&)> forbidden = [](Transaction& t) -> Result<int> { return t.execute("DELETE FROM thing"), 1; };
  const auto changed = co_await store.read<int>(std::move(forbidden));
  result.set_value(name.value() + (changed ? " changed by a reader" : ""));
}

TEST_F(FileTest, AnswersCoroutinesAndReadersChangeNothing) {
  Loop loop("test");
  auto store = Store::open(options(), steps);
  ASSERT_TRUE(store);
  std::promise<std::string> result;
  asio::co_spawn(loop.executor(), write_then_read(**store, result), asio::detached);
  loop.start();
  EXPECT_EQ(result.get_future().get(), "from a coroutine");
  EXPECT_EQ(count(**store).value(), 1);
}

TEST_F(FileTest, RefusesWhatItShouldNotTouchAndSaysWhatToDo) {
  Options missing = options();
  missing.path = directory_ + "/nowhere/flotte.db";
  EXPECT_NE(error_of(missing).find("--data"), std::string::npos);

  {
    auto store = Store::open(options(), steps);
    ASSERT_TRUE(store);
    EXPECT_NE(error_of(options()).find("another flotte uses"), std::string::npos);
  }

  // An older flotte meets what this one made.
  const std::string newer = error_of(options(), {steps[0]});
  EXPECT_NE(newer.find("is of version 201"), std::string::npos) << newer;
  EXPECT_NE(newer.find("knows 101"), std::string::npos) << newer;
  EXPECT_NE(newer.find("use a newer flotte or another --data"), std::string::npos) << newer;

  Options foreign = options();
  foreign.path = directory_ + "/foreign.db";
  {
    detail::SqliteConnection other(foreign.path, detail::SqliteConnection::Access::write);
    other.script("CREATE TABLE theirs (id INTEGER)");
  }
  EXPECT_NE(error_of(foreign).find("another program"), std::string::npos);

  Options garbage = options();
  garbage.path = directory_ + "/garbage.db";
  std::ofstream(garbage.path) << std::string(8192, 'g');
  EXPECT_NE(error_of(garbage).find("no database"), std::string::npos);
}

TEST_F(FileTest, SaysWhenTheDirectoryCannotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  std::filesystem::permissions(directory_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  const std::string said = error_of(options());
  std::filesystem::permissions(directory_, std::filesystem::perms::owner_all);
  EXPECT_NE(said.find("must be writable"), std::string::npos) << said;
}

TEST_F(FileTest, AppliesOnlyTheMissingMigrations) {
  {
    auto store = Store::open(options(), {steps[1]});
    ASSERT_TRUE(store);
  }
  auto store = Store::open(options(), steps);  // a lower number of another feature came later
  ASSERT_TRUE(store) << store.error().text();
  EXPECT_EQ(count(**store).value(), 0);
}

TEST_F(FileTest, AnswersExhaustedWhenFullAndStoresAgainWhenThereIsRoom) {
  const auto insert = [](Transaction& t) -> Result<int> {
    return t.execute("INSERT INTO thing (name) VALUES (?)", std::string(100'000, 'x')), 1;
  };
  std::int64_t stored = 0;
  {
    Options small = options();
    small.max_pages = 100;
    auto store = Store::open(small, steps);
    ASSERT_TRUE(store);
    Result<int> last = 0;
    for (int i = 0; i < 10 && last; ++i) {
      last = ask<int>(**store, insert);
      stored += last ? 1 : 0;
    }
    ASSERT_FALSE(last);
    EXPECT_TRUE(is_disk_full(last.error())) << last.error().text();
    EXPECT_FALSE(last.error().hint.empty());
    EXPECT_EQ(count(**store).value(), stored);
    // Room comes back without a restart.
    ASSERT_TRUE(ask<int>(**store, [](Transaction& t) -> Result<int> { return t.execute("DELETE FROM thing WHERE id=1"), 1; }));
    EXPECT_TRUE(ask<int>(**store, insert));
  }
  auto store = Store::open(options(), steps);
  ASSERT_TRUE(store);
  EXPECT_EQ(count(**store).value(), stored);
}

/// The child: writes as quickly as it can and says each number only after it was acknowledged.
[[noreturn]] void write_until_killed(const Options& options, int pipe) {
  auto store = Store::open(options, steps);
  if (!store) ::_exit(3);
  std::atomic<int> running = 0;
  for (std::int64_t n = 1;; ++n) {
    while (running > 200) ::usleep(100);
    ++running;
    (*store)->post_write<std::int64_t>(
        [n](Transaction& t) -> Result<std::int64_t> { return t.execute("INSERT INTO thing (id, name) VALUES (?, 'x')", n), n; },
        [&running, pipe](Result<std::int64_t> r) {
          if (r && ::write(pipe, &*r, sizeof *r) != sizeof *r) ::_exit(4);
          --running;
        });
  }
}

TEST_F(FileTest, KeepsEveryAcknowledgedWriteThroughKill9) {
  std::int64_t acknowledged = 0;
  for (int round = 0; round < 3; ++round) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directory(directory_);
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(options(), ends[1]);
    ::close(ends[1]);
    std::set<std::int64_t> told;
    std::int64_t number = 0;
    while (told.size() < 500U * static_cast<unsigned>(round + 1) && ::read(ends[0], &number, sizeof number) == sizeof number)
      told.insert(number);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &number, sizeof number) == sizeof number) told.insert(number);  // told before it died
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);

    auto store = Store::open(options(), steps);
    ASSERT_TRUE(store) << store.error().text();
    const auto rows = ask<Rows>(**store, [](Transaction& t) -> Result<Rows> { return t.query("SELECT id FROM thing"); });
    std::set<std::int64_t> there;
    for (const Row& row : *rows) there.insert(row.integer(0));
    EXPECT_TRUE(std::includes(there.begin(), there.end(), told.begin(), told.end()));
    acknowledged += static_cast<std::int64_t>(told.size());
  }
  EXPECT_GE(acknowledged, 3000);
}

}  // namespace
}  // namespace flotte::store
