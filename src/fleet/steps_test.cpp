// Steps are kept once, and only for the run that has the task.
#include "fleet/steps.hpp"

#include <gmock/gmock.h>

#include "fleet/detail/rows.hpp"
#include "fleet/testing.hpp"
#include "wire/step.hpp"

namespace flotte::fleet {
namespace {

class StepsTest : public FleetTest {
 protected:
  Result<KeptStep> keep(std::int64_t task, std::int64_t fence, const std::string& name, const std::string& output) {
    Step step;
    step.name = name;
    step.fence = fence;
    step.content_type = "text/plain";
    step.bytes = static_cast<std::int64_t>(output.size());
    step.output = output;
    return act<KeptStep>([task, step](Ledger& l) { return keep_step(l.rows, task, step); });
  }
  std::optional<Step> find(std::int64_t task, const std::string& name) {
    return rows<std::optional<Step>>([task, name](store::Transaction& t) { return find_step(t, task, name); });
  }
  std::vector<Step> all(std::int64_t task, std::int64_t after = 0, std::size_t limit = 10) {
    return rows<std::vector<Step>>([=](store::Transaction& t) { return list_steps(t, task, after, limit); });
  }
};

TEST_F(StepsTest, TheFirstOutputStays) {
  auto box = connect("box", {model_worker("reader", 1)});
  submit(prompt("x"));
  const wire::RunId run = accept_all(*box).at(0);
  const std::string bytes("one\0\xff", 5);
  const auto kept = keep(1, run.fence, "build", bytes);
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->repeated);
  const auto again = keep(1, run.fence, "build", "two");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->step.output, bytes);
  ASSERT_TRUE(keep(1, run.fence, "test", ""));
  EXPECT_EQ(find(1, "build")->output, bytes);
  EXPECT_EQ(find(1, "deploy"), std::nullopt);
  const auto list = all(1);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "build");
  EXPECT_EQ(list[1].number, 2);
  EXPECT_EQ(list[1].attempt, 1);
  EXPECT_EQ(list[0].output, "") << "a list has no outputs";
  EXPECT_EQ(all(1, 1).size(), 1u);
}

TEST_F(StepsTest, AStaleRunKeepsNothing) {
  auto box = connect("box", {model_worker("reader", 1)});
  submit(prompt("x"));
  const wire::RunId run = accept_all(*box).at(0);
  ASSERT_TRUE(keep(1, run.fence, "build", "by the first"));
  EXPECT_EQ(keep(1, run.fence + 1, "x", "").error().code, Code::conflict);
  EXPECT_EQ(keep(99, run.fence, "x", "").error().code, Code::not_found);
  // Its node is given up: from the transaction that takes the lease away on, nothing of it is kept.
  (void)act<bool>([](Ledger& l) -> Result<bool> {
    const auto lease = find_lease(l.rows, 1);
    release(l, *lease, GivenUp::lost, "gone");
    return true;
  });
  EXPECT_EQ(keep(1, run.fence, "test", "late").error().code, Code::conflict);
  EXPECT_EQ(find(1, "test"), std::nullopt);
  EXPECT_EQ(find(1, "build")->output, "by the first") << "what was kept before stays";
}

TEST_F(StepsTest, AnOfferThatNobodyAcceptedKeepsNothing) {
  auto box = connect("box", {model_worker("reader", 1)});
  submit(prompt("x"));
  const auto offer = box->last<wire::Offer>();
  ASSERT_TRUE(offer);
  EXPECT_EQ(keep(1, offer->run.fence, "x", "").error().code, Code::conflict);
}

TEST(StepNames, AreShortText) {
  EXPECT_TRUE(check_step_name("build"));
  EXPECT_TRUE(check_step_name("größe/2 of 3"));
  EXPECT_FALSE(check_step_name(""));
  EXPECT_FALSE(check_step_name("a\nb"));
  EXPECT_FALSE(check_step_name("\xff"));
  EXPECT_FALSE(check_step_name(std::string(wire::step_name_bytes + 1, 'x')));
}

}  // namespace
}  // namespace flotte::fleet
