// Flows in a list, page by page, and forgotten when nothing needs them.
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

}  // namespace
}  // namespace flotte::fleet
