// Batches: items, counts, pause, cancel, retry.
#include "fleet/nodes.hpp"
#include "fleet/testing.hpp"

namespace flotte::fleet {
namespace {

using wire::TaskState;

class BatchTest : public FleetTest {
 protected:
  std::int64_t make() {
    return *act<std::int64_t>([](Ledger& l) { return make_batch(l, {"me", "letters", std::nullopt}); });
  }
  Result<Added> add(std::int64_t batch, std::int64_t from, std::int64_t to) {
    std::vector<BatchItem> items;
    for (std::int64_t i = from; i < to; ++i) items.push_back({i, "", prompt("item " + std::to_string(i))});
    return act<Added>([batch, items](Ledger& l) { return submit_many(l, batch, items); });
  }
  Result<void> on(Result<void> (*action)(Ledger&, std::int64_t), std::int64_t batch) {
    const auto r = act<bool>([action, batch](Ledger& l) -> Result<bool> {
      auto done = action(l, batch);
      return done ? Result<bool>(true) : Result<bool>(Failure(done.error()));
    });
    return r ? Result<void>() : Result<void>(Failure(r.error()));
  }
  Result<void> cancel(std::int64_t batch) {
    return on([](Ledger& l, std::int64_t b) { return cancel_batch(l, b, wire::Reason::none); }, batch);
  }
  /// Finishes whatever is offered until nothing is left; how many.
  int work_off(TestNode& node) {
    int n = 0;
    for (auto runs = accept_all(node); !runs.empty(); runs = accept_all(node))
      for (const wire::RunId& run : runs) {
        finish(node, run);
        ++n;
      }
    return n;
  }
};

TEST_F(BatchTest, RunsFromOpenToDone) {
  auto box = connect("box", {model_worker("reader", 2)});
  const std::int64_t b = make();
  EXPECT_EQ(batch(b).state, "open");
  EXPECT_EQ(add(b, 0, 5)->added, 5);
  EXPECT_EQ(batch(b).offered, 2);
  EXPECT_EQ(batch(b).queued, 3);
  EXPECT_EQ(box->last<wire::Offer>()->batch, "b1");
  EXPECT_EQ(work_off(*box), 5);
  EXPECT_EQ(batch(b).state, "open");  // more could come
  EXPECT_TRUE(on(seal_batch, b));
  EXPECT_EQ(batch(b).state, "done");
  EXPECT_EQ(batch(b).succeeded, 5);
  EXPECT_EQ(batch(b).usage.input_tokens, 50);
  EXPECT_TRUE(batch(b).ended_at);
}

TEST_F(BatchTest, TakesAnIndexOnceHoweverOftenItIsSent) {
  const std::int64_t b = make();
  EXPECT_EQ(add(b, 0, 5)->added, 5);
  const auto again = add(b, 3, 8);
  EXPECT_EQ(again->added, 3);
  EXPECT_EQ(again->known, 2);
  EXPECT_TRUE(on(seal_batch, b));
  EXPECT_TRUE(on(seal_batch, b));
  EXPECT_EQ(add(b, 0, 8)->known, 8);
  EXPECT_EQ(add(b, 8, 9).error().code, Code::conflict);
  EXPECT_EQ(batch(b).total, 8);
  EXPECT_EQ(add(99, 0, 1).error().code, Code::not_found);
}

TEST_F(BatchTest, RefusesAnotherTaskUnderAnIndexThatIsTaken) {
  const std::int64_t b = make();
  EXPECT_EQ(add(b, 0, 2)->added, 2);
  BatchItem other;
  other.index = 1;
  other.spec.input = {{"prompt", "something else"}};
  const auto refused = act<Added>([&](Ledger& l) { return submit_many(l, b, {other}); });
  EXPECT_EQ(refused.error().code, Code::unprocessable);
  EXPECT_NE(refused.error().message.find("item 1"), std::string::npos);
}

TEST_F(BatchTest, ListsItsTasksInTheOrderOfItsItems) {
  const std::int64_t b = make();
  (void)add(b, 5, 10);
  (void)add(b, 0, 5);
  TaskFilter filter;
  filter.batch = b;
  filter.limit = 4;
  std::vector<std::int64_t> items;
  for (bool more = true; more;) {
    const auto page = rows<TaskPage>([&](store::Transaction& t) { return list_tasks(t, filter); });
    for (const auto& view : page.items) items.push_back(view.item);
    more = page.next.has_value();
    filter.after = page.next.value_or(0);
  }
  EXPECT_EQ(items, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(BatchTest, PausesAndResumes) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t b = make();
  (void)add(b, 0, 3);
  EXPECT_TRUE(on(pause_batch, b));
  finish(*box, accept_all(*box).at(0));  // what runs goes on
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  EXPECT_EQ(batch(b).state, "paused");
  EXPECT_EQ(batch(b).waiting, 2);
  EXPECT_EQ(show(2).state, TaskState::waiting);
  EXPECT_EQ(show(2).reason, wire::Reason::paused);
  (void)add(b, 3, 4);
  restart();
  box = connect("box", {model_worker("reader", 1)});
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  EXPECT_TRUE(on(resume_batch, b));
  EXPECT_EQ(work_off(*box), 3);
}

TEST_F(BatchTest, CancelsInPiecesEvenOverARestart) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t b = make();
  (void)add(b, 0, 1800);
  const wire::RunId run = accept_all(*box).at(0);
  EXPECT_TRUE(cancel(b));
  EXPECT_EQ(box->last<wire::Cancel>()->run, run);
  EXPECT_EQ(batch(b).state, "cancelled");
  pass(milliseconds(1));
  EXPECT_EQ(batch(b).cancelled, 1000);
  restart();
  pass(milliseconds(1));
  pass(milliseconds(1));
  EXPECT_EQ(batch(b).cancelled, 1799);
  EXPECT_FALSE(batch(b).ended_at);
  box = connect("box", {model_worker("reader", 1)}, {run});
  wire::Finished ended;
  ended.outcome = "cancelled";
  finish(*box, run, ended);
  EXPECT_EQ(batch(b).cancelled, 1800);
  EXPECT_TRUE(batch(b).ended_at);
  EXPECT_EQ(batch(b).state, "cancelled");
  EXPECT_TRUE(box->all<wire::Offer>().empty());
  EXPECT_EQ(add(b, 5000, 5001).error().code, Code::conflict);
}

TEST_F(BatchTest, TriesFailedItemsAgainAndPointsToTheNewest) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t b = make();
  (void)add(b, 0, 2);
  EXPECT_TRUE(on(seal_batch, b));
  finish(*box, accept_all(*box).at(0), bad(false));
  const auto retry = [&] { return act<std::int64_t>([b](Ledger& l) { return retry_batch(l, b); }); };
  EXPECT_EQ(retry().error().code, Code::conflict);  // it still runs
  finish(*box, accept_all(*box).at(0));
  EXPECT_EQ(batch(b).state, "done");
  EXPECT_EQ(batch(b).failed, 1);
  EXPECT_EQ(retry().value(), 1);
  EXPECT_EQ(batch(b).state, "running");
  EXPECT_EQ(batch(b).failed, 0);
  EXPECT_EQ(batch(b).total, 2);
  EXPECT_EQ(work_off(*box), 1);
  EXPECT_EQ(batch(b).state, "done");
  EXPECT_EQ(batch(b).succeeded, 2);
  TaskFilter filter;
  filter.batch = b;
  const auto page = rows<TaskPage>([&](store::Transaction& t) { return list_tasks(t, filter); });
  ASSERT_EQ(page.items.size(), 2U);
  EXPECT_EQ(page.items[0].retry_of, "t1");
  // The first one was replaced: trying it again would make two of one item.
  EXPECT_EQ(act<std::int64_t>([](Ledger& l) { return retry_task(l, 1); }).error().code, Code::conflict);
}

TEST_F(BatchTest, RunsACancelledBatchAgain) {
  const std::int64_t b = make();
  (void)add(b, 0, 3);
  EXPECT_TRUE(cancel(b));
  pass(milliseconds(1));
  EXPECT_TRUE(batch(b).ended_at);
  EXPECT_EQ(act<std::int64_t>([b](Ledger& l) { return retry_batch(l, b); }).value(), 3);
  auto box = connect("box", {model_worker("reader", 2)});
  EXPECT_EQ(work_off(*box), 3);
  EXPECT_EQ(batch(b).state, "done");
  EXPECT_EQ(batch(b).cancelled, 0);
  EXPECT_EQ(batch(b).succeeded, 3);
}

TEST_F(BatchTest, LeavesRoomForASingleTaskBesideALargeBatch) {
  auto box = connect("box", {model_worker("reader", 1)});
  (void)add(make(), 0, 100);
  const std::int64_t single = submit();
  finish(*box, accept_all(*box).at(0));
  accept_all(*box);
  EXPECT_EQ(show(single).state, TaskState::running);
}

TEST_F(BatchTest, IsTheSameForTheSameKey) {
  const auto once = [&](const char* body) {
    return act<std::int64_t>([body](Ledger& l) { return make_batch(l, {"me", "x", Idempotency{"k", body}}); });
  };
  EXPECT_EQ(once("a").value(), once("a").value());
  EXPECT_EQ(once("b").error().code, Code::unprocessable);
}

TEST_F(BatchTest, FiltersTasksByStateOwnerAndWorker) {
  auto box = connect("box", {model_worker("reader", 1)});
  const std::int64_t done = submit(), failed = submit(), running = submit(), queued = submit(prompt(), "other");
  finish(*box, accept_all(*box).at(0));
  auto run = accept_all(*box).at(0);
  const std::int64_t second = *wire::parse_id('t', run.task);
  finish(*box, run, bad(false));
  accept_all(*box);
  (void)done, (void)failed, (void)running, (void)queued;
  const auto ids = [&](TaskFilter filter) {
    std::vector<std::string> out;
    for (const auto& view : rows<TaskPage>([&](store::Transaction& t) { return list_tasks(t, filter); }).items) out.push_back(view.id);
    return out;
  };
  TaskFilter f;
  EXPECT_EQ(ids(f), (std::vector<std::string>{"t4", "t3", "t2", "t1"}));
  f.states = {TaskState::succeeded};
  EXPECT_EQ(ids(f), std::vector<std::string>{"t1"});
  f.states = {TaskState::failed};
  EXPECT_EQ(ids(f), std::vector<std::string>{wire::format_id('t', second)});
  f.states = {TaskState::running};
  ASSERT_EQ(ids(f).size(), 1U);
  f.worker = "reader";
  f.node = "box";
  EXPECT_EQ(ids(f).size(), 1U);
  f.node = "elsewhere";
  EXPECT_TRUE(ids(f).empty());
  f = {};
  f.states = {TaskState::queued};
  EXPECT_EQ(ids(f).size(), 1U);
  f = {};
  f.owner = "other";
  EXPECT_EQ(ids(f), std::vector<std::string>{"t4"});
  f = {};
  f.kind = "command";
  EXPECT_TRUE(ids(f).empty());
  f = {};
  f.limit = 2;
  const auto page = rows<TaskPage>([&](store::Transaction& t) { return list_tasks(t, f); });
  EXPECT_EQ(page.next, 3);
  f.after = 3;
  EXPECT_EQ(ids(f), (std::vector<std::string>{"t2", "t1"}));
}

}  // namespace
}  // namespace flotte::fleet
