// Rates and drawings.
#include "cli/batch/progress.hpp"

#include <gtest/gtest.h>

#include "cli/batch/rate.hpp"
#include "cli/batch/summary.hpp"
#include "cli/screen/text_width.hpp"

namespace flotte::cli {
namespace {

SteadyTime at(double s) { return SteadyTime(milliseconds(static_cast<std::int64_t>(s * 1000))); }

TEST(RateEstimator, KnowsNothingBeforeTheFirstEnding) {
  RateEstimator rate(at(0));
  EXPECT_EQ(rate.per_second(at(10)), std::nullopt);
  EXPECT_EQ(rate.time_left(5, at(10)), std::nullopt);
}

TEST(RateEstimator, TellsRateAndTimeLeft) {
  RateEstimator rate(at(0));
  for (int i = 1; i <= 10; ++i) rate.on_ended(2, at(i));
  EXPECT_NEAR(*rate.per_second(at(10)), 2.0, 0.01);
  EXPECT_EQ(*rate.time_left(30, at(10)), seconds(15));
}

TEST(RateEstimator, ForgetsWhatIsLongPast) {
  RateEstimator rate(at(0));
  for (int i = 1; i <= 100; ++i) rate.on_ended(10, at(i));           // fast
  for (int i = 1; i <= 60; ++i) rate.on_ended(1, at(100 + i * 10));  // then slow for ten minutes
  EXPECT_NEAR(*rate.per_second(at(700)), 0.1, 0.02);
}

TEST(RateEstimator, SlowsDownWhileNothingEnds) {
  RateEstimator rate(at(0));
  rate.on_ended(10, at(10));
  EXPECT_GT(*rate.per_second(at(11)), *rate.per_second(at(100)));
}

TEST(FormatDuration, IsShort) {
  EXPECT_EQ(format_duration(seconds(7)), "7 s");
  EXPECT_EQ(format_duration(seconds(240)), "4 min");
  EXPECT_EQ(format_duration(seconds(7800)), "2 h 10 min");
}

ProgressView make_view() {
  ProgressView view;
  view.batch = "b3";
  view.total = 24;
  view.succeeded = 12;
  view.failed = 2;
  view.running = 3;
  view.per_second = 0.035;
  view.left = seconds(240);
  view.elapsed = seconds(72);
  view.usage = {12345, 0, 2345, 12'500'000'000};
  view.workers = {{"reader@box", "会議の議事録と決定事項の一覧.txt", "part 3 of 7", "llama@box/tiny",
                   "そして最後に、私たちは次のことを決めました。", 0.4, 0},
                  {"tiny@home", "letter-late-delivery.txt", "reading", "", "", -1, 2},
                  {"idle@home", "", "", "", "", -1, 0}};
  return view;
}

TEST(RenderBlock, ShowsBarFiguresAndALinePerWorker) {
  const auto lines = render_block(make_view(), 120, 20, Colour::none);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_NE(lines[0].find("14/24  58 %  2.1/min · about 4 min left · 72 s so far"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("█"), std::string::npos);
  EXPECT_NE(lines[1].find("12 done · 2 failed · 3 running · 12,345 in, 2,345 out tokens · $0.0125"), std::string::npos) << lines[1];
  EXPECT_NE(lines[2].find("part 3 of 7 40 % ← llama@box/tiny"), std::string::npos) << lines[2];
  EXPECT_NE(lines[3].find("reading, +2 more"), std::string::npos) << lines[3];
  EXPECT_NE(lines[4].find("idle"), std::string::npos);
}

TEST(RenderBlock, FitsEveryTerminal) {
  ProgressView view = make_view();
  view.trouble = "the hub is away; trying again, nothing is lost";
  view.waiting = "no worker matches: it needs a model worker with model x. Nearest: tiny@home has model tiny";
  for (int columns = 2; columns < 200; ++columns)
    for (int rows = 1; rows < 9; ++rows) {
      const auto lines = render_block(view, columns, rows, Colour::none);
      ASSERT_LE(lines.size(), static_cast<std::size_t>(rows));
      for (const std::string& line : lines) ASSERT_LT(width_of(line), columns) << columns << ": " << line;
    }
}

TEST(RenderBlock, ColoursOnlyWhenAskedTo) {
  for (const std::string& line : render_block(make_view(), 100, 20, Colour::none)) EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_NE(render_block(make_view(), 100, 20, Colour::ansi)[0].find("\x1b[31m"), std::string::npos);
}

TEST(RenderBlock, LetsNoTextOfAModelControlTheTerminal) {
  ProgressView view = make_view();
  view.workers[0].tail = "\x1b[2J\x07 gone";
  view.workers[0].title = "a\nb";
  for (const std::string& line : render_block(view, 200, 20, Colour::none)) EXPECT_EQ(line.find_first_of("\x1b\x07\n"), std::string::npos);
}

TEST(RenderLine, SaysItAllInOneLine) {
  EXPECT_EQ(render_line(make_view()),
            "b3: 14/24, 12 done · 2 failed · 3 running · 12,345 in, 2,345 out tokens · $0.0125, 2.1/min · about 4 min left · 72 s so far");
  EXPECT_EQ(render_workers(make_view()),
            "reader@box: 会議の議事録と決定事項の一覧.txt (part 3 of 7); tiny@home: letter-late-delivery.txt (reading) +2 more");
}

TEST(ParseWorkers, ShowsTheNewestActivityAndWhoWasSeenBefore) {
  const auto object = json::parse_object(R"({"id":"tiny@home","state":"busy","activities":[
    {"task":"t1","title":"old.txt","since":"2026-11-21T08:30:00Z"},{"task":"t2","title":"new.txt","step":"reading","since":"2026-11-21T08:31:00Z"}]})");
  const auto idle = json::parse_object(R"({"id":"reader@box","state":"idle","activities":[]})");
  auto workers = parse_workers({*object, *idle}, {});
  ASSERT_EQ(workers.size(), 1U);
  EXPECT_EQ(workers[0].title, "new.txt");
  EXPECT_EQ(workers[0].more, 1U);
  WorkerNow before;
  before.id = "reader@box";
  workers = parse_workers({*object, *idle}, {before});
  ASSERT_EQ(workers.size(), 2U);
  EXPECT_EQ(workers[0].id, "reader@box");
  EXPECT_EQ(workers[0].title, "");
}

TEST(FormatCount, GroupsThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_count(-123456), "-123,456");
}

TEST(ParseWorkers, ShowsOnlyTheWorkOfTheBatch) {
  const json::object worker =
      json::parse_object(R"({"id":"shell@home","activities":[{"task":"t165","title":"another's"},{"task":"t7","title":"a.txt"}]})").value();
  const auto own = parse_workers({worker}, {}, std::set<std::string>{"t7"});
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own[0].title, "a.txt");
  EXPECT_EQ(own[0].more, 0u);
  EXPECT_TRUE(parse_workers({worker}, {}, std::set<std::string>{}).empty());
  EXPECT_EQ(parse_workers({worker}, {}).size(), 1u);
}

TEST(RenderSummary, TellsWhatIsSpentFromWhatMayBe) {
  Summary s;
  s.batch = "b1";
  s.state = "cancelled";
  s.directory = "out";
  s.total = 3;
  s.cancelled = 2;
  s.succeeded = 1;
  s.usage.cost_pico_usd = 100'000'000;  // $0.0001
  s.spent_limit = 300'000'000;          // $0.0003
  s.troubles = {make_budget_row("a", ""), make_budget_row("b", "")};
  std::string text = render_summary(s);
  EXPECT_NE(text.find("budget reached: $0.0001 of --max-cost $0.0003 is spent and the next call might cost more than the rest"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("with as much money anew"), std::string::npos) << text;
  s.usage.cost_pico_usd = 300'000'000;
  s.kept = 1;  // nothing of it is of this run
  text = render_summary(s);
  EXPECT_NE(text.find("$0.0003 of --max-cost $0.0003 is spent, so"), std::string::npos) << text;
  EXPECT_NE(text.find("a higher --max-cost goes on"), std::string::npos) << text;
}

TEST(RenderSummary, ListsTheFirstTenFailuresWithTheirReasons) {
  Summary s;
  s.batch = "b3";
  s.state = "done";
  s.directory = "flotte-b3";
  s.total = 14;
  s.succeeded = 2;
  s.failed = 12;
  for (int i = 0; i < 12; ++i)
    s.troubles.push_back(make_refused_row("x" + std::to_string(i) + ".png", "", Error(Code::unsupported, "is no text")));
  const std::string text = render_summary(s);
  EXPECT_NE(text.find("b3 done: 2 of 14 succeeded, 12 failed, in 0 s\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  failed: x9.png: is no text\n"), std::string::npos);
  EXPECT_EQ(text.find("x10.png"), std::string::npos);
  EXPECT_NE(text.find("  and 2 more\n"), std::string::npos);
  EXPECT_NE(text.find("results: flotte-b3/results.jsonl"), std::string::npos);
}

TEST(RenderFarewell, TellsHowToGoOn) {
  EXPECT_NE(render_farewell({"b3", "out", true, 24, 24, 5, 24}).find("flotte batch attach b3"), std::string::npos);
  EXPECT_NE(render_farewell({"b3", "out", false, 8, 24, 5, 24}).find("8 of 24 inputs were handed in"), std::string::npos);
}

}  // namespace
}  // namespace flotte::cli
