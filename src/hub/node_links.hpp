// Nodes' links: a WebSocket each, read and written on the fleet loop.
#pragma once
#include <memory>

#include "base/async/scope.hpp"
#include "fleet/fleet.hpp"
#include "http/websocket.hpp"

namespace flotte::hub {

class NodeLinks {
 public:
  /// Fleet loop; `fleet` outlives it.
  NodeLinks(Executor executor, fleet::Fleet& fleet) : fleet_(fleet), scope_(executor, "node links") {}
  /// Takes over a socket that lives on the fleet loop. Any thread.
  void take(std::unique_ptr<http::WebSocket> socket);
  /// Closes all and waits. On the fleet loop.
  Awaitable<void> close() { co_await scope_.close(); }

  /// Links that have not said who they are: anybody can open one.
  static constexpr std::size_t strangers_limit = 256;

 private:
  fleet::Fleet& fleet_;
  Scope scope_;
  std::size_t strangers_ = 0;
};

}  // namespace flotte::hub
