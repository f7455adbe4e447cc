// Connections that leave this machine in a way of their own: by one interface, through an HTTP proxy, or over a stream that somebody else
// has made. Where the way is closed the connection fails; none is made another way.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/secret.hpp"
#include "http/client.hpp"

namespace flotte::http {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  std::shared_ptr<TlsContext> tls;  // null: plain
};

/// `interface`: a name ("wg0") or one of this machine's addresses.
std::shared_ptr<Connector> interface_connector(std::string interface, Endpoint to);

/// Straight, but never to an address of a private network, whatever the name leads to at that moment: for names that somebody gave who is
/// not to reach what this machine can reach. Error: unavailable.
std::shared_ptr<Connector> open_network_connector(Endpoint to);

struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  Secret authorization;  // whole value of Proxy-Authorization, or empty
};
/// With TLS: a tunnel by CONNECT, in which TLS runs from end to end; the proxy resolves the name. Plain: a connection to the proxy itself,
/// on which the caller sends requests that name their whole URL, and Proxy-Authorization.
std::shared_ptr<Connector> proxy_connector(Proxy proxy, Endpoint to);

/// TLS to `host` in a stream that may have TLS of its own already. Errors: those of the handshake.
Awaitable<Result<Stream>> tls_through(Stream stream, std::shared_ptr<TlsContext> tls, std::string host);

}  // namespace flotte::http
