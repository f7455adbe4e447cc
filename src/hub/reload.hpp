// Reading the configuration file again while the hub runs: what of a new reading can count at once, and what has to wait. Pure.
#pragma once
#include <string>
#include <vector>

#include "hub/config.hpp"

namespace flotte::hub {

/// What a reload did, for whoever asked for it.
struct ReloadReport {
  std::vector<std::string> providers, models;  // names that count from now on, those of the file and of the environment
  std::vector<std::string> engines;            // of home, started or started anew
  std::vector<std::string> restart;            // a sentence for each change that counts from the next start on
  std::vector<std::string> warnings;           // of the file
  bool certificate = false;                    // new connections get the certificate that the files hold now
  json::object to_json() const;
};

/// One sentence for each part of `fresh` that differs and cannot change while the hub runs.
std::vector<std::string> changes_for_restart(const HubConfig& running, const HubConfig& fresh);
/// Engines of home that are new or written otherwise than before.
std::vector<engine::EngineConfig> changed_engines(const HubConfig& running, const HubConfig& fresh);

}  // namespace flotte::hub
