// Schedules: every instant once, whatever the hub and the clock do.
#include "fleet/schedules.hpp"

#include <gmock/gmock.h>

#include <future>

#include "base/temporary_directory.hpp"
#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ScheduleTest : public FleetTest {
 protected:
  static NewSchedule hourly(std::string name = "reports") {
    NewSchedule s;
    s.name = std::move(name);
    s.owner = "me";
    s.cron = "@hourly";
    s.specs = {prompt("report")};
    return s;
  }
  Result<std::int64_t> add(const NewSchedule& s) {
    return act<std::int64_t>([&](Ledger& l) { return add_schedule(l, s); });
  }
  std::int64_t tasks() {
    return rows<std::int64_t>([](store::Transaction& t) { return t.one("SELECT count(*) FROM task")->integer(0); });
  }
  std::vector<ScheduleRun> runs(std::int64_t s) {
    return rows<std::vector<ScheduleRun>>([s](store::Transaction& t) { return list_schedule_runs(t, s, 1000); });
  }
  ScheduleView view(std::int64_t s) {
    return rows<ScheduleView>([s](store::Transaction& t) { return *show_schedule(t, s); });
  }
  /// The hub is away for so long.
  void away(milliseconds time) {
    fleet_.reset();
    clock_.passed_ += time;
    restart();
    pass(milliseconds(1));
  }
  std::int64_t made(std::int64_t s) {
    std::int64_t n = 0;
    for (const ScheduleRun& run : runs(s)) n += run.outcome == "made";
    return n;
  }
};
constexpr auto hour = std::chrono::hours(1);
constexpr auto minute = std::chrono::minutes(1);

TEST_F(ScheduleTest, MakesATaskAtEachInstantAndOnlyOne) {
  const std::int64_t s = *add(hourly());
  const WallTime first = *view(s).next_at;
  EXPECT_GT(first, clock_.wall());
  pass(first - clock_.wall() - milliseconds(1));
  EXPECT_EQ(tasks(), 0);
  pass(milliseconds(1));
  EXPECT_EQ(tasks(), 1);
  for (int i = 0; i < 10; ++i) pass(seconds(1));
  EXPECT_EQ(tasks(), 1);
  EXPECT_EQ(show(1).title, "reports");
  EXPECT_EQ(show(1).owner, "me");
  for (int i = 0; i < 60; ++i) pass(minute);
  EXPECT_EQ(tasks(), 2);
  EXPECT_EQ(view(s).last->made, "t2");
  EXPECT_EQ(fleet_->next_tick().has_value(), true) << "nobody has to ask whether it is time";
}

TEST_F(ScheduleTest, AHubThatWasAwayDoesWhatTheScheduleSays) {
  NewSchedule all = hourly("all"), last = hourly("last"), none = hourly("none");
  all.catch_up = CatchUp::all;
  all.catch_up_limit = 5;
  none.catch_up = CatchUp::none;
  const std::int64_t a = *add(all), l = *add(last), n = *add(none);
  const WallTime first = *view(a).next_at;
  pass(first - clock_.wall());
  EXPECT_EQ(tasks(), 3);
  away(8 * hour + 30 * minute);
  EXPECT_EQ(made(a), 1 + 5);
  EXPECT_EQ(made(l), 1 + 1);
  EXPECT_EQ(made(n), 1);
  EXPECT_EQ(runs(n).at(0).outcome, "missed");
  EXPECT_THAT(runs(n).at(0).message, HasSubstr("8 instants"));
  EXPECT_EQ(*view(n).next_at, first + 9 * hour);
  away(milliseconds(1));
  away(minute);
  EXPECT_EQ(tasks(), 3 + 5 + 1) << "nothing is made up for twice";
}

TEST_F(ScheduleTest, WhatIsMadeUpForGoesInByTransactionsOfABoundedSize) {
  NewSchedule s = hourly();
  s.batch = true;
  s.specs.assign(4, prompt());
  s.catch_up = CatchUp::all;
  s.catch_up_limit = 5;
  const std::int64_t id = *add(s);
  const WallTime first = *view(id).next_at;
  clock_.passed_ += first - clock_.wall() + 7 * hour;  // eight instants
  Zones zones;
  const auto fire = [&] {
    return act<std::optional<WallTime>>([&](Ledger& l) -> Result<std::optional<WallTime>> { return fire_schedules(l, zones, 10); }).value();
  };
  EXPECT_EQ(fire(), first + 6 * hour) << "three batches are twelve tasks; the fourth is due at once";
  EXPECT_EQ(tasks(), 12);
  EXPECT_EQ(*view(id).next_at, first + 6 * hour);
  EXPECT_EQ(fire(), first + 8 * hour);
  EXPECT_EQ(tasks(), 20);
  EXPECT_EQ(made(id), 5);
  (void)fire();
  EXPECT_EQ(tasks(), 20);
  EXPECT_THAT(runs(id).back().message, HasSubstr("3 instants"));
}

