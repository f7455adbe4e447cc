#include "dialect/error_shape.hpp"

#include <gtest/gtest.h>

#include "dialect/error_words.hpp"

namespace flotte::dialect {
namespace {

TEST(ErrorShape, SpeaksOpenAi) {
  const auto shaped = shape_error(Format::openai_chat, Error(Code::not_found, "no model \"x\"", "did you mean \"y\"?"),
                                  {.code = "model_not_found", .param = "model"});
  EXPECT_EQ(shaped.status, 404);
  EXPECT_EQ(
      shaped.body,
      R"x({"error":{"message":"no model \"x\" (did you mean \"y\"?)","type":"invalid_request_error","param":"model","code":"model_not_found"}})x");
  EXPECT_EQ(shape_error(Format::openai_chat, Error(Code::unauthenticated, "no key")).body,
            R"({"error":{"message":"no key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})");
}

TEST(ErrorShape, SaysThatMoneyIsOverAsOpenAiDoes) {
  EXPECT_EQ(shape_error(Format::openai_chat, Error(Code::exhausted, "no budget"), {.status = 402, .code = "insufficient_quota"}).body,
            R"({"error":{"message":"no budget","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})");
}

TEST(ErrorShape, GivesEveryCodeAStatus) {
  for (int code = 0; code <= static_cast<int>(Code::internal); ++code) {
    const int status = shape_error(Format::openai_chat, Error(static_cast<Code>(code), "x")).status;
    EXPECT_GE(status, 400);
    EXPECT_LT(status, 600);
  }
  EXPECT_EQ(shape_error(Format::openai_chat, Error(Code::conflict, "loop"), {.status = 508}).status, 508);
}

TEST(ErrorShape, SaysOfOurOwnErrorsWhatItSaysOfAProvidersOnes) {
  for (int code = 0; code <= static_cast<int>(Code::internal); ++code) {
    for (const Format client :
         {Format::openai_chat, Format::completions, Format::responses, Format::anthropic, Format::gemini, Format::ollama}) {
      const auto own = shape_error(client, Error(static_cast<Code>(code), "x"), {.request_id = "r"});
      const ProviderError theirs{.kind = {}, .code = {}, .message = "x", .status = own.status};
      EXPECT_EQ(own.body, write_error(client, theirs, "r")) << code;
      EXPECT_EQ(own.status, status_of(client, theirs)) << code;
    }
  }
}

TEST(ErrorShape, SpeaksInsideAStream) {
  EXPECT_EQ(shape_stream_error(Format::openai_chat, Error(Code::unavailable, "away")),
            "data: {\"error\":{\"message\":\"away\",\"type\":\"server_error\",\"param\":null,\"code\":\"unavailable\"}}\n\n");
}

TEST(ErrorShape, SpeaksAnthropic) {
  const auto shaped = shape_error(Format::anthropic, Error(Code::not_found, "no model"), {.request_id = "req_1"});
  EXPECT_EQ(shaped.status, 404);
  EXPECT_EQ(shaped.body, R"({"type":"error","error":{"type":"not_found_error","message":"no model"},"request_id":"req_1"})");
  EXPECT_EQ(shape_error(Format::anthropic, Error(Code::too_large, "x")).body,
            R"({"type":"error","error":{"type":"request_too_large","message":"x"},"request_id":null})");
  EXPECT_EQ(
      shape_stream_error(Format::anthropic, Error(Code::unavailable, "away")),
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"away\"},\"request_id\":null}\n\n");
}

TEST(ErrorShape, SpeaksGeminiAndOllama) {
  EXPECT_EQ(shape_error(Format::gemini, Error(Code::exhausted, "later")).body,
            R"({"error":{"code":429,"message":"later","status":"RESOURCE_EXHAUSTED"}})");
  EXPECT_EQ(shape_error(Format::ollama, Error(Code::not_found, "no model")).body, R"({"error":"no model"})");
  EXPECT_EQ(shape_stream_error(Format::ollama_generate, Error(Code::unavailable, "away")), "{\"error\":\"away\"}\n");
}

TEST(ErrorShape, FailsAResponseInItsStream) {
  const std::string event = shape_stream_error(Format::responses, Error(Code::unavailable, "away"), {.request_id = "req_1"});
  EXPECT_TRUE(event.starts_with("event: error\ndata: {\"type\":\"error\",\"sequence_number\":0,\"code\":\"server_error\",")) << event;
  EXPECT_NE(event.find("\n\nevent: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":1,"), std::string::npos)
      << event;
  EXPECT_NE(event.find(R"("error":{"code":"server_error","message":"away"})"), std::string::npos) << event;
  EXPECT_TRUE(event.ends_with("}}\n\n")) << event;
}

TEST(ErrorShape, KnowsWhosePathItIs) {
  EXPECT_EQ(format_of_path("/v1/messages"), Format::anthropic);
  EXPECT_EQ(format_of_path("/v1/messages/count_tokens"), Format::anthropic);
  EXPECT_EQ(format_of_path("/v1/messages2"), Format::openai_chat);
  EXPECT_EQ(format_of_path("/v1/responses"), Format::responses);
  EXPECT_EQ(format_of_path("/v1/chat/completions"), Format::openai_chat);
  EXPECT_EQ(format_of_path("/v1/nothing"), Format::openai_chat);
  EXPECT_EQ(format_of_path("/v1"), Format::openai_chat);
  EXPECT_EQ(format_of_path("/v1beta/models"), Format::gemini);
  EXPECT_EQ(format_of_path("/v1/models/a/b:streamGenerateContent"), Format::gemini);
  EXPECT_EQ(format_of_path("/v1/models/a:b"), Format::openai_chat);
  EXPECT_EQ(format_of_path("/api/chat"), Format::ollama);
  EXPECT_EQ(format_of_path("/fleet/v1/tasks"), std::nullopt);
}

}  // namespace
}  // namespace flotte::dialect
