// From a door to connections: what a client of a provider needs to go through it.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "http/client.hpp"
#include "http/stream.hpp"
#include "route/door.hpp"

namespace flotte::route {

/// Connections to host:port from that node's network; TLS, where it is given, runs in them from end to end. Safe from any thread.
using NodeDoor = std::function<std::shared_ptr<http::Connector>(const std::string& node, const std::string& host, std::uint16_t port,
                                                                std::shared_ptr<http::TlsContext> tls)>;

struct Way {
  std::shared_ptr<http::Connector> connector;
  std::string before_path;          // of every request: "http://host:port" where a proxy has to be told, else empty
  std::string proxy_authorization;  // of every request, or empty. Secret
};

/// `tls` belongs to an https URL. Error: unsupported for a node's door where `through_node` is empty.
Result<Way> open_way(const Door& door, const http::Url& to, std::shared_ptr<http::TlsContext> tls, const NodeDoor& through_node);

}  // namespace flotte::route
