// Workers whose model nothing answers for: they are given no work until something does.
#include <set>

#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using wire::TaskState;

class KnownModels final : public Capacity {
 public:
  bool answers(const std::string& model) override { return known.contains(model); }
  std::optional<milliseconds> wait(const std::string&) override { return std::nullopt; }
  std::set<std::string> known{"tiny"};
};

class UnansweredTest : public FleetTest {
 protected:
  UnansweredTest() { fleet_->set_capacity(&models); }
  ~UnansweredTest() override { fleet_->set_capacity(nullptr); }
  wire::WorkerView worker(const std::string& id) const { return fleet_->worker(id).value_or(wire::WorkerView{}); }
  KnownModels models;
};

TEST_F(UnansweredTest, AWorkerWithoutAModelIsGivenNothingUntilThereIsOne) {
  wire::WorkerInfo lost = model_worker("lost", 1);
  lost.model = "nosuch";
  const auto box = connect("box", {model_worker("reader", 1), lost});
  wire::TaskSpec spec = prompt();
  spec.model.clear();
  spec.worker = "lost";
  const std::int64_t task = submit(spec);
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  EXPECT_EQ(worker("lost@box").state, "unusable");
  EXPECT_NE(worker("lost@box").message.find("nothing answers for model 'nosuch'"), std::string::npos) << worker("lost@box").message;
  EXPECT_EQ(worker("reader@box").state, "idle");
  pass(seconds(10));
  EXPECT_EQ(show(task).state, TaskState::queued);
  EXPECT_EQ(show(task).attempt, 0) << "no attempt is used";
  models.known.insert("nosuch");
  pass(seconds(1));
  EXPECT_EQ(box->all<wire::Offer>().size(), 1U);
  EXPECT_EQ(worker("lost@box").state, "idle");
}

TEST_F(UnansweredTest, CommandsHaveNoModel) {
  wire::WorkerInfo shell = model_worker("shell", 1);
  shell.kind = "command";
  shell.model = "";
  const auto box = connect("box", {shell});
  EXPECT_EQ(worker("shell@box").state, "idle");
}

}  // namespace
}  // namespace flotte::fleet