TEST_F(ScheduleTest, AKillBetweenTwoTicksFiresNothingTwice) {
  const std::int64_t s = *add(hourly());
  std::int64_t instants = 0;
  WallTime next = *view(s).next_at;
  for (int i = 0; i < 200; ++i) {
    clock_.passed_ += 7 * minute;
    while (next <= clock_.wall()) next += hour, ++instants;
    restart();
    restart();
    pass(milliseconds(0));
  }
  EXPECT_EQ(made(s), instants);
  EXPECT_EQ(tasks(), instants);
}

TEST_F(ScheduleTest, AClockThatIsSetBackRepeatsNothingAndStopsNothing) {
  const std::int64_t s = *add(hourly());
  const WallTime first = *view(s).next_at;
  pass(first - clock_.wall());
  const milliseconds right = clock_.passed_;
  // The machine starts with a clock that is ten days ahead: the hub believes it, and makes what it missed.
  away(10 * 24 * hour);
  EXPECT_EQ(tasks(), 2);
  const WallTime ahead = *view(s).next_at;
  clock_.passed_ = right;  // and is corrected
  restart();
  pass(seconds(1));
  EXPECT_EQ(tasks(), 2);
  EXPECT_LT(*view(s).next_at, ahead);
  EXPECT_EQ(*view(s).next_at, first + hour) << "it does not wait for ten days";
  pass(hour);
  EXPECT_EQ(tasks(), 3);
  // Half an hour back across an instant that has fired.
  clock_.passed_ -= 30 * minute;
  restart();
  for (int i = 0; i < 40; ++i) pass(minute);
  EXPECT_EQ(tasks(), 3);
}

TEST_F(ScheduleTest, WhatStillRunsMayKeepTheNextOneAway) {
  NewSchedule careful = hourly();
  careful.overlap = Overlap::skip;
  const std::int64_t s = *add(careful);
  pass(*view(s).next_at - clock_.wall());
  pass(hour);
  EXPECT_EQ(tasks(), 1);
  EXPECT_EQ(runs(s).at(0).outcome, "skipped");
  EXPECT_THAT(runs(s).at(0).message, HasSubstr("t1 had not ended"));
  (void)act<bool>([](Ledger& l) -> Result<bool> { return cancel_task(l, 1).has_value(); });
  pass(hour);
  EXPECT_EQ(tasks(), 2);
}

TEST_F(ScheduleTest, PausedInstantsAreNotMadeUpForAndAHandMayHelp) {
  NewSchedule s = hourly();
  s.catch_up = CatchUp::all;
  const std::int64_t id = *add(s);
  (void)act<bool>([&](Ledger& l) -> Result<bool> { return pause_schedule(l, id).has_value(); });
  EXPECT_FALSE(view(id).next_at);
  pass(5 * hour);
  EXPECT_EQ(tasks(), 0);
  EXPECT_EQ(act<std::string>([&](Ledger& l) { return run_schedule(l, id); }).value(), "t1");
  (void)act<bool>([&](Ledger& l) -> Result<bool> { return resume_schedule(l, id).has_value(); });
  pass(milliseconds(1));
  EXPECT_EQ(tasks(), 1);
  pass(hour);
  EXPECT_EQ(tasks(), 2);
  (void)act<bool>([&](Ledger& l) -> Result<bool> { return remove_schedule(l, id).has_value(); });
  pass(hour);
  EXPECT_EQ(tasks(), 2);
  EXPECT_EQ(act<std::string>([&](Ledger& l) { return run_schedule(l, id); }).error().code, Code::not_found);
}

TEST_F(ScheduleTest, ABatchIsMadeWhole) {
  NewSchedule s = hourly();
  s.batch = true;
  s.specs = {prompt("one"), prompt("two")};
  s.specs[1].depends_on = {"#0"};
  s.max_cost_pico_usd = 7;
  const std::int64_t id = *add(s);
  pass(*view(id).next_at - clock_.wall());
  EXPECT_EQ(batch(1).total, 2);
  EXPECT_EQ(batch(1).state, "running");
  EXPECT_EQ(batch(1).title, "reports");
  EXPECT_EQ(batch(1).max_cost_pico_usd, 7);
  EXPECT_EQ(batch(1).waiting, 1);
  EXPECT_EQ(view(id).last->made, "b1");
}

