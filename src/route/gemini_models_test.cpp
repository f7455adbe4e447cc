// Gemini's list of models.
#include "route/gemini_models.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

TEST(GeminiModels, NameWhatCanBeAskedOfThem) {
  EXPECT_EQ(json::dump(describe_gemini({"engine@box/a", 4096})),
            R"({"name":"models/engine@box/a","version":"1","displayName":"engine@box/a","inputTokenLimit":4096,)"
            R"("supportedGenerationMethods":["generateContent","streamGenerateContent","countTokens"]})");
  EXPECT_EQ(json::dump(describe_gemini({"nomic-embed-text", 0})),
            R"({"name":"models/nomic-embed-text","version":"1","displayName":"nomic-embed-text","supportedGenerationMethods":)"
            R"(["embedContent","batchEmbedContents"]})");
}

TEST(GeminiModels, ComeInPages) {
  const std::vector<ListedModel> models{{"a", 0}, {"b", 0}, {"c", 0}};
  const auto first = list_gemini(models, "2", "");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->at("models").as_array().size(), 2U);
  EXPECT_EQ(json::string_or(*first, "nextPageToken", ""), "2");
  const auto last = list_gemini(models, "2", "2");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->at("models").as_array().size(), 1U);
  EXPECT_FALSE(last->contains("nextPageToken"));
  EXPECT_EQ(list_gemini(models, "", "")->at("models").as_array().size(), 3U);
  EXPECT_EQ(list_gemini(models, "2", "99")->at("models").as_array().size(), 0U);
  EXPECT_FALSE(list_gemini(models, "many", ""));
  EXPECT_FALSE(list_gemini(models, "", "-1"));
}

}  // namespace
}  // namespace flotte::route
