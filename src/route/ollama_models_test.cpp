// What names tell, and what clients of Ollama read.
#include "route/ollama_models.hpp"

#include <gtest/gtest.h>

namespace flotte::route {
namespace {

Route route_to(std::string model, TargetKind kind, std::int64_t context) {
  Route route;
  Target target;
  target.kind = kind;
  target.model = std::move(model);
  target.context_tokens = context;
  route.targets.push_back(std::move(target));
  return route;
}

TEST(OllamaModels, ReadWhatANameTells) {
  const OllamaModel qwen = describe_ollama("small", route_to("Qwen2.5-0.5B-Instruct-Q4_K_M", TargetKind::engine, 8192));
  EXPECT_EQ(qwen.name, "small");
  EXPECT_EQ(qwen.family, "qwen");
  EXPECT_EQ(qwen.parameter_size, "0.5B");
  EXPECT_EQ(qwen.quantization_level, "Q4_K_M");
  EXPECT_EQ(qwen.context_tokens, 8192);
  EXPECT_TRUE(qwen.local);
  EXPECT_FALSE(qwen.sees);
  const OllamaModel llama = describe_ollama("x", route_to("meta/llama-3.1-8b.f16", TargetKind::engine, 0));
  EXPECT_EQ(llama.quantization_level, "F16");
  const OllamaModel claude = describe_ollama("smart", route_to("claude-opus-4-8", TargetKind::provider, 200'000));
  EXPECT_TRUE(claude.sees);
  EXPECT_FALSE(claude.local);
  EXPECT_TRUE(describe_ollama("e", route_to("nomic-embed-text", TargetKind::provider, 0)).embeds);
}

TEST(OllamaModels, AreShownWithTheirContextAndAbilities) {
  const OllamaModel model = describe_ollama("smart", route_to("claude-opus-4-8", TargetKind::provider, 200'000));
  const json::object shown = ollama_show(model, WallTime());
  const json::object& info = shown.at("model_info").as_object();
  EXPECT_EQ(info.at("general.architecture"), "claude");
  EXPECT_EQ(info.at("claude.context_length"), 200'000);
  EXPECT_EQ(json::dump(shown.at("capabilities")), R"(["completion","tools","vision"])");
  const json::object tag = ollama_tag(model, WallTime());
  EXPECT_EQ(tag.at("model"), "smart");
  EXPECT_EQ(tag.at("digest").as_string().size(), 64U);
  EXPECT_EQ(tag.at("modified_at"), "1970-01-01T00:00:00.000Z");
}

TEST(OllamaModels, ANameWithoutATagIsTheLatest) {
  EXPECT_EQ(other_spelling("llama3.2"), "llama3.2:latest");
  EXPECT_EQ(other_spelling("smart:latest"), "smart");
  EXPECT_EQ(other_spelling("llama3.2:1b"), "");
}

TEST(OllamaModels, ANameWhoseTargetsAreAwayIsStillListed) {
  const OllamaModel away = describe_ollama("llama-7b", Route{});
  EXPECT_EQ(away.family, "llama");
  EXPECT_EQ(away.parameter_size, "7B");
  EXPECT_FALSE(away.local);
}

}  // namespace
}  // namespace flotte::route
