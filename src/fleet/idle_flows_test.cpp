// Flows in a list, page by page, and forgotten when nothing needs them.
#include "fleet/idle_flows.hpp"

#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

class IdleFlowsTest : public FleetTest {
 protected:
  std::int64_t of_project(const std::string& project, int limit = 0) {
    wire::TaskSpec spec = prompt();
    spec.project = project;
    if (limit > 0) spec.concurrency = wire::Concurrency{"key of " + project, limit};
    return submit(spec);
  }
  FlowPage list(FlowFilter filter = {}) {
    return rows<FlowPage>([&](store::Transaction& t) { return list_flows(t, filter, {}); });
  }
  std::string projects(const FlowPage& page) {
    std::string out;
    for (const FlowView& flow : page.items) out += flow.project + " ";
    return out;
  }
  std::int64_t count(std::string table) {
    return rows<std::int64_t>([&](store::Transaction& t) { return t.one("SELECT count(*) FROM " + table)->integer(0); });
  }
  void cancel(std::int64_t task) {
    (void)act<bool>([&](Ledger& l) -> Result<bool> { return cancel_task(l, task).has_value(); });
  }
  void forget() {
    (void)act<bool>([](Ledger& l) -> Result<bool> {
      std::int64_t at = 0;
      do at = forget_idle_flows(l, at, 2);
      while (at != 0);
      return true;
    });
  }
};

TEST_F(IdleFlowsTest, TheListHasThemAllByTheAgeOfWhatWaits) {
  const std::int64_t first = of_project("b");
  pass(seconds(1));
  for (const char* project : {"c", "a"}) {
    (void)of_project(project);
    pass(seconds(1));
  }
  cancel(first);
  pass(seconds(1));
  (void)of_project("b");  // the flow of the lowest number waits for the shortest time
  EXPECT_EQ(projects(list()), "c a b ");
  FlowFilter filter;
  filter.limit = 2;
  const FlowPage page = list(filter);
  EXPECT_EQ(projects(page), "c a ");
  ASSERT_TRUE(page.next);
  filter.after = *FlowPlace::parse(page.next->text());
  EXPECT_EQ(projects(list(filter)), "b ");
  EXPECT_FALSE(list(filter).next);
  for (const char* wrong : {"", "7", "7.", ".7", "7.8x", "x.8"}) EXPECT_FALSE(FlowPlace::parse(wrong)) << wrong;
}

TEST_F(IdleFlowsTest, WhatRunsOrIsHeldIsInItToo) {
  auto box = connect("box", {model_worker("a", 1)});
  (void)of_project("runs", 3);
  (void)accept_all(*box);
  (void)of_project("waits", 3);
  const std::int64_t held = of_project("held");
  (void)act<bool>([](Ledger& l) -> Result<bool> { return pause_flow(l, 3, Paused::yes).has_value(); });
  cancel(held);
  const FlowPage page = list();
  EXPECT_EQ(projects(page), "waits runs held ");
  EXPECT_EQ(page.items[1].running, 1);
  EXPECT_EQ(page.items[1].used, 1);
  EXPECT_EQ(page.items[0].used, 0);
}

TEST_F(IdleFlowsTest, AreForgottenWhenNothingOpenIsInThem) {
  auto box = connect("box", {model_worker("a", 1)});
  (void)of_project("runs", 2);
  (void)accept_all(*box);
  (void)of_project("ready", 2);
  wire::TaskSpec later = prompt();
  later.project = "later";
  later.not_before = clock_.wall() + std::chrono::hours(5);
  (void)submit(later);
  const std::int64_t over = of_project("over", 2), held = of_project("held"), last = of_project("last", 2);
  for (const std::int64_t task : {over, held, last}) cancel(task);
  (void)act<bool>([](Ledger& l) -> Result<bool> { return pause_flow(l, 5, Paused::yes).has_value(); });
  ASSERT_EQ(count("flow"), 6);
  ASSERT_EQ(count("concurrency_key"), 4);
  forget();
  EXPECT_EQ(count("flow"), 5) << "only that of `over`: `last` keeps its number from coming again";
  EXPECT_EQ(count("concurrency_key"), 3);
  EXPECT_EQ(count("flow WHERE project = 'over'"), 0);
  // What ended there is shown, explained and tried again as before.
  EXPECT_EQ(show(over).state, wire::TaskState::cancelled);
  const auto facts = rows<std::optional<WhyFacts>>([&](store::Transaction& t) { return gather_why(t, over); });
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->project, "over");
  EXPECT_EQ(explain(*facts, clock_.wall()).sentence, "it was cancelled");
  const auto again = act<std::int64_t>([&](Ledger& l) { return retry_task(l, over); });
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(show(*again).state, wire::TaskState::queued);
  EXPECT_EQ(count("concurrency_key"), 4);
}

TEST_F(IdleFlowsTest, AreForgottenByTheTickOnceAnHour) {
  for (int i = 0; i < 3; ++i) cancel(of_project(std::to_string(i)));
  pass(std::chrono::hours(1) + seconds(1));
  EXPECT_EQ(count("flow"), 1);
}

}  // namespace
}  // namespace flotte::fleet
