// Why a task does not run: a sentence and the facts behind it. Pure; the facts are gathered by Fleet.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleet/dependencies.hpp"
#include "fleet/gates.hpp"
#include "fleet/need.hpp"
#include "fleet/seats.hpp"
#include "store/transaction.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

struct WhyFacts {
  wire::TaskView task;
  Need need;
  bool node_known = true;                      // the node that it names, where it names one
  std::optional<std::int64_t> limit_pico_usd;  // what its batch may cost
  bool batch_spent = false;                    // its batch was stopped by its limit
  int stopping = 0;                            // of one that runs: Lease::cancel
  std::optional<WallTime> waits_until;
  std::int64_t ahead = 0;  // ready tasks of the same flow before it, counted up to 1000
  struct Worker {
    Place place;
    int slots = 1, busy = 0;                 // `busy` counts leases
    std::optional<WallTime> asleep_until{};  // its node sleeps and keeps its runs until then
    bool away = false, draining = false, paused = false;
    bool unanswered = false;                  // nothing answers for its model
    std::optional<wire::Waking> waking = {};  // its node is away and is being called
  };
  std::vector<Worker> workers;                                // all that are known, filled in by Fleet
  std::map<std::pair<std::string, std::string>, int> leases;  // of each (node, worker)
  OpenDependencies dependencies;                              // of one that waits for others
  std::optional<DependencyState> failed;                      // why one was cancelled that waited for others
  std::int64_t paused = 0;                                    // of its flow: a sum, see pauses.hpp
  std::string project;
  std::optional<KeyUse> key;          // its concurrency key
  bool deferred = false;              // the task itself waits until `waits_until`, not its flow
  OutWhy out_why = OutWhy::quota;     // why its flow is out
  std::optional<WallTime> out_reset;  // when that should be over
  std::string node_message;           // the last thing that the task's log says about its state
};

struct Why {
  std::string sentence;
  std::string hint;  // what would change it, may be empty
  json::object facts;
  json::object to_json() const;  // Why of api/openapi.yaml
};

/// The rows' part of the facts; nothing where there is no such task.
std::optional<WhyFacts> gather_why(store::Transaction& rows, std::int64_t task);
Why explain(const WhyFacts& facts, WallTime now);

}  // namespace flotte::fleet
