// The hand-out as the node sees it, message by message.
#include "work/runner_core.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotte::work {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const wire::RunId t1{"t1", 10}, t2{"t2", 11}, t3{"t3", 12};

wire::Offer offer(const wire::RunId& run, std::string worker = "reader") {
  wire::Offer o;
  o.run = run;
  o.worker = std::move(worker);
  o.spec.title = "title of " + run.task;
  o.spec.kind = o.worker == "reader" ? wire::TaskKind::prompt : wire::TaskKind::command;
  return o;
}

wire::Finished succeeded(std::string text = "fine") {
  wire::Finished f;
  f.outcome = "succeeded";
  f.result = json::object{{"text", text}};
  return f;
}

template <class T>
std::vector<T> of(const Actions& actions) {
  std::vector<T> out;
  for (const Action& a : actions)
    if (const T* it = std::get_if<T>(&a)) out.push_back(*it);
  return out;
}

template <class T>
std::vector<T> sent(const Actions& actions) {
  std::vector<T> out;
  for (const Send& s : of<Send>(actions))
    if (const T* it = std::get_if<T>(&s.message)) out.push_back(*it);
  return out;
}

std::vector<std::int64_t> numbers(const Actions& actions) {
  std::vector<std::int64_t> out;
  for (const wire::Records& r : sent<wire::Records>(actions))
    for (const wire::Record& record : r.items) out.push_back(record.number);
  return out;
}

/// A core with a disk that keeps and syncs everything at once, unless told otherwise.
struct Node {
  explicit Node(RunnerLimits limits = {}, std::vector<SpooledRecord> found = {}, std::int64_t next = 1) : core(limits, 77, next, found) {
    core.announce({}, workers());
  }
  static std::vector<wire::WorkerInfo> workers() {
    wire::WorkerInfo reader, shell, alone;
    reader.name = "reader", reader.kind = "model", reader.slots = 2;
    shell.name = "shell", shell.kind = "command", shell.slots = 1;
    alone.name = "alone", alone.kind = "command", alone.slots = 2, alone.exclusive = true;
    return {reader, shell, alone};
  }
  /// Performs what belongs to the disk, and gives all actions that came out.
  Actions perform(Actions first) {
    Actions all;
    std::deque<Action> queue(std::make_move_iterator(first.begin()), std::make_move_iterator(first.end()));
    while (!queue.empty()) {
      Action action = std::move(queue.front());
      queue.pop_front();
      Actions more;
      if (const auto* append = std::get_if<Append>(&action)) {
        disk[append->record.number] = append->record;
        if (append->durable && sync_at_once) more = core.synced(append->record.number, now);
      } else if (const auto* discard = std::get_if<Discard>(&action)) {
        disk.erase(disk.begin(), disk.upper_bound(discard->up_to));
      } else if (const auto* read = std::get_if<ReadBack>(&action)) {
        std::vector<wire::Record> records;
        for (auto it = disk.upper_bound(read->after); it != disk.end() && records.size() < page; ++it) records.push_back(it->second);
        more = core.read_back(records, now);
      }
      all.push_back(std::move(action));
      for (Action& a : more) queue.push_back(std::move(a));
    }
    return all;
  }
  Actions on(const wire::ToNode& m) { return perform(core.on(m, now)); }
  wire::Hello greet() {
    const auto hello = sent<wire::Hello>(on(wire::Challenge{"nonce", "hub"}));
    EXPECT_THAT(hello, SizeIs(1));
    return hello.empty() ? wire::Hello{} : hello[0];
  }
  Actions welcome(std::int64_t acknowledged, std::vector<wire::RunId> keep, std::vector<wire::RunId> drop = {}) {
    wire::Welcome w;
    w.epoch = 1;
    w.acknowledged = acknowledged;
    w.keep = std::move(keep);
    w.drop = std::move(drop);
    return on(w);
  }
  /// A link on which everything is kept.
  Actions link(std::int64_t acknowledged = 0) { return welcome(acknowledged, greet().running); }
  Actions end(const wire::RunId& run, wire::Finished f = succeeded()) { return perform(core.ended(run, std::move(f), now)); }
  Actions write(const wire::RunId& run, std::string_view text) { return perform(core.output(run, "out", text, now)); }
  void pass(milliseconds time) {
    now.steady += time;
    now.wall += time;
  }

