// A node that goes away for a moment: a restart, a machine's sleep. What survives it stays, what does not is given back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "work/runner_core.hpp"

namespace flotte::work {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const wire::RunId prompt_run{"t1", 10}, command_run{"t2", 11};

template <class T>
std::vector<T> sent(const Actions& actions) {
  std::vector<T> out;
  for (const Action& action : actions)
    if (const auto* send = std::get_if<Send>(&action))
      if (const T* it = std::get_if<T>(&send->message)) out.push_back(*it);
  return out;
}

class AwayTest : public ::testing::Test {
 protected:
  AwayTest() {
    core.announce({}, {{"reader", "model", "tiny", 2, {}, false}, {"shell", "command", "", 2, {}, false}});
    link({});
    core.on(offer(prompt_run, "reader", wire::TaskKind::prompt), now);
    core.on(offer(command_run, "shell", wire::TaskKind::command), now);
  }
  static wire::Offer offer(const wire::RunId& run, std::string worker, wire::TaskKind kind) {
    wire::Offer o;
    o.run = run;
    o.worker = std::move(worker);
    o.spec.kind = kind;
    return o;
  }
  wire::Hello link(std::vector<wire::RunId> keep) {
    const auto hello = sent<wire::Hello>(core.on(wire::Challenge{"n", "hub"}, now)).at(0);
    wire::Welcome welcome;
    welcome.epoch = 1;
    welcome.keep = std::move(keep);
    core.on(welcome, now);
    return hello;
  }
  static bool commands_survive(const wire::Offer& o) { return o.spec.kind == wire::TaskKind::command; }
  /// Those that were told to stop have stopped.
  Actions end_of(const wire::RunId& run) {
    wire::Finished f;
    f.outcome = "cancelled";
    return core.ended(run, f, now);
  }
  Now now;
  RunnerCore core{{}, 77, 1, {}};
};

TEST_F(AwayTest, ARestartKeepsCommandsAndGivesPromptsBackOneByOne) {
  const Actions stops = core.away(Away::restarts, commands_survive);
  ASSERT_THAT(stops, SizeIs(1));
  EXPECT_EQ(std::get<StopRun>(stops[0]).run, prompt_run);
  EXPECT_FALSE(core.settled());
  const Actions out = end_of(prompt_run);
  ASSERT_THAT(sent<wire::Refuse>(out), SizeIs(1)) << "the hub gives it to somebody at once, and no attempt is used";
  EXPECT_EQ(sent<wire::Refuse>(out)[0].run, prompt_run);
  EXPECT_THAT(sent<wire::Goodbye>(out), IsEmpty()) << "its leases must live until it is back";
  EXPECT_TRUE(core.settled());
  EXPECT_THAT(core.live(), testing::ElementsAre(command_run));
}

TEST_F(AwayTest, NothingNewIsTakenBeforeARestart) {
  core.away(Away::restarts, commands_survive);
  EXPECT_THAT(sent<wire::Refuse>(core.on(offer({"t3", 12}, "shell", wire::TaskKind::command), now)), SizeIs(1));
}

TEST_F(AwayTest, SleepSaysGoodbyeWithItsCommandsWhenTheRestIsGivenBack) {
  EXPECT_THAT(sent<wire::Goodbye>(core.away(Away::sleeps, commands_survive)), IsEmpty());
  const Actions out = end_of(prompt_run);
  EXPECT_THAT(sent<wire::Refuse>(out), SizeIs(1));
  ASSERT_THAT(sent<wire::Goodbye>(out), SizeIs(1));
  EXPECT_TRUE(sent<wire::Goodbye>(out)[0].sleeping);
  EXPECT_TRUE(sent<wire::Goodbye>(out)[0].keeps);
  EXPECT_FALSE(core.linked()) << "the hub hears nothing after a goodbye";
  EXPECT_THAT(sent<wire::Records>(core.output(command_run, "stdout", "while it sleeps", now)), IsEmpty()) << "it is in the spool";
  // Awake.
  core.link_down();
  core.back();
  const wire::Hello hello = link({command_run});
  EXPECT_THAT(hello.running, testing::ElementsAre(command_run));
  EXPECT_GT(hello.spool_from, 0);
  EXPECT_THAT(sent<wire::Accept>(core.on(offer({"t3", 12}, "reader", wire::TaskKind::prompt), now)), SizeIs(1)) << "it works again";
}

TEST_F(AwayTest, WhereThereIsNoTimeTheGoodbyeIsSaidAtOnce) {
  core.away(Away::sleeps, commands_survive);
  EXPECT_THAT(sent<wire::Goodbye>(core.hurry()), SizeIs(1));
  EXPECT_THAT(sent<wire::Goodbye>(core.hurry()), IsEmpty()) << "once";
}

TEST_F(AwayTest, AnEndThatComesWhileItSleepsIsReportedAtWaking) {
  core.away(Away::sleeps, commands_survive);
  end_of(prompt_run);
  wire::Finished f;
  f.outcome = "succeeded";
  core.ended(command_run, f, now);
  core.synced(1'000, now);
  EXPECT_THAT(core.live(), IsEmpty());
  core.link_down();
  core.back();
  EXPECT_THAT(link({command_run}).running, testing::ElementsAre(command_run)) << "its end lies in the spool";
}

TEST_F(AwayTest, AnEndIsAnEnd) {
  EXPECT_THAT(core.away(Away::ends, commands_survive), SizeIs(2)) << "a person's Ctrl-C ends commands too";
  end_of(prompt_run);
  const Actions out = end_of(command_run);
  ASSERT_THAT(sent<wire::Goodbye>(out), SizeIs(1));
  EXPECT_FALSE(sent<wire::Goodbye>(out)[0].sleeping);
}

TEST_F(AwayTest, WhatCannotBeReadIsRefusedForGood) {
  const auto refused = sent<wire::Refuse>(core.unreadable({"t9", 1}, "\"kind\" must be prompt"));
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_TRUE(refused[0].unfit);
  EXPECT_THAT(refused[0].message, testing::HasSubstr(FLOTTE_VERSION));
}

TEST_F(AwayTest, OutputCarriesHowMuchOfTheFileItTells) {
  const auto records = sent<wire::Records>(core.output(command_run, "stdout", "text", now, 4'711));
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(json::int_or(records[0].items.at(0).body, "to", -1), 4'711);
}

}  // namespace
}  // namespace flotte::work
