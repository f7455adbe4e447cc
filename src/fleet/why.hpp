// Why a task does not run: a sentence and the facts behind it. Pure; the facts are gathered by Fleet.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleet/need.hpp"
#include "store/transaction.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

struct WhyFacts {
  wire::TaskView task;
  Need need;
  bool batch_paused = false;
  std::optional<std::int64_t> limit_pico_usd;  // what its batch may cost
  std::optional<WallTime> waits_until;
  std::int64_t ahead = 0;  // ready tasks of the same flow before it, counted up to 1000
  struct Worker {
    Place place;
    int slots = 1, busy = 0;  // `busy` counts leases
    bool away = false, draining = false;
  };
  std::vector<Worker> workers;                                // all that are known, filled in by Fleet
  std::map<std::pair<std::string, std::string>, int> leases;  // of each (node, worker)
  std::string node_message;                                   // the last thing that the task's log says about its state
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
