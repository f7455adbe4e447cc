// Lists of what waits.
#include "fleet/queued.hpp"

#include "fleet/testing.hpp"
#include "fleet/views.hpp"

namespace flotte::fleet {
namespace {

class QueuedTest : public FleetTest {
 protected:
  std::vector<std::string> list(TaskFilter filter) {
    filter.states = {wire::TaskState::queued};
    std::vector<std::string> ids;
    for (int pages = 0; pages < 100; ++pages) {
      const TaskPage page = rows<TaskPage>([&](store::Transaction& t) { return list_tasks(t, filter); });
      for (const wire::TaskView& task : page.items) ids.push_back(task.id);
      if (!page.next) return ids;
      filter.after = *page.next;
    }
    ADD_FAILURE() << "the pages do not end";
    return ids;
  }
  static std::vector<std::string> ids_of(std::vector<std::int64_t> tasks) {
    std::sort(tasks.rbegin(), tasks.rend());
    std::vector<std::string> ids;
    for (const std::int64_t task : tasks) ids.push_back(wire::format_id('t', task));
    return ids;
  }
};

TEST_F(QueuedTest, AreListedFromTheNewestWhateverTheirFlowAndPriority) {
  std::vector<std::int64_t> all, of_three;
  for (int i = 0; i < 90; ++i) {
    wire::TaskSpec spec = prompt();
    spec.project = "p" + std::to_string(i % 7);
    spec.priority = i % 4;
    all.push_back(submit(spec, i % 3 == 0 ? "me" : "you"));
    if (spec.project == "p3") of_three.push_back(all.back());
  }
  TaskFilter filter;
  filter.limit = 9;
  EXPECT_EQ(list(filter), ids_of(all));
  filter.project = "p3";
  EXPECT_EQ(list(filter), ids_of(of_three));
  filter.project = "p3";
  filter.kind = "command";
  EXPECT_TRUE(list(filter).empty());
}

TEST_F(QueuedTest, LeaveOutWhatIsHeldUpOrUnderWay) {
  const std::int64_t held = submit();
  auto node = connect("box", {model_worker("w", 1)});
  const std::int64_t first = submit(), second = submit();
  wire::TaskSpec late = prompt();
  late.not_before = clock_.wall() + std::chrono::hours(1);
  submit(late);
  EXPECT_EQ(node->all<wire::Offer>().size(), 1U);
  EXPECT_EQ(list({}), ids_of({first, second})) << held << " is offered";
}

}  // namespace
}  // namespace flotte::fleet
