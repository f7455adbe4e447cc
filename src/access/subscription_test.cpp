// Which texts are refused as somebody's login.
#include "access/subscription.hpp"

#include <gtest/gtest.h>

namespace flotte::access {
namespace {

TEST(Subscription, KnowsTokensByTheirShape) {
  EXPECT_EQ(subscription_token("sk-ant-oat01-abcdef"), "the token of a Claude subscription");
  EXPECT_TRUE(subscription_token("sk-ant-ort01-abcdef"));
  EXPECT_TRUE(subscription_token("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2F1dGgub3BlbmFpLmNvbSJ9.c2ln"));
  EXPECT_TRUE(subscription_token("ya29.a0AfH6SMB"));
}

TEST(Subscription, LeavesApiKeysAlone) {
  for (const char* key : {"sk-ant-api03-abc", "sk-proj-abc", "sk-abc", "AIzaSyAbc", "fk_abc", "eyJust-a-key", "", "gsk_abc"})
    EXPECT_FALSE(subscription_token(key)) << key;
}

TEST(Subscription, IsCertainOnlyOfATokenThatNamesALogin) {
  EXPECT_TRUE(certain_subscription_token("sk-ant-oat01-abc"));
  // {"iss":"https://auth.openai.com"} and {"GroupName":"a company"}
  EXPECT_TRUE(certain_subscription_token("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2F1dGgub3BlbmFpLmNvbSJ9.c2ln"));
  EXPECT_FALSE(certain_subscription_token("eyJhbGciOiJSUzI1NiJ9.eyJHcm91cE5hbWUiOiJhIGNvbXBhbnkifQ.c2ln"));
}

TEST(Subscription, TheRefusalSaysWhatToDo) {
  const Error error = refused_subscription("the token of a Claude subscription");
  EXPECT_EQ(error.code, Code::unauthenticated);
  EXPECT_NE(error.hint.find("flotte key add"), std::string::npos);
}

}  // namespace
}  // namespace flotte::access
