// Failpoints: what can be chosen, when it happens, what is refused.
#include "base/failpoint.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace flotte {
namespace {

struct Failpoints : testing::Test {
  ~Failpoints() override { EXPECT_TRUE(failpoint::choose("")); }
};

TEST_F(Failpoints, DoNothingUntilChosen) {
  ASSERT_TRUE(failpoint::choose(""));
  failpoint::reach(Failpoint::submit_before_commit);
  EXPECT_FALSE(failpoint::failure(Failpoint::store_commit));
  EXPECT_FALSE(failpoint::planted(Failpoint::plant_no_fence));
}

TEST_F(Failpoints, FailFromTheirFirstToTheirLastTime) {
  ASSERT_TRUE(failpoint::choose("store.commit:error@2-3,blob.write:error,spool.sync:error@2+"));
  std::string seen;
  for (int i = 0; i < 5; ++i) seen += failpoint::failure(Failpoint::store_commit) ? 'x' : '.';
  EXPECT_EQ(seen, ".xx..");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(failpoint::failure(Failpoint::blob_write));
  EXPECT_FALSE(failpoint::failure(Failpoint::spool_sync));
  EXPECT_TRUE(failpoint::failure(Failpoint::spool_sync));
  EXPECT_TRUE(failpoint::failure(Failpoint::spool_sync));
  EXPECT_FALSE(failpoint::failure(Failpoint::spool_append));
}

TEST_F(Failpoints, KillTheProcessTheNthTime) {
  ASSERT_TRUE(failpoint::choose("claim.after_commit:kill9@2"));
  failpoint::reach(Failpoint::claim_after_commit);
  EXPECT_EXIT(failpoint::reach(Failpoint::claim_after_commit), testing::KilledBySignal(SIGKILL), "");
}

TEST_F(Failpoints, AreTakenFromTheEnvironmentWhichChildrenDoNotSee) {
  ::setenv("FLOTTE_FAIL", "plant.no_grace:on", 1);
  ASSERT_TRUE(failpoint::choose_by_environment());
  EXPECT_TRUE(failpoint::planted(Failpoint::plant_no_grace));
  EXPECT_EQ(std::getenv("FLOTTE_FAIL"), nullptr);
}

TEST_F(Failpoints, RefuseWhatTheyDoNotKnowWithTheList) {
  for (const char* text :
       {"submit.before_comit:kill9", "store.commit", "store.commit:explode", "store.commit:delay:soon", "store.commit:error@0",
        "store.commit:error@5-2", "claim.after_commit:error", "plant.no_fence:kill9", "store.commit:on", ","}) {
    const auto answer = failpoint::choose(text);
    ASSERT_FALSE(answer) << text;
    EXPECT_EQ(answer.error().code, Code::invalid_argument);
    EXPECT_NE(answer.error().hint.find("journal.after_record"), std::string::npos) << answer.error().text();
    EXPECT_FALSE(failpoint::failure(Failpoint::store_commit)) << "half of a refused choice is in force";
  }
  EXPECT_NE(failpoint::choose("submit.before_comit:kill9").error().message.find("did you mean submit.before_commit"), std::string::npos);
}

}  // namespace
}  // namespace flotte