  RunnerCore core;
  Now now{SteadyTime(seconds(100)), from_ms(1'000'000)};
  std::map<std::int64_t, wire::Record> disk;
  bool sync_at_once = true;
  std::size_t page = 3;
};

TEST(RunnerCore, AnswersAChallengeWithItsWorkersAndRuns) {
  Node node;
  const wire::Hello hello = node.greet();
  EXPECT_THAT(hello.workers, SizeIs(3));
  EXPECT_THAT(hello.running, IsEmpty());
  EXPECT_EQ(hello.spool_from, 0);
  EXPECT_EQ(hello.instance, 77);
  EXPECT_FALSE(node.core.linked());
  node.welcome(0, {});
  EXPECT_TRUE(node.core.linked());
}

TEST(RunnerCore, TellsWhatChangedBetweenHelloAndWelcome) {
  Node node;
  node.greet();
  wire::WorkerInfo later;
  later.name = "later", later.kind = "model";
  node.perform(node.core.announce({}, {later}));
  const auto told = sent<wire::Announce>(node.welcome(0, {}));
  ASSERT_THAT(told, SizeIs(1));
  ASSERT_THAT(told[0].workers, SizeIs(1));
  EXPECT_EQ(told[0].workers[0].name, "later");
  EXPECT_THAT(sent<wire::Announce>(node.link()), IsEmpty());  // said in Hello
}

TEST(RunnerCore, AcceptsBeforeItStarts) {
  Node node;
  node.link();
  const Actions out = node.on(offer(t1));
  EXPECT_THAT(sent<wire::Accept>(out), SizeIs(1));
  EXPECT_THAT(of<Start>(out), SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<Send>(out.front()));
  EXPECT_THAT(numbers(out), ElementsAre(1));  // the `started` record
  EXPECT_EQ(node.core.free_slots("reader"), 1);
}

TEST(RunnerCore, IgnoresOffersBeforeTheWelcome) {
  Node node;
  EXPECT_THAT(node.on(offer(t1)), IsEmpty());
  node.greet();
  EXPECT_THAT(node.on(offer(t1)), IsEmpty());
}

struct Refusal {
  const char* what;
  std::function<void(Node&)> before;
  wire::Offer offer;
  const char* says;
};

TEST(RunnerCore, SaysWhyItRefuses) {
  wire::Offer wants_all = offer(t3);
  wants_all.spec.exclusive = true;
  wire::Offer misfit = offer(t1);
  misfit.spec.kind = wire::TaskKind::command;
  const std::vector<Refusal> table{
      {"unknown worker", [](Node&) {}, offer(t1, "painter"), "no worker 'painter'"},
      {"not its kind", [](Node&) {}, misfit, "does not take tasks of kind command"},
      {"no slot", [](Node& n) { n.on(offer(t1)), n.on(offer(t2)); }, offer(t3), "all 2 slots"},
      {"drained here", [](Node& n) { n.core.drain(); }, offer(t1), "no new work"},
      {"stopped by the hub", [](Node& n) { n.on(wire::Stop{false}); }, offer(t1), "no new work"},
      {"worker gone", [](Node& n) { n.core.announce({}, {}); }, offer(t1), "no worker 'reader'"},
      {"somebody is exclusive", [](Node& n) { n.on(offer(t1, "alone")); }, offer(t2), "exclusively"},
      {"not alone", [](Node& n) { n.on(offer(t1)); }, wants_all, "to itself"},
      {"older fence", [](Node& n) { n.on(offer({"t3", 20})); }, offer(t3), "superseded"},
  };
  for (const Refusal& row : table) {
    SCOPED_TRACE(row.what);
    Node node;
    node.link();
    row.before(node);
    const Actions out = node.on(row.offer);
    ASSERT_THAT(sent<wire::Refuse>(out), SizeIs(1));
    EXPECT_THAT(sent<wire::Refuse>(out)[0].message, HasSubstr(row.says));
    EXPECT_EQ(sent<wire::Refuse>(out)[0].run, row.offer.run);
    EXPECT_THAT(of<Start>(out), IsEmpty());
  }
}

