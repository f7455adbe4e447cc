// Tasks, batches and money as JSON.
#include "wire/task.hpp"

#include <gtest/gtest.h>

#include "wire/fleet.hpp"
#include "wire/live.hpp"

namespace flotte::wire {
namespace {

Result<TaskSpec> spec_of(std::string_view text) { return TaskSpec::from_json(json::parse_object(text).value()); }

TEST(TaskSpec, TakesTheSmallestPrompt) {
  const auto spec = spec_of(R"({"kind":"prompt","input":{"prompt":"hi"}})");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->priority, 2);
  EXPECT_EQ(spec->max_attempts, 5);
  EXPECT_EQ(TaskSpec::from_json(spec->to_json())->to_json(), spec->to_json());
}

TEST(TaskSpec, NamesTheFieldThatIsWrong) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {R"({"input":{}})", "kind"},
      {R"({"kind":"prompt"})", "input"},
      {R"({"kind":"prompt","input":{"prompt":""}})", "input.prompt"},
      {R"({"kind":"prompt","input":{"prompt":"x","system":7}})", "input.system"},
      {R"({"kind":"prompt","model":7,"input":{"prompt":"x"}})", "model"},
      {R"({"kind":"prompt","priority":10,"input":{"prompt":"x"}})", "priority"},
      {R"({"kind":"prompt","max_attempts":0,"input":{"prompt":"x"}})", "max_attempts"},
      {R"({"kind":"prompt","labels":"a","input":{"prompt":"x"}})", "labels"},
      {R"({"kind":"prompt","not_before":"soon","input":{"prompt":"x"}})", "not_before"},
      {R"({"kind":"prompt","exclusive":1,"input":{"prompt":"x"}})", "exclusive"},
      {R"({"kind":"document","input":{"name":"a","prompt":"x","blob":"12"}})", "input.blob"},
      {R"({"kind":"command","input":{"argv":[]}})", "input.argv"},
      {R"({"kind":"command","input":{"argv":["ls"],"env":{"A":1}}})", "input.env"},
      {R"({"kind":"agent","input":{"text":"x"}})", "input.repo"},
      {R"({"kind":"prompt","depends_on":"t1","input":{"prompt":"x"}})", "depends_on"},
      {R"({"kind":"prompt","depends_on":["t1","first"],"input":{"prompt":"x"}})", "depends_on"},
      {R"({"kind":"prompt","depends_on":["t1"],"if_dependency_fails":"wait","input":{"prompt":"x"}})", "if_dependency_fails"},
      {R"({"kind":"prompt","budget_usd":1,"input":{"prompt":"x"}})", "budget_usd"},
      {R"({"kind":"prompt","budget_usd":"0","input":{"prompt":"x"}})", "budget_usd"},
  };
  for (const auto& [text, field] : cases) {
    const auto spec = spec_of(text);
    ASSERT_FALSE(spec) << text;
    EXPECT_NE(spec.error().message.find("\"" + std::string(field) + "\""), std::string::npos) << text << ": " << spec.error().message;
  }
}

TEST(TaskSpec, KeepsWhatItWaitsForAndWhatItMayCost) {
  const auto spec = spec_of(
      R"({"kind":"prompt","depends_on":["t1","b2","#0","t1"],"if_dependency_fails":"run","budget_usd":"0.50","input":{"prompt":"x"}})");
  ASSERT_TRUE(spec) << spec.error().text();
  EXPECT_EQ(spec->depends_on, (std::vector<std::string>{"t1", "b2", "#0"}));
  const auto again = TaskSpec::from_json(spec->to_json());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->depends_on, spec->depends_on);
  EXPECT_EQ(again->if_dependency_fails, IfDependencyFails::run);
  EXPECT_EQ(again->budget_pico_usd, 500'000'000'000);
}

TEST(TaskView, ShowsADeadLetterByItsCode) {
  TaskView view;
  view.id = "t42";
  view.state = TaskState::failed;
  view.attempts_exhausted = true;
  view.error = Error(Code::unavailable, "no engine answered");
  view.started_at = from_ms(5);
  view.usage.cost_pico_usd = 10'500'000'000;
  const json::object shown = view.to_json();
  EXPECT_EQ(shown.at("error").at("code"), "attempts_exhausted");
  EXPECT_EQ(shown.at("usage").at("cost_usd"), "0.0105");
  EXPECT_TRUE(shown.at("reason").is_null());
  const auto read = TaskView::from_json(shown);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->attempts_exhausted);
  EXPECT_EQ(read->to_json(), shown);
}

TEST(TaskView, SaysOfACommandThatItEndedWithAStatusAndNotThatTheRequestWasWrong) {
  TaskView view;
  view.id = "t42";
  view.kind = TaskKind::command;
  view.state = TaskState::failed;
  view.error = Error(Code::unprocessable, "the command ended with exit status 3");
  view.result = json::object{{"exit_code", 3}};
  const json::object shown = view.to_json();
  EXPECT_EQ(shown.at("error").at("code"), "exit_status");
  const auto read = TaskView::from_json(shown);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->error->code, Code::unprocessable);
  EXPECT_EQ(read->to_json(), shown);
  view.result = nullptr;
  EXPECT_EQ(view.to_json().at("error").at("code"), "unprocessable");
}

TEST(BatchView, ReadsWhatItWrites) {
  BatchView view;
  view.id = "b3";
  view.state = "running";
  view.total = 10;
  view.succeeded = 4;
  view.waiting = 6;
  view.reason = Reason::budget;
  view.max_cost_pico_usd = 1'500'000'000'000;
  EXPECT_EQ(view.to_json().at("max_cost_usd"), "1.50");
  view.created_at = from_ms(1000);
  const auto read = BatchView::from_json(view.to_json());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->to_json(), view.to_json());
}

TEST(Usage, SaysWhatItCostExactlyOrThatNobodyKnows) {
  for (const std::int64_t pico : {0L, 1L, 99'999'999L, -5L, 123'000'000L}) {
    Usage u;
    u.cost_pico_usd = pico;
    EXPECT_EQ(Usage::from_json(u.to_json()).cost_pico_usd, pico);
    EXPECT_FALSE(u.to_json().contains("unpriced_calls"));
  }
  Usage unknown;
  unknown.unpriced_calls = 2;
  EXPECT_TRUE(unknown.to_json().at("cost_usd").is_null()) << "unknown is not 0";
  EXPECT_EQ(Usage::from_json(unknown.to_json()).unpriced_calls, 2);
  unknown.cost_pico_usd = 10'500'000'000;
  EXPECT_EQ(unknown.to_json().at("cost_usd"), "0.0105") << "the part that is known";
}

TEST(Ids, AreALetterAndANumber) {
  EXPECT_EQ(format_id('t', 42), "t42");
  EXPECT_EQ(parse_id('t', "t42"), 42);
  for (const char* id : {"", "t", "b42", "t042", "t-1", "t4x", "t99999999999999999999", "42"}) EXPECT_FALSE(parse_id('t', id)) << id;
  EXPECT_TRUE(is_blob_id(std::string(64, 'a')));
  EXPECT_TRUE(is_blob_id("sha256:" + std::string(64, '0')));
  EXPECT_FALSE(is_blob_id(std::string(64, 'A')));
  EXPECT_FALSE(is_blob_id("../" + std::string(61, 'a')));
}

TEST(Live, SaysNullForWhatIsGone) {
  EXPECT_EQ(format_changes(8, {{"task", "t3", nullptr}}),
            R"({"type":"changes","offset":8,"items":[{"kind":"task","id":"t3","value":null}]})");
}

}  // namespace
}  // namespace flotte::wire
