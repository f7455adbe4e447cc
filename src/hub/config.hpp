// What the hub is told: the configuration file's part that concerns it, checked.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/engine.hpp"
#include "http/client.hpp"
#include "hub/find/keys.hpp"
#include "route/catalog.hpp"
#include "route/config.hpp"
#include "route/recorder.hpp"
#include "sandbox/limits.hpp"
#include "wire/fleet.hpp"

namespace flotte::hub {

/// How the program was called.
struct HubOptions {
  std::string config;  // path; empty: the default path, which may be missing
  std::string data;    // directory; empty: the default one
  bool lan = false;    // listen on every address, with TLS from the hub's own authority
  bool find = false;   // `flotte up`: looks for keys, engines and models
  bool open = false;   // the cockpit in a browser
};

struct HubConfig {
  HubOptions options;  // to read it again
  std::string name;
  std::string data;
  std::string host = "127.0.0.1";
  std::uint16_t port = 7700;
  std::string tls_cert, tls_key;  // both or none
  bool own_authority = false;     // TLS from the authority in DATA/tls
  std::chrono::milliseconds node_lease{30'000};
  std::chrono::milliseconds suspend_grace{3'600'000};                 // a node that sleeps keeps its runs that long
  route::RecorderLimits recorder{.record = route::Recording::heads};  // of all loops together
  std::string access_log = "off";                                     // off, stderr or a path
  route::RouteConfig routes;
  std::vector<std::string> environment_providers;                      // names of those in `routes` that come from the environment
  std::vector<wire::WorkerInfo> workers;                               // of home, besides those made for each model
  std::map<std::string, sandbox::Limits, std::less<>> command_limits;  // of home's command workers, by name
  std::vector<engine::EngineConfig> engines;                           // of home
  bool find = false;                                                   // engines and models are looked for while it runs
  std::vector<FoundKey> keys;                                          // in the environment; only where it was to look for them
  int loops = 1;                                                       // gateway loops
  std::vector<std::string> warnings;                                   // one line each, for the log

  /// Error: invalid_argument whose message has a line for each mistake.
  static Result<HubConfig> load(const HubOptions& options);
};

/// Half of the processors: the other half has the queue, the database, and often the providers' end of the wire. Loops that are half idle
/// wake up for every packet, which costs more than a second loop brings (measured: docs/decisions/0007-loops.md).
int default_loops(unsigned processors) noexcept;

/// `--data`, FLOTTE_DATA, $XDG_DATA_HOME/flotte or ~/.local/share/flotte.
std::string default_data_directory();
/// `--config`, FLOTTE_CONFIG, $XDG_CONFIG_HOME/flotte/flotte.toml or ~/.config/flotte/flotte.toml.
std::string default_config_file();
std::string host_name();

}  // namespace flotte::hub
