// Every state and every reason has its sentence: a table over all of them, from the facts that the scheduler has.
#include "fleet/why.hpp"

#include <gmock/gmock.h>

#include <set>

#include "base/money.hpp"
#include "fleet/gates.hpp"
#include "fleet/pauses.hpp"

namespace flotte::fleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using wire::Reason;
using wire::TaskState;

const WallTime now = from_ms(1'790'000'000'000);
constexpr std::int64_t cent = pico_per_usd / 100;

WhyFacts facts(TaskState state, Reason reason = Reason::none) {
  WhyFacts f;
  f.task.id = "t7";
  f.task.flow = "f1";
  f.task.state = state;
  f.task.reason = reason;
  f.task.worker = "reader";
  f.task.node = "box";
  f.task.attempt = 2;
  f.need.model = "tiny";
  return f;
}
WhyFacts::Worker reader(int busy = 0) {
  WhyFacts::Worker w;
  w.place = {"box", "reader", "model", "tiny", {}};
  w.slots = 2;
  w.busy = busy;
  return w;
}
std::string why(const WhyFacts& f) { return explain(f, now).sentence; }

/// The members of an answer that api/openapi.yaml (Why) does not name.
std::string undescribed(const WhyFacts& f) {
  static const std::set<std::string_view> described{"id",    "state",       "reason",   "text",      "hint",
                                                    "needs", "due_at",      "workers",  "matching",  "nearest",
                                                    "ahead", "concurrency", "reset_at", "waits_for", "open_dependencies"};
  std::string out;
  for (const auto& member : explain(f, now).to_json())
    if (!described.contains(member.key())) out += std::string(member.key()) + " ";
  return out;
}

TEST(Why, EveryStateAndEveryReasonHasASentenceOfItsOwn) {
  std::set<std::string> said;
  for (const TaskState state : {TaskState::queued, TaskState::offered, TaskState::running, TaskState::succeeded, TaskState::failed}) {
    WhyFacts f = facts(state);
    f.workers = {reader()};
    EXPECT_TRUE(said.insert(why(f)).second) << wire::to_string(state) << ": " << why(f);
  }
  for (int reason = 1; reason <= static_cast<int>(Reason::paused); ++reason) {
    WhyFacts f = facts(TaskState::waiting, static_cast<Reason>(reason));
    EXPECT_TRUE(said.insert(why(f)).second) << wire::to_string(static_cast<Reason>(reason)) << ": " << why(f);
    f.waits_until = f.out_reset = now + seconds(20);
    EXPECT_EQ(undescribed(f), "") << wire::to_string(static_cast<Reason>(reason));
    EXPECT_THAT(why(f), Not(HasSubstr("nobody has said why")));
  }
  for (const Reason reason : {Reason::none, Reason::budget, Reason::dependency}) {
    WhyFacts f = facts(TaskState::cancelled, reason);
    f.task.batch = "b3";
    EXPECT_TRUE(said.insert(why(f)).second) << wire::to_string(reason) << ": " << why(f);
  }
  for (const std::string& sentence : said) {
    EXPECT_FALSE(sentence.empty());
    EXPECT_EQ(sentence.find('\n'), std::string::npos) << sentence;
    EXPECT_EQ(sentence.find("  "), std::string::npos) << sentence;
  }
  EXPECT_FALSE(wire::parse_reason("another")) << "a new reason needs a row here";
}

