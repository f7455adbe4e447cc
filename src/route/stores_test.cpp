// Usage in a database in memory.
#include <gtest/gtest.h>

#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "route/migrations.hpp"
#include "route/usage_store.hpp"
#include "store/store.hpp"

namespace flotte::route {
namespace {

constexpr std::int64_t day = 86'400'000;

struct StoresTest : testing::Test {
  const std::vector<store::Migration> steps{migrations().begin(), migrations().end()};
  std::unique_ptr<store::Store> store = store::Store::inline_for_tests(system_clock(), steps);
  asio::io_context context{1};

  void run(Awaitable<void> work) {
    asio::co_spawn(context, std::move(work), [](std::exception_ptr e) {
      if (e) std::rethrow_exception(e);
    });
    context.run();
    context.restart();
  }
  std::int64_t count(const std::string& table) {
    std::int64_t n = -1;
    store->post_read<std::int64_t>(
        [&](store::Transaction& t) -> Result<std::int64_t> { return t.one("SELECT count(*) FROM " + table)->integer(0); },
        [&](Result<std::int64_t> r) { n = r.value_or(-1); });
    return n;
  }
};

UsageRecord record(std::int64_t at, std::string key, std::string model, int status, std::int64_t cost) {
  return {.at_ms = at,
          .key = std::move(key),
          .model = std::move(model),
          .target = "p/m",
          .usage = {10, 4, 5},
          .first_ms = 3,
          .total_ms = 9,
          .status = status,
          .cost_pico_usd = cost};
}

Awaitable<void> write_until_cancelled(store::Store& store, UsageRing& ring) {
  Scope scope(co_await asio::this_coro::executor, "test");
  std::vector<UsageRing*> rings{&ring};
  scope.spawn("writer", run_usage_writer(store, rings, milliseconds(2)));
  co_await sleep_for(milliseconds(30));
  ring.push(record(to_ms(system_clock().wall()), "late", "quick", 200, 0));  // only the last drain can see it
  co_await scope.close();
}

Awaitable<void> ask(store::Store& store, UsageQuery query, std::vector<UsageRow>& rows) {
  auto answer = co_await query_usage(store, std::move(query));
  EXPECT_TRUE(answer);
  if (answer) rows = std::move(*answer);
}

TEST_F(StoresTest, SumsUsageByWhatIsAsked) {
  UsageRing ring;
  const std::int64_t now = to_ms(system_clock().wall());
  ring.push(record(now, "k1", "smart", 200, 1'500'000'000'000));
  ring.push(record(now, "k1", "smart", 502, -1));
  ring.push(record(now - day, "k2", "smart", 200, 250'000'000'000));
  ring.push(record(now - 90 * day, "k2", "old", 200, 0));
  run(write_until_cancelled(*store, ring));
  EXPECT_FALSE(ring.pop().has_value());
  std::vector<UsageRow> rows;
  run(ask(*store, {.by = "model"}, rows));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].group, "smart");
  EXPECT_EQ(rows[0].calls, 3);
  EXPECT_EQ(rows[0].failed, 1);
  EXPECT_EQ(rows[0].input_tokens, 30);
  EXPECT_EQ(rows[0].cached_tokens, 12);
  EXPECT_EQ(rows[0].output_tokens, 15);
  EXPECT_EQ(rows[0].cost_pico_usd, 1'750'000'000'000);
  EXPECT_EQ(rows[0].unpriced_calls, 1);
  EXPECT_EQ(json::string_or(rows[0].to_json(), "cost_usd", ""), "1.75");
  run(ask(*store, {.by = "key", .model = "smart", .from = from_ms(now)}, rows));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].group, "k1");
  run(ask(*store, {.by = "provider"}, rows));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].group, "p");
  EXPECT_EQ(rows[0].calls, 5);  // with the late one
  run(ask(*store, {.by = "model", .provider = "nobody"}, rows));
  EXPECT_TRUE(rows.empty());
  run(ask(*store, {.by = "day"}, rows));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].group, to_rfc3339(from_ms(now)).substr(0, 10));
}

TEST_F(StoresTest, SumsUsageByTask) {
  UsageRing ring;
  const std::int64_t now = to_ms(system_clock().wall());
  for (const std::int64_t task : {7, 7, 8, 0}) {
    UsageRecord one = record(now, "run", "smart", task == 8 ? 500 : 200, 1'000'000'000'000);
    one.task = task;
    ring.push(std::move(one));
  }
  run(write_until_cancelled(*store, ring));
  std::vector<UsageRow> rows;
  run(ask(*store, {.by = "task", .from = from_ms(now - 1'000)}, rows));
  ASSERT_GE(rows.size(), 2u);
  EXPECT_EQ(rows[0].group, "t8");
  EXPECT_EQ(rows[0].failed, 1);
  EXPECT_EQ(rows[1].group, "t7");
  EXPECT_EQ(rows[1].calls, 2);
  EXPECT_EQ(rows[1].cost_pico_usd, 2'000'000'000'000);
  run(ask(*store, {.by = "task", .from = from_ms(now + 1'000'000)}, rows));
  EXPECT_TRUE(rows.empty());
}

TEST_F(StoresTest, ForgetsSingleCallsAfterAMonthButKeepsTheirSums) {
  UsageRing ring;
  const std::int64_t now = to_ms(system_clock().wall());
  ring.push(record(now - 31 * day, "k", "old", 200, 0));
  ring.push(record(now, "k", "new", 200, 0));
  run(write_until_cancelled(*store, ring));
  EXPECT_EQ(count("usage"), 2);  // "new" and the late one
  EXPECT_EQ(count("usage_day"), 3);
}

Awaitable<void> refused(store::Store& store) {
  UsageQuery query{.by = "1; DROP TABLE usage"};
  auto answer = co_await query_usage(store, std::move(query));
  EXPECT_FALSE(answer);
}

TEST_F(StoresTest, RefusesAGroupThatThereIsNot) { run(refused(*store)); }

}  // namespace
}  // namespace flotte::route
