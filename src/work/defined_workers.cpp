// Own workers and the hub's.
#include "work/defined_workers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace flotte::work {

WorkerPlan plan_workers(const std::vector<wire::WorkerInfo>& own, const std::vector<wire::WorkerInfo>& defined) {
  WorkerPlan out{own, {}};
  for (const wire::WorkerInfo& worker : defined) {
    const auto same = [&](const wire::WorkerInfo& other) { return other.name == worker.name; };
    if (worker.kind != "model") {
      out.refused.push_back({"worker", worker.name, "defined at the hub",
                             fmt::format("a hub cannot give a {} worker: what this machine executes, its own file says", worker.kind),
                             "add a [[worker]] to the configuration file there"});
    } else if (std::any_of(own.begin(), own.end(), same)) {
      out.refused.push_back({"worker", worker.name, "defined at the hub", "this machine has a worker of that name already, which stands",
                             "choose another name for the hub's"});
    } else {
      out.workers.push_back(worker);
      out.workers.back().slots = std::clamp(worker.slots, 1, 10'000);
    }
  }
  return out;
}

}  // namespace flotte::work
