// Tasks that wait for others: fan-out, fan-in, failures, cycles, texts, a hub that is killed in between.
#include "fleet/dependencies.hpp"

#include <gmock/gmock.h>

#include <chrono>

#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using ::testing::HasSubstr;
using wire::Reason;
using wire::TaskState;

class DependencyTest : public FleetTest {
 protected:
  static wire::TaskSpec after(std::vector<std::string> ids, std::string text = "then") {
    wire::TaskSpec spec = prompt(std::move(text));
    spec.depends_on = std::move(ids);
    return spec;
  }
  Result<Submitted> try_submit(const wire::TaskSpec& spec) {
    return act<Submitted>([&](Ledger& l) { return fleet::submit(l, {"me", spec, std::nullopt}); });
  }
  std::int64_t make() {
    return *act<std::int64_t>([](Ledger& l) { return make_batch(l, {"me", "letters", std::nullopt, {}}); });
  }
  Result<Added> add(std::int64_t batch, std::int64_t from, std::vector<wire::TaskSpec> specs) {
    std::vector<BatchItem> items;
    for (wire::TaskSpec& spec : specs) items.push_back({from++, "", std::move(spec), true});
    return act<Added>([batch, items](Ledger& l) { return submit_many(l, batch, items); });
  }
  void seal(std::int64_t batch) {
    (void)act<bool>([batch](Ledger& l) -> Result<bool> { return seal_batch(l, batch).has_value(); });
  }
  /// Ticks until nothing is left to fold; how many it took.
  int fold() {
    int ticks = 0;
    while (rows<bool>([](store::Transaction& t) { return t.one("SELECT 1 FROM dependency_end").has_value(); })) {
      pass(milliseconds(1));
      ++ticks;
    }
    return ticks;
  }
  std::string why(std::int64_t task) {
    return rows<std::string>([this, task](store::Transaction& t) { return explain(*gather_why(t, task), clock_.wall()).sentence; });
  }
  static std::string id(std::int64_t task) { return wire::format_id('t', task); }
  std::int64_t count(const std::string& sql) {
    return rows<std::int64_t>([&](store::Transaction& t) { return t.one(sql)->integer(0); });
  }
};

TEST_F(DependencyTest, ATaskWaitsForAllOfThemAndIsThenOffered) {
  auto box = connect("box", {model_worker("reader", 4)});
  const std::int64_t first = submit(), second = submit();
  const std::int64_t last = submit(after({id(first), id(second)}));
  EXPECT_EQ(show(last).state, TaskState::waiting);
  EXPECT_EQ(show(last).reason, Reason::dependency);
  EXPECT_THAT(why(last), HasSubstr("it waits for t1 (offered), t2 (offered)"));
  const auto runs = accept_all(*box);
  finish(*box, runs.at(0));
  fold();
  EXPECT_EQ(show(last).state, TaskState::waiting);
  finish(*box, runs.at(1));
  fold();
  EXPECT_EQ(show(last).state, TaskState::offered);
  finish(*box, accept_all(*box).at(0));
  EXPECT_EQ(show(last).state, TaskState::succeeded);
  EXPECT_EQ(count("SELECT count(*) FROM dependency"), 0);
}

TEST_F(DependencyTest, WhatHasEndedAlreadyIsNotWaitedFor) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t first = submit();
  finish(*box, accept_all(*box).at(0));
  const std::int64_t then = submit(after({id(first)}));
  EXPECT_EQ(show(then).state, TaskState::offered);
}

TEST_F(DependencyTest, AFailureCancelsWhatDependsOnItAllTheWayDown) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t first = submit();
  std::int64_t last = first;
  for (int i = 0; i < 50; ++i) last = submit(after({id(last)}));
  wire::TaskSpec anyway = after({id(first)});
  anyway.if_dependency_fails = wire::IfDependencyFails::run;
  const std::int64_t stubborn = submit(anyway);
  finish(*box, accept_all(*box).at(0), bad(false));
  fold();
  for (std::int64_t task = first + 1; task <= last; ++task) {
    EXPECT_EQ(show(task).state, TaskState::cancelled) << task;
    EXPECT_EQ(show(task).reason, Reason::dependency) << task;
  }
  EXPECT_THAT(why(first + 1), HasSubstr("t1, which it depends on, has not succeeded (failed)"));
  EXPECT_EQ(show(stubborn).state, TaskState::offered);
  // The same of one that comes when all is over.
  const std::int64_t late = submit(after({id(first)}));
  fold();
  EXPECT_EQ(show(late).state, TaskState::cancelled);
  EXPECT_EQ(show(late).reason, Reason::dependency);
  EXPECT_EQ(count("SELECT count(*) FROM dependency"), 0);
}

