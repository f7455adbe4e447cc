// What a second run does.
#include "cli/batch/plan.hpp"

#include <gtest/gtest.h>

namespace flotte::cli {
namespace {

Input make_document(const std::string& name, const std::string& content) {
  Input input;
  input.name = input.relative = name;
  input.blob = "blob-" + content;
  input.fingerprint = "print-" + content;
  return input;
}

class PlanWork : public testing::Test {
 protected:
  void remember(const std::string& name, const std::string& content, const std::string& row_state, bool in_batch = false) {
    state_.inputs.push_back({name, "", "print-" + content, name + ".md", in_batch});
    if (row_state.empty()) return;
    ResultRow row;
    row.input = name;
    row.state = row_state;
    row.output = name + ".md";
    rows_[name] = row;
    if (row_state == "succeeded") state_.succeeded[name] = "print-" + content;
    files_.insert(name + ".md");
  }
  WorkPlan plan(const std::vector<Input>& inputs) {
    return plan_work(inputs, state_, rows_, [this](const std::string& output) { return files_.contains(output); });
  }
  using Places = std::vector<std::size_t>;
  BatchState state_;
  std::map<std::string, ResultRow> rows_;
  std::set<std::string> files_;
};

TEST_F(PlanWork, DoesEverythingTheFirstTime) {
  Input broken;
  broken.name = "x.png";
  broken.refused = Error(Code::unsupported, "no");
  const WorkPlan p = plan({make_document("a.txt", "1"), broken, make_document("b.txt", "2")});
  EXPECT_EQ(p.todo, (Places{0, 2}));
  EXPECT_EQ(p.refused, (Places{1}));
  EXPECT_EQ(p.inputs[2].output, "b.txt.md");
}

TEST_F(PlanWork, KeepsOnlyWhatSucceededForTheSameContent) {
  remember("a.txt", "1", "succeeded");
  remember("b.txt", "2", "failed");
  remember("c.txt", "3", "succeeded");
  state_.batch = "b1";
  state_.finished = true;
  const WorkPlan p =
      plan({make_document("a.txt", "1"), make_document("b.txt", "2"), make_document("c.txt", "3 changed"), make_document("d.txt", "4")});
  EXPECT_EQ(p.kept, (Places{0}));
  EXPECT_EQ(p.todo, (Places{1, 2, 3}));
}

TEST_F(PlanWork, DoesAgainWhatLostItsFileOrItsRow) {
  remember("a.txt", "1", "succeeded");
  remember("b.txt", "2", "succeeded");
  files_.erase("a.txt.md");
  rows_.erase("b.txt");
  EXPECT_EQ(plan({make_document("a.txt", "1"), make_document("b.txt", "2")}).todo, (Places{0, 1}));
}

TEST_F(PlanWork, GoesOnWithABatchThatHasNotFinished) {
  remember("a.txt", "1", "succeeded", true);
  remember("b.txt", "2", "", true);
  remember("c.txt", "3", "", true);
  state_.batch = "b1";
  const WorkPlan p = plan({make_document("a.txt", "1"), make_document("b.txt", "2"), make_document("c.txt", "changed")});
  EXPECT_EQ(p.kept, (Places{0}));
  EXPECT_EQ(p.under_way, (Places{1}));
  EXPECT_TRUE(p.inputs[1].in_batch);
  EXPECT_EQ(p.todo, (Places{2}));
}

TEST_F(PlanWork, LeavesResultPathsWithTheirDocuments) {
  remember("b.txt", "2", "succeeded");
  state_.inputs[0].output = "b.txt~2.md";
  files_ = {"b.txt~2.md"};
  const WorkPlan p = plan({make_document("a.txt", "1"), make_document("b.txt", "2")});
  EXPECT_EQ(p.inputs[1].output, "b.txt~2.md");
  EXPECT_EQ(p.kept, (Places{1}));
}

}  // namespace
}  // namespace flotte::cli
