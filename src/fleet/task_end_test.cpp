// How tasks end: results, retries, cancel, deadlines.
#include "fleet/nodes.hpp"
#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using wire::Reason;
using wire::TaskState;

class TaskEndTest : public FleetTest {};

TEST_F(TaskEndTest, TriesAgainWithBackoffUntilTheDeadLetters) {
  const auto box = connect("box", {model_worker("reader", 1)});
  wire::TaskSpec spec = prompt();
  spec.max_attempts = 3;
  const std::int64_t task = submit(spec);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto runs = accept_all(*box);
    ASSERT_EQ(runs.size(), 1U) << attempt;
    EXPECT_EQ(show(task).attempt, attempt);
    finish(*box, runs[0], bad());
    if (attempt == 3) break;
    EXPECT_EQ(show(task).state, TaskState::waiting);
    EXPECT_EQ(show(task).reason, Reason::backoff);
    ASSERT_TRUE(fleet_->next_tick());
    EXPECT_LE(*fleet_->next_tick(), store_->now() + seconds(1 << attempt));
    pass(seconds(1 << attempt));
  }
  const wire::TaskView dead = show(task);
  EXPECT_EQ(dead.state, TaskState::failed);
  EXPECT_TRUE(dead.attempts_exhausted);
  EXPECT_EQ(dead.to_json().at("error").at("code"), "attempts_exhausted");
  EXPECT_EQ(attempts(task).size(), 3U);
  EXPECT_EQ(attempts(task)[1].message, "no engine answered");
}

TEST_F(TaskEndTest, DoesNotTryAgainWhatCannotSucceed) {
  const auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  finish(*box, accept_all(*box).at(0), bad(false));
  EXPECT_EQ(show(task).state, TaskState::failed);
  EXPECT_FALSE(show(task).attempts_exhausted);
  EXPECT_EQ(show(task).error->message, "no engine answered");
}

TEST_F(TaskEndTest, BoundsWhatItKeepsOfATask) {
  policy_.events = 10;
  policy_.event_text = 5;
  restart();
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = accept_all(*box).at(0);
  for (int i = 0; i < 25; ++i)
    say(*box, wire::Records{{{++numbers_, run, wire::RecordKind::output, 0, {{"text", "aäöü" + std::to_string(i)}}}}});
  const auto log = rows<std::vector<LogEntry>>([task](store::Transaction& t) { return read_log(t, task, 0); });
  ASSERT_EQ(log.size(), 10U);
  EXPECT_EQ(log.back().number, 25);
  EXPECT_EQ(json::string_or(log.back().body, "text", ""), "aäö");  // whole characters
  EXPECT_EQ(json::int_or(log.back().body, "cut_bytes", 0), 4);
}

TEST_F(TaskEndTest, KeepsLongResultsAsBlobs) {
  std::string kept;
  FleetOptions o = options();
  o.policy.inline_result = 100;
  o.keep_text = [&](std::string_view text) -> Result<std::string> {
    kept = text;
    return std::string(64, 'b');
  };
  fleet_ = std::make_unique<Fleet>(*store_, credentials_, [this](std::function<void()> work) { posts_.push_back(std::move(work)); }, o);
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  finish(*box, accept_all(*box).at(0), good(std::string(101, 'x')));
  EXPECT_EQ(kept.size(), 101U);
  EXPECT_EQ(json::string_or(show(task).result.get_object(), "blob", ""), std::string(64, 'b'));
  EXPECT_FALSE(show(task).result.get_object().contains("text"));
}

TEST_F(TaskEndTest, CancelsWhatWaitsAtOnce) {
  const std::int64_t queued = submit();
  wire::TaskSpec later = prompt();
  later.not_before = store_->now() + seconds(60);
  const std::int64_t waiting = submit(later);
  EXPECT_EQ(show(waiting).reason, Reason::time);
  for (const std::int64_t task : {queued, waiting}) {
    EXPECT_TRUE(act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); }).value());
    EXPECT_EQ(show(task).state, TaskState::cancelled);
    EXPECT_TRUE(
        act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); }).value());  // again: nothing happens
  }
  const auto box = connect("box", {model_worker("reader", 4)});
  pass(seconds(120));
  EXPECT_TRUE(box->all<wire::Offer>().empty());
}

TEST_F(TaskEndTest, TellsTheNodeToEndACancelledRun) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = accept_all(*box).at(0);
  const auto cancel = [&] { return act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); }); };
  EXPECT_TRUE(cancel().value());
  EXPECT_EQ(box->last<wire::Cancel>()->run, run);
  EXPECT_EQ(show(task).state, TaskState::running);
  // The link is cut before the end is reported: it is told again.
  cut(*box);
  box = connect("box", {model_worker("reader", 1)}, {run});
  EXPECT_EQ(box->last<wire::Cancel>()->run, run);
  wire::Finished ended;
  ended.outcome = "cancelled";
  finish(*box, run, ended);
  EXPECT_EQ(show(task).state, TaskState::cancelled);
  EXPECT_EQ(attempts(task).at(0).outcome, "cancelled");
}

TEST_F(TaskEndTest, EndsACancelledTaskWhoseNodeIsLost) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  accept_all(*box);
  (void)act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); });
  pass(policy_.lease + seconds(1));
  EXPECT_EQ(show(task).state, TaskState::cancelled);
}

TEST_F(TaskEndTest, TakesAnOfferBackFromANodeWhenItIsCancelled) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const wire::RunId run = box->last<wire::Offer>()->run;
  (void)act<bool>([task](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); });
  EXPECT_EQ(show(task).state, TaskState::cancelled);
  EXPECT_EQ(box->last<wire::Drop>()->runs.at(0), run);
  submit();
  EXPECT_EQ(box->all<wire::Offer>().size(), 2U);  // the slot is free
}

TEST_F(TaskEndTest, MakesANewTaskForARetry) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t task = submit();
  const auto retry = [&](std::int64_t id) { return act<std::int64_t>([id](Ledger& l) { return retry_task(l, id); }); };
  EXPECT_EQ(retry(task).error().code, Code::conflict);
  finish(*box, accept_all(*box).at(0), bad(false));
  const auto again = retry(task);
  ASSERT_TRUE(again);
  EXPECT_EQ(show(*again).retry_of, wire::format_id('t', task));
  EXPECT_EQ(show(task).state, TaskState::failed);
  finish(*box, accept_all(*box).at(0));
  EXPECT_EQ(show(*again).state, TaskState::succeeded);
  EXPECT_EQ(retry(12345).error().code, Code::not_found);
}

TEST_F(TaskEndTest, FailsWhatMissesItsDeadline) {
  wire::TaskSpec spec = prompt();
  spec.deadline = store_->now() + seconds(10);
  const std::int64_t queued = submit(spec);
  pass(seconds(11));
  EXPECT_EQ(show(queued).state, TaskState::failed);
  EXPECT_EQ(show(queued).error->code, Code::deadline);
  auto box = connect("box", {model_worker("reader", 1)});
  spec.deadline = store_->now() + seconds(10);
  const std::int64_t running = submit(spec);
  const wire::RunId run = accept_all(*box).at(0);
  pass(seconds(11));
  EXPECT_EQ(box->last<wire::Cancel>()->run, run);
  wire::Finished ended;
  ended.outcome = "cancelled";
  finish(*box, run, ended);
  EXPECT_EQ(show(running).state, TaskState::failed);
  EXPECT_EQ(show(running).error->code, Code::deadline);
}

}  // namespace
}  // namespace flotte::fleet
