// Which recorded answers a run gets: the rule of call_book.hpp, case by case.
#include "route/call_book.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

/// Runs that ask in the step "s", whose answers are recorded and told at once.
struct CallBookTest : testing::Test {
  CallBook book;

  CallBook::Opened open(std::int64_t fence, const std::string& request, const std::string& step = "s") {
    return book.open(fence, step, request, CallBook::Patience::some);
  }
  /// The place of the answer that was replayed, 0 where it was bought.
  std::int64_t ask(std::int64_t fence, const std::string& request, const std::string& step = "s") {
    const auto opened = open(fence, request, step);
    EXPECT_EQ(opened.wait_for, 0);
    if (opened.answer != 0)
      book.told(opened.place);
    else
      book.bought(opened.place);
    return opened.answer;
  }
  std::int64_t begin(std::int64_t fence, const std::string& request) { return open(fence, request).place; }
};

TEST_F(CallBookTest, GivesAnAttemptWhatTheOneBeforeItBought) {
  EXPECT_EQ(ask(1, "a"), 0);
  EXPECT_EQ(ask(1, "b"), 0);
  EXPECT_NE(ask(2, "a"), 0);
  EXPECT_NE(ask(2, "b"), 0);
  EXPECT_EQ(ask(2, "c"), 0) << "that is new";
  EXPECT_NE(ask(3, "a"), 0);
  EXPECT_NE(ask(3, "b"), 0);
  EXPECT_NE(ask(3, "c"), 0);
}

TEST_F(CallBookTest, TellsStepsAndRequestsApart) {
  ask(1, "a", "one");
  EXPECT_EQ(ask(2, "a", "two"), 0);
  EXPECT_NE(ask(2, "a", "one"), 0);
  EXPECT_EQ(ask(2, "b", "one"), 0);
}

TEST_F(CallBookTest, TheSameRequestAskedAgainByTheSameRunIsAnotherCall) {
  EXPECT_EQ(ask(1, "dice"), 0);
  EXPECT_EQ(ask(1, "dice"), 0);
  const auto first = ask(2, "dice"), second = ask(2, "dice");
  EXPECT_NE(first, 0);
  EXPECT_NE(second, 0);
  EXPECT_LT(first, second) << "in the order in which they were asked";
  EXPECT_EQ(ask(2, "dice"), 0) << "it asks more often than the run before";
}

TEST_F(CallBookTest, AfterADifferenceNothingOlderIsGiven) {
  for (const char* request : {"a", "b", "c"}) ask(1, request);
  EXPECT_NE(ask(2, "a"), 0);
  EXPECT_EQ(ask(2, "x"), 0);
  EXPECT_EQ(ask(2, "c"), 0) << "c was asked by somebody who knew b's answer";
  EXPECT_EQ(ask(2, "b"), 0) << "and b by somebody who did not know x's";
  EXPECT_NE(ask(3, "a"), 0);
  EXPECT_NE(ask(3, "x"), 0) << "the third run may follow the second";
  EXPECT_NE(ask(3, "c"), 0);
}

TEST_F(CallBookTest, ACallThatIsPutInBetweenIsADifference) {
  for (const char* request : {"a", "b", "c"}) ask(1, request);
  EXPECT_NE(ask(2, "a"), 0);
  EXPECT_EQ(ask(2, "x"), 0);
  EXPECT_EQ(ask(2, "b"), 0);
  EXPECT_EQ(ask(2, "c"), 0);
}

TEST_F(CallBookTest, WhatIsAskedBesideADifferenceIsGivenWhereNoMoreWasKnown) {
  for (const char* request : {"a", "b", "c"}) ask(1, request);
  const auto x = begin(2, "x");
  EXPECT_NE(ask(2, "a"), 0) << "nothing was known when it was asked";
  EXPECT_NE(ask(2, "b"), 0) << "and of b only a's answer";
  book.bought(x);
  EXPECT_EQ(ask(2, "c"), 0) << "now something is known that was not known then";
}

TEST_F(CallBookTest, ADifferenceIsOneStepsOwn) {
  ask(1, "a", "one");
  ask(1, "b", "one");
  ask(1, "a", "two");
  EXPECT_EQ(ask(2, "x", "one"), 0);
  EXPECT_NE(ask(2, "a", "two"), 0);
}

TEST_F(CallBookTest, ParallelCallsMayArriveInAnyOrder) {
  const auto a = begin(1, "a"), b = begin(1, "b"), c = begin(1, "c");
  book.bought(c);
  book.bought(a);
  book.bought(b);
  ask(1, "d");
  for (const char* request : {"c", "b", "a", "d"}) EXPECT_NE(ask(2, request), 0) << request;
}

TEST_F(CallBookTest, ParallelCallsBesideTheOneThatDiffersKeepTheirAnswers) {
  const auto a = begin(1, "a"), b = begin(1, "b"), c = begin(1, "c");
  for (const auto place : {a, b, c}) book.bought(place);
  ask(1, "sum");
  const auto a2 = begin(2, "a2");
  EXPECT_NE(ask(2, "b"), 0);
  EXPECT_NE(ask(2, "c"), 0);
  EXPECT_EQ(ask(2, "sum"), 0) << "it was asked by somebody who knew a's answer";
  book.bought(a2);
}

TEST_F(CallBookTest, ACallThatWasUnderWayIsAskedAgainAndCounted) {
  const auto a = begin(1, "a");
  ask(1, "b");
  ask(1, "c");
  book.ended(a, CallState::lost);
  const auto again = open(2, "a");
  EXPECT_EQ(again.answer, 0);
  EXPECT_EQ(again.repeats, a);
  book.bought(again.place);
  EXPECT_NE(ask(2, "b"), 0) << "asking again is no difference";
  EXPECT_NE(ask(2, "c"), 0);
  EXPECT_EQ(ask(3, "a"), again.place);
  const auto more = open(3, "a");
  EXPECT_EQ(more.repeats, 0) << "one loss is repeated once";
}

