// Commands against a scripted hub: what is printed, and the exit status.
#include <gtest/gtest.h>

#include <cstdio>

#include "base/log.hpp"
#include "cli/cli.hpp"
#include "cli/command/ask.hpp"
#include "cli/command/task.hpp"
#include "cli/spelling.hpp"
#include "client/fake_hub.hpp"

namespace flotte::cli {
namespace {

class Commands : public testing::Test {
 protected:
  void SetUp() override {
    log::set_level(log::Level::off);
    // `ask` appends standard input; the one of the test's caller may never end.
    ASSERT_NE(std::freopen("/dev/null", "r", stdin), nullptr);
    common_.url = hub_.url();
    common_.data = "/nonexistent";
    common_.key = Secret("secret");
  }
  template <class F>
  int run(F command) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = command();
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return code;
  }
  int flotte(std::vector<std::string> words) {
    words.insert(words.begin(), {"flotte", "--url", hub_.url(), "--key", "secret"});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    return run([&] { return cli_main(static_cast<int>(argv.size()), argv.data()); });
  }
  static std::string event(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + (members.empty() ? "" : "," + members) + "}";
  }
  static std::string end(const std::string& members) {
    return event("end", R"("task":{"id":"t1","kind":"prompt","title":"x",)" + members + "}");
  }
  client::FakeHub hub_;
  Common common_;
  std::string out_, err_;
};

TEST_F(Commands, AskStreamsTheAnswer) {
  hub_.with([&](client::FakeHub& hub) {
    hub.chat_chunks = {R"({"model":"tiny","choices":[{"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]})",
                       R"({"choices":[{"delta":{"content":" wörld"},"finish_reason":"stop"}]})",
                       R"({"choices":[],"usage":{"prompt_tokens":7,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens":2}})",
                       "[DONE]"};
  });
  AskOptions options;
  options.words = {"say", "hello"};
  EXPECT_EQ(run([&] { return run_ask(common_, options); }), 0) << err_;
  EXPECT_EQ(out_, "Hello wörld\n");
  EXPECT_NE(err_.find("demonstration engine"), std::string::npos);
  common_.output = Output::json;
  EXPECT_EQ(run([&] { return run_ask(common_, options); }), 0);
  const auto told = json::parse_object(out_);
  EXPECT_EQ(json::string_or(*told, "text", ""), "Hello wörld");
  EXPECT_EQ(json::string_or(*told, "target", ""), "llama@box/tiny");
  EXPECT_EQ(json::int_or(*json::get_object(*told, "usage"), "input_tokens", 0), 7);
  EXPECT_EQ(json::int_or(*json::get_object(*told, "usage"), "cached_tokens", 0), 3);
  // Nothing says that this model costs nothing.
  EXPECT_TRUE(json::get_object(*told, "usage")->at("cost_usd").is_null()) << out_;
}

TEST_F(Commands, AskSaysThatAnAnswerBrokeOff) {
  const std::string piece = R"({"choices":[{"delta":{"content":"Hel"},"finish_reason":null}]})";
  AskOptions options;
  options.words = {"x"};
  for (const std::vector<std::string>& chunks :
       {std::vector<std::string>{piece}, {piece, "CUT"}, {piece, R"({"error":{"message":"the engine stopped","code":"unavailable"}})"}}) {
    hub_.with([&](client::FakeHub& hub) { hub.chat_chunks = chunks; });
    EXPECT_NE(run([&] { return run_ask(common_, options); }), 0);
    EXPECT_EQ(out_, "Hel\n");
    EXPECT_TRUE(err_.find("broke off") != std::string::npos || err_.find("the engine stopped") != std::string::npos) << err_;
  }
}

TEST_F(Commands, TaskRunStreamsOutputThroughALostConnection) {
  hub_.with([&](client::FakeHub& hub) {
    hub.task_events = {event("state", R"("state":"queued")"),
                       event("output", R"("stream":"stdout","text":"one\n")"),
                       "CUT",
                       event("output", R"("stream":"stderr","text":"oops\n")"),
                       event("output", R"("stream":"stdout","text":"two\n")"),
                       end(R"("state":"succeeded","result":{"exit_code":0})")};
  });
  TaskRunOptions options;
  options.command = {"echo", "x"};
  EXPECT_EQ(run([&] { return run_task(common_, options); }), 0) << err_;
  EXPECT_EQ(out_, "one\ntwo\n");
  EXPECT_NE(err_.find("oops\n"), std::string::npos);
  EXPECT_NE(err_.find("the hub is away"), std::string::npos);
}