TEST_F(DependencyTest, ACancelledOrExpiredTaskCountsAsFailed) {
  const std::int64_t first = submit();
  wire::TaskSpec late = prompt();
  late.deadline = clock_.wall() + seconds(5);
  const std::int64_t second = submit(late);
  const std::int64_t of_first = submit(after({id(first)})), of_second = submit(after({id(second)}));
  (void)act<bool>([&](Ledger& l) -> Result<bool> { return cancel_task(l, first).has_value(); });
  pass(seconds(6));
  fold();
  EXPECT_EQ(show(of_first).reason, Reason::dependency);
  EXPECT_EQ(show(second).state, TaskState::failed);
  EXPECT_EQ(show(of_second).state, TaskState::cancelled);
}

TEST_F(DependencyTest, OneThatWaitsCanBeCancelledAndMissItsDeadline) {
  const std::int64_t first = submit();
  wire::TaskSpec hasty = after({id(first)});
  hasty.deadline = clock_.wall() + seconds(5);
  const std::int64_t late = submit(hasty), unwanted = submit(after({id(first)}));
  (void)act<bool>([&](Ledger& l) -> Result<bool> { return cancel_task(l, unwanted).has_value(); });
  pass(seconds(6));
  EXPECT_EQ(show(late).error->code, Code::deadline);
  EXPECT_EQ(show(unwanted).reason, Reason::none);
  auto box = connect("box", {model_worker("reader", 4)});
  finish(*box, accept_all(*box).at(0));
  fold();
  EXPECT_EQ(show(late).state, TaskState::failed);
  EXPECT_EQ(show(unwanted).state, TaskState::cancelled);
  EXPECT_EQ(count("SELECT count(*) FROM dependency"), 0) << "what they waited for is over";
  EXPECT_TRUE(box->all<wire::Offer>().empty());
}

TEST_F(DependencyTest, ADelayBeginsToCountOnlyWhenItIsLonger) {
  auto box = connect("box", {model_worker("reader", 4)});
  const std::int64_t first = submit();
  wire::TaskSpec later = after({id(first)});
  later.not_before = clock_.wall() + seconds(60);
  const std::int64_t task = submit(later);
  finish(*box, accept_all(*box).at(0));
  fold();
  EXPECT_EQ(show(task).reason, Reason::time);
  pass(seconds(61));
  EXPECT_NE(show(task).state, TaskState::waiting);
}

TEST_F(DependencyTest, ABatchIsWaitedForUntilItsLastItem) {
  auto box = connect("box", {model_worker("reader", 4)});
  const std::int64_t b = make();
  ASSERT_TRUE(add(b, 0, {prompt("a"), prompt("b")}));
  const std::int64_t then = submit(after({wire::format_id('b', b)}, "sum up: {{after}}"));
  const auto runs = accept_all(*box);
  finish(*box, runs.at(1), good("second"));
  finish(*box, runs.at(0), good("first"));
  fold();
  EXPECT_EQ(show(then).reason, Reason::dependency) << "it may still grow";
  EXPECT_THAT(why(then), HasSubstr("it waits for b1 (open)"));
  seal(b);
  fold();
  const auto offer = box->last<wire::Offer>();
  ASSERT_TRUE(offer);
  EXPECT_EQ(offer->run.task, id(then));
  EXPECT_EQ(json::string_or(offer->spec.input, "prompt", ""), "sum up: first\n\nsecond");
  EXPECT_TRUE(offer->spec.depends_on.empty()) << "a node has nothing to do with it";
}

TEST_F(DependencyTest, ABatchWithAFailureCancelsItsDependentAndARetryBringsItBack) {
  auto box = connect("box", {model_worker("reader", 4)});
  const std::int64_t b = make();
  ASSERT_TRUE(add(b, 0, {prompt("a")}));
  seal(b);
  const std::int64_t then = submit(after({"b1"}, "{{after.1}}"));
  finish(*box, accept_all(*box).at(0), bad(false));
  fold();
  EXPECT_EQ(show(then).reason, Reason::dependency);
  (void)act<std::int64_t>([b](Ledger& l) { return retry_batch(l, b); });
  const auto again = act<std::int64_t>([then](Ledger& l) { return retry_task(l, then); });
  ASSERT_TRUE(again);
  EXPECT_EQ(show(*again).state, TaskState::waiting);
  finish(*box, accept_all(*box).at(0), good("better"));
  fold();
  EXPECT_EQ(json::string_or(box->last<wire::Offer>()->spec.input, "prompt", ""), "better");
}

