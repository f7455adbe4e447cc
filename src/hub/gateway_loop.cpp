// What a gateway loop is made of.
#include "hub/gateway_loop.hpp"

#include <fmt/format.h>

#include "hub/hub.hpp"

namespace flotte::hub {

GatewayLoop::GatewayLoop(Hub& hub, int index, std::shared_ptr<route::Journal> journal, route::GatewayOptions options)
    : loop(fmt::format("gateway-{}", index)),
      scope(loop.executor(), "gateway"),
      client(loop.executor()),
      gateway(loop.executor(), client, usage, std::move(journal), std::move(options)),
      server(loop.executor(), [&hub, this](http::ServerCall& call) { return hub.answer(*this, call); }),
      authenticator(hub.tickets()) {}

}  // namespace flotte::hub
