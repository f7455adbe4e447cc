// What is nothing that a submission has, and what was meant.
#include "wire/members.hpp"

#include <gtest/gtest.h>

#include <array>

#include "wire/task.hpp"

namespace flotte::wire {
namespace {

Result<void> check(std::string_view text) { return check_task_members(json::parse_object(text).value()); }

TEST(Members, RefusesWhatATaskDoesNotHaveAndSaysWhatWasMeant) {
  struct Case {
    const char *spec, *member, *hint;
  };
  const Case cases[] = {
      {R"({"kind":"prompt","budget":"0.5","input":{"prompt":"x"}})", "\"budget\"", "\"budget_usd\""},
      {R"({"kind":"prompt","max_cost_usd":"0.5","input":{"prompt":"x"}})", "\"max_cost_usd\"", "\"budget_usd\""},
      {R"({"kind":"prompt","after":["t1"],"input":{"prompt":"x"}})", "\"after\"", "\"depends_on\""},
      {R"({"kind":"prompt","prioritty":9,"input":{"prompt":"x"}})", "\"prioritty\"", "\"priority\""},
      {R"({"kind":"prompt","prompt":"x","input":{"prompt":"x"}})", "\"prompt\"", "\"input\""},
      {R"({"kind":"prompt","input":{"prompt":"x","sytem":"y"}})", "\"sytem\"", "\"system\""},
      {R"({"kind":"command","input":{"argv":["ls"],"prompt":"x"}})", "\"prompt\"", "argv, cwd, env"},
      {R"({"kind":"command","concurrency":{"key":"a","max":1},"input":{"argv":["ls"]}})", "\"max\"", "key, limit"},
  };
  for (const Case& c : cases) {
    const auto checked = check(c.spec);
    ASSERT_FALSE(checked) << c.spec;
    EXPECT_EQ(checked.error().code, Code::invalid_argument);
    EXPECT_NE(checked.error().message.find(c.member), std::string::npos) << checked.error().text();
    EXPECT_NE(checked.error().hint.find(c.hint), std::string::npos) << checked.error().text();
  }
}

TEST(Members, TakesAllThatATaskHas) {
  TaskSpec spec;
  spec.title = spec.model = spec.node = spec.worker = spec.project = spec.unique = "x";
  spec.labels = spec.features = {"x"};
  spec.not_before = spec.deadline = from_ms(1000);
  spec.exclusive = true;
  spec.depends_on = {"t1"};
  spec.if_dependency_fails = IfDependencyFails::run;
  spec.budget_pico_usd = 1;
  spec.concurrency = Concurrency{"x", 2};
  spec.input = {{"prompt", "x"}, {"system", "y"}};
  const auto checked = check_task_members(spec.to_json());
  EXPECT_TRUE(checked) << checked.error().text();
  EXPECT_TRUE(
      check(R"({"kind":"agent","input":{"repo":"r","ref":"main","agent":"a","setup":"s","checks":[],"text":"t","pull_request":true}})"));
}

TEST(Members, AreOnlyCheckedWhereTheyComeFromAClient) {
  EXPECT_TRUE(TaskSpec::from_json(json::parse_object(R"({"kind":"prompt","of_next_year":1,"input":{"prompt":"x"}})").value()))
      << "what a newer version stored is still read";
}

TEST(Members, NameWhatTheyDoNotBelongTo) {
  static constexpr std::array<std::string_view, 2> known{"title", "max_cost_usd"};
  const auto checked = check_members(json::parse_object(R"({"budget_usd":"1"})").value(), "a batch", known);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "\"budget_usd\" is nothing that a batch has");
  EXPECT_EQ(checked.error().hint, "did you mean \"max_cost_usd\"?");
}

}  // namespace
}  // namespace flotte::wire
