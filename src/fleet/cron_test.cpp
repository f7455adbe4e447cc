// Cron expressions on the clocks of many zones: every instant once, across changes of the clock and times when nobody was there.
#include "fleet/cron.hpp"

#include <gmock/gmock.h>

#include <time.h>

#include <cstdlib>
#include <set>

namespace flotte::fleet {
namespace {

using namespace std::chrono;
using ::testing::ElementsAre;

TimeZone zone(const std::string& name) {
  auto loaded = TimeZone::load(name);
  EXPECT_TRUE(loaded) << name << ": " << (loaded ? "" : loaded.error().text());
  return loaded ? *loaded : TimeZone::utc();
}
WallTime at(std::string_view text) { return parse_rfc3339(text).value(); }
Cron cron(std::string_view text) {
  auto parsed = parse_cron(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().text());
  return parsed.value_or(Cron{});
}

/// The next instants after that time, as UTC without the seconds.
std::vector<std::string> next(std::string_view text, const std::string& where, std::string_view after, int count) {
  const Cron c = cron(text);
  const TimeZone z = zone(where);
  std::vector<std::string> out;
  WallTime time = at(after);
  for (int i = 0; i < count; ++i) {
    const auto found = next_instant(c, z, time);
    if (!found) break;
    time = *found;
    out.push_back(to_rfc3339(time).substr(5, 11));
  }
  return out;
}

TEST(Cron, ReadsWhatCronReads) {
  EXPECT_THAT(next("*/15 8-9 * * mon-fri", "UTC", "2026-11-20T08:50:00Z", 3), ElementsAre("11-20T09:00", "11-20T09:15", "11-20T09:30"));
  EXPECT_THAT(next("0 0 1 jan,jul *", "UTC", "2026-11-20T00:00:00Z", 2), ElementsAre("01-01T00:00", "07-01T00:00"));
  EXPECT_THAT(next("30 6 * * 7", "UTC", "2026-11-20T00:00:00Z", 2), ElementsAre("11-22T06:30", "11-29T06:30"));
  EXPECT_THAT(next("5/20 3 * * *", "UTC", "2026-11-20T03:00:00Z", 3), ElementsAre("11-20T03:05", "11-20T03:25", "11-20T03:45"));
  EXPECT_THAT(next("0 12 13 * FRI", "UTC", "2026-11-10T00:00:00Z", 2), ElementsAre("11-13T12:00", "11-20T12:00")) << "either day";
  EXPECT_THAT(next("0 12 */2 * 5", "UTC", "2026-11-10T00:00:00Z", 2), ElementsAre("11-13T12:00", "11-27T12:00")) << "both, with a star";
  EXPECT_THAT(next("@daily", "UTC", "2026-12-31T10:00:00Z", 1), ElementsAre("01-01T00:00"));
  EXPECT_THAT(next("@Weekly", "UTC", "2026-11-20T10:00:00Z", 1), ElementsAre("11-22T00:00"));
  EXPECT_THAT(next("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1), ElementsAre("02-29T00:00")) << "2100 has none";
  EXPECT_THAT(next("* * * * *", "UTC", "2026-11-20T10:00:59.999Z", 1), ElementsAre("11-20T10:01"));
}

TEST(Cron, SaysWhichFieldIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "five fields"},           {"* * * *", "five fields"},       {"* * * * * *", "five fields"}, {"60 * * * *", "minute"},
      {"* 24 * * *", "hour"},        {"* * 0 * *", "month"},           {"* * * 13 *", "month"},        {"* * * * 8", "week"},
      {"*/0 * * * *", "minute"},     {"5-1 * * * *", "minute"},        {"1,,2 * * * *", "minute"},     {"* * * * funday", "week"},
      {"@fortnightly", "five"},      {"* * L * *", "month"},           {"-1 * * * *", "minute"},       {"* 1- * * *", "hour"},
      {"0 0 30 2 *", "never comes"}, {"99999999999 * * * *", "minute"}};
  for (const auto& [text, what] : cases) {
    const auto parsed = parse_cron(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().text(), ::testing::HasSubstr(what)) << text;
  }
}

TEST(Cron, ATimeThatIsLeftOutComesWhenTheClockIsSetForward) {
  // Berlin, 29 March 2026: 02:00 becomes 03:00, which is 01:00 UTC.
  EXPECT_THAT(next("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3), ElementsAre("03-28T01:30", "03-29T01:00", "03-30T00:30"));
  EXPECT_THAT(next("0,15,30,45 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2), ElementsAre("03-29T01:00", "03-30T00:00"))
      << "four together";
  EXPECT_THAT(next("0 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2), ElementsAre("03-29T01:00", "03-30T00:00"));
  EXPECT_THAT(next("30 * * * *", "Europe/Berlin", "2026-03-28T23:45:00Z", 3), ElementsAre("03-29T00:30", "03-29T01:30", "03-29T02:30"))
      << "every hour: nothing is left out of the time that passes";
  // Samoa had no 30 December 2011.
  EXPECT_THAT(next("0 9 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 3), ElementsAre("12-29T19:00", "12-30T10:00", "12-30T19:00"));
  // Lord Howe moves by half an hour.
  EXPECT_THAT(next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2), ElementsAre("10-03T15:30", "10-04T15:15"));
}

TEST(Cron, ATimeThatComesTwiceIsTakenTheFirstTime) {
  // Berlin, 25 October 2026: 03:00 becomes 02:00, at 01:00 UTC.
  EXPECT_THAT(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2), ElementsAre("10-25T00:30", "10-26T01:30"));
  EXPECT_THAT(next("30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 3), ElementsAre("10-25T00:30", "10-25T01:30", "10-25T02:30"))
      << "every hour: each of them";
  EXPECT_THAT(next("0 */2 * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", 3), ElementsAre("10-25T00:00", "10-25T01:00", "10-25T03:00"));
  EXPECT_THAT(next("45 1 * * *", "Australia/Lord_Howe", "2026-04-03T16:00:00Z", 2), ElementsAre("04-04T14:45", "04-05T15:15"));
}

TEST(Cron, KnowsRulesOfZonesThatAreFarAway) {
  EXPECT_THAT(next("0 8 * * *", "Asia/Kathmandu", "2026-11-20T00:00:00Z", 1), ElementsAre("11-20T02:15"));
  EXPECT_THAT(next("0 8 * * *", "Europe/Dublin", "2026-07-01T00:00:00Z", 1), ElementsAre("07-01T07:00")) << "its winter is the exception";
  EXPECT_THAT(next("0 8 * * *", "America/New_York", "2099-07-01T00:00:00Z", 1), ElementsAre("07-01T12:00")) << "behind the table's end";
  EXPECT_THAT(next("0 8 * * *", "America/Sao_Paulo", "2026-12-01T00:00:00Z", 1), ElementsAre("12-01T11:00")) << "no longer set forward";
  for (const char* wrong : {"", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe"}) {
    const auto none = TimeZone::load(wrong);
    ASSERT_FALSE(none) << wrong;
    EXPECT_FALSE(none.error().text().empty());
  }
  EXPECT_TRUE(TimeZone::load("UTC", "/nowhere"));
}

/// The C library reads the same files with another program.
class LibcZone {
 public:
  explicit LibcZone(const std::string& name) {
    if (const char* had = ::getenv("TZ")) had_ = had;
    ::setenv("TZ", (":" + name).c_str(), 1);
    ::tzset();
  }
  ~LibcZone() {
    had_ ? ::setenv("TZ", had_->c_str(), 1) : ::unsetenv("TZ");
    ::tzset();
  }
  static std::int64_t offset_at(std::int64_t time) {
    tm out{};
    const time_t t = time;
    ::localtime_r(&t, &out);
    return out.tm_gmtoff;
  }

 private:
  std::optional<std::string> had_;
};

constexpr const char* many_zones[] = {
    "Africa/Cairo",      "Africa/Casablanca",   "Africa/Johannesburg", "America/Anchorage", "America/Caracas",
    "America/Havana",    "America/Los_Angeles", "America/New_York",    "America/Nuuk",      "America/Santiago",
    "America/Sao_Paulo", "America/St_Johns",    "Antarctica/Troll",    "Asia/Gaza",         "Asia/Jerusalem",
    "Asia/Kathmandu",    "Asia/Kolkata",        "Asia/Pyongyang",      "Asia/Tehran",       "Asia/Tokyo",
    "Atlantic/Azores",   "Australia/Eucla",     "Australia/Lord_Howe", "Australia/Sydney",  "Europe/Berlin",
    "Europe/Dublin",     "Europe/Istanbul",     "Europe/London",       "Europe/Volgograd",  "Pacific/Apia",
    "Pacific/Auckland",  "Pacific/Chatham",     "Pacific/Kiritimati",  "Pacific/Norfolk",   "UTC"};

TEST(TimeZone, AgreesWithTheCLibraryEverywhere) {
  for (const char* name : many_zones) {
    const TimeZone mine = zone(name);
    const LibcZone theirs(name);
    // Each five hours and a bit for ten years, and each week until 2090.
    for (std::int64_t t = 1'704'067'200; t < 2'019'600'000; t += 18'061)
      ASSERT_EQ(mine.offset_at(UtcSeconds(seconds(t))).count(), theirs.offset_at(t)) << name << " at " << t;
    for (std::int64_t t = 0; t < 3'786'912'000; t += 604'801)
      ASSERT_EQ(mine.offset_at(UtcSeconds(seconds(t))).count(), theirs.offset_at(t)) << name << " at " << t;
  }
}

TEST(TimeZone, TheClockOnTheWallAndBackAgain) {
  for (const char* name : many_zones) {
    const TimeZone z = zone(name);
    for (std::int64_t t = 1'700'000'000; t < 1'900'000'000; t += 12'347) {
      const UtcSeconds time{seconds(t)};
      const auto shown = z.when(z.to_local(time));
      ASSERT_FALSE(shown.skipped) << name << " at " << t;
      ASSERT_TRUE(shown.first == time || shown.again == time) << name << " at " << t;
      if (shown.again) {
        ASSERT_LT(shown.first, *shown.again);
      }
    }
  }
}

/// Minute by minute, as slowly and plainly as it can be said.
TEST(Cron, EveryInstantOnceInEveryZone) {
  struct Case {
    const char* text;
    bool by_time;
  };
  const Case cases[] = {
      {"*/20 * * * *", true}, {"10 */3 * * *", true}, {"30 0-4 * * *", false}, {"0,59 1,2,3 * * *", false}, {"0 0 * * 0", false}};
  for (const char* name : many_zones) {
    const TimeZone z = zone(name);
    // Around each change of the clock in three years.
    auto change = z.next_change(UtcSeconds(sys_days(2024y / January / 1)));
    for (int n = 0; change && *change < UtcSeconds(sys_days(2027y / January / 1)) && n < 4; ++n, change = z.next_change(*change)) {
      const UtcSeconds from = floor<minutes>(*change) - hours(26), to = floor<minutes>(*change) + hours(26);
      for (const Case& c : cases) {
        const Cron parsed = cron(c.text);
        std::vector<WallTime> expected, found;
        std::set<LocalSeconds> shown;  // times of the wall that have been seen
        UtcSeconds before = from - hours(26);
        for (UtcSeconds t = before; t <= to; t += minutes(1)) {
          const LocalSeconds local = z.to_local(t);
          // The times on the wall that this minute brings: its own, and those that the clock has jumped across just now.
          bool fires = false;
          const LocalSeconds last = z.to_local(t - minutes(1));
          const LocalSeconds begin = !c.by_time && local > last + minutes(1) && t > before ? last + minutes(1) : local;
          for (LocalSeconds l = begin; l <= local; l += minutes(1)) {
            const auto day = floor<days>(l);
            const hh_mm_ss clock(l - LocalSeconds(day));
            const bool matches =
                parsed.on_day(day) && (parsed.hours >> clock.hours().count() & 1) && (parsed.minutes >> clock.minutes().count() & 1);
            fires |= matches && (c.by_time || shown.insert(l).second);
          }
          if (fires && t > from) expected.push_back(WallTime(t));
        }
        for (auto t = next_instant(parsed, z, WallTime(from)); t && *t <= WallTime(to); t = next_instant(parsed, z, *t))
          found.push_back(*t);
        ASSERT_EQ(found, expected) << name << ", " << c.text << ", around " << to_rfc3339(WallTime(*change));
      }
    }
  }
}

// ---- what is done about instants that nobody was there for ---------------------------------------------------------

std::vector<std::string> fired(const Firing& firing) {
  std::vector<std::string> out;
  for (const WallTime t : firing.instants) out.push_back(to_rfc3339(t).substr(5, 11));
  return out;
}

TEST(CatchUp, IsOnTimeWhereNobodyWasAway) {
  const Cron hourly = cron("@hourly");
  for (const CatchUp how : {CatchUp::none, CatchUp::last, CatchUp::all}) {
    const Firing firing = plan_firing(hourly, TimeZone::utc(), at("2026-11-20T10:00:00Z"), at("2026-11-20T10:00:01Z"), {how});
    EXPECT_THAT(fired(firing), ElementsAre("11-20T10:00")) << to_string(how);
    EXPECT_EQ(firing.missed, 0);
    EXPECT_EQ(firing.next, at("2026-11-20T11:00:00Z"));
    EXPECT_TRUE(plan_firing(hourly, TimeZone::utc(), at("2026-11-20T11:00:00Z"), at("2026-11-20T10:00:01Z"), {how}).instants.empty());
  }
}

TEST(CatchUp, DoesAsItIsToldAfterADowntime) {
  const Cron hourly = cron("@hourly");
  const auto plan = [&](CatchUp how, std::int64_t most, std::string_view now) {
    return plan_firing(hourly, TimeZone::utc(), at("2026-11-20T10:00:00Z"), at(now), {how, most});
  };
  const Firing none = plan(CatchUp::none, 0, "2026-11-20T14:30:00Z");
  EXPECT_TRUE(none.instants.empty());
  EXPECT_EQ(none.missed, 5);
  EXPECT_EQ(none.first_missed, at("2026-11-20T10:00:00Z"));
  EXPECT_EQ(none.next, at("2026-11-20T15:00:00Z"));
  EXPECT_THAT(fired(plan(CatchUp::none, 0, "2026-11-20T14:00:30Z")), ElementsAre("11-20T14:00")) << "the last one is not late";
  EXPECT_THAT(fired(plan(CatchUp::last, 0, "2026-11-20T14:30:00Z")), ElementsAre("11-20T14:00"));
  EXPECT_EQ(plan(CatchUp::last, 0, "2026-11-20T14:30:00Z").missed, 4);
  EXPECT_THAT(fired(plan(CatchUp::all, 100, "2026-11-20T12:30:00Z")), ElementsAre("11-20T10:00", "11-20T11:00", "11-20T12:00"));
  const Firing bounded = plan(CatchUp::all, 2, "2026-11-20T14:30:00Z");
  EXPECT_THAT(fired(bounded), ElementsAre("11-20T13:00", "11-20T14:00"));
  EXPECT_EQ(bounded.missed, 3);
}

TEST(CatchUp, AYearOfMinutesIsBounded) {
  const Cron minutely = cron("* * * * *");
  const Firing firing =
      plan_firing(minutely, zone("Europe/Berlin"), at("2025-11-20T10:00:00Z"), at("2026-11-20T10:00:30Z"), {CatchUp::all, 1000});
  EXPECT_EQ(firing.instants.size(), 1000U);
  EXPECT_EQ(firing.instants.back(), at("2026-11-20T10:00:00Z"));
  EXPECT_EQ(firing.missed, 10'000) << "and there it stops counting";
}

TEST(CatchUp, ADowntimeAcrossAChangeOfTheClock) {
  const Firing firing =
      plan_firing(cron("30 2 * * *"), zone("Europe/Berlin"), at("2026-03-28T01:30:00Z"), at("2026-03-31T12:00:00Z"), {CatchUp::all, 100});
  EXPECT_THAT(fired(firing), ElementsAre("03-28T01:30", "03-29T01:00", "03-30T00:30", "03-31T00:30"));
}

}  // namespace
}  // namespace flotte::fleet
