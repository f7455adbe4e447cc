// Legacy completions, answered by servers of chat.
#include <gtest/gtest.h>

#include "dialect/stream_translator.hpp"

namespace flotte::dialect {
namespace {

constexpr Format chat = Format::openai_chat, claude = Format::anthropic, completions = Format::completions;
const ReplyContext context{.model = "m", .request_id = "r1", .created_s = 7, .include_usage = true, .estimated_input = 5};

std::string request(Format to, std::string_view more) {
  const auto out = translate_request(completions, to, R"({"model":"m",)" + std::string(more) + "}", {});
  return out ? out->body : "refused: " + out.error().text();
}

TEST(Completions, APromptIsAMessageOfTheUser) {
  EXPECT_EQ(request(claude, R"("prompt":"Once","max_tokens":7,"stop":["\n\n","END"],"temperature":0.5)"),
            R"({"model":"m","max_tokens":7,"messages":[{"role":"user","content":[{"type":"text","text":"Once"}]}],)"
            R"("temperature":0.5,"stop_sequences":["END"]})");
  EXPECT_EQ(request(chat, R"("prompt":["Once"],"n":1,"best_of":1,"echo":false,"suffix":null,"stream":true)"),
            R"({"model":"m","messages":[{"role":"user","content":"Once"}],"stream":true,"stream_options":{"include_usage":true}})");
}

TEST(Completions, RefusesWhatAConversationCannotDo) {
  const std::string raw = " cannot be sent to Anthropic Messages (use an API and a model that complete plain text)";
  EXPECT_EQ(request(claude, R"("prompt":"a","suffix":"z")"), "refused: suffix" + raw);
  EXPECT_EQ(request(claude, R"("prompt":"a","echo":true)"), "refused: echo" + raw);
  EXPECT_EQ(request(claude, R"("prompt":"a","logprobs":3)"), "refused: logprobs" + raw);
  const std::string several = " cannot be sent to Anthropic Messages (the API gives one answer; ask again)";
  EXPECT_EQ(request(claude, R"("prompt":"a","n":2)"), "refused: n" + several);
  EXPECT_EQ(request(claude, R"("prompt":"a","best_of":3)"), "refused: best_of" + several);
  EXPECT_EQ(request(claude, R"("prompt":["a","b"])"), "refused: prompt" + several);
  EXPECT_EQ(request(claude, R"("prompt":[1,2])"),
            "refused: prompt: is a list of tokens, which only the model's own server can read; send text");
  EXPECT_EQ(request(claude, R"("prompt":[])"), "refused: prompt: is neither a text nor a list of one");
  EXPECT_EQ(request(claude, R"("max_tokens":1)"), "refused: prompt: is missing");
}

TEST(Completions, AnAnswerIsItsText) {
  const auto out = translate_answer(
      claude, completions,
      R"({"id":"msg_1","model":"c","content":[{"type":"thinking","thinking":"hm","signature":"S"},{"type":"text","text":" upon"}],)"
      R"("stop_reason":"max_tokens","usage":{"input_tokens":3,"output_tokens":2}})",
      context);
  ASSERT_TRUE(out);
  EXPECT_EQ(
      out->body,
      R"({"id":"msg_1","object":"text_completion","created":7,"model":"m","choices":[{"text":" upon","index":0,"logprobs":null,"finish_reason":"length"}],)"
      R"("usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}})");
}

TEST(Completions, AStreamIsItsText) {
  StreamTranslator translator(chat, completions, context);
  std::string out(translator.feed(
      "data: {\"id\":\"c1\",\"model\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
      "data: {\"id\":\"c1\",\"model\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" upon\"}}]}\n\n"
      "data: {\"id\":\"c1\",\"model\":\"g\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
      "data: {\"id\":\"c1\",\"model\":\"g\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"));
  out.append(translator.finish());
  const std::string head = R"(data: {"id":"c1","object":"text_completion","created":7,"model":"m","choices":[)";
  EXPECT_EQ(
      out,
      head + "{\"text\":\" upon\",\"index\":0,\"logprobs\":null,\"finish_reason\":null}]}\n\n" + head +
          "{\"text\":\"\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n" + head +
          "],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":0},"
          "\"completion_tokens_details\":{\"reasoning_tokens\":0}}}\n\ndata: [DONE]\n\n");
  EXPECT_TRUE(translator.complete());
}

TEST(Completions, AStreamThatIsCutOffEndsInAnError) {
  StreamTranslator translator(chat, completions, context);
  std::string out(translator.feed("data: {\"id\":\"c1\",\"model\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"));
  out.append(translator.finish());
  EXPECT_NE(out.find("data: {\"error\":{\"message\":\"the provider's answer was cut off"), std::string::npos) << out;
  EXPECT_EQ(out.find("[DONE]"), std::string::npos);
}

}  // namespace
}  // namespace flotte::dialect
