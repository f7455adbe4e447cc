// What is said of things that were found and cannot be used.
#include "engine/find/seen.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotte::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(DescribeUnusable, SaysNothingOfWhatWorks) {
  Found found;
  found.file = "/m/tiny.gguf";
  found.files.usable = {"/m/tiny.gguf"};
  EXPECT_THAT(describe_unusable(found, {{.name = "llama", .kind = "llama-server", .state = "ready", .models = {"tiny"}}}), IsEmpty());
  EXPECT_THAT(describe_unusable(found, {{.name = "llama", .kind = "llama-server", .state = "starting"}}), IsEmpty());
  EXPECT_THAT(describe_unusable({}, {}), IsEmpty());
}

TEST(DescribeUnusable, NamesEachFileWithItsReason) {
  Found found;
  found.file = "/m/a.gguf";
  found.no_program = "no llama-server on the PATH";
  found.files.usable = {"/m/a.gguf", "/m/b.gguf"};
  found.files.unusable = {{"/m/big.gguf", "it is too large: it needs 40.0 GiB"}, {"/m/bert.gguf", "it is no model for conversations"}};
  const auto seen = describe_unusable(found, {});
  ASSERT_THAT(seen, SizeIs(4));
  EXPECT_EQ(seen[0], (wire::Seen{"model", "a.gguf", "/m/a.gguf", "no llama-server on the PATH", ""}));
  EXPECT_THAT(seen[1].why, HasSubstr("a.gguf"));
  EXPECT_THAT(seen[2].hint, HasSubstr("smaller"));
  EXPECT_EQ(seen[3].hint, "");
}

TEST(DescribeUnusable, NamesServersThatAreOfNoUse) {
  Found found;
  found.ollama_wrong = "OLLAMA_HOST is no address";
  found.servers = {{"ollama", "Ollama", "http://127.0.0.1:11434"}};
  const auto seen = describe_unusable(found, {{.name = "ollama", .kind = "ollama", .state = "ready"},
                                              {.name = "llama", .kind = "llama-server", .state = "failed", .message = "no memory\nlog"}});
  ASSERT_THAT(seen, SizeIs(3));
  EXPECT_EQ(seen[0].kind, "server");
  EXPECT_EQ(seen[1].where, "http://127.0.0.1:11434");
  EXPECT_THAT(seen[1].hint, HasSubstr("ollama pull"));
  EXPECT_EQ(seen[2].why, "it has failed: no memory");
}

}  // namespace
}  // namespace flotte::engine
