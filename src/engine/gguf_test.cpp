// GGUF heads, whole, cut anywhere and damaged.
#include "engine/gguf.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/process/process_test.hpp"
#include "base/random.hpp"
#include "engine/gguf_for_tests.hpp"

namespace flotte::engine {
namespace {

using testing::GgufWriter;

std::string sample() {
  GgufWriter w;
  w.text("general.architecture", "llama").text("general.name", "flotte-demo small").text("general.description", "made of text");
  w.number("llama.context_length", 131072).number("llama.block_count", 1);
  w.words("tokenizer.ggml.tokens", {"a", "bc", ""});
  w.tensor("token_embd.weight", {1536, 100}).tensor("output.weight", {10});
  return w.bytes();
}

TEST(Gguf, TellsWhatTheFileSays) {
  const auto facts = parse_gguf(sample());
  ASSERT_TRUE(facts) << facts.error().text();
  EXPECT_EQ(facts->name, "flotte-demo small");
  EXPECT_EQ(facts->description, "made of text");
  EXPECT_EQ(facts->architecture, "llama");
  EXPECT_EQ(facts->context_tokens, 131072);
  EXPECT_EQ(facts->parameters, 153610);
  EXPECT_TRUE(facts->demonstration());
}

TEST(Gguf, RefusesEveryCutFile) {
  const std::string whole = sample();
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_gguf(whole.substr(0, size))) << size;
}

TEST(Gguf, SurvivesDamage) {
  const std::string whole = sample();
  Random random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 3; ++i) damaged[4 + random.below(damaged.size() - 4)] = static_cast<char>(random.below(256));
    (void)parse_gguf(damaged);
  }
  SUCCEED();
}

TEST(Gguf, ReadsAFileThatIsLongerThanItsHead) {
  TemporaryDirectory directory;
  ASSERT_TRUE(replace_file(directory.path + "/x.gguf", sample() + std::string(3'000'000, 'x')));
  EXPECT_TRUE(read_gguf(directory.path + "/x.gguf"));
  ASSERT_TRUE(replace_file(directory.path + "/x.gguf", sample().substr(0, 100)));
  EXPECT_EQ(read_gguf(directory.path + "/x.gguf").error().code, Code::corrupt);
  EXPECT_EQ(read_gguf(directory.path + "/y.gguf").error().code, Code::not_found);
  ASSERT_TRUE(replace_file(directory.path + "/x.gguf", "<html>not found</html>"));
  EXPECT_NE(read_gguf(directory.path + "/x.gguf").error().message.find("not a GGUF"), std::string::npos);
}

TEST(Gguf, NamesAModelByItsStem) {
  EXPECT_EQ(model_stem("/models/qwen-7b.Q4.gguf"), "qwen-7b.Q4");
  EXPECT_EQ(model_stem("x"), "x");
  EXPECT_EQ(model_stem("/m/big-00001-of-00003.gguf"), "big");
}

}  // namespace
}  // namespace flotte::engine
