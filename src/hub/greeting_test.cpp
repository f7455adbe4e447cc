// What a new user reads.
#include "hub/greeting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/doctor/check.hpp"

namespace flotte::hub {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

GreetingFacts nothing() {
  GreetingFacts facts;
  facts.board = "http://127.0.0.1:7700/";
  facts.data = "/data";
  facts.sight.found = engine::Found{};
  return facts;
}

wire::EngineInfo engine(std::string name, std::string state, std::vector<std::string> models) {
  wire::EngineInfo out;
  out.name = std::move(name);
  out.state = std::move(state);
  out.models = std::move(models);
  return out;
}

route::Explained standing(std::string target) {
  route::Explained out;
  out.why = "because";
  out.targets = {std::move(target)};
  return out;
}

TEST(Greeting, SaysWhatToDoWhereThereIsNothing) {
  const std::string text = make_greeting(nothing());
  for (const char* part : {"OPENAI_API_KEY", "ollama", "/data/models", "flotte node invite", "flotte doctor"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, Not(HasSubstr("Found")));
}

TEST(Greeting, DoesNotCallItNothingWhileAnEngineStarts) {
  GreetingFacts facts = nothing();
  facts.sight.engines = {engine("llama", "starting", {"x"})};
  EXPECT_FALSE(is_settled(facts));
  const std::string text = make_greeting(facts);
  EXPECT_THAT(text, HasSubstr("llama@home: starting"));
  EXPECT_THAT(text, Not(HasSubstr("There is no model")));
}

TEST(Greeting, WaitsForTheFirstLookOnlyWhereItLooks) {
  GreetingFacts facts = nothing();
  facts.sight.found.reset();
  EXPECT_FALSE(is_settled(facts));
  facts.sight.found = engine::Found{};
  facts.sight.asking = true;
  EXPECT_FALSE(is_settled(facts));
  facts.find = false;
  EXPECT_TRUE(is_settled(facts));
}

TEST(Greeting, NamesWhatWasFoundAndWhatTheNamesStandFor) {
  GreetingFacts facts = nothing();
  facts.keys = {{.variable = "OPENAI_API_KEY", .vendor = "openai", .title = "OpenAI"},
                {.variable = "GEMINI_API_KEY", .vendor = "gemini", .title = "Gemini", .refused = "it is nothing"}};
  facts.agents = {{"claude", "Claude Code", "/usr/bin/claude"}};
  facts.sight.found->servers = {{"ollama", "Ollama", "http://127.0.0.1:11434"}};
  facts.sight.engines = {engine("ollama", "ready", {"a", "b", "c", "d", "e", "f"}), engine("llama", "failed", {})};
  facts.sight.engines[1].message = "no memory\nTry: a smaller one";
  facts.sight.names["default"] = standing("ollama@home/a");
  const std::string text = make_greeting(facts);
  EXPECT_THAT(text, HasSubstr("OpenAI, with the key in OPENAI_API_KEY"));
  EXPECT_THAT(text, HasSubstr("GEMINI_API_KEY is not used: it is nothing"));
  EXPECT_THAT(text, HasSubstr("Ollama at http://127.0.0.1:11434: a, b, c, d and 2 more"));
  EXPECT_THAT(text, HasSubstr("llama@home: not usable now: no memory\n"));
  EXPECT_THAT(text, HasSubstr("Claude Code (claude): found, not usable yet"));
  EXPECT_THAT(text, HasSubstr("default = ollama@home/a"));
  EXPECT_THAT(text, HasSubstr("flotte batch run"));
}

TEST(Greeting, NamesFilesThatDoNotRun) {
  GreetingFacts facts = nothing();
  facts.sight.found->file = "/data/models/a.gguf";
  facts.sight.found->no_program = "no llama-server";
  facts.sight.found->files = {{"/data/models/a.gguf", "/data/models/b.gguf"}, {{"/data/models/c.gguf", "it is torn"}}, false};
  const std::string text = make_greeting(facts);
  EXPECT_THAT(text, HasSubstr("a.gguf is not usable yet: no llama-server"));
  EXPECT_THAT(text, HasSubstr("b.gguf: there too, not started"));
  EXPECT_THAT(text, HasSubstr("c.gguf is not usable: it is torn"));
}

TEST(Checks, AreALineEachAndAProblemPreventsWork) {
  Checks checks{{.name = "disk", .text = "5 GB free"}, {"clock", Level::warning, "late", "set it"}};
  EXPECT_EQ(render_checks(checks), "ok       disk   5 GB free\nwarning  clock  late (set it)\n");
  EXPECT_FALSE(prevents_work(checks));
  checks.push_back({"hub", Level::problem, "none", ""});
  EXPECT_TRUE(prevents_work(checks));
  EXPECT_FALSE(json::get_bool(checks_to_json(checks), "ok").value());
}

}  // namespace
}  // namespace flotte::hub
