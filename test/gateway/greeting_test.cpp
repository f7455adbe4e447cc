// Providers greet (message_start, response.created) before they have looked whether they are too busy to answer.
#include <gmock/gmock.h>

#include "rig.hpp"

namespace flotte::rig {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Greeting, Case6AnErrorBehindItGoesToTheNextTarget) {
  struct Row {
    const char *path, *body, *scenario, *end;
  };
  for (const Row& row :
       {Row{"/v1/messages", R"({"model":"both","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]})",
            "error_inside:after=1", "event: message_stop"},
        Row{"/v1/responses", R"({"model":"both","stream":true,"input":"Hi"})", "error_inside:after=1", "event: response.completed"}}) {
    Rig rig;
    rig.play('a', row.scenario);
    const Reply reply = rig.post_to(row.path, row.body);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("x-flotte-target"), "pb/m-b") << row.path << rig.log('a').at(0).sent;
    EXPECT_THAT(reply.body, AllOf(HasSubstr(row.end), Not(HasSubstr("event: error")), Not(HasSubstr("response.failed")))) << row.path;
    EXPECT_EQ(rig.log('a').size(), 1u);
  }
}

TEST(Greeting, IsPassedOnAtOnceWhereNobodyElseCouldBeAsked) {
  Rig rig;
  rig.play('a', "error_inside:after=1");
  const Reply reply = rig.post_to("/v1/responses", R"({"model":"a","stream":true,"input":"Hi"})");
  EXPECT_EQ(reply.body, rig.log('a').at(0).sent);
}

}  // namespace
}  // namespace flotte::rig
