// One node's link from the hub's side, told as a conversation.
#include "fleet/link_core.hpp"

#include <gtest/gtest.h>

namespace flotte::fleet {
namespace {

template <class T>
const T* only(const LinkActions& actions) {
  return actions.size() == 1 ? std::get_if<T>(&actions[0]) : nullptr;
}
template <class T>
const T* sent(const LinkAction& action) {
  const auto* send = std::get_if<SendToNode>(&action);
  return send ? std::get_if<T>(&send->message) : nullptr;
}
std::string closed_because(const LinkActions& actions) {
  for (const LinkAction& action : actions)
    if (const auto* close = std::get_if<CloseLink>(&action)) return close->reason;
  return "";
}

class LinkCoreTest : public ::testing::Test {
 protected:
  static wire::Hello hello(std::string node = "box") {
    wire::Hello h;
    h.node = std::move(node);
    h.signature = "sig";
    h.running = {{"t1", 5}, {"t2", 6}};
    return h;
  }
  void link() {
    core_.on_open();
    core_.on(hello());
    Registered registered{session_, "n1", 17, false, {{"t1", 5}}, {{"t2", 6}}};
    welcome_ = core_.on_registered(registered, "ticket");
  }
  const Session session_{3, 8};
  LinkCore core_{{"attic", "nonce", false, seconds(30), 2}};
  LinkActions welcome_;
};

TEST_F(LinkCoreTest, ChallengesChecksAndWelcomes) {
  const auto opened = core_.on_open();
  ASSERT_EQ(opened.size(), 1U);
  EXPECT_EQ(sent<wire::Challenge>(opened[0])->nonce, "nonce");
  const auto said = core_.on(hello());
  ASSERT_TRUE(only<Register>(said));
  EXPECT_EQ(only<Register>(said)->hello.node, "box");
  const auto answer = core_.on_registered(Registered{session_, "n1", 17, false, {{"t1", 5}}, {{"t2", 6}}}, "ticket");
  ASSERT_EQ(answer.size(), 1U);
  const auto* welcome = sent<wire::Welcome>(answer[0]);
  ASSERT_TRUE(welcome);
  EXPECT_EQ(welcome->epoch, 8);
  EXPECT_EQ(welcome->acknowledged, 17);
  EXPECT_EQ(welcome->lease_ms, 30'000);
  EXPECT_EQ(welcome->keep, (std::vector<wire::RunId>{{"t1", 5}}));
  EXPECT_EQ(welcome->drop, (std::vector<wire::RunId>{{"t2", 6}}));
  EXPECT_EQ(welcome->ticket, "ticket");
  EXPECT_TRUE(core_.linked());
}

TEST_F(LinkCoreTest, ClosesOnWhatComesBeforeHello) {
  core_.on_open();
  EXPECT_FALSE(closed_because(core_.on(wire::Beat{1, 0})).empty());
  EXPECT_TRUE(core_.on(hello()).empty());  // closed is closed
}

TEST_F(LinkCoreTest, ClosesOnAnotherProtocolAndSaysBothNumbers) {
  core_.on_open();
  wire::Hello old = hello();
  old.protocol = 7;
  const std::string reason = closed_because(core_.on(old));
  EXPECT_NE(reason.find('1'), std::string::npos);
  EXPECT_NE(reason.find('7'), std::string::npos);
}

TEST_F(LinkCoreTest, GivesTheNameHomeOnlyToTheHubsOwn) {
  core_.on_open();
  EXPECT_FALSE(closed_because(core_.on(hello("home"))).empty());
  LinkCore own({"attic", "", true, seconds(30), 0});
  own.on_open();
  EXPECT_TRUE(only<Register>(own.on(hello("home"))));
}

TEST_F(LinkCoreTest, ClosesWithTheReasonWhenRegistrationIsRefused) {
  core_.on_open();
  core_.on(hello());
  const auto answer = core_.on_registered(fail(Code::unauthenticated, "wrong signature"), "");
  EXPECT_EQ(closed_because(answer), "wrong signature");
  ASSERT_EQ(answer.size(), 2U);  // it never was linked: nothing to take out
  const auto& said = std::get<SendToNode>(answer[0]).message;
  EXPECT_TRUE(std::get<wire::Stop>(said).revoked) << "it need not ask again";
  EXPECT_EQ(std::get<wire::Stop>(said).message, "wrong signature");
}

TEST_F(LinkCoreTest, ADatabaseInTroubleIsNoReasonToStayAway) {
  core_.on_open();
  core_.on(hello());
  const auto answer = core_.on_registered(fail(Code::exhausted, "the disk is full"), "");
  EXPECT_EQ(closed_because(answer), "the disk is full");
  EXPECT_EQ(answer.size(), 1U);
}

TEST_F(LinkCoreTest, GivesUpTheEpochOfALinkThatWentAwayWhileRegistering) {
  core_.on_open();
  core_.on(hello());
  EXPECT_TRUE(core_.on_closed().empty());
  const auto late = core_.on_registered(Registered{session_, "n1", 0, false, {}, {}}, "");
  ASSERT_TRUE(only<Unlink>(late));
  EXPECT_EQ(only<Unlink>(late)->session.epoch, 8);
}

TEST_F(LinkCoreTest, ExtendsTheLeaseAndClosesWhenItIsGone) {
  link();
  const wire::Beat beat{4, 0.5};
  const auto asked = core_.on(beat);
  ASSERT_TRUE(only<ExtendLease>(asked));
  EXPECT_EQ(only<ExtendLease>(asked)->session.epoch, 8);
  EXPECT_EQ(sent<wire::BeatAnswer>(core_.on_beat(beat, true).at(0))->number, 4);
  EXPECT_TRUE(core_.on_beat(beat, fail(Code::exhausted, "disk full")).empty());  // silence is not death
  const auto gone = core_.on_beat(beat, false);
  EXPECT_TRUE(std::holds_alternative<Unlink>(gone.at(0)));
  EXPECT_FALSE(closed_because(gone).empty());
}

TEST_F(LinkCoreTest, TellsANodeToDropWhatItAcceptedTooLate) {
  link();
  const wire::RunId run{"t9", 70};
  ASSERT_TRUE(only<AcceptRun>(core_.on(wire::Accept{run})));
  EXPECT_TRUE(core_.on_accepted(run, Acceptance::accepted).empty());
  EXPECT_EQ(sent<wire::Drop>(core_.on_accepted(run, Acceptance::stale).at(0))->runs.at(0), run);
  EXPECT_EQ(sent<wire::Cancel>(core_.on_accepted(run, Acceptance::cancelled).at(0))->run, run);
}

TEST_F(LinkCoreTest, AcknowledgesWhatIsStoredAndDropsWhatIsStale) {
  link();
  wire::Records records;
  records.items.push_back({18, {"t9", 70}, wire::RecordKind::output, 0, {}});
  ASSERT_TRUE(only<ApplyRecords>(core_.on(records)));
  const auto answer = core_.on_applied(Applied{18, {{"t9", 70}}});
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(sent<wire::Acknowledge>(answer[0])->up_to, 18);
  EXPECT_EQ(sent<wire::Drop>(answer[1])->runs.size(), 1U);
}

TEST_F(LinkCoreTest, ClosesWhenRecordsCannotBeStoredSoThatTheyComeAgain) {
  link();
  const std::string reason = closed_because(core_.on_applied(fail(Code::exhausted, "the database's disk is full")));
  EXPECT_NE(reason.find("disk is full"), std::string::npos);
}

TEST_F(LinkCoreTest, SendsOffersOnlyWhileLinked) {
  EXPECT_TRUE(core_.offer({}).empty());
  link();
  EXPECT_TRUE(sent<wire::Offer>(core_.offer({}).at(0)));
  ASSERT_TRUE(only<Leave>(core_.on(wire::Goodbye{true})));
  EXPECT_TRUE(core_.offer({}).empty());
  EXPECT_TRUE(core_.on(wire::Beat{1, 0}).empty());
  EXPECT_TRUE(only<Unlink>(core_.on_closed()));
}

TEST_F(LinkCoreTest, SaysRevokedBeforeItCloses) {
  link();
  const auto actions = core_.revoke();
  ASSERT_EQ(actions.size(), 3U);
  EXPECT_TRUE(sent<wire::Stop>(actions[0])->revoked);
  EXPECT_TRUE(std::holds_alternative<Unlink>(actions[1]));
  EXPECT_TRUE(std::holds_alternative<CloseLink>(actions[2]));
}

TEST_F(LinkCoreTest, ClosesOnASecondHello) {
  link();
  EXPECT_FALSE(closed_because(core_.on(hello())).empty());
}

}  // namespace
}  // namespace flotte::fleet
