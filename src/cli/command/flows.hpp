// `flotte flow ...`, `flotte project ...`, `flotte worker pause|resume`, `flotte key set`: who shares the fleet, and who waits on purpose.
#pragma once
#include <string>

#include "cli/session.hpp"

namespace flotte::cli {

struct FlowListOptions {
  std::string owner, project;
};
int run_flow_ls(const Common& common, const FlowListOptions& options);
int run_project_ls(const Common& common);
/// `what` is pause or resume; of a flow, a project or a worker as in its path: "flows", "projects", "workers".
int run_hold(const Common& common, const std::string& kind, const std::string& id, const std::string& what);
int run_key_weight(const Common& common, const std::string& key, double weight);

}  // namespace flotte::cli