TEST_F(ScheduleTest, StopsWithItsOwnersKey) {
  const std::int64_t id = *add(hourly());
  (void)act<bool>([](Ledger& l) -> Result<bool> {
    stop_schedules_of(l.rows, "me");
    return true;
  });
  pass(2 * hour);
  EXPECT_EQ(tasks(), 0);
  EXPECT_EQ(json::string_or(view(id).to_json(), "state", ""), "broken");
  EXPECT_EQ(view(id).problem, "the key me was removed");
  (void)act<bool>([&](Ledger& l) -> Result<bool> { return resume_schedule(l, id).has_value(); });
  pass(hour);
  EXPECT_EQ(tasks(), 1);
}

TEST_F(ScheduleTest, SaysWhatIsWrongWithIt) {
  const auto error = [&](auto change) {
    NewSchedule s = hourly();
    change(s);
    const auto added = add(s);
    return added ? std::string("none") : added.error().text();
  };
  EXPECT_THAT(error([](NewSchedule& s) { s.cron = "every day"; }), HasSubstr("five fields"));
  EXPECT_THAT(error([](NewSchedule& s) { s.zone = "Europe/Entenhausen"; }), HasSubstr("no time zone"));
  EXPECT_THAT(error([](NewSchedule& s) { s.specs[0].deadline = WallTime{}; }), HasSubstr("deadline"));
  EXPECT_THAT(error([](NewSchedule& s) { s.name = ""; }), HasSubstr("name"));
  const auto unique_item = [](NewSchedule& s) {
    s.specs.push_back(prompt());
    s.specs[1].unique = "nightly";
    s.batch = true;
  };
  EXPECT_THAT(error(unique_item), AllOf(HasSubstr("batch.items[1]"), HasSubstr("\"unique\" is for single tasks")));
  EXPECT_EQ(error([](NewSchedule& s) { s.name = "single", s.specs[0].unique = "nightly"; }), "none");
  EXPECT_EQ(error([](NewSchedule&) {}), "none");
  EXPECT_THAT(error([](NewSchedule&) {}), HasSubstr("there is a schedule \"reports\" already"));
}

TEST_F(ScheduleTest, IsChangedAndWaitsForItsNextInstantThen) {
  const std::int64_t id = *add(hourly());
  pass(*view(id).next_at - clock_.wall());
  EXPECT_EQ(tasks(), 1);
  const auto change = [&](std::function<void(NewSchedule&)> how) {
    NewSchedule wanted = view(id).what;
    how(wanted);
    return act<bool>([&](Ledger& l) -> Result<bool> {
      if (auto good = change_schedule(l, id, wanted); !good) return Failure(good.error());
      return true;
    });
  };
  ASSERT_TRUE(change([](NewSchedule& s) { s.cron = "*/10 * * * *"; }));
  EXPECT_EQ(*view(id).next_at - clock_.wall(), 10 * minute);
  pass(10 * minute);
  EXPECT_EQ(tasks(), 2);
  EXPECT_EQ(show(2).title, "reports") << "what it makes has stayed";
  ASSERT_TRUE(change([](NewSchedule& s) {
    s.batch = true;
    s.specs.assign(3, prompt());
  }));
  EXPECT_EQ(view(id).tasks, 3);
  pass(10 * minute);
  EXPECT_EQ(batch(1).total, 3);
  EXPECT_EQ(made(id), 3);
  for (const char* wrong : {"never", "0 0 30 2 *"}) EXPECT_FALSE(change([&](NewSchedule& s) { s.cron = wrong; })) << wrong;
  EXPECT_FALSE(change([](NewSchedule& s) { s.specs[0].deadline = WallTime{}; }));
  (void)act<bool>([&](Ledger& l) -> Result<bool> { return pause_schedule(l, id).has_value(); });
  ASSERT_TRUE(change([](NewSchedule& s) { s.cron = "@daily", s.specs.clear(); }));
  EXPECT_FALSE(view(id).next_at) << "one that is paused stays so";
  EXPECT_EQ(view(id).what.specs.size(), 3U);
}

