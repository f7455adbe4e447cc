// What is found, without anything that is really there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_directory.hpp"
#include "engine/find/finder.hpp"
#include "engine/find/places.hpp"

namespace flotte::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(OllamaUrl, ReadsWhatOllamasOwnClientReads) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "http://127.0.0.1:11434"},     {"0.0.0.0", "http://127.0.0.1:11434"}, {"0.0.0.0:1234", "http://127.0.0.1:1234"},
      {":1234", "http://127.0.0.1:1234"}, {"box", "http://box:11434"},           {"box:1", "http://box:1"},
      {"http://box", "http://box:80"},    {"https://box", "https://box:443"},    {"http://box:5/", "http://box:5"},
      {"[::1]:5", "http://[::1]:5"},      {"::1", "http://[::1]:11434"},         {" \"box:7\" ", "http://box:7"}};
  for (const auto& [given, meant] : cases) {
    const auto url = ollama_url(given);
    ASSERT_TRUE(url) << given;
    EXPECT_EQ(*url, meant) << given;
  }
}

TEST(OllamaUrl, RefusesAGatewaysAddress) {
  EXPECT_EQ(ollama_url("http://127.0.0.1:7700/k/fk_x").error().code, Code::unsupported);
  EXPECT_EQ(ollama_url("box:port").error().code, Code::invalid_argument);
}

TEST(IsLoopbackPort, KnowsThisHub) {
  EXPECT_TRUE(is_loopback_port("http://127.0.0.1:7700", 7700));
  EXPECT_TRUE(is_loopback_port("http://localhost:7700", 7700));
  EXPECT_FALSE(is_loopback_port("http://127.0.0.1:7701", 7700));
  EXPECT_FALSE(is_loopback_port("http://box:7700", 7700));
}

TEST(IsLlamaServer, IsNoOtherServersAnswer) {
  const auto answer = [](const char* text) { return json::parse_object(text).value(); };
  EXPECT_TRUE(is_llama_server(answer(R"({"data":[{"id":"x","owned_by":"llamacpp"}]})")));
  EXPECT_FALSE(is_llama_server(answer(R"({"data":[{"id":"x","owned_by":"vllm"}]})")));
  EXPECT_FALSE(is_llama_server(answer(R"({"data":[]})")));
  EXPECT_FALSE(is_llama_server(answer(R"({"status":"ok"})")));
}

class Folder : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text, WallTime at) {
    const std::string file = path + "/" + name;
    std::ofstream(file) << text;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    ::utimensat(AT_FDCWD, file.c_str(), times, 0);
    return file;
  }
  /// A GGUF head with one key and no tensors.
  static std::string gguf(const std::string& architecture) {
    const auto number = [](std::uint64_t value, int bytes) {
      std::string out;
      for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
      return out;
    };
    const auto text = [&number](const std::string& s) { return number(s.size(), 8) + s; };
    return "GGUF" + number(3, 4) + number(0, 8) + number(1, 8) + text("general.architecture") + number(8, 4) + text(architecture);
  }
  TemporaryDirectory directory;
  const std::string& path = directory.path;
  WallTime now = system_clock().wall();
  WallTime before = now - std::chrono::hours(1);
};

TEST_F(Folder, GivesModelsByNameAndSaysWhyOthersAreNone) {
  write("b.gguf", gguf("llama"), before);
  write("a.gguf", gguf("qwen3"), before);
  write("search.gguf", gguf("nomic-bert"), before);
  write("broken.gguf", "GGUF", before);
  write("notes.txt", "x", before);
  const ModelFiles found = look_for_models(path, now);
  EXPECT_THAT(found.usable, ElementsAre(path + "/a.gguf", path + "/b.gguf"));
  ASSERT_THAT(found.unusable, SizeIs(2));
  EXPECT_THAT(found.unusable[1].why, HasSubstr("nomic-bert"));
  EXPECT_FALSE(found.unsettled);
}

TEST_F(Folder, LeavesAFileThatIsStillWrittenToForTheNextLook) {
  write("a.gguf", gguf("llama"), now);
  const ModelFiles first = look_for_models(path, now);
  EXPECT_THAT(first.usable, IsEmpty());
  EXPECT_TRUE(first.unsettled);
  EXPECT_THAT(look_for_models(path, now + std::chrono::seconds(3)).usable, SizeIs(1));
}

TEST_F(Folder, NamesAModelInPartsOnce) {
  for (const char* name : {"x-00001-of-00003.gguf", "x-00002-of-00003.gguf", "x-00003-of-00003.gguf"}) write(name, gguf("llama"), before);
  EXPECT_THAT(look_for_models(path, now).usable, ElementsAre(path + "/x-00001-of-00003.gguf"));
}

TEST_F(Folder, LeavesOutWhatIsGreaterThanTheMemory) {
  write("small.gguf", gguf("llama"), before);
  const std::string large = write("large-00001-of-00002.gguf", gguf("llama"), before);
  const std::string part = write("large-00002-of-00002.gguf", gguf("llama"), before);
  std::filesystem::resize_file(part, 3 * 1024 * 1024);  // sparse
  const auto hour_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::filesystem::last_write_time(part, hour_ago);
  const ModelFiles found = look_for_models(path, now, 2);
  EXPECT_THAT(found.usable, SizeIs(1));
  ASSERT_THAT(found.unusable, SizeIs(1));
  EXPECT_EQ(found.unusable[0].path, large);
  EXPECT_THAT(found.unusable[0].why, HasSubstr("too large"));
  EXPECT_THAT(look_for_models(path, now, 4).usable, SizeIs(2));
  EXPECT_THAT(look_for_models(path, now).usable, SizeIs(2));
}

TEST_F(Folder, IsEmptyWhereThereIsNoDirectory) {
  const ModelFiles found = look_for_models(path + "/none", now);
  EXPECT_THAT(found.usable, IsEmpty());
  EXPECT_FALSE(found.unsettled);
}

}  // namespace
}  // namespace flotte::engine
