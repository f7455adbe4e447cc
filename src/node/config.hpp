// What the configuration file says about this machine as a node.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "engine/engine.hpp"
#include "node/egress.hpp"
#include "node/node.hpp"
#include "sandbox/limits.hpp"
#include "wire/fleet.hpp"

namespace flotte::node {

struct NodeConfig {
  std::string name;
  std::string data;
  std::vector<std::string> labels;
  Egress egress;  // what the hub may reach through this machine
  std::vector<engine::EngineConfig> engines;
  bool wake = false;  // it may be woken by network when there is work for it
  bool find = false;  // servers that run here already and GGUF files in DATA/models become engines
  std::vector<wire::WorkerInfo> workers;
  std::map<std::string, sandbox::Limits, std::less<>> limits;  // of command workers, by name
  std::vector<std::string> warnings;                           // one line each, for the log

  /// Error: invalid_argument whose message has a line for each mistake; not_found for a named file that is not there.
  static Result<NodeConfig> load(const NodeOptions& options);
  std::string directory() const { return data + "/node"; }
};

}  // namespace flotte::node