TEST_F(ScheduleTest, ListsPageByPageWithoutWhatTheyMake) {
  NewSchedule whole = hourly("b");
  whole.batch = true;
  whole.specs.assign(3, prompt());
  for (const NewSchedule& s : {hourly("c"), whole, hourly("a")}) ASSERT_TRUE(add(s));
  const auto page = [&](std::string after, std::size_t limit) {
    return rows<SchedulePage>([&](store::Transaction& t) { return list_schedules(t, after, limit); });
  };
  const SchedulePage first = page("", 2);
  ASSERT_EQ(first.items.size(), 2U);
  EXPECT_EQ(first.items[0].what.name, "a");
  EXPECT_EQ(first.items[1].tasks, 3);
  EXPECT_TRUE(first.items[1].what.specs.empty());
  EXPECT_EQ(first.next, "b");
  const SchedulePage last = page(*first.next, 2);
  ASSERT_EQ(last.items.size(), 1U);
  EXPECT_EQ(last.items[0].what.name, "c");
  EXPECT_FALSE(last.next);
  const json::object shown = first.items[1].summary();
  EXPECT_EQ(json::string_or(shown, "makes", ""), "batch");
  EXPECT_FALSE(shown.contains("batch"));
}

TEST_F(ScheduleTest, TheyAreBoundedInSizeAndNumber) {
  NewSchedule large = hourly("large");
  large.specs = {prompt(std::string(schedule_bytes, 'x'))};
  EXPECT_EQ(add(large).error().code, Code::too_large);
  for (std::int64_t i = 0; i < schedules_of_an_owner; ++i) ASSERT_TRUE(add(hourly(std::to_string(i))));
  const auto refused = add(hourly("one more"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::exhausted);
  NewSchedule other = hourly("one more");
  other.owner = "other";
  EXPECT_TRUE(add(other)) << "others have room";
}

TEST_F(ScheduleTest, ThoseOfAnEarlierVersionGoOn) {
  TemporaryDirectory folder;
  store::Options where;
  where.path = folder.path + "/old.db";
  std::vector<store::Migration> before(migrations().begin(), migrations().end());
  std::erase_if(before, [](const store::Migration& m) { return m.number >= 190; });
  for (const bool old : {true, false}) {
    auto opened = store::Store::open(where, old ? before : std::vector<store::Migration>(migrations().begin(), migrations().end()));
    ASSERT_TRUE(opened) << opened.error().text();
    std::promise<Result<bool>> done;
    (*opened)->post_write<bool>(
        [old](store::Transaction& t) -> Result<bool> {
          if (old) {
            t.execute(
                "INSERT INTO schedule (id, name, owner, cron, zone, catch_up, catch_up_limit, overlap, paused, batch, specs, created_at, "
                "next_at) VALUES (7, 'old', 'me', '@daily', 'UTC', 1, 100, 0, 0, 1, ?, 1, 2)",
                R"([{"kind":"prompt","input":{"prompt":"one"}},{"kind":"prompt","input":{"prompt":"two"}}])");
            return true;
          }
          const auto view = show_schedule(t, 7);
          EXPECT_TRUE(view && view->tasks == 2 && view->what.specs.size() == 2 && view->next_at == from_ms(2));
          return true;
        },
        [&done](Result<bool> r) { done.set_value(std::move(r)); });
    const auto written = done.get_future().get();
    ASSERT_TRUE(written) << written.error().text();
  }
}

TEST_F(ScheduleTest, WhatCannotBeMadeIsSaidAndTriedAgainNextTime) {
  NewSchedule s = hourly();
  s.specs[0].depends_on = {"t1"};
  const std::int64_t id = *add(s);
  pass(*view(id).next_at - clock_.wall());
  EXPECT_EQ(runs(id).at(0).outcome, "failed");
  EXPECT_THAT(runs(id).at(0).message, HasSubstr("there is no task t1"));
  submit();
  pass(hour);
  EXPECT_EQ(runs(id).at(0).outcome, "made");
}

TEST_F(ScheduleTest, AcrossAYearOfBerlinTheNightlyOneComesOnceANight) {
  NewSchedule s = hourly("nightly");
  s.cron = "30 2 * * *";
  s.zone = "Europe/Berlin";
  const std::int64_t id = *add(s);
  for (int i = 0; i < 365 * 4; ++i) {
    pass(6 * hour);
    if (i % 100 == 99) restart();
  }
  EXPECT_EQ(tasks(), 365);
  EXPECT_LE(runs(id).size(), 42U) << "what is long over is forgotten";
}

}  // namespace
}  // namespace flotte::fleet