TEST_F(Commands, TaskRunPrintsAResultThatWasNotStreamed) {
  hub_.with([&](client::FakeHub& hub) { hub.task_events = {end(R"("state":"succeeded","result":{"text":"the answer"})")}; });
  TaskRunOptions options;
  options.prompt = "x";
  EXPECT_EQ(run([&] { return run_task(common_, options); }), 0);
  EXPECT_EQ(out_, "the answer\n");
}

TEST_F(Commands, TaskRunFailsWithTheReason) {
  hub_.with([&](client::FakeHub& hub) {
    hub.task_events = {event("lost", R"("attempt":1,"message":"node box is gone")"),
                       end(R"("state":"failed","error":{"code":"attempts_exhausted","message":"exit status 7"},"result":null)")};
  });
  TaskRunOptions options;
  options.command = {"false"};
  EXPECT_EQ(run([&] { return run_task(common_, options); }), 1);
  EXPECT_NE(err_.find("the run was lost: node box is gone"), std::string::npos);
  EXPECT_NE(err_.find("flotte: t1 failed: exit status 7 (`flotte task show t1` tells its story)\n"), std::string::npos) << err_;
}

TEST_F(Commands, TaskRunSaysWhatStoppedIt) {
  hub_.with([&](client::FakeHub& hub) {
    hub.task_events = {event("state", R"("state":"waiting","reason":"backoff")"),
                       end(R"("state":"cancelled","reason":"budget","budget_usd":"0.10","usage":{"cost_usd":"0.09"},"result":null)")};
  });
  TaskRunOptions options;
  options.prompt = "x";
  EXPECT_EQ(run([&] { return run_task(common_, options); }), 1);
  EXPECT_NE(err_.find("t1 waits a while before the next attempt\n"), std::string::npos) << err_;
  EXPECT_NE(err_.find("t1 cancelled: $0.09 of its budget of $0.10 is spent"), std::string::npos) << err_;
  hub_.with([&](client::FakeHub& hub) { hub.task_events = {end(R"("state":"cancelled","reason":"dependency","result":null)")}; });
  EXPECT_EQ(run([&] { return run_task(common_, options); }), 1);
  EXPECT_NE(err_.find(" cancelled: what it comes after did not succeed (`flotte task why t1` names it)"), std::string::npos) << err_;
}

TEST_F(Commands, TaskRunHandsOverWhatItWasTold) {
  EXPECT_EQ(flotte({"task", "run", "--kind", "command", "--worker", "shell", "--label", "a", "--label", "b", "--env", "X=1=2",
                    "--exclusive", "--detach", "--", "ls", "-la"}),
            0)
      << err_;
  EXPECT_EQ(out_, "t1\n");
  const wire::TaskSpec spec = hub_.with([](client::FakeHub& hub) { return hub.tasks.at(0); });
  EXPECT_EQ(spec.kind, wire::TaskKind::command);
  EXPECT_EQ(json::dump(spec.input), R"({"argv":["ls","-la"],"env":{"X":"1=2"}})");
  EXPECT_EQ(spec.worker, "shell");
  EXPECT_EQ(spec.labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(spec.exclusive);
}

TEST_F(Commands, AModelThatNobodyKnowsIsSaidAtOnce) {
  EXPECT_EQ(flotte({"task", "run", "--detach", "-m", "defualt", "x"}), 0) << err_;
  EXPECT_EQ(
      err_,
      "flotte: t1: no model \"defualt\" is known now, perhaps \"default\"; it waits until there is one (`flotte model ls` lists them)\n");
  EXPECT_EQ(flotte({"task", "run", "--detach", "-m", "default", "x"}), 0);
  EXPECT_EQ(err_, "");
}

TEST_F(Commands, AdviceIsInTheWordsOfTheCommandLine) {
  EXPECT_EQ(flotte({"task", "run", "--after", "nonsense", "x"}), 2);
  EXPECT_NE(err_.find("--after wants the id of a task or a batch, not \"nonsense\""), std::string::npos) << err_;
  EXPECT_EQ(flotte({"key", "add", "ann", "--budget-day", "-5"}), 2);
  EXPECT_NE(err_.find("--budget-day wants dollars, not \"-5\""), std::string::npos) << err_;
  EXPECT_EQ(in_words_of_commands("retry it; or submit with if_dependency_fails = run"), "retry it; or submit with --even-if-failed");
  EXPECT_EQ(in_words_of_commands("wait"), "wait");
  EXPECT_EQ(flotte({"task", "ls", "--batch", "b99"}), 1);
  EXPECT_EQ(err_, "flotte: no such batch\n");
}

TEST_F(Commands, AProjectIsHandedOver) {
  EXPECT_EQ(flotte({"task", "run", "--detach", "--project", "site", "x"}), 0) << err_;
  hub_.with([](client::FakeHub& hub) { hub.task_events = {end(R"("state":"succeeded","result":{"text":"yes"})")}; });
  EXPECT_EQ(flotte({"ask", "--project", "site", "x"}), 0) << err_;
  const auto tasks = hub_.with([](client::FakeHub& hub) { return hub.tasks; });
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].project, "site");
  EXPECT_EQ(tasks[1].project, "site");
}