TEST(Why, SaysWhoCouldTakeAQueuedTaskAndWhatKeepsThem) {
  const auto with = [](auto change) {
    WhyFacts f = facts(TaskState::queued);
    f.workers = {reader()};
    change(f);
    return why(f);
  };
  EXPECT_EQ(with([](WhyFacts&) {}), "it is being handed out");
  EXPECT_THAT(with([](WhyFacts& f) { f.ahead = 3; }), HasSubstr("next in turn, after 3"));
  EXPECT_THAT(with([](WhyFacts& f) { f.workers = {reader(2)}; }), HasSubstr("all slots"));
  EXPECT_THAT(with([](WhyFacts& f) { f.workers[0].paused = true; }), HasSubstr("who fits is paused: reader@box"));
  EXPECT_THAT(with([](WhyFacts& f) { f.workers[0].draining = true; }), HasSubstr("box takes no new work (it is drained)"));
  EXPECT_THAT(with([](WhyFacts& f) { f.workers[0].unanswered = true; }),
              HasSubstr("nothing answers now for the model of who fits: reader@box (tiny)"));
  EXPECT_THAT(with([](WhyFacts& f) { f.workers[0].away = true; }), HasSubstr("the node box is away"));
  EXPECT_THAT(with([](WhyFacts& f) {
                f.workers[0].away = true;
                f.workers[0].asleep_until = now + seconds(60);
              }),
              HasSubstr("the node box sleeps"));
  EXPECT_THAT(with([](WhyFacts& f) {
                f.workers[0].away = true;
                f.workers[0].waking = wire::Waking{now, now - seconds(5), 2, "home", ""};
              }),
              HasSubstr("waking box"));
  EXPECT_THAT(with([](WhyFacts& f) { f.need.exclusive = true; }), HasSubstr("a machine for itself"));
  EXPECT_THAT(with([](WhyFacts& f) { f.key = KeyUse{"me", "site", 1, 1, {"t3"}}; }), HasSubstr("concurrency key site"));
  EXPECT_THAT(with([](WhyFacts& f) { f.need.model = "huge"; }), HasSubstr("no worker matches"));
  EXPECT_THAT(with([](WhyFacts& f) { f.workers.clear(); }), HasSubstr("no worker is known"));
}

TEST(Why, NamesTheNextStepForWhoFitsAndTakesNothing) {
  const auto hint = [](auto change) {
    WhyFacts f = facts(TaskState::queued);
    f.workers = {reader()};
    change(f);
    return explain(f, now).hint;
  };
  EXPECT_EQ(hint([](WhyFacts&) {}), "");
  EXPECT_EQ(hint([](WhyFacts& f) { f.workers[0].draining = true; }), "flotte node resume box");
  EXPECT_EQ(hint([](WhyFacts& f) { f.workers[0].paused = true; }), "flotte worker resume reader@box");
  EXPECT_THAT(hint([](WhyFacts& f) { f.workers[0].unanswered = true; }), HasSubstr("flotte model ls"));
  EXPECT_EQ(hint([](WhyFacts& f) {
              f.workers[0].draining = true;
              f.workers.push_back(reader(2));
            }),
            "")
      << "the other one's turn comes by itself";
}

TEST(Why, KnowsThatANodeIsUnknown) {
  WhyFacts f = facts(TaskState::queued);
  f.workers = {reader()};
  f.need.node = "nowhere";
  f.node_known = false;
  EXPECT_THAT(why(f), HasSubstr("there is no node 'nowhere'"));
  EXPECT_THAT(explain(f, now).hint, HasSubstr("flotte node ls"));
}

TEST(Why, SaysSizesAsPeopleDo) {
  WhyFacts f = facts(TaskState::queued);
  f.workers = {reader()};
  f.workers[0].place.labels = {"memory=24576", "cores=1"};
  f.need.labels = {"memory>=99999T"};
  EXPECT_THAT(why(f), HasSubstr("at least 99999 TiB of memory"));
  EXPECT_THAT(why(f), HasSubstr("reader@box has 24 GiB of memory, not 99999 TiB"));
  f.need.labels = {"vram>=8G"};
  EXPECT_THAT(why(f), HasSubstr("reader@box has no GPU memory that is known, not 8 GiB"));
  f.need.labels = {"cores>=8"};
  EXPECT_THAT(why(f), HasSubstr("reader@box has 1 core, not 8 cores"));
  f.need.labels = {"disk>=8"};
  EXPECT_THAT(why(f), HasSubstr("has no label disk>=8"));
}

