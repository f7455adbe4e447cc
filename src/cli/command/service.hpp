// `flotte service install|remove`: hub or node as a systemd service.
#pragma once
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace flotte::cli {

struct ServiceOptions {
  bool hub = false, node = false;     // neither: what the data directory is
  std::string what, join;             // "hub" or "node" as a word; URL#CODE for a node that has not joined yet
  bool user = false;                  // the caller's own systemd; always so for who is not root
  bool lan = false;                   // the hub listens on every address
  bool print = false;                 // the unit's text, nothing else
  std::vector<std::string> writable;  // directories beside the data directory
};
int run_service_install(const Common& common, const ServiceOptions& options);
int run_service_remove(const Common& common, const ServiceOptions& options);

}  // namespace flotte::cli