TEST_F(DependencyTest, ARetryWaitsForTheNewestTryOfWhatFailed) {
  auto box = connect("box", {model_worker("reader", 4)});
  const std::int64_t first = submit();
  const std::int64_t then = submit(after({id(first)}));
  finish(*box, accept_all(*box).at(0), bad(false));
  fold();
  const std::int64_t first_again = *act<std::int64_t>([&](Ledger& l) { return retry_task(l, first); });
  const std::int64_t then_again = *act<std::int64_t>([&](Ledger& l) { return retry_task(l, then); });
  EXPECT_THAT(why(then_again), HasSubstr(id(first_again)));
  finish(*box, accept_all(*box).at(0));
  fold();
  EXPECT_EQ(show(then_again).state, TaskState::offered);
}

TEST_F(DependencyTest, ItemsOfABatchMayWaitForEarlierOnes) {
  auto box = connect("box", {model_worker("reader", 4)});
  const std::int64_t b = make();
  ASSERT_TRUE(add(b, 0, {prompt("outline"), after({"#0"}, "chapter of {{after.1}}"), after({"#0", "#1"}, "{{after.2}} / {{after.1}}")}));
  ASSERT_TRUE(add(b, 0, {prompt("outline"), after({"#0"}, "chapter of {{after.1}}")})) << "sent again: the same";
  seal(b);
  EXPECT_EQ(batch(b).waiting, 2);
  finish(*box, accept_all(*box).at(0), good("plan"));
  fold();
  EXPECT_EQ(json::string_or(box->last<wire::Offer>()->spec.input, "prompt", ""), "chapter of plan");
  finish(*box, accept_all(*box).at(0), good("one"));
  fold();
  EXPECT_EQ(json::string_or(box->last<wire::Offer>()->spec.input, "prompt", ""), "one / plan");
  finish(*box, accept_all(*box).at(0));
  EXPECT_EQ(batch(b).state, "done");
  const auto early = add(make(), 0, {after({"#1"}), prompt()});
  ASSERT_FALSE(early);
  EXPECT_THAT(early.error().text(), HasSubstr("has no item 1 yet"));
}

TEST_F(DependencyTest, CirclesAreRefused) {
  const std::int64_t a = make(), b = make();
  const auto names = [](std::int64_t n) { return wire::format_id('b', n); };
  EXPECT_THAT(add(a, 0, {after({names(a)})}).error().text(), HasSubstr("b1 would wait for itself"));
  ASSERT_TRUE(add(a, 0, {after({names(b)})}));
  EXPECT_THAT(add(b, 0, {after({names(a)})}).error().text(), HasSubstr("b2 would wait for itself"));
  // By way of single tasks, and of an item.
  const std::int64_t between = submit(after({names(a)}));
  const std::int64_t further = submit(after({id(between)}));
  EXPECT_THAT(add(b, 0, {after({id(further)})}).error().text(), HasSubstr("would wait for itself"));
  EXPECT_EQ(batch(b).total, 0);
  ASSERT_TRUE(add(b, 0, {prompt(), after({"#0"})})) << "an item that another one of its batch waits for is no circle";
  EXPECT_EQ(try_submit(after({"t99"})).error().code, Code::invalid_argument);
  EXPECT_EQ(try_submit(after({"b99"})).error().code, Code::invalid_argument);
  EXPECT_EQ(try_submit(after({"#0"})).error().code, Code::invalid_argument);
}

