// What keys have spent, in a database in memory.
#include "route/spending.hpp"

#include <gtest/gtest.h>

#include "route/accounts.hpp"
#include "route/migrations.hpp"
#include "store/store.hpp"

namespace flotte::route {
namespace {

WallTime wall(const char* text) { return parse_rfc3339(text).value(); }

struct SpendingTest : testing::Test {
  const std::vector<store::Migration> steps{migrations().begin(), migrations().end()};
  std::unique_ptr<store::Store> store = store::Store::inline_for_tests(system_clock(), steps);

  void add(std::vector<UsageRecord> records) {
    store->post_write<void>(
        [&](store::Transaction& tx) -> Result<void> {
          add_spending(tx, records);
          return {};
        },
        [](Result<void> r) { EXPECT_TRUE(r); });
  }
  std::vector<Spending> load(WallTime now) {
    std::vector<Spending> out;
    store->post_read<std::vector<Spending>>([&](store::Transaction& tx) { return load_spending(tx, now); },
                                            [&](Result<std::vector<Spending>> r) { out = std::move(*r); });
    return out;
  }
};

UsageRecord booked(const char* key, std::int64_t pico_usd, WallTime at, const char* account = "") {
  return {.key = key, .account = account, .booked_pico_usd = pico_usd, .booked_day = day_of(at)};
}

TEST_F(SpendingTest, IsKnownAgainByDayAndMonth) {
  const WallTime today = wall("2026-11-21T10:00:00Z");
  add({booked("k1", 5, today), booked("k1", 7, today), booked("k1", 100, wall("2026-11-01T00:00:00Z")),
       booked("k1", 1'000, wall("2026-10-31T23:59:59Z")), booked("k2", 0, today), booked("run", 30, today, "k3")});
  add({booked("k1", 1, today)});
  const auto rows = load(today);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].key_id, "k1");
  EXPECT_EQ(rows[0].day_pico_usd, 13);
  EXPECT_EQ(rows[0].month_pico_usd, 113);
  EXPECT_EQ(rows[1].key_id, "k3");
  EXPECT_EQ(rows[1].day_pico_usd, 30);
}

TEST_F(SpendingTest, ABudgetGoesOnWhereTheLastProgramLeftIt) {
  const WallTime now = wall("2026-11-21T10:00:00Z");
  add({booked("k1", 90, now)});
  AccountBook book;
  const auto accounts = book.use({{"k1", "laptop", {.day_pico_usd = 100}}});
  book.remember(load(now), now);
  const auto account = accounts->of_key("k1");
  ASSERT_TRUE(account);
  EXPECT_EQ(accounts->of_owner("laptop"), account);
  Account::Reservation reservation;
  EXPECT_EQ(account->reserve({11, true}, now, reservation), Account::Verdict::refused);
  EXPECT_EQ(account->reserve({10, true}, now, reservation), Account::Verdict::granted);
  EXPECT_EQ(book.use({{"k1", "laptop", {}}, {"k2", "other", {}}})->of_key("k1"), account) << "the same one after a reload";
}

}  // namespace
}  // namespace flotte::route
