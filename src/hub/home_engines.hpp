// Home's own engines: those of the hub's file and those that were found on this machine, looked after on a loop of their own.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/async/loop.hpp"
#include "engine/engines.hpp"
#include "http/client.hpp"
#include "wire/fleet.hpp"

namespace flotte::hub {

class HomeEngines {
 public:
  /// How all of them are now. The connectors are of those that are ready, by engine name; good on any loop.
  struct Report {
    std::vector<wire::EngineInfo> engines;
    std::map<std::string, std::shared_ptr<http::Connector>> connectors;
  };
  /// `dir`: for sockets, logs and shims. `on_change` is called on this object's loop.
  HomeEngines(std::string dir, std::function<void(Report)> on_change);
  ~HomeEngines();

  /// Starts the loop and the engines of the configuration. Error: invalid_argument, for one that cannot be (a wrong base_url).
  Result<void> start(std::vector<engine::EngineConfig> configured);
  /// Ends what was started here, waits for it, and leaves what ran before alone. From a thread that is no loop; twice is fine.
  void stop();

  // ---- on its loop ------------------------------------------------------------------------------------------------
  Executor executor() { return loop_.executor(); }
  http::Client& client() { return client_; }
  engine::Engines& engines() { return engines_; }

 private:
  void tell();
  Awaitable<void> end_all();

  std::function<void(Report)> on_change_;
  Loop loop_{"engines"};
  http::Client client_;
  engine::Engines engines_;
  bool started_ = false;
};

}  // namespace flotte::hub
