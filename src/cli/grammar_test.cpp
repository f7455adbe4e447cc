// What people type.
#include "cli/grammar.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.hpp"
#include "base/places.hpp"
#include "base/temporary_directory.hpp"
#include "cli/command_first.hpp"

namespace flotte::cli {
namespace {

using Words = std::vector<std::string>;

std::string error_of(const Words& words) {
  const Parsed parsed = parse_arguments(words);
  const auto* error = std::get_if<Error>(&parsed);
  return error ? error->text() : std::holds_alternative<Told>(parsed) ? "help" : "fine";
}

TEST(Grammar, NamesTheNearestCommandAndOption) {
  EXPECT_EQ(error_of({"bacth", "run"}), "unknown command \"bacth\" of flotte (did you mean \"batch\"?)");
  EXPECT_EQ(error_of({"hbu"}), "unknown command \"hbu\" of flotte (did you mean \"hub\"?)");
  EXPECT_EQ(error_of({"--url", "http://x", "task", "shwo", "t1"}), "unknown command \"shwo\" of flotte task (did you mean \"show\"?)");
  EXPECT_EQ(error_of({"task", "ls", "--jsno"}), "unknown option --jsno (did you mean \"--json\"?)");
  EXPECT_EQ(error_of({"frobnicate"}), "unknown command \"frobnicate\" of flotte (flotte --help lists them)");
}

TEST(Grammar, TakesSeveralTasksWhereThatIsMeant) {
  EXPECT_EQ(error_of({"task", "cancel", "t3", "t4"}), "fine");
  EXPECT_EQ(error_of({"task", "retry", "t3", "t4"}), "fine");
  EXPECT_EQ(error_of({"task", "logs", "-f", "t3"}), "fine");
  EXPECT_NE(error_of({"task", "logs", "-f", "--attempt", "2", "t3"}), "fine");
  EXPECT_EQ(error_of({"tsk", "ls"}), "unknown command \"tsk\" of flotte (did you mean \"task\"?)");
  EXPECT_EQ(error_of({"batch", "run", "--project", "p", "--prompt", "x", "dir"}), "fine");
}

TEST(Grammar, SaysWhatIsMissing) {
  EXPECT_NE(error_of({"task"}).find("flotte task wants a command: "), std::string::npos) << error_of({"task"});
  EXPECT_NE(error_of({}).find("flotte wants a command: "), std::string::npos);
  EXPECT_NE(error_of({"task", "show"}).find("flotte task show --help"), std::string::npos) << error_of({"task", "show"});
  EXPECT_NE(error_of({"task", "run", "--priority", "11", "x"}).find("priority"), std::string::npos);
  EXPECT_NE(error_of({"task", "ls", "--limit", "-1"}).find("limit"), std::string::npos);
  EXPECT_EQ(error_of({"task", "ls", "--limit", "-1"}).find("00000000"), std::string::npos) << "a number that nobody can read";
  EXPECT_EQ(error_of({"key", "add", "prompts", "--scope", "models,tasks", "--scope", "commands"}), "fine");
  EXPECT_NE(error_of({"key", "add", "prompts", "--scope", "models,tsks"}).find("tsks"), std::string::npos);
  EXPECT_EQ(error_of({"task", "ls", "--limit", "0"}), "fine");
  EXPECT_EQ(error_of({"task", "show", "t1", "t2"}), "unexpected argument \"t2\" (flotte task show --help shows how it is used)");
}

TEST(Grammar, TakesCommonOptionsBeforeAndBehindTheCommand) {
  for (const Words& words : {Words{"--json", "--url", "http://h:1", "task", "ls"}, Words{"task", "ls", "--json", "--url", "http://h:1"}}) {
    const Parsed parsed = parse_arguments(words);
    const auto* chosen = std::get_if<Chosen>(&parsed);
    ASSERT_TRUE(chosen) << error_of(words);
    EXPECT_TRUE(chosen->options.json);
    EXPECT_EQ(chosen->options.url, "http://h:1");
  }
}

TEST(Grammar, LeavesWordsOfPromptsAndCommandsAlone) {
  EXPECT_EQ(error_of({"ask", "what", "is", "a", "node", "and", "a", "task", "run"}), "fine");
  EXPECT_EQ(error_of({"task", "run", "--kind", "command", "--worker", "shell", "--", "ls", "-la", "--json"}), "fine");
  EXPECT_EQ(error_of({"ask", "--label", "documents", "hello", "there"}), "fine");
}

TEST(Grammar, TakesWhatStandsBehindTheMarkAsACommandAndNeverAsAPrompt) {
  EXPECT_EQ(error_of({"task", "run", "--", "echo", "hi"}), "fine");
  EXPECT_EQ(error_of({"schedule", "add", "nightly", "@weekly", "--", "echo", "hi"}), "fine");
  EXPECT_NE(error_of({"task", "run", "--kind", "prompt", "--", "echo"}).find("behind -- is a command"), std::string::npos)
      << error_of({"task", "run", "--kind", "prompt", "--", "echo"});
  EXPECT_NE(error_of({"task", "run", "please", "--", "echo"}).find("\"please\" stands before --"), std::string::npos);
  EXPECT_NE(error_of({"task", "run", "--cwd", "/tmp", "hi"}).find("--cwd and --env are of a command"), std::string::npos);
  EXPECT_NE(error_of({"schedule", "add", "--kind", "prompt", "nightly", "@weekly", "--", "echo"}).find("is a command"), std::string::npos);
}

TEST(Grammar, DefinesWorkersAndAsksForSizes) {
  EXPECT_EQ(error_of({"worker", "add", "reader@box", "--model", "smart", "--slots", "4", "--label", "a", "--label", "b", "--exclusive"}),
            "fine");
  EXPECT_NE(error_of({"worker", "add", "reader"}).find("wants MODEL"), std::string::npos) << error_of({"worker", "add", "reader"});
  EXPECT_NE(error_of({"worker", "add", "reader", "--model", "m", "--slots", "0"}).find("slots"), std::string::npos);
  EXPECT_EQ(error_of({"worker", "set", "reader@box", "--no-labels", "--not-exclusive"}), "fine");
  EXPECT_EQ(error_of({"worker", "rm", "reader@box"}), "fine");
  EXPECT_EQ(error_of({"node", "wake", "box"}), "fine");
  EXPECT_EQ(error_of({"ask", "--min-memory", "16G", "--min-vram", "8G", "hello"}), "fine");
  EXPECT_NE(error_of({"ask", "--min-memory", "lots", "hello"}).find("is no size"), std::string::npos)
      << error_of({"ask", "--min-memory", "lots", "hello"});
}

TEST(Grammar, LeavesALaunchedProgramsArgumentsToIt) {
  EXPECT_EQ(error_of({"launch", "claude", "-p", "hi", "--json", "--model", "x", "task", "ls", "--help"}), "fine");
  EXPECT_EQ(error_of({"launch", "--anyway", "-m", "smart", "codex", "exec", "--", "-m", "y"}), "fine");
  const Parsed parsed = parse_arguments({"--url", "http://h:1", "launch", "codex", "--url", "http://other"});
  ASSERT_TRUE(std::holds_alternative<Chosen>(parsed));
  EXPECT_EQ(std::get<Chosen>(parsed).options.url, "http://h:1");
}

TEST(Grammar, PutsTheCommandInFrontOfCommonOptions) {
  EXPECT_EQ(command_first({"--data", "d", "up", "--lan"}), (Words{"up", "--data", "d", "--lan"}));
  EXPECT_EQ(command_first({"--json", "doctor"}), (Words{"doctor", "--json"}));
  EXPECT_EQ(command_first({"--data=d", "node", "run", "--join", "u"}), (Words{"node", "run", "--data=d", "--join", "u"}));
  EXPECT_EQ(command_first({"help", "up"}), (Words{"up", "--help"}));
  EXPECT_EQ(command_first({"help"}), Words{"--help"});
  EXPECT_EQ(command_first({"--data"}), Words{"--data"});
  EXPECT_EQ(command_first({}), Words{});
}

TEST(ResolveCommon, LooksWhereTheHubPutItsData) {
  for (const char* name : {"FLOTTE_DATA", "FLOTTE_CONFIG", "XDG_DATA_HOME", "XDG_CONFIG_HOME"}) ::unsetenv(name);
  const char* home = std::getenv("HOME");
  const std::string before = home ? home : "";
  ::unsetenv("HOME");  // a hub asks the system then
  const Common common = resolve_common({});
  EXPECT_EQ(common.data, default_data_directory());
  EXPECT_EQ(common.config, default_config_file());
  EXPECT_TRUE(common.data.starts_with('/')) << common.data;
  if (home) ::setenv("HOME", before.c_str(), 1);
}

TEST(ResolveCommon, FindsTheHubOfThisMachineWhereItListens) {
  for (const char* name : {"FLOTTE_DATA", "FLOTTE_CONFIG", "FLOTTE_URL", "FLOTTE_KEY"}) ::unsetenv(name);
  const TemporaryDirectory folder;
  CommonOptions options;
  options.data = folder.path + "/data";
  options.config = folder.path + "/flotte.toml";
  ASSERT_TRUE(make_directories(options.data));
  ASSERT_TRUE(replace_file(options.data + "/admin.key", "fk_of_this_hub\n"));
  EXPECT_EQ(resolve_common(options).url, "http://127.0.0.1:7700");
  const std::pair<const char*, const char*> files[] = {
      {"listen = \"127.0.0.1:8123\"", "http://127.0.0.1:8123"},
      {"listen = \"0.0.0.0:8124\"\ntls = \"off\"", "http://127.0.0.1:8124"},
      {"listen = \"[::1]:8125\"", "http://[::1]:8125"},
      {"listen = \"192.0.2.7:8126\"\ntls_cert = \"c\"\ntls_key = \"k\"", "https://192.0.2.7:8126"},
      {"listen = \"127.0.0.1:0\"", "http://127.0.0.1:7700"},
      {"lissen = \"a mistake\"", "http://127.0.0.1:7700"},
  };
  for (const auto& [text, url] : files) {
    ASSERT_TRUE(replace_file(options.config, std::string("[hub]\n") + text + "\n"));
    EXPECT_EQ(resolve_common(options).url, url) << text;
    EXPECT_EQ(resolve_common(options).key.reveal(), "fk_of_this_hub") << text;
  }
  // A hub that runs says where it is, whatever the file says by now.
  ASSERT_TRUE(replace_file(options.data + "/hub.address", "http://127.0.0.1:8127\n"));
  EXPECT_EQ(resolve_common(options).url, "http://127.0.0.1:8127");
  options.url = "http://elsewhere:1";
  EXPECT_EQ(resolve_common(options).url, "http://elsewhere:1");
}

TEST(Grammar, SaysWhatToTypeInTheWordsOfItsHelp) {
  EXPECT_EQ(error_of({"task", "show"}), "flotte task show wants TASK (flotte task show --help shows how it is used)");
  EXPECT_EQ(error_of({"batch", "run", "--prompt", "x"}), "flotte batch run wants PATH (flotte batch run --help shows how it is used)");
  EXPECT_EQ(error_of({"--bogus"}), "unknown option --bogus (flotte --help shows how it is used)");
  EXPECT_NE(error_of({}).find("flotte up"), std::string::npos);
}

TEST(Grammar, HelpNamesTheWholeCommandAndOnlyItsOwn) {
  const Parsed run = parse_arguments({"batch", "run", "--help"});
  const std::string& text = std::get<Told>(run).text;
  EXPECT_NE(text.find("Usage: flotte batch run"), std::string::npos) << text;
  EXPECT_EQ(text.find("Servers"), std::string::npos);
  EXPECT_NE(std::get<Told>(parse_arguments({"--help"})).text.find("Servers"), std::string::npos);
  EXPECT_EQ(error_of({"help", "task"}), "help");
  EXPECT_EQ(std::get<Told>(parse_arguments({"--version"})).text, "flotte " FLOTTE_VERSION "\n");
}

TEST(Grammar, HasHelpForEverything) {
  EXPECT_EQ(error_of({"--help"}), "help");
  EXPECT_EQ(error_of({"batch", "run", "--help"}), "help");
  const Parsed parsed = parse_arguments({"batch", "run", "--help"});
  EXPECT_NE(std::get<Told>(parsed).text.find("--prompt"), std::string::npos);
}

}  // namespace
}  // namespace flotte::cli