TEST(Why, WeighsWorkersOnlyForWhatIsStillToBeDone) {
  for (const TaskState state : {TaskState::succeeded, TaskState::failed, TaskState::cancelled}) {
    WhyFacts f = facts(state);
    f.workers = {reader()};
    EXPECT_TRUE(explain(f, now).facts.at("workers").get_array().empty()) << wire::to_string(state);
  }
  WhyFacts f = facts(TaskState::queued);
  f.workers = {reader()};
  EXPECT_EQ(explain(f, now).facts.at("workers").get_array().size(), 1U);
}

TEST(Why, SaysWhatAWaitingTaskWaitsFor) {
  std::set<std::string> out;
  for (const OutWhy reason : {OutWhy::quota, OutWhy::outage, OutWhy::limits, OutWhy::ramp}) {
    WhyFacts f = facts(TaskState::waiting, Reason::quota);
    f.out_why = reason;
    f.waits_until = now + seconds(20);
    EXPECT_TRUE(out.insert(why(f)).second) << why(f);
    EXPECT_THAT(why(f), HasSubstr("tiny"));
  }
  WhyFacts later = facts(TaskState::waiting, Reason::quota);
  later.deferred = true;
  later.waits_until = now + seconds(20);
  EXPECT_THAT(why(later), HasSubstr("tried again in 20 s, and no attempt was used"));
  std::set<std::string> paused;
  for (const std::int64_t by : {paused_by_batch, paused_by_person, paused_by_project}) {
    WhyFacts f = facts(TaskState::waiting, Reason::paused);
    f.paused = by;
    f.project = "books";
    f.task.batch = "b3";
    EXPECT_TRUE(paused.insert(why(f)).second) << why(f);
  }
  WhyFacts backoff = facts(TaskState::waiting, Reason::backoff);
  backoff.waits_until = now + milliseconds(1500);
  backoff.task.error = Error(Code::unavailable, "no engine answered");
  EXPECT_EQ(why(backoff), "attempt 2 did not succeed (no engine answered); the next one comes in 2 s");
  WhyFacts time = facts(TaskState::waiting, Reason::time);
  time.waits_until = now + seconds(60);
  EXPECT_THAT(why(time), HasSubstr(to_rfc3339(now + seconds(60))));
  WhyFacts dependency = facts(TaskState::waiting, Reason::dependency);
  dependency.dependencies = {12, {{"t3", "running", false, false}, {"b4", "open", false, false}}};
  EXPECT_EQ(why(dependency), "it waits for t3 (running), b4 (open) and 10 more");
}

TEST(Why, SaysWhatEndedATask) {
  WhyFacts running = facts(TaskState::running);
  std::set<std::string> stops;
  for (const int how : {0, 1, 2, 3}) {
    running.stopping = how;
    EXPECT_TRUE(stops.insert(why(running)).second) << why(running);
  }
  running.workers = {reader()};
  running.workers[0].asleep_until = now + seconds(60);
  EXPECT_THAT(why(running), HasSubstr("its node box sleeps"));
  WhyFacts poor = facts(TaskState::cancelled, Reason::budget);
  poor.task.budget_pico_usd = 50 * cent;
  poor.task.usage.cost_pico_usd = 48 * cent;
  EXPECT_THAT(why(poor), HasSubstr("$0.48 of its budget of $0.50"));
  poor.task.batch = "b3";
  poor.batch_spent = true;
  poor.limit_pico_usd = 100 * cent;
  EXPECT_THAT(why(poor), HasSubstr("its batch b3 had spent its limit of $1.00"));
  WhyFacts dependent = facts(TaskState::cancelled, Reason::dependency);
  dependent.failed = DependencyState{"t3", "failed", true, false};
  EXPECT_THAT(why(dependent), HasSubstr("t3, which it depends on, has not succeeded (failed)"));
  EXPECT_THAT(explain(dependent, now).hint, HasSubstr("flotte task retry t3"));
  WhyFacts late = facts(TaskState::failed);
  late.task.error = Error(Code::deadline, "its deadline passed before it was done");
  EXPECT_THAT(why(late), HasSubstr("its deadline passed"));
}

}  // namespace
}  // namespace flotte::fleet