TEST(RunnerCore, ANewLinkBeginsWithoutTheHubsStop) {
  Node node;
  node.link();
  node.on(wire::Stop{false});
  node.core.link_down();
  node.link();
  EXPECT_THAT(sent<wire::Accept>(node.on(offer(t1))), SizeIs(1));
}

TEST(RunnerCore, AcceptsTheSameOfferAgainWithoutStartingTwice) {
  Node node;
  node.link();
  node.on(offer(t1));
  Actions again = node.on(offer(t1));
  EXPECT_THAT(sent<wire::Accept>(again), SizeIs(1));
  EXPECT_THAT(of<Start>(again), IsEmpty());
  node.end(t1);
  again = node.on(offer(t1));  // its end is not acknowledged yet
  EXPECT_THAT(sent<wire::Accept>(again), SizeIs(1));
  EXPECT_THAT(of<Start>(again), IsEmpty());
}

TEST(RunnerCore, ANewerFenceOfTheSameTaskEndsTheOlderRun) {
  Node node;
  node.link();
  node.on(offer(t1));
  const Actions out = node.on(offer({"t1", 30}));
  ASSERT_THAT(of<StopRun>(out), SizeIs(1));
  EXPECT_EQ(of<StopRun>(out)[0].run, t1);
  EXPECT_EQ(of<StopRun>(out)[0].cause, StopCause::dropped);
  EXPECT_THAT(of<Start>(out), SizeIs(1));
}

TEST(RunnerCore, ARunCountsAsEndedOnlyWhenItsEndIsOnDisk) {
  Node node;
  node.sync_at_once = false;
  node.link();
  node.on(offer(t1));
  Actions out = node.end(t1);
  ASSERT_THAT(of<Append>(out), SizeIs(1));
  EXPECT_TRUE(of<Append>(out)[0].durable);
  EXPECT_THAT(numbers(out), IsEmpty());
  EXPECT_EQ(node.core.free_slots("reader"), 1);
  EXPECT_THAT(node.core.live(), ElementsAre(t1));
  out = node.perform(node.core.synced(2, node.now));
  EXPECT_THAT(numbers(out), ElementsAre(2));
  EXPECT_THAT(of<Forget>(out), SizeIs(1));
  EXPECT_EQ(node.core.free_slots("reader"), 2);
}

TEST(RunnerCore, NothingOvertakesAnEndThatWaitsForTheDisk) {
  Node node;
  node.sync_at_once = false;
  node.link();
  node.on(offer(t1));
  node.on(offer(t2));
  node.end(t1);
  EXPECT_THAT(numbers(node.write(t2, "later")), IsEmpty());
  EXPECT_THAT(numbers(node.perform(node.core.synced(3, node.now))), ElementsAre(3, 4));
}

TEST(RunnerCore, SendsAgainWhatWasNotAcknowledged) {
  Node node;
  node.link();
  node.on(offer(t1));   // 1
  node.write(t1, "a");  // 2
  node.on(wire::Acknowledge{1});
  node.core.link_down();
  EXPECT_THAT(numbers(node.write(t1, "b")), IsEmpty());  // 3
  node.end(t1);                                          // 4
  const wire::Hello hello = node.greet();
  EXPECT_EQ(hello.spool_from, 2);
  EXPECT_THAT(hello.running, ElementsAre(t1)) << "its end is not stored by the hub: it is still ours";
  EXPECT_THAT(numbers(node.welcome(2, hello.running)), ElementsAre(3, 4)) << "2 had arrived; only its acknowledgement was lost";
  EXPECT_THAT(of<Discard>(node.on(wire::Acknowledge{4})), SizeIs(1));
  EXPECT_EQ(node.core.unacknowledged(), 0u);
  EXPECT_EQ(node.core.unacknowledged_bytes(), 0);
  node.core.link_down();
  EXPECT_THAT(node.greet().running, IsEmpty());
}

