// What stands on the terminal of a node.
#include "node/voice.hpp"

#include <gtest/gtest.h>

namespace flotte::node {
namespace {

wire::EngineInfo engine(std::string name, std::string state) {
  wire::EngineInfo out;
  out.name = std::move(name);
  out.state = std::move(state);
  return out;
}

TEST(Voice, SaysWhereItBelongsAndOnceHowToEndIt) {
  Voice voice;
  EXPECT_EQ(voice.on_linked({"attic", "https://10.0.0.1:7700", "box"}),
            "Linked  to hub attic at https://10.0.0.1:7700 as box\n        Ctrl-C ends it\n");
  EXPECT_EQ(voice.on_linked({"attic", "https://10.0.0.1:7700", "kitchen"}), "Linked  to hub attic at https://10.0.0.1:7700 as kitchen\n");
}

TEST(Voice, TellsOfAnEngineOnlyWhatIsNew) {
  Voice voice;
  wire::EngineInfo llama = engine("llama", "starting");
  EXPECT_EQ(voice.on_engines({llama}), "Engine  llama starting\n");
  EXPECT_EQ(voice.on_engines({llama}), "");
  llama.state = "ready";
  llama.models = {"qwen"};
  const wire::EngineInfo ollama = engine("ollama", "starting");
  EXPECT_EQ(voice.on_engines({llama, ollama}), "Engine  llama ready: qwen\nEngine  ollama starting\n");
  llama.state = "failed";
  llama.message = "out of memory\nand a long story";
  EXPECT_EQ(voice.on_engines({llama}), "Engine  llama failed: out of memory\nEngine  ollama is gone\n");
}

TEST(Voice, SaysThatItTriesAgain) {
  EXPECT_EQ(Voice::on_away("http://h:1", Error(Code::closed, "the hub closed the link")),
            "Away    no link to the hub at http://h:1: the hub closed the link; trying again\n");
}

}  // namespace
}  // namespace flotte::node
