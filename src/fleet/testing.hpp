// A fleet on a database in memory with a clock that is turned by hand and nodes that do as they are told. For tests only.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleet/detail/rows.hpp"
#include "fleet/fleet.hpp"
#include "fleet/migrations.hpp"

namespace flotte::fleet {

class ManualClock final : public Clock {
 public:
  WallTime wall() const override { return from_ms(1'790'000'000'000) + milliseconds(passed_); }
  SteadyTime steady() const override { return SteadyTime(passed_); }
  milliseconds passed_{0};
};

class TestCredentials final : public Credentials {
 public:
  std::string run_key(std::int64_t task, std::int64_t fence) override { return "fr_" + std::to_string(task) + "_" + std::to_string(fence); }
  std::string stream_ticket(std::string_view node) override { return "ticket-" + std::string(node); }
  Result<std::string> check_node(store::Transaction&, const wire::Hello& hello, std::string_view nonce, std::string_view) override {
    if (revoked) return fail(Code::forbidden, "it was removed");
    const auto other = renamed.find(hello.node);
    if (hello.signature == "signed " + std::string(nonce)) return other == renamed.end() ? hello.node : other->second;
    return fail(Code::unauthenticated, "wrong signature");
  }
  std::map<std::string, std::string> renamed;
  bool revoked = false;
};

class TestNode final : public NodeConnection {
 public:
  void send(wire::ToNode message) override { inbox.push_back(std::move(message)); }
  void close(std::string reason) override { closed = std::move(reason); }

  template <class T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const wire::ToNode& m : inbox)
      if (const auto* one = std::get_if<T>(&m)) out.push_back(*one);
    return out;
  }
  template <class T>
  std::optional<T> last() const {
    const auto list = all<T>();
    return list.empty() ? std::nullopt : std::optional(list.back());
  }
  std::vector<wire::ToNode> inbox;
  std::optional<std::string> closed;
};

class FleetTest : public ::testing::Test, public Watcher {
 protected:
  FleetTest() { restart(); }

  FleetOptions options() const {
    FleetOptions o;
    o.hub = "attic";
    o.policy = policy_;
    o.make_nonce = [] { return std::string("nonce"); };
    return o;
  }
  /// A new hub over the same rows, as after kill -9.
  void restart() {
    fleet_.reset();
    posts_.clear();
    fleet_ = std::make_unique<Fleet>(
        *store_, credentials_, [this](std::function<void()> work) { posts_.push_back(std::move(work)); }, options());
    fleet_->set_watcher(this);
    fleet_->start();
    settle();
  }
  void settle() {
    while (!posts_.empty()) {
      auto work = std::move(posts_.front());
      posts_.pop_front();
      work();
    }
  }
  void pass(milliseconds time) {
    clock_.passed_ += time;
    fleet_->tick();
    settle();
  }
  void changed(std::string_view kind, const std::string& id) override { seen_.push_back(std::string(kind) + " " + id); }

  template <class T>
  Result<T> act(std::function<Result<T>(Ledger&)> body) {
    std::optional<Result<T>> answer;
    fleet_->act<T>(std::move(body), [&](Result<T> r) { answer = std::move(r); });
    settle();
    return std::move(answer.value());
  }
  template <class T>
  T rows(std::function<T(store::Transaction&)> body) {
    std::optional<T> answer;
    store_->post_read<bool>(
        [&](store::Transaction& t) -> Result<bool> {
          answer.emplace(body(t));
          return true;
        },
        [](Result<bool> r) { EXPECT_TRUE(r) << r.error().text(); });
    return std::move(answer.value());
  }

  static wire::TaskSpec prompt(std::string text = "hello") {
    wire::TaskSpec spec;
    spec.input = {{"prompt", text}};
    return spec;
  }
  std::int64_t submit(wire::TaskSpec spec = prompt(), std::string owner = "me") {
    return act<Submitted>([&](Ledger& l) { return fleet::submit(l, {owner, spec, std::nullopt}); })->task;
  }
  wire::TaskView show(std::int64_t task) {
    return rows<wire::TaskView>([task](store::Transaction& t) { return *show_task(t, task); });
  }
  wire::BatchView batch(std::int64_t id) {
    return rows<wire::BatchView>([id](store::Transaction& t) { return *show_batch(t, id); });
  }
  std::vector<wire::AttemptView> attempts(std::int64_t task) {
    return rows<std::vector<wire::AttemptView>>([task](store::Transaction& t) { return list_attempts(t, task); });
  }

  static wire::WorkerInfo model_worker(std::string name, int slots, std::string model = "tiny") {
    return {std::move(name), "model", std::move(model), slots, {}, false};
  }
  wire::Hello hello(const std::string& name, std::vector<wire::WorkerInfo> workers, std::vector<wire::RunId> running = {}) {
    wire::Hello h;
    h.engines.resize(1);
    h.engines[0].name = "llama";
    h.engines[0].state = "ready";
    h.node = name;
    h.signature = "signed nonce";
    h.workers = std::move(workers);
    h.running = std::move(running);
    return h;
  }
  std::unique_ptr<TestNode> connect(const std::string& name, std::vector<wire::WorkerInfo> workers, std::vector<wire::RunId> running = {}) {
    auto node = std::make_unique<TestNode>();
    fleet_->attach(*node, Fleet::Trust::signature);
    say(*node, hello(name, std::move(workers), std::move(running)));
    return node;
  }
  void say(TestNode& node, wire::ToHub message) {
    fleet_->on_message(node, message);
    settle();
  }
  void cut(TestNode& node) {
    fleet_->on_closed(node);
    settle();
  }
  /// Every offer that was not accepted so far is; the runs.
  std::vector<wire::RunId> accept_all(TestNode& node) {
    std::vector<wire::RunId> runs;
    for (const wire::Offer& offer : node.all<wire::Offer>()) runs.push_back(offer.run);
    std::erase_if(node.inbox, [](const wire::ToNode& m) { return std::holds_alternative<wire::Offer>(m); });
    for (const wire::RunId& run : runs) say(node, wire::Accept{run});
    return runs;
  }
  static wire::Finished good(std::string text = "done") {
    wire::Finished f;
    f.outcome = "succeeded";
    f.target = "engine@box/tiny";
    f.usage = {10, 0, 5, 1000};
    f.result = json::object{{"text", text}};
    return f;
  }
  static wire::Finished bad(bool retryable = true) {
    wire::Finished f;
    f.outcome = "failed";
    f.error = Error(Code::unavailable, "no engine answered");
    f.retryable = retryable;
    return f;
  }
  void finish(TestNode& node, const wire::RunId& run, wire::Finished f = good()) {
    say(node, wire::Records{{{++numbers_, run, wire::RecordKind::finished, 0, f.to_json()}}});
  }

  Policy policy_;
  ManualClock clock_;
  TestCredentials credentials_;
  std::unique_ptr<store::Store> store_ = store::Store::inline_for_tests(clock_, {migrations().begin(), migrations().end()});
  std::deque<std::function<void()>> posts_;
  std::unique_ptr<Fleet> fleet_;
  std::vector<std::string> seen_;
  std::int64_t numbers_ = 0;
};

}  // namespace flotte::fleet
