// Embeddings between OpenAI, Gemini and Ollama.
#include <gtest/gtest.h>

#include "dialect/embeddings/embedding.hpp"
#include "dialect/translate_embeddings.hpp"

namespace flotte::dialect {
namespace {

const Target target{.model = "t"};

std::string request(Api client, Api provider, std::string_view body, const Asked& asked = {}) {
  const auto out = translate_embedding_request(client, provider, body, target, asked);
  return out ? out->body : "refused: " + out.error().text();
}
std::string notes(Api client, Api provider, std::string_view body) {
  const auto out = translate_embedding_request(client, provider, body, target);
  if (!out) return "refused: " + out.error().text();
  std::string all;
  for (const Note& note : out->notes) all.append(all.empty() ? "" : "; ").append(note.field).append(" ").append(to_string(note.fate));
  return all;
}
std::string answer(Api provider, Api client, std::string_view body, const EmbeddingReply& reply) {
  const auto out = translate_embedding_answer(provider, client, body, reply);
  return out ? out->body : "failed: " + out.error().text();
}

TEST(Embeddings, OpenAiBecomesABatchOfGemini) {
  EXPECT_EQ(
      request(Api::embeddings, Api::gemini_batch_embed, R"({"model":"m","input":["a","b"],"dimensions":3,"encoding_format":"base64"})"),
      R"({"requests":[{"model":"models/t","content":{"parts":[{"text":"a"}]},"outputDimensionality":3},)"
      R"({"model":"models/t","content":{"parts":[{"text":"b"}]},"outputDimensionality":3}]})");
  EXPECT_EQ(
      answer(Api::gemini_batch_embed, Api::embeddings, R"({"embeddings":[{"values":[1, -0.5]},{"values":[2e-3]}]})",
             {.model = "t", .inputs = 2, .base64 = false, .estimated_input = 4}),
      R"({"id":"embd-","object":"list","data":[{"object":"embedding","index":0,"embedding":[1, -0.5]},)"
      R"({"object":"embedding","index":1,"embedding":[2e-3]}],"model":"t","usage":{"prompt_tokens":4,"completion_tokens":0,"total_tokens":4}})");
}

TEST(Embeddings, OpenAisClientsGetBase64WhereTheyAskForIt) {
  EXPECT_EQ(answer(Api::ollama_embed, Api::embeddings, R"({"model":"n","embeddings":[[1,-0.5]],"prompt_eval_count":7})",
                   {.model = "t", .inputs = 1, .base64 = true, .estimated_input = 4}),
            R"({"id":"embd-","object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPwAAAL8="}],"model":"n",)"
            R"("usage":{"prompt_tokens":7,"completion_tokens":0,"total_tokens":7}})");
}

TEST(Embeddings, FloatsAndBase64AreTheSameVector) {
  const auto packed = embeddings::pack_vector("[1,-0.5,0.1]");
  ASSERT_TRUE(packed);
  EXPECT_EQ(embeddings::unpack_vector(*packed), "[1,-0.5,0.1]");
  EXPECT_FALSE(embeddings::unpack_vector("AACAPwA="));
  EXPECT_FALSE(embeddings::unpack_vector("AACAfw=="));  // infinity
}

TEST(Embeddings, GeminiBecomesOllama) {
  EXPECT_EQ(request(Api::gemini_embed, Api::ollama_embed, R"({"content":{"parts":[{"text":"a"},{"text":"b"}]},"outputDimensionality":4})",
                    {.model = "m"}),
            R"({"model":"t","input":["a\nb"],"dimensions":4,"truncate":false})");
  EXPECT_EQ(answer(Api::ollama_embed, Api::gemini_embed, R"({"model":"n","embeddings":[[1]],"prompt_eval_count":7})", {.inputs = 1}),
            R"({"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":7}})");
  EXPECT_EQ(answer(Api::ollama_embed, Api::gemini_batch_embed, R"({"embeddings":[[1],[2]]})", {.inputs = 2, .estimated_input = 3}),
            R"({"embeddings":[{"values":[1]},{"values":[2]}],"usageMetadata":{"promptTokenCount":3}})");
}

TEST(Embeddings, OllamaBecomesOpenAi) {
  EXPECT_EQ(request(Api::ollama_embed, Api::embeddings, R"({"model":"m","input":"a","dimensions":2})"),
            R"({"model":"t","input":["a"],"dimensions":2,"encoding_format":"float"})");
  EXPECT_EQ(request(Api::ollama_embeddings, Api::embeddings, R"({"model":"m","prompt":"a"})"),
            R"({"model":"t","input":["a"],"encoding_format":"float"})");
  const std::string_view two =
      R"({"object":"list","data":[{"index":1,"embedding":[2]},{"index":0,"embedding":"AACAPw=="}],"model":"o","usage":{"prompt_tokens":5}})";
  EXPECT_EQ(answer(Api::embeddings, Api::ollama_embed, two, {.inputs = 2}),
            R"({"model":"o","embeddings":[[1],[2]],"total_duration":0,"load_duration":0,"prompt_eval_count":5})");
  EXPECT_EQ(answer(Api::embeddings, Api::ollama_embeddings, R"({"data":[{"embedding":[2]}]})", {.inputs = 1}), R"({"embedding":[2]})");
}

TEST(Embeddings, ACallThatWasCountedIsCounted) {
  const auto told = translate_embedding_answer(Api::embeddings, Api::gemini_embed,
                                               R"({"data":[{"embedding":[2]}],"usage":{"prompt_tokens":5}})", {.inputs = 1});
  ASSERT_TRUE(told);
  EXPECT_EQ(told->usage.input_tokens, 5);
  const auto silent = translate_embedding_answer(Api::gemini_batch_embed, Api::embeddings, R"({"embeddings":[{"values":[1]}]})",
                                                 {.inputs = 1, .estimated_input = 9});
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->usage.input_tokens, -1);  // an estimate is told, never billed
}

TEST(Embeddings, RefusesAndNotesByTheMatrix) {
  EXPECT_EQ(request(Api::embeddings, Api::gemini_batch_embed, R"({"model":"m","input":[1,2]})"),
            "refused: input cannot be sent to Gemini (tokens are known to one model only; send text)");
  EXPECT_EQ(request(Api::embeddings, Api::ollama_embed, R"({"model":"m","input":["a",[1,2]]})"),
            "refused: input[1] cannot be sent to Ollama (tokens are known to one model only; send text)");
  EXPECT_EQ(notes(Api::gemini_embed, Api::embeddings, R"({"content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_QUERY","title":"x"})"),
            "taskType left out, noted");
  EXPECT_EQ(notes(Api::ollama_embed, Api::embeddings, R"({"model":"m","input":"a","truncate":true,"keep_alive":"1m"})"),
            "truncate left out, noted; keep_alive left out, noted");
  EXPECT_EQ(request(Api::gemini_embed, Api::embeddings, R"({"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AA"}}]}})"),
            "refused: content.parts[0] cannot be sent to OpenAI chat completions (only text can be embedded there)");
  EXPECT_EQ(request(Api::embeddings, Api::ollama_embed, R"({"model":"m","input":[]})"), "refused: input: is missing or empty");
  EXPECT_EQ(request(Api::embeddings, Api::ollama_embed, R"([1])").substr(0, 8), "refused:");
  EXPECT_EQ(request(Api::embeddings, Api::ollama_embed, R"({"input")").substr(0, 8), "refused:");
  EXPECT_NE(request(Api::embeddings, Api::chat, R"({"model":"m","input":"a"})").find("is not translated"), std::string::npos);
}

TEST(Embeddings, ABatchOverGeminisBoundIsRefused) {
  std::string body = R"({"model":"m","input":["a")";
  for (int i = 0; i < 100; ++i) body += R"(,"a")";
  EXPECT_EQ(request(Api::embeddings, Api::gemini_batch_embed, body + "]}"),
            "refused: input: has more than 100 texts, which is the most that Gemini takes in one call");
}

TEST(Embeddings, AnAnswerThatLacksAVectorIsNone) {
  EXPECT_EQ(answer(Api::embeddings, Api::ollama_embed, R"({"data":[{"index":1,"embedding":[2]}]})", {.inputs = 2}),
            "failed: some of the texts that were sent have no vector");
  EXPECT_EQ(answer(Api::ollama_embed, Api::embeddings, R"({"embeddings":[[1]]})", {.inputs = 2}),
            "failed: 2 texts were sent and 1 vectors came back");
  EXPECT_EQ(answer(Api::ollama_embed, Api::embeddings, R"({"error":"no such model"})", {.inputs = 2}), "failed: no such model");
  EXPECT_EQ(answer(Api::embeddings, Api::ollama_embed, R"({"data":[{"embedding":["a"]}]})", {.inputs = 1}).substr(0, 33),
            "failed: no answer of OpenAI's emb");
}

}  // namespace
}  // namespace flotte::dialect
