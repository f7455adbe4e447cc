// One of the threads that serve connections.
#pragma once
#include <memory>

#include "base/async/loop.hpp"
#include "base/async/scope.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "hub/authenticate.hpp"
#include "route/gateway.hpp"
#include "route/prober.hpp"
#include "route/usage_ring.hpp"

namespace flotte::hub {

class Hub;

/// With everything that it needs of its own. The hub outlives it.
struct GatewayLoop {
  GatewayLoop(Hub& hub, int index, std::shared_ptr<route::Journal> journal, route::GatewayOptions options);
  Loop loop;
  Scope scope;
  http::Client client;
  route::UsageRing usage;
  route::Gateway gateway;
  http::Server server;
  Authenticator authenticator;
  std::unique_ptr<route::Prober> prober;      // of the first loop, for all
  std::shared_ptr<const route::Table> table;  // null until the first one is there; replaced on this loop only
};

}  // namespace flotte::hub
