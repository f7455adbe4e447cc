// The configuration file: what is accepted, and what is said about mistakes.
#include "base/config.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "base/nearest.hpp"
#include "base/process/process_test.hpp"
#include "base/units.hpp"

namespace flotte::config {
namespace {

std::string mistakes(std::string_view text) {
  const auto document = parse(text, "flotte.toml");
  return document ? "none" : document.error().message;
}

TEST(Config, TakesTheExampleOfTheContract) {
  const auto document = parse(R"(
[hub]
name     = "attic"
node_lease = "5m"
[node]
name   = "box"
egress = ["api.anthropic.com:443"]
[[provider]]
name = "anthropic"
dialect = "anthropic"
apis = ["messages"]
base_url = "https://api.anthropic.com"
api_key = "env:ANTHROPIC_API_KEY"
limits   = { rpm = 50, tpm = 40000, concurrent = 8 }
timeouts = { connect = "2s", first_token = "120s" }
[[model]]
name = "smart"
aliases = ["gpt-4o", "claude-*"]
targets = [ { provider = "anthropic", model = "m", weight = 2 }, { engine = "llama@box", model = "x" } ]
[[engine]]
name = "llama"
model = "/models/x.gguf"
args = ["-c", "8192"]
[[worker]]
name = "reader"
kind = "model"
model = "smart"
slots = 4
exclusive = true
limits = { cpu = 2, memory = "4G" }
)",
                              "flotte.toml");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(json::int_or(document->hub(), "node_lease", 0), 300'000);
  EXPECT_EQ(json::string_or(document->hub(), "listen", ""), "127.0.0.1:7700") << "a default";
  const json::object& provider = document->list("provider")[0].get_object();
  EXPECT_EQ(json::int_or(*json::get_object(provider, "limits"), "rpm", 0), 50);
  EXPECT_EQ(json::int_or(*json::get_object(provider, "timeouts"), "connect", 0), 2'000);
  EXPECT_EQ(json::int_or(*json::get_object(provider, "timeouts"), "idle", 0), 60'000) << "a default inside a table that is written";
  const json::array& targets = *json::get_array(document->list("model")[0].get_object(), "targets");
  EXPECT_EQ(json::int_or(targets[0].get_object(), "weight", 0), 2);
  EXPECT_EQ(json::int_or(targets[1].get_object(), "weight", 0), 1);
  const json::object& worker = document->list("worker")[0].get_object();
  EXPECT_EQ(json::int_or(*json::get_object(worker, "limits"), "memory", 0), std::int64_t{4} << 30);
  EXPECT_EQ(json::get_bool(worker, "exclusive"), true);
  EXPECT_EQ(document->origin("provider[0].api_key"), "flotte.toml:13");
  EXPECT_EQ(document->origin("model[0].targets[1].engine"), "flotte.toml:19");
  EXPECT_EQ(document->origin("hub.tls"), "flotte.toml");
}

TEST(Config, IsCompleteWhenTheFileIsEmpty) {
  const auto document = parse("", "flotte.toml");
  ASSERT_TRUE(document);
  EXPECT_EQ(json::int_or(document->hub(), "node_lease", 0), 30'000);
  EXPECT_TRUE(json::get_array(document->node(), "egress")->empty());
  for (const char* name : {"provider", "model", "engine", "worker"}) EXPECT_TRUE(document->list(name).empty());
}

TEST(Config, NamesFileLineAndNearestKey) {
  EXPECT_EQ(mistakes("[hub]\n\nlisen = \"x\"\n"), "flotte.toml:3: unknown key 'lisen' in [hub]; did you mean 'listen'?");
  EXPECT_EQ(mistakes("[[provder]]\nname='x'\n"), "flotte.toml:1: unknown key 'provder' in the file; did you mean 'provider'?");
  EXPECT_EQ(mistakes("[hub]\nqqqqqqqqqq = 1\n"), "flotte.toml:2: unknown key 'qqqqqqqqqq' in [hub]");
}

TEST(Config, ListsEveryMistakeInTheOrderOfTheFile) {
  EXPECT_EQ(mistakes("[node]\nname = 7\n[hub]\nnode_lease = \"30\"\ntls = \"of\"\n[[worker]]\nname = \"w\"\n"),
            "flotte.toml:2: 'name' must be a string\n"
            "flotte.toml:4: 'node_lease' must be a duration such as \"30s\" (ms, s, m, h, d)\n"
            "flotte.toml:5: 'tls' cannot be \"of\"; did you mean \"off\"?\n"
            "flotte.toml:6: [[worker]] needs 'kind'");
}

TEST(Config, RefusesWrongTypes) {
  EXPECT_EQ(mistakes("[hub]\nlisten = 7700\n"), "flotte.toml:2: 'listen' must be a string");
  EXPECT_EQ(mistakes("[node]\nlabels = \"gpu\"\n"), "flotte.toml:2: 'labels' must be an array of strings");
  EXPECT_EQ(mistakes("[node]\nlabels = [1]\n"), "flotte.toml:2: 'labels' must be an array of strings");
  EXPECT_EQ(mistakes("[[worker]]\nname = \"w\"\nkind = \"command\"\nslots = -1\n"),
            "flotte.toml:4: 'slots' must be a whole number, 0 or more");
  EXPECT_EQ(mistakes("[[worker]]\nname = \"w\"\nkind = \"command\"\nexclusive = 1\n"), "flotte.toml:4: 'exclusive' must be true or false");
  EXPECT_EQ(mistakes("[provider]\nname = \"x\"\n"), "flotte.toml:1: 'provider' is a list: write [[provider]]");
  EXPECT_EQ(mistakes("hub = 3\n"), "flotte.toml:1: 'hub' must be a table");
}

TEST(Config, KeepsNumbersWithinTheirBounds) {
  EXPECT_EQ(mistakes("[hub]\nloops = 65\n"), "flotte.toml:2: 'loops' must be a whole number from 0 to 64");
  for (const char* wrong : {"0", "0.009", "1000.5", "-1"})
    EXPECT_EQ(mistakes(fmt::format("[[project]]\nname = \"p\"\nweight = {}\n", wrong)),
              "flotte.toml:3: 'weight' must be a number from 0.01 to 1000")
        << wrong;
  for (const char* good : {"[hub]\nloops = 64\n", "[[project]]\nname = 'p'\nweight = 0.01\n", "[[project]]\nname = 'p'\nweight = 1000\n"})
    EXPECT_TRUE(parse(good, "flotte.toml")) << good;
}

TEST(Config, ChecksReferencesAndNames) {
  EXPECT_EQ(mistakes("[[provider]]\nname='local'\ndialect='openai'\n[[model]]\nname='m'\ntargets=[{provider='locl',model='x'}]\n"),
            "flotte.toml:6: there is no [[provider]] named 'locl'; did you mean 'local'?");
  EXPECT_EQ(mistakes("[[model]]\nname='m'\ntargets=[{provider='openai',engine='e',model='x'}]\n"),
            "flotte.toml:3: a target names either a 'provider' or an 'engine'");
  EXPECT_EQ(mistakes("[[engine]]\nname='e'\nkind='ollama'\n[[engine]]\nname='e'\nkind='ollama'\n"),
            "flotte.toml:5: there are two [[engine]] named 'e'");
  EXPECT_NE(mistakes("[[engine]]\nname='a/b'\nkind='ollama'\n").find("must not be empty or contain"), std::string::npos);
  EXPECT_NE(mistakes("[[engine]]\nname='e'\n").find("needs 'model'"), std::string::npos);
}

TEST(Config, ComplainsOnceAboutOneMistake) {
  EXPECT_EQ(mistakes("[[engine]]\nname='e'\nkind='olama'\n"), "flotte.toml:3: 'kind' cannot be \"olama\"; did you mean \"ollama\"?");
}

TEST(Config, SaysWhereTheTomlIsBroken) {
  EXPECT_TRUE(mistakes("[hub]\nname = \n").starts_with("flotte.toml:2: ")) << mistakes("[hub]\nname = \n");
}

TEST(Config, MayBeMissingOnlyWhereNobodyNamedIt) {
  EXPECT_TRUE(load("/nonexistent/flotte.toml", Missing::is_empty));
  EXPECT_EQ(load("/nonexistent/flotte.toml", Missing::is_error).error().code, Code::not_found);
}

TEST(Config, ResolvesSecrets) {
  ::setenv("FLOTTE_TEST_SECRET", "s3", 1);
  EXPECT_EQ(resolve_secret("env:FLOTTE_TEST_SECRET", "f:1").value.reveal(), "s3");
  EXPECT_TRUE(resolve_secret("env:FLOTTE_TEST_SECRET", "f:1").warning.empty());
  const auto unset = resolve_secret("env:FLOTTE_TEST_UNSET", "f:1");
  EXPECT_TRUE(unset.value.empty());
  EXPECT_EQ(unset.warning, "f:1: the environment variable FLOTTE_TEST_UNSET is not set");
  TemporaryDirectory directory;
  ASSERT_TRUE(replace_file(directory.path + "/key", "abc\n"));
  EXPECT_EQ(resolve_secret("file:" + directory.path + "/key", "f:1").value.reveal(), "abc");
  const auto literal = resolve_secret("sk-very-secret", "f:1");
  EXPECT_EQ(literal.value.reveal(), "sk-very-secret");
  EXPECT_FALSE(literal.warning.empty());
  EXPECT_EQ(literal.warning.find("sk-very"), std::string::npos);
}

/// FLOTTE_UPDATE=1 writes the files instead.
void expect_file(const std::string& name, const std::string& content) {
  const std::string path = (std::filesystem::path(__FILE__).parent_path() / "../../api" / name).lexically_normal().string();
  if (!environment("FLOTTE_UPDATE").empty()) {
    ASSERT_TRUE(replace_file(path, content));
  }
  EXPECT_EQ(read_file(path).value_or(""), content) << "run this test with FLOTTE_UPDATE=1";
}

TEST(Config, KeepsSchemaAndExampleEqualToItsTable) {
  expect_file("config.schema.json", schema_text());
  expect_file("config.example.toml", example_text());
  const auto document = parse(example_text(), "config.example.toml");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->list("provider").size(), 1u);
}

TEST(Units, ReadDurationsAndSizes) {
  using namespace std::chrono_literals;
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("2h"), 2h);
  for (const char* wrong : {"", "s", "30", "-1s", "+1s", "1.5s", "1 s", "99999999999999999d"}) EXPECT_FALSE(parse_duration(wrong)) << wrong;
  EXPECT_EQ(parse_size("4G"), std::uint64_t{4} << 30);
  EXPECT_EQ(parse_size("100"), 100u);
  for (const char* wrong : {"", "G", "4GB", "-1", "9999999T9", "99999999999T"}) EXPECT_FALSE(parse_size(wrong)) << wrong;
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(find_nearest("lisen", {"name", "listen"}), "listen");
  EXPECT_EQ(find_nearest("nmae", {"name", "listen"}), "name");
  EXPECT_EQ(find_nearest("tsk", {"ask", "task"}), "task");
  EXPECT_EQ(find_nearest("database_url", {"database", "listen"}), std::nullopt);
  EXPECT_EQ(find_nearest("x", {"name", "ab"}), std::nullopt);
}

TEST(Config, AModelHasTargetsOrRules) {
  const auto document = parse(R"([[model]]
name = "auto"
rules = [ { when = { min_tokens = 8000, images = true, after = "22:00" }, model = "big" }, { model = "small" } ]
)",
                              "flotte.toml");
  ASSERT_TRUE(document) << document.error().message;
  const json::object& model = document->list("model")[0].get_object();
  EXPECT_EQ(json::dump(model.at("rules").get_array()[0].get_object().at("when")), R"({"after":"22:00","images":true,"min_tokens":8000})");
  EXPECT_FALSE(model.contains("rules.when"));
  for (const char* text :
       {"[[model]]\nname = \"auto\"\n", "[[model]]\nname = \"auto\"\nrules = [ { model = \"x\" } ]\ntargets = [ { engine = \"a@b\" } ]\n",
        "[[model]]\nname = \"auto\"\nrules = [ { when = { imges = true }, model = \"x\" }, { model = \"y\" } ]\n",
        "[[model]]\nname = \"auto\"\nrules = [ { when = { images = true } }, { model = \"y\" } ]\n"})
    EXPECT_FALSE(parse(text, "flotte.toml")) << text;
}

TEST(Config, SaysWhereACharacterStandsThatNeedsQuotes) {
  EXPECT_TRUE(parse("[hub]\nname = \"Dachböden\" # für alle\n", "flotte.toml"));
  EXPECT_TRUE(parse("[hub]\nname = '''\nü'''\n", "flotte.toml"));
  for (const char* text : {"[hub]\nname = “attic”\n", "[hub]\nnäme = \"x\"\n",
                           "[hub]\n[\xc7\x8a"
                           "b]\n",
                           "[hub]\nname =\xc2\xa0\"x\"\n"}) {
    const auto wrong = parse(text, "flotte.toml");
    ASSERT_FALSE(wrong) << text;
    EXPECT_NE(wrong.error().message.find("flotte.toml:2: "), std::string::npos) << wrong.error().message;
    EXPECT_NE(wrong.error().hint.find("quotes"), std::string::npos);
  }
}

TEST(Config, AQuoteBeginsAText) {
  const auto said = [](std::string_view text) {
    const auto document = parse(text, "flotte.toml");
    return document ? std::string() : document.error().message;
  };
  // The parser would look into these quotes, where it has undefined behaviour on some letters.
  EXPECT_EQ(said("[hub]\nlisten = 0\"\xd2\x96\"\n"), "flotte.toml:2: a quote in the middle of a word");
  EXPECT_EQ(said("\n\nname = \"a\"'\xd2\x96'\n"), "flotte.toml:3: a quote in the middle of a word");
  EXPECT_EQ(said("[node]\nlabels=[\"gpu\",'\xd2\x96', \"b\"] # it's\n"), "");
  // White space is looked for here, and such a letter is none.
  EXPECT_EQ(said("[node]\nlabels=[\"\"\"\\\n  \xd2\x96 b\"\"\"]\n"), "");
}

}  // namespace
}  // namespace flotte::config