TEST(RunnerCore, KeepsAWindowOfUnacknowledgedRecords) {
  RunnerLimits limits;
  limits.window_records = 4;
  Node node(limits);
  node.link();
  node.on(offer(t1));  // 1
  for (int i = 0; i < 9; ++i) node.write(t1, "x");
  EXPECT_EQ(node.core.unacknowledged(), 10u);
  EXPECT_THAT(numbers(node.on(wire::Acknowledge{4})), ElementsAre(5, 6, 7, 8));
  EXPECT_THAT(numbers(node.on(wire::Acknowledge{5})), ElementsAre(9));
  EXPECT_THAT(numbers(node.on(wire::Acknowledge{10})), ElementsAre(10)) << "an acknowledgement ahead of what was sent is no harm";
}

TEST(RunnerCore, TheWindowCountsBytesToo) {
  RunnerLimits limits;
  limits.window_bytes = 1000;
  Node node(limits);
  node.link();
  node.on(offer(t1));
  const std::string big(900, 'x');
  EXPECT_THAT(numbers(node.write(t1, big)), SizeIs(1));
  EXPECT_THAT(numbers(node.write(t1, big)), IsEmpty());
  EXPECT_THAT(numbers(node.on(wire::Acknowledge{2})), ElementsAre(3));
}

TEST(RunnerCore, BeginsWhereTheSpoolOfTheLastProcessEnded) {
  Node node({}, {{5, 100, t1, wire::RecordKind::output}, {8, 100, t1, wire::RecordKind::finished}}, 100);
  node.disk[5] = {5, t1, wire::RecordKind::output, 0, {}};
  node.disk[8] = {8, t1, wire::RecordKind::finished, 0, succeeded().to_json()};
  const wire::Hello hello = node.greet();
  EXPECT_THAT(hello.running, ElementsAre(t1));
  EXPECT_THAT(numbers(node.welcome(4, {t1})), ElementsAre(5, 8));
  EXPECT_THAT(numbers(node.on(offer(t2))), ElementsAre(100));
}

TEST(RunnerCore, AnAdoptedRunGoesOn) {
  Node node;
  node.perform(node.core.adopt(offer(t1, "shell"), node.now));
  EXPECT_EQ(node.core.free_slots("shell"), 0);
  EXPECT_THAT(node.greet().running, ElementsAre(t1));
  node.welcome(0, {t1});
  EXPECT_THAT(numbers(node.end(t1)), ElementsAre(1));
}

TEST(RunnerCore, EndsWhatTheHubDidNotKeep) {
  Node node;
  node.link();
  node.on(offer(t1));
  node.on(offer(t2));
  node.core.link_down();
  node.greet();
  const Actions out = node.welcome(2, {t2}, {t1});
  ASSERT_THAT(of<StopRun>(out), SizeIs(1));
  EXPECT_EQ(of<StopRun>(out)[0].run, t1);
  EXPECT_EQ(node.core.free_slots("reader"), 0) << "its children have not ended yet";
  const Actions end = node.end(t1);
  EXPECT_THAT(of<Append>(end), IsEmpty()) << "nothing of a dropped run is reported";
  EXPECT_THAT(of<Forget>(end), SizeIs(1));
  EXPECT_EQ(node.core.free_slots("reader"), 1);
}

TEST(RunnerCore, WhatIsNeitherKeptNorDroppedIsDropped) {
  Node node;
  node.link();
  node.on(offer(t1));
  node.core.link_down();
  node.greet();
  EXPECT_THAT(of<StopRun>(node.welcome(1, {})), SizeIs(1));
}

TEST(RunnerCore, ADroppedRunWritesNothingMore) {
  Node node;
  node.link();
  node.on(offer(t1));
  node.on(wire::Drop{{t1}});
  EXPECT_THAT(node.write(t1, "late"), IsEmpty());
  EXPECT_THAT(sent<wire::Refuse>(node.on(offer(t1))), SizeIs(1));
  node.core.link_down();
  EXPECT_THAT(node.greet().running, IsEmpty());
}