TEST_F(DependencyTest, TextsStandWhereTheInputNamesThem) {
  auto box = connect("box", {model_worker("reader", 9), {"sh", "command", "", 2, {}, false}});
  const std::int64_t first = submit(), second = submit();
  const std::int64_t broken = submit();
  wire::TaskSpec spec = after({id(first), id(second), id(broken)}, "{{after.2}}|{{after.1}}|{{after.3}}|{{after.x}}{{afters}}{{ after }}");
  spec.if_dependency_fails = wire::IfDependencyFails::run;
  spec.input["system"] = "{{after}}";
  submit(spec);
  wire::TaskSpec command = after({id(first)});
  command.kind = wire::TaskKind::command;
  command.input = {{"argv", json::array{"grep", "{{after.1}}"}}, {"env", json::object{{"TEXT", "<{{after}}>"}}}, {"cwd", "/{{after}}"}};
  submit(command);
  const auto nowhere = submit(after({id(first)}, "{{after.2}}"));
  const auto runs = accept_all(*box);
  finish(*box, runs.at(0), good("one {{after.2}}"));
  finish(*box, runs.at(1), good("two"));
  finish(*box, runs.at(2), bad(false));
  fold();
  for (const auto& offer : box->all<wire::Offer>()) {
    if (offer.spec.kind == wire::TaskKind::command) {
      EXPECT_EQ(json::dump(offer.spec.input.at("argv")), R"(["grep","one {{after.2}}"])") << "what comes in is not looked through again";
      EXPECT_EQ(json::dump(offer.spec.input.at("env")), R"({"TEXT":"<one {{after.2}}>"})");
      EXPECT_EQ(json::string_or(offer.spec.input, "cwd", ""), "/{{after}}");
    } else {
      EXPECT_EQ(json::string_or(offer.spec.input, "prompt", ""),
                "two|one {{after.2}}|[t3 failed: no text]|{{after.x}}{{afters}}{{ after }}");
      EXPECT_EQ(json::string_or(offer.spec.input, "system", ""), "one {{after.2}}\n\ntwo\n\n[t3 failed: no text]");
    }
  }
  EXPECT_EQ(box->all<wire::Offer>().size(), 2U);
  EXPECT_EQ(show(nowhere).state, TaskState::failed);
  EXPECT_THAT(show(nowhere).error->message, HasSubstr("it depends on 1 only"));
}

TEST_F(DependencyTest, TextsThatAreTooLongTogetherFailTheTask) {
  auto box = connect("box", {model_worker("reader", 9)});
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(id(submit()));
  const std::int64_t task = submit(after(ids, "{{after}}"));
  for (int round = 0; round < 10; ++round)
    for (const wire::RunId& run : accept_all(*box)) finish(*box, run, good(std::string(40'000, 'x')));
  fold();
  EXPECT_EQ(show(task).state, TaskState::failed);
  EXPECT_EQ(show(task).error->code, Code::too_large);
}

TEST_F(DependencyTest, TenThousandChildrenAndOneFanInSurviveAKillAndNobodyIsCountedUp) {
  constexpr std::int64_t children = 10'000;
  auto box = connect("box", {model_worker("reader", 256)});
  const std::int64_t root = submit();
  const std::int64_t b = make();
  std::vector<std::string> ids;
  for (std::int64_t from = 0; from < children; from += 1000) {
    std::vector<wire::TaskSpec> specs(1000, after({id(root)}));
    ASSERT_TRUE(add(b, from, specs));
  }
  for (std::int64_t task = root + 1; task <= root + children; ++task) ids.push_back(id(task));
  seal(b);
  const std::int64_t of_tasks = submit(after(ids)), of_batch = submit(after({wire::format_id('b', b)}));
  EXPECT_EQ(batch(b).waiting, children);
  EXPECT_THAT(why(of_tasks), HasSubstr("and 9997 more"));
  finish(*box, accept_all(*box).at(0));
  pass(milliseconds(1));  // a part of the fan-out
  EXPECT_GT(batch(b).waiting, 0);
  restart();
  box = connect("box", {model_worker("reader", 256)});
  EXPECT_LE(fold(), children / 500 + 5) << "in steps, and not one by one";
  EXPECT_EQ(batch(b).waiting, 0);

  std::int64_t done = 0;
  for (bool killed = false;;) {
    const auto runs = accept_all(*box);
    if (runs.empty()) break;
    std::vector<wire::Record> records;
    for (const wire::RunId& run : runs) records.push_back({++numbers_, run, wire::RecordKind::finished, 0, good().to_json()});
    say(*box, wire::Records{records});
    done += static_cast<std::int64_t>(runs.size());
    if (done < children / 2 || killed) continue;
    killed = true;
    pass(milliseconds(1));
    EXPECT_EQ(show(of_tasks).reason, Reason::dependency);
    std::vector<wire::RunId> running;
    for (const wire::Offer& offer : box->all<wire::Offer>()) running.push_back(offer.run);
    restart();
    box = connect("box", {model_worker("reader", 256)}, running);
    for (const wire::RunId& run : running) finish(*box, run), ++done;
  }
  fold();
  EXPECT_EQ(batch(b).succeeded, children);
  for (const std::int64_t task : {of_tasks, of_batch}) EXPECT_NE(show(task).state, TaskState::waiting) << task;
  for (const wire::RunId& run : accept_all(*box)) finish(*box, run);
  EXPECT_EQ(show(of_tasks).state, TaskState::succeeded);
  EXPECT_EQ(show(of_batch).state, TaskState::succeeded);
  EXPECT_EQ(count("SELECT count(*) FROM dependency") + count("SELECT count(*) FROM dependency_end"), 0);
}

}  // namespace
}  // namespace flotte::fleet
