// The workers of a node: those of its own, and those that its hub gives it. Pure.
#pragma once
#include <vector>

#include "wire/fleet.hpp"

namespace flotte::work {

struct WorkerPlan {
  std::vector<wire::WorkerInfo> workers;  // its own first
  std::vector<wire::Seen> refused;        // definitions that this machine does not follow, and why
};

/// A hub can only give model workers: what a machine executes, its own file says; and the file's names stand.
WorkerPlan plan_workers(const std::vector<wire::WorkerInfo>& own, const std::vector<wire::WorkerInfo>& defined);

}  // namespace flotte::work