TEST(RunnerCore, CancelIsReportedAsCancelled) {
  Node node;
  node.link();
  node.on(offer(t1));
  Actions out = node.on(wire::Cancel{t1});
  ASSERT_THAT(of<StopRun>(out), SizeIs(1));
  EXPECT_EQ(of<StopRun>(out)[0].cause, StopCause::cancelled);
  EXPECT_THAT(of<StopRun>(node.on(wire::Cancel{t1})), IsEmpty()) << "once is enough";
  wire::Finished f;
  f.outcome = "failed";
  out = node.end(t1, f);
  ASSERT_THAT(sent<wire::Records>(out), SizeIs(1));
  EXPECT_EQ(json::string_or(sent<wire::Records>(out)[0].items[0].body, "outcome", ""), "cancelled");
}

TEST(RunnerCore, ASuccessThatWasFasterThanTheCancelStands) {
  Node node;
  node.link();
  node.on(offer(t1));
  node.on(wire::Cancel{t1});
  const Actions out = node.end(t1);
  EXPECT_EQ(json::string_or(sent<wire::Records>(out)[0].items[0].body, "outcome", ""), "succeeded");
}

TEST(RunnerCore, RevokedEndsEverything) {
  Node node;
  node.link();
  node.on(offer(t1));
  node.on(offer(t2));
  EXPECT_THAT(of<StopRun>(node.on(wire::Stop{true})), SizeIs(2));
}

TEST(RunnerCore, SaysGoodbyeWhenItsRunsHaveEnded) {
  Node node;
  node.link();
  node.on(offer(t1));
  Actions out = node.perform(node.core.away(Away::ends));
  EXPECT_THAT(of<StopRun>(out), SizeIs(1));
  EXPECT_THAT(sent<wire::Goodbye>(out), IsEmpty());
  EXPECT_THAT(sent<wire::Refuse>(node.on(offer(t2))), SizeIs(1));
  out = node.end(t1);
  ASSERT_THAT(sent<wire::Goodbye>(out), SizeIs(1));
  EXPECT_FALSE(sent<wire::Goodbye>(out)[0].sleeping);
  Node idle;
  idle.link();
  EXPECT_THAT(sent<wire::Goodbye>(idle.perform(idle.core.away(Away::ends))), SizeIs(1));
}

wire::Activity step(std::string what) {
  wire::Activity a;
  a.step = std::move(what);
  return a;
}

TEST(RunnerCore, SaysWhatItDoesAtMostTenTimesASecond) {
  Node node;
  node.link();
  EXPECT_THAT(sent<wire::Doing>(node.on(offer(t1))), SizeIs(1));
  EXPECT_FALSE(node.core.next_tick());
  int said = 0;
  for (int ms = 0; ms < 1000; ms += 5) {
    node.pass(milliseconds(5));
    said += static_cast<int>(sent<wire::Doing>(node.core.activity(t1, step("reading"), node.now)).size());
  }
  EXPECT_EQ(said, 10);
  node.pass(milliseconds(5));
  EXPECT_THAT(node.core.activity(t1, step("the last word"), node.now), IsEmpty());
  ASSERT_TRUE(node.core.next_tick());
  EXPECT_THAT(node.core.tick(node.now), IsEmpty());
  node.now.steady = *node.core.next_tick();
  const auto doing = sent<wire::Doing>(node.core.tick(node.now));
  ASSERT_THAT(doing, SizeIs(1));
  EXPECT_EQ(doing[0].worker, "reader");
  ASSERT_THAT(doing[0].activities, SizeIs(1));
  EXPECT_EQ(doing[0].activities[0].step, "the last word");
  EXPECT_EQ(doing[0].activities[0].task, "t1");
  EXPECT_EQ(doing[0].activities[0].title, "title of t1");
  EXPECT_FALSE(node.core.next_tick());
}

TEST(RunnerCore, AnEmptySlotIsShownToo) {
  Node node;
  node.link();
  node.on(offer(t1));
  node.pass(seconds(1));
  const auto doing = sent<wire::Doing>(node.end(t1));
  ASSERT_THAT(doing, SizeIs(1));
  EXPECT_THAT(doing[0].activities, IsEmpty());
}

