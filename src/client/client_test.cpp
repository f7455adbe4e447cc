// The pure parts of the client.
#include <gtest/gtest.h>

#include "client/answer_error.hpp"
#include "client/batches.hpp"
#include "client/chat.hpp"

namespace flotte::client {
namespace {

TEST(ParseAnswerError, ReadsTheFleetApisShape) {
  const Error e = parse_answer_error(409, R"({"error":{"code":"conflict","message":"b3 is done","hint":"nothing to do"}})");
  EXPECT_EQ(e.code, Code::conflict);
  EXPECT_EQ(e.text(), "b3 is done (nothing to do)");
}

TEST(ParseAnswerError, ReadsOtherShapesByTheirStatus) {
  Error e = parse_answer_error(
      404, R"({"error":{"message":"The model does not exist","type":"invalid_request_error","code":"model_not_found"}})");
  EXPECT_EQ(e.code, Code::not_found);
  EXPECT_EQ(e.message, "The model does not exist");
  e = parse_answer_error(502, "<html>bad gateway</html>");
  EXPECT_EQ(e.code, Code::unavailable);
  EXPECT_EQ(e.message, "the hub answered with status 502");
  EXPECT_EQ(parse_answer_error(401, "").code, Code::unauthenticated);
  EXPECT_NE(parse_answer_error(401, "").hint.find("--key"), std::string::npos);
  const std::string told = R"body({"error":{"message":"unknown key (see `flotte key ls`)","code":"invalid_api_key"}})body";
  EXPECT_EQ(parse_answer_error(401, told).hint, "");
  EXPECT_EQ(parse_answer_error(500, R"({"error":"boom"})").message, "boom");
  EXPECT_EQ(parse_answer_error(418, "").code, Code::invalid_argument);
}

TEST(ParseAnswerError, TellsWhatPasses) {
  for (int status : {502, 503, 504, 429, 408}) EXPECT_TRUE(is_passing(parse_answer_error(status, ""))) << status;
  for (int status : {400, 401, 403, 404, 409, 413, 422, 500}) EXPECT_FALSE(is_passing(parse_answer_error(status, ""))) << status;
}

TEST(ChatChunk, ReadsTextUsageAndEnd) {
  auto chunk = ChatChunk::parse(R"({"model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}],"usage":null})");
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->text, "hi");
  EXPECT_EQ(chunk->model, "m");
  EXPECT_EQ(chunk->finish_reason, "");
  chunk = ChatChunk::parse(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}})");
  EXPECT_EQ(chunk->input_tokens, 3);
  EXPECT_EQ(chunk->output_tokens, 4);
  EXPECT_TRUE(ChatChunk::parse("[DONE]")->last);
  EXPECT_EQ(ChatChunk::parse(R"({"error":{"message":"gone"}})").error().message, "gone");
  EXPECT_EQ(ChatChunk::parse("nonsense").error().code, Code::corrupt);
  EXPECT_EQ(ChatChunk::parse(R"({"choices":[{}]})")->text, "");
}

TEST(MakeTarget, EncodesAndLeavesOutWhatIsEmpty) {
  EXPECT_EQ(make_target(make_path("tasks"), {{"state", "failed,cancelled"}, {"batch", ""}, {"cursor", "a b"}}),
            "/fleet/v1/tasks?state=failed%2Ccancelled&cursor=a%20b");
  EXPECT_EQ(make_path("nodes", "a/../b", "drain"), "/fleet/v1/nodes/a%2F..%2Fb/drain");
}

TEST(NewItem, IsOneLine) {
  NewItem item{3, "docs/a\n.txt", {}};
  item.task.input["prompt"] = "two\nlines";
  const std::string line = item.to_line();
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(json::int_or(*json::parse_object(line), "index", 0), 3);
}

TEST(ParseTaskEvent, TakesTypeNumberAndBody) {
  auto event = parse_task_event({"output", R"({"stream":"stdout","text":"x"})", "7"});
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, "output");
  EXPECT_EQ(event->number, "7");
  EXPECT_EQ(json::string_or(event->body, "text", ""), "x");
  EXPECT_EQ(parse_task_event({"", R"({"type":"end"})", ""})->type, "end");
  EXPECT_FALSE(parse_task_event({"output", "x", "1"}));
}

}  // namespace
}  // namespace flotte::client
