// Rows of results.jsonl, and the state beside it.
#include "cli/batch/row.hpp"

#include <gtest/gtest.h>

#include "cli/batch/state.hpp"

namespace flotte::cli {
namespace {

wire::TaskView make_task(wire::TaskState state) {
  wire::TaskView task;
  task.id = "t7";
  task.state = state;
  task.node = "home";
  task.worker = "tiny";
  task.model = "default";
  task.target = "llama@box/tiny";
  task.attempt = 2;
  task.usage.input_tokens = 10;
  task.usage.output_tokens = 3;
  return task;
}

TEST(ResultRow, HasTheNamesAndOrderOfTheContract) {
  ResultRow row = make_row("docs/a.txt", "", make_task(wire::TaskState::succeeded));
  row.output = "a.txt.md";
  EXPECT_EQ(
      json::dump(row.to_json()),
      R"({"input":"docs/a.txt","state":"succeeded","output":"a.txt.md","node":"home","worker":"tiny","model":"default",)"
      R"("target":"llama@box/tiny","attempt":2,"usage":{"input_tokens":10,"cached_tokens":0,"output_tokens":3,"cost_usd":"0.00"},"error":null})");
}

TEST(ResultRow, CarriesTheIdOfAPromptAndTheReasonOfAFailure) {
  auto task = make_task(wire::TaskState::failed);
  task.error = Error(Code::exhausted, "no answer");
  task.attempts_exhausted = true;
  const json::object o = make_row("p.jsonl:3", "q3", task).to_json();
  EXPECT_EQ(json::string_or(o, "id", ""), "q3");
  EXPECT_TRUE(o.at("output").is_null());
  EXPECT_EQ(json::dump(o.at("error")), R"({"code":"attempts_exhausted","message":"no answer"})");
}

TEST(ResultRow, AlwaysSaysWhyItDidNotSucceed) {
  auto task = make_task(wire::TaskState::cancelled);
  task.reason = wire::Reason::budget;
  EXPECT_EQ(make_row("a", "", task).error->message, "the batch's limit of cost was reached before it began");
  EXPECT_TRUE(make_row("a", "", make_task(wire::TaskState::failed)).error);
  EXPECT_EQ(make_refused_row("a", "", Error(Code::io, "cannot be read")).to_json().at("error").as_object().at("code"), "io");
}

TEST(ResultRow, IsReadBackAsItWasWritten) {
  ResultRow row = make_refused_row("a.txt", "", Error(Code::io, "cannot be read", "chmod"));
  const std::string text = json::dump(row.to_json()) + "\nnonsense\n{\"input\":1}\n";
  const auto rows = parse_rows(text);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].to_json(), row.to_json());
}

TEST(BatchState, IsReadBackAsItWasWritten) {
  BatchState state;
  state.url = "http://127.0.0.1:7700";
  state.batch = "b3";
  state.create_key = "k";
  state.created_at = "2026-11-21T08:30:00.000Z";
  state.sealed = true;
  state.cursor = "17";
  state.directory = "/home/x";
  state.arguments = {{"docs"}, "Summarise", "default"};
  state.inputs = {{"docs/a.txt", "", "f1", "a.txt.md", true}, {"p.jsonl:1", "q", "f2", "", false}};
  state.succeeded = {{"docs/a.txt", "f1"}};
  const auto again = BatchState::parse(state.to_text());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->to_text(), state.to_text());
  EXPECT_EQ(again->arguments, state.arguments);
}

TEST(BatchState, RefusesANewerVersionAndPathsThatLeadOutside) {
  EXPECT_EQ(BatchState::parse(R"({"version":99})").error().code, Code::unsupported);
  EXPECT_EQ(BatchState::parse("{").error().code, Code::corrupt);
  const auto state = BatchState::parse(R"({"version":1,"inputs":[{"input":"a","output":"../../etc/cron.d/x"}]})");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->inputs.at(0).output, "");
}

}  // namespace
}  // namespace flotte::cli