TEST(RunnerCore, SaysWhatItDoesAgainOnANewLink) {
  Node node;
  node.link();
  node.on(offer(t1));
  node.core.link_down();
  EXPECT_THAT(node.core.activity(t1, step("x"), node.now), IsEmpty());
  EXPECT_FALSE(node.core.next_tick());
  EXPECT_THAT(sent<wire::Doing>(node.link(1)), SizeIs(1));
}

TEST(RunnerCore, DropsOutputWhenTheSpoolIsFullButNeverAnEnd) {
  RunnerLimits limits;
  limits.spool_bytes = 1700;
  Node node(limits);
  node.link();
  node.on(offer(t1));
  node.core.link_down();
  for (int i = 0; i < 10; ++i) node.write(t1, std::string(500, 'x'));
  EXPECT_LT(node.core.unacknowledged_bytes(), 1700);
  EXPECT_THAT(node.perform(node.core.progress(t1, "part 1 of 2", 0.5, node.now)), IsEmpty());
  const Actions end = node.end(t1, succeeded(std::string(5000, 'y')));
  std::vector<std::string> notes;
  for (const auto& [number, record] : node.disk)
    if (json::string_or(record.body, "stream", "") == "note") notes.push_back(json::string_or(record.body, "text", ""));
  ASSERT_THAT(notes, SizeIs(2));
  EXPECT_THAT(notes[0], HasSubstr("not kept from here"));
  EXPECT_THAT(notes[1], HasSubstr("bytes of output were not kept"));
  EXPECT_EQ(node.disk.rbegin()->second.kind, wire::RecordKind::finished);
}

TEST(RunnerCore, ALostSpoolDoesNotUseOldNumbersAgain) {
  Node node;  // the hub has stored up to 500 of an earlier spool
  node.perform(node.core.adopt(offer(t1, "shell"), node.now));
  node.perform(node.core.adopt(offer(t2), node.now));
  node.end(t1);  // number 1, before the first link
  const wire::Hello hello = node.greet();
  EXPECT_THAT(hello.running, ElementsAre(t1, t2));
  Actions out = node.welcome(500, {t1, t2});
  EXPECT_THAT(numbers(out), ElementsAre(501));
  EXPECT_EQ(json::string_or(sent<wire::Records>(out)[0].items[0].body, "outcome", ""), "failed");
  EXPECT_THAT(numbers(node.end(t2)), ElementsAre(502));
  EXPECT_EQ(node.disk.begin()->first, 501);
}

TEST(RunnerCore, AnUnreadableResultBecomesAFailureThatMayBeTriedAgain) {
  Node node;
  node.link();
  node.on(offer(t1));
  node.core.link_down();
  node.write(t1, "text");
  node.end(t1);
  node.disk.clear();
  const Actions out = node.link(1);
  EXPECT_THAT(numbers(out), ElementsAre(4));
  const auto records = sent<wire::Records>(out);
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].items[0].run, t1);
  EXPECT_THAT(wire::Finished::from_json(records[0].items[0].body).error->message, HasSubstr("spool"));
}

TEST(RunnerCore, AnnouncesOverTheLinkAndKeepsRunsOfAWorkerThatIsGone) {
  Node node;
  node.link();
  node.on(offer(t1));
  const Actions out = node.perform(node.core.announce({}, {}));
  EXPECT_THAT(sent<wire::Announce>(out), SizeIs(1));
  EXPECT_THAT(node.core.live(), ElementsAre(t1));
  node.pass(seconds(1));
  EXPECT_THAT(sent<wire::Doing>(node.end(t1)), IsEmpty());
}

TEST(RunnerCore, AnUnknownCancelOrDropIsNoHarm) {
  Node node;
  node.link();
  EXPECT_THAT(node.on(wire::Cancel{t1}), IsEmpty());
  EXPECT_THAT(node.on(wire::Drop{{t1, t2}}), IsEmpty());
  EXPECT_THAT(node.on(wire::Acknowledge{99}), IsEmpty());
}

}  // namespace
}  // namespace flotte::work
