// A hub, its nodes, a client and everything that goes wrong, on one thread under virtual time.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fleet/fleet.hpp"
#include "sim/checker.hpp"
#include "sim/connection.hpp"
#include "sim/node.hpp"
#include "sim/options.hpp"
#include "sim/schedule.hpp"

namespace flotte::sim {

class World {
 public:
  explicit World(Options options);
  ~World();
  /// Runs it all: first with faults, then without until every task has ended. What was wrong; empty: nothing.
  std::vector<std::string> run();
  /// What happened, in numbers, for the reader of a failure.
  std::string summary() const;

  // ---- for nodes and connections
  Schedule& time() noexcept { return time_; }
  Random& random() noexcept { return random_; }
  const Options& options() const noexcept { return options_; }
  bool faulty() const noexcept { return faulty_; }
  bool hub_up() const noexcept { return fleet_ != nullptr; }
  int hub_generation() const noexcept { return hub_generation_; }
  std::shared_ptr<Connection> connect(Node& node);
  void receive(Connection& connection, const wire::ToHub& message);
  void closed(Connection& connection);
  void sent_to_node(const wire::ToNode& message);
  void started(const wire::Offer& offer, const std::string& node);
  /// The run buys an answer: the provider sells it at once, the hub records it if it lives.
  void buy(const wire::RunId& run);

 private:
  class Keys;
  void start_hub();
  void kill_hub();
  void plan_tick(int generation);
  void plan_faults();
  void plan_fault(int one_in, void (World::*fault)());
  void cut_link();
  void kill_node();
  void power_cut();
  void pause_node();
  void lose_spool();
  void leave_node();
  void suspend_node();
  void fail_write();
  void fill_disk();
  void boot_later(Node& node);
  void heal();
  milliseconds some(milliseconds most);
  Node& any_node() { return *nodes_[random_.below(static_cast<std::uint64_t>(options_.nodes))]; }
  Node* home() { return options_.home ? nodes_.back().get() : nullptr; }

  // ---- the client
  void plan_client();
  void submit(int number);
  void submit_batch(int step);
  void cancel(std::int64_t task);
  wire::TaskSpec spec_of(int number) const;

  /// A database in trouble is no broken promise: the client tries again.
  bool may_refuse(const Error& error) const { return error.code == Code::exhausted || error.code == Code::io; }
  bool settled();
  void judge(std::vector<std::string> wrong);

  const Options options_;
  Random random_;
  Schedule time_;
  std::unique_ptr<Keys> keys_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<fleet::Fleet> fleet_;
  int hub_generation_ = 0;
  int full_ = 0, fills_ = 0;     // the number of the full disk that there is now, and of the last one
  milliseconds last_answer_{0};  // the database answers in order
  bool faulty_ = true, batch_sealed_ = false;
  std::int64_t batch_ = 0;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::map<int, std::int64_t> submitted_;  // task by submission
  Checker checker_;
  std::vector<std::string> wrong_;
  std::map<std::string, int> counts_;
};

}  // namespace flotte::sim
