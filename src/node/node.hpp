// `flotte node run`: this machine as a node of a hub. Constructs, wires, starts and stops.
#pragma once
#include <string>

namespace flotte::node {

struct NodeOptions {
  std::string join;    // "URL#CODE" or empty; needed once, ignored where this machine is that hub's node already
  std::string config;  // the configuration file; empty: the default one, which may be missing
  std::string data;    // the data directory; empty: the default one
};

/// Runs until SIGINT, which gives all work back, or SIGTERM, after which commands go on for one lease in which a new process takes them
/// over. Returns the exit status of the contract: 0 stopped, 1 failed, 2 wrong usage or configuration, 3 no hub reached for enrolment, 4
/// revoked or refused. Errors are one line on standard error.
int node_main(const NodeOptions& options);

}  // namespace flotte::node