TEST_F(Commands, TheMarkAloneMakesACommand) {
  EXPECT_EQ(flotte({"task", "run", "--detach", "--", "echo", "hi"}), 0) << err_;
  EXPECT_EQ(flotte({"task", "run", "--detach", "echo", "hi"}), 0) << err_;
  EXPECT_EQ(flotte({"task", "run", "--detach", "--kind", "prompt", "--", "echo", "hi"}), 2);
  const auto tasks = hub_.with([](client::FakeHub& hub) { return hub.tasks; });
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].kind, wire::TaskKind::command);
  EXPECT_EQ(json::dump(tasks[0].input), R"({"argv":["echo","hi"]})");
  EXPECT_EQ(tasks[1].kind, wire::TaskKind::prompt);
}

TEST_F(Commands, ListsAreTablesForPeopleAndArraysForPrograms) {
  EXPECT_EQ(flotte({"worker", "ls"}), 0) << err_;
  EXPECT_NE(out_.find("a.txt (reading)"), std::string::npos) << out_;
  EXPECT_EQ(flotte({"worker", "ls", "--json"}), 0);
  const auto parsed = json::parse(out_);
  ASSERT_TRUE(parsed && parsed->is_array());
  EXPECT_EQ(parsed->as_array().at(0).as_object().at("id"), "tiny@home");
}

TEST_F(Commands, ErrorsAreOneLineWithWhatToDo) {
  EXPECT_EQ(flotte({"batch", "show", "b9"}), 1);
  EXPECT_EQ(err_, "flotte: no such batch\n");
  EXPECT_EQ(flotte({"batch", "show", "b9", "--json"}), 1);
  EXPECT_EQ(err_, "{\"error\":{\"code\":\"not_found\",\"message\":\"no such batch\",\"hint\":null}}\n");
  EXPECT_EQ(flotte({"--url", "ftp://x", "task", "ls"}), 2);
  EXPECT_NE(err_.find("is not the address of a hub"), std::string::npos);
  EXPECT_EQ(flotte({"bacth"}), 2);
  EXPECT_EQ(err_, "flotte: unknown command \"bacth\" of flotte (did you mean \"batch\"?)\n");
  EXPECT_EQ(flotte({"--key", "wrong", "worker", "ls"}), 4);
  hub_.stop();
  EXPECT_EQ(flotte({"worker", "ls"}), 3);
  EXPECT_NE(err_.find("start one with `flotte up`"), std::string::npos) << err_;
}

TEST_F(Commands, VersionNeedsNoHub) {
  hub_.stop();
  EXPECT_EQ(flotte({"version"}), 0);
  EXPECT_EQ(out_, "flotte " FLOTTE_VERSION "\n");
}

}  // namespace
}  // namespace flotte::cli
