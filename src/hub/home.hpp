// The hub's own node: a Runner on a loop of its own, linked in-process.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/async/loop.hpp"
#include "base/async/pool.hpp"
#include "fleet/fleet.hpp"
#include "http/client.hpp"
#include "hub/home_commands.hpp"
#include "store/blobs.hpp"
#include "work/runner.hpp"

namespace flotte::hub {

class Home {
 public:
  struct Options {
    std::string data;                      // DATA
    std::shared_ptr<http::Connector> hub;  // over which runs ask for models
    Executor fleet_executor;
    bool find = false;                             // coding agents are looked for
    std::string url{};                             // what commands see as FLOTTE_URL
    work::ConfinedCommands::LimitsTable limits{};  // of command workers
  };
  /// Everything referred to outlives it.
  Home(Options options, fleet::Fleet& fleet, store::Blobs& blobs, BlockingPool& pool);
  ~Home();
  /// Opens the spool and says hello. Error: io, conflict.
  Result<void> start();
  /// Its workers, whole new list. Fleet loop.
  void announce(std::vector<wire::WorkerInfo> workers);
  /// What was found on this machine and cannot be used, whole new list. Fleet loop.
  void show_unusable(std::vector<wire::Seen> seen);
  /// Its engines, whole new list. Fleet loop.
  void announce_engines(std::vector<wire::EngineInfo> engines);
  /// Gives its runs back; where the hub `restarts`, commands go on and are taken over by its next process. The fleet loop must still run.
  /// From the main thread.
  void stop(work::Away how = work::Away::ends);

 private:
  struct State;
  static Awaitable<void> end_runs(std::shared_ptr<State> state, work::Away how);
  static Awaitable<void> detach(std::shared_ptr<State> state);
  static Awaitable<void> run_what_waits();
  std::shared_ptr<State> state_;
  bool running_ = false;
};

}  // namespace flotte::hub
