#include "dialect/openai_reply.hpp"

#include <gtest/gtest.h>

namespace flotte::dialect {
namespace {

TEST(OpenAiFacts, ReadsUsageOfAWholeAnswer) {
  const auto facts = read_openai_facts(
      R"({"choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":1}"}}],"usage":{"completion_tokens":5,"prompt_tokens":20,"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":16}},"timings":{}})");
  EXPECT_TRUE(facts.object);
  EXPECT_TRUE(facts.choices);
  EXPECT_FALSE(facts.error);
  EXPECT_EQ(facts.usage.input_tokens, 20);
  EXPECT_EQ(facts.usage.cached_tokens, 16);
  EXPECT_EQ(facts.usage.output_tokens, 5);
}

TEST(OpenAiFacts, TellsZeroFromNotTold) {
  EXPECT_EQ(read_openai_usage(R"({"prompt_tokens":0,"completion_tokens":0,"prompt_cache_hit_tokens":0})").cached_tokens, 0);
  EXPECT_EQ(read_openai_usage(R"({"prompt_tokens":0})").output_tokens, -1);
  EXPECT_EQ(read_openai_usage(R"({"prompt_tokens":-4,"completion_tokens":"7"})").known(), false);
}

TEST(OpenAiFacts, KnowsAnErrorInsideASuccess) {
  EXPECT_TRUE(read_openai_facts(R"({"error":{"message":"no"}})").error);
  EXPECT_TRUE(read_openai_facts(R"({"error":"no"})").error);
  EXPECT_FALSE(read_openai_facts(R"({"error":null,"choices":[{}]})").error);
  EXPECT_FALSE(read_openai_facts(R"({"error":{},"choices":[{}]})").error);
  EXPECT_FALSE(read_openai_facts(R"(<html>)").object);
}

TEST(OpenAiErrorMessage, FindsTheSentence) {
  EXPECT_EQ(openai_error_message(R"({"error":{"message":"too\nlong","code":1}})"), "too long");
  EXPECT_EQ(openai_error_message(R"({"error":"plain"})"), "plain");
  EXPECT_EQ(openai_error_message(R"({"detail":"fastapi"})"), "fastapi");
  EXPECT_EQ(openai_error_message("<html>"), "");
  EXPECT_EQ(openai_error_message("{\"error\":{\"message\":\"" + std::string(296, 'x') + "äää\"}}"), std::string(296, 'x') + "...");
}

TEST(OpenAiReply, TokensWrittenToACacheAndBatchesAreTold) {
  const llm::Usage usage =
      read_openai_usage(R"({"input_tokens":10,"cache_creation_input_tokens":300,"cache_read_input_tokens":20,"cache_creation":{)"
                        R"("ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":100},"output_tokens":5,"service_tier":"batch"})");
  EXPECT_EQ(usage.input_tokens, 330);
  EXPECT_EQ(usage.cached_tokens, 20);
  EXPECT_EQ(usage.cache_creation_tokens, 300);
  EXPECT_EQ(usage.cache_creation_1h_tokens, 100);
  EXPECT_TRUE(usage.batch);
  EXPECT_TRUE(read_openai_facts(R"({"service_tier":"flex","usage":{"prompt_tokens":1,"completion_tokens":1}})").usage.batch);
  EXPECT_FALSE(read_openai_facts(R"({"service_tier":"default","usage":{"prompt_tokens":1,"completion_tokens":1}})").usage.batch);
}

}  // namespace
}  // namespace flotte::dialect
