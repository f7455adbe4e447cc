// What OpenAI's Responses have beside POST: everything that refers to an earlier answer.
#include "hub/testing.hpp"

namespace flotte::hub {
namespace {

using testing::Reply;
using testing::RunningHub;

TEST(ResponsesPaths, Case30SayThatNothingIsKept) {
  RunningHub hub;
  struct Asked {
    const char *method, *path;
    int status;
    const char* says;
  };
  for (const Asked& asked : {Asked{"GET", "/v1/responses/resp_1", 404, "there is no response \"resp_1\": responses are not kept here"},
                             Asked{"DELETE", "/v1/responses/resp_1", 404, "responses are not kept here"},
                             Asked{"GET", "/v1/responses/resp_1/input_items", 404, "send the whole conversation in `input`"},
                             Asked{"POST", "/v1/responses/resp_1/cancel", 404, "responses are not kept here"},
                             Asked{"POST", "/v1/responses/compact", 400, "conversations are not compacted here"}}) {
    const Reply reply = hub.ask(asked.method, asked.path, "", hub.admin());
    EXPECT_EQ(reply.status, asked.status) << asked.path << reply.body;
    const json::object answer = reply.object();
    const json::object* error = json::get_object(answer, "error");
    ASSERT_TRUE(error) << reply.body;
    EXPECT_NE(json::string_or(*error, "message", "").find(asked.says), std::string::npos) << reply.body;
    EXPECT_EQ(json::string_or(*error, "type", ""), "invalid_request_error");
  }
  EXPECT_EQ(hub.ask("GET", "/v1/responses/resp_1", "", "").status, 401);
}

}  // namespace
}  // namespace flotte::hub
