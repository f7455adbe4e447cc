// One node: the real RunnerCore, a spool made of memory, executors that take virtual time, a link loop that beats. It can be killed, lose
// its power or its disk, be stopped and continued, and leave on purpose.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/connection.hpp"
#include "work/runner_core.hpp"

namespace flotte::sim {

class World;

class Node {
 public:
  Node(World& world, std::string name);

  void boot();
  /// kill -9. Runs under a shim go on; the spool stays.
  void kill();
  /// Only what was synced is left, and no process.
  void lose_power();
  /// Its disk is new: spool and runs are gone.
  void lose_spool();
  void pause();
  void resume();
  /// An orderly end: runs are given back.
  void leave();
  /// The machine sleeps with its commands, after it has said so.
  void sleep(milliseconds time);
  void cut();

  bool alive() const noexcept { return alive_; }
  bool paused() const noexcept { return paused_; }
  int generation() const noexcept { return generation_; }
  const std::string& name() const noexcept { return name_; }
  /// Nothing runs here, nothing waits to be told.
  bool idle() const { return alive_ && core_->live().empty() && core_->unacknowledged() == 0 && shims_.empty(); }
  std::string state() const;
  static std::vector<wire::WorkerInfo> workers();

  // ---- from the network
  void receive(const std::shared_ptr<Connection>& on, int generation, wire::ToNode message);
  void link_lost(const std::shared_ptr<Connection>& on, int generation);

 private:
  /// A run of a command: it has a process of its own.
  struct Shim {
    wire::Offer offer;
    std::optional<wire::Finished> end;
    int heard = 0;  // grows when a process of the node takes care of it
  };
  /// Happens in this process: not after it died, later while it is stopped.
  void after(milliseconds delay, Schedule::Call call);
  void here(int generation, Schedule::Call call);
  work::Now now() const;
  milliseconds some(milliseconds most) const;
  void perform(work::Actions actions);
  void begin(const wire::Offer& offer);
  void begin_shim(const wire::Offer& offer);
  void end_run(const wire::RunId& run, wire::Finished finished);
  void stop_run(const work::StopRun& stop);
  void append(const work::Append& append);
  void check_hello(const wire::Hello& hello) const;
  void expect_gone(const std::vector<wire::RunId>& runs);
  void plan_sync();
  void plan_tick();
  void dial();
  void wake();
  void hang_up();
  void plan_beat(int link);
  void watch_shims();
  wire::Finished outcome_of(const wire::Offer& offer) const;

  World& world_;
  const std::string name_;
  bool alive_ = false, paused_ = false, asleep_ = false;
  int generation_ = 0, link_ = 0;
  std::optional<work::RunnerCore> core_;
  std::deque<std::pair<int, Schedule::Call>> waiting_;  // while it is stopped
  std::set<wire::RunId> running_, ended_;               // in this process

  // ---- on disk
  std::map<std::int64_t, wire::Record> spool_;
  std::int64_t next_number_ = 1, reserved_ = 1, synced_ = 0;
  std::map<wire::RunId, Shim> shims_;

  // ---- link loop
  std::shared_ptr<Connection> connection_;
  bool welcomed_ = false, syncing_ = false, sync_wanted_ = false, ticking_ = false;
  milliseconds heard_at_{0};
  std::int64_t beats_ = 0;
};

}  // namespace flotte::sim