TEST_F(CallBookTest, ACallThatWasRefusedMayBeTriedAgain) {
  ask(1, "a");
  ask(1, "b");
  ask(1, "c");
  EXPECT_NE(ask(2, "a"), 0);
  const auto refused = open(2, "new");
  book.ended(refused.place, CallState::free);
  EXPECT_EQ(open(2, "new").repeats, 0);
}

TEST_F(CallBookTest, RetriesOfARefusedCallAreNoDifference) {
  const auto refused = begin(1, "a");
  book.ended(refused, CallState::free);
  ask(1, "b");
  ask(1, "c");
  for (int i = 0; i < 3; ++i) book.ended(begin(2, "a"), CallState::free);
  EXPECT_EQ(ask(2, "a"), 0);
  EXPECT_NE(ask(2, "c"), 0) << "c was asked after b, which this run has not been told; but it follows";
}

TEST_F(CallBookTest, TheSameRunGetsAnAnswerThatDidNotReachIt) {
  const auto opened = open(1, "a");
  book.bought(opened.place);
  book.untold(opened.place);
  EXPECT_EQ(ask(1, "a"), opened.place);
  EXPECT_EQ(ask(1, "a"), 0) << "now it has it";
  const auto again = open(2, "a");
  book.untold(again.place);
  EXPECT_EQ(book.under_way(), 0u);
  EXPECT_EQ(ask(2, "a"), opened.place);
}

TEST_F(CallBookTest, TwoThatAskAtOnceDoNotGetTheSameAnswer) {
  ask(1, "dice");
  ask(1, "dice");
  const auto one = open(2, "dice"), other = open(2, "dice");
  EXPECT_NE(one.answer, other.answer);
  EXPECT_NE(one.answer, 0);
  EXPECT_NE(other.answer, 0);
}

TEST_F(CallBookTest, WaitsForTheSameCallOfAnEarlierRun) {
  const auto a = begin(1, "a");
  const auto waits = open(2, "a");
  EXPECT_EQ(waits.place, 0);
  EXPECT_EQ(waits.wait_for, a);
  EXPECT_EQ(open(1, "a").wait_for, 0) << "its own run asks for another answer";
  book.bought(a);
  EXPECT_EQ(open(2, "a").answer, a);
}

TEST_F(CallBookTest, WaitsForACallThatItsClientHasLeft) {
  const auto a = begin(1, "a");
  book.left(a);
  EXPECT_EQ(open(1, "a").wait_for, a);
  const auto impatient = book.open(1, "s", "a", CallBook::Patience::none);
  EXPECT_EQ(impatient.repeats, a) << "bought though the other one is perhaps paid for";
  book.bought(a);
  book.untold(a);
  EXPECT_EQ(open(1, "a").answer, a);
}

TEST_F(CallBookTest, ReadFromRowsItGoesOn) {
  std::vector<KnownCall> rows;
  const auto keep = [&](std::int64_t place) { rows.push_back(*book.find(place)); };
  const auto a = begin(1, "a"), b = begin(1, "b");
  book.bought(a);
  keep(b);  // under way when the process died
  keep(a);
  CallBook later(rows);
  EXPECT_EQ(later.under_way(), 0u);
  EXPECT_EQ(later.open(2, "s", "a", CallBook::Patience::some).answer, a);
  const auto again = later.open(2, "s", "b", CallBook::Patience::some);
  EXPECT_EQ(again.repeats, b);
  EXPECT_GT(again.place, book.find(a)->told) << "no number is used twice";
}

TEST_F(CallBookTest, ReadFromRowsItKnowsWhichRunsDiffer) {
  std::vector<KnownCall> rows;
  for (const char* request : {"a", "b"}) ask(1, request);
  ask(2, "x");
  for (std::int64_t place = 1; place < 10; ++place)
    if (const KnownCall* known = book.find(place)) rows.push_back(*known);
  CallBook later(rows);
  EXPECT_EQ(later.open(2, "s", "b", CallBook::Patience::some).answer, 0);
}

TEST_F(CallBookTest, AnAnswerThatCannotBeReadIsBoughtAgain) {
  ask(1, "a");
  const auto opened = open(2, "a");
  book.withdrawn(opened.place);
  book.forgotten(opened.answer);
  EXPECT_EQ(ask(2, "a"), 0);
}

TEST_F(CallBookTest, ALongListIsReadAndGoneOnWithInProportionToItsLength) {
  constexpr std::int64_t calls = 30'000;
  std::vector<KnownCall> rows;
  for (std::int64_t i = 0; i < calls; ++i) {
    // Half of them are the same one, and a second run was told some.
    KnownCall row{2 * i + 1, 1, "s", i % 2 == 0 ? "same" : "other " + std::to_string(i), CallState::bought};
    row.answer = row.place;
    row.told = row.place + 1;
    rows.push_back(row);
  }
  const auto began = std::chrono::steady_clock::now();
  CallBook later(rows);
  for (int i = 0; i < 500; ++i) {
    const auto given = later.open(2, "s", "same", CallBook::Patience::some);
    ASSERT_NE(given.answer, 0);
    later.told(given.place);
    const auto bought = later.open(1, "s", "new " + std::to_string(i), CallBook::Patience::some);
    ASSERT_EQ(bought.answer, 0);
    later.bought(bought.place);
  }
  // By the square it would be minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

}  // namespace
}  // namespace flotte::route
