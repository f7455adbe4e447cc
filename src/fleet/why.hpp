// Why a task does not run: a sentence and the facts behind it. Pure; the facts are gathered by Fleet.
#pragma once
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
  std::optional<WallTime> waits_until;
  std::int64_t ahead = 0;  // ready tasks of the same flow before it, counted up to 1000
  struct Worker {
    Place place;
    int slots = 1, busy = 0;
    bool away = false, draining = false, exclusive_busy = false;
  };
  std::vector<Worker> workers;
};

struct Why {
  std::string sentence;
  json::object facts;
  json::object to_json() const;
};

/// The rows' part of the facts; nothing where there is no such task.
std::optional<WhyFacts> gather_why(store::Transaction& rows, std::int64_t task);
Why explain(const WhyFacts& facts, WallTime now);

}  // namespace flotte::fleet
