// What tasks and batches may cost, as accounts that their runs' calls hold money back in. Runs are the fleet's, accounts are route's.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/clock.hpp"
#include "fleet/fleet.hpp"
#include "hub/caller.hpp"

namespace flotte::hub {

/// Any thread.
class Purses {
 public:
  /// The caller with the purses of its run, for one call. What was spent before is what the run's facts say when a purse is first asked
  /// for; it is kept while its task has a run.
  /// Where a call is refused because of a purse, the fleet stops the run: it knows before the run does.
  std::shared_ptr<const Caller> of_run(const fleet::RunFacts& run, std::shared_ptr<const Caller> caller, fleet::Fleet& fleet);

 private:
  struct Purse {
    std::shared_ptr<route::Account> account;
    std::int64_t fence = 0;  // of a task: its newest run
    SteadyTime used{};
  };
  using Map = std::unordered_map<std::int64_t, Purse>;
  static Purse& find(Map& map, std::int64_t id, char prefix, std::int64_t most, std::int64_t spent);
  void forget_old(const fleet::Fleet& fleet, SteadyTime now);

  std::mutex mutex_;
  Map tasks_, batches_;
  SteadyTime looked_{};
};

}  // namespace flotte::hub
