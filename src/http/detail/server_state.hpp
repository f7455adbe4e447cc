// What the connections and listeners of one server share. Lives on its loop.
#pragma once
#include <list>
#include <memory>
#include <unordered_set>

#include "http/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>

namespace flotte::http::detail {

class ServerConnection;

struct Listener {
  using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, Executor>;
  explicit Listener(Executor executor) : acceptor(executor) {}
  Acceptor acceptor;
  std::shared_ptr<TlsContext> tls;
  std::string unix_path;  // to be removed at the end
  std::string port_key;   // what this process counts its TCP listeners by
};

struct ServerShared {
  ServerShared(Executor e, Handler h, ServerLimits l) : executor(e), handler(std::move(h)), limits(l) {}
  Executor executor;
  Handler handler;
  ServerLimits limits;
  std::list<std::shared_ptr<Listener>> listeners;
  std::unordered_set<ServerConnection*> connections;
  std::size_t active = 0;
  std::uint64_t accepted = 0, requests = 0;
  bool draining = false;
  bool closed = false;  // the Server is gone: its handler must not run any more
};

/// Binds and listens. Errors: io, invalid_argument.
Result<std::shared_ptr<Listener>> open_listener(Executor executor, const Server::Address& address);
/// The port a TCP listener got.
std::uint16_t port_of(const Listener& listener);
/// Stops accepting, removes the socket file.
void close_listener(Listener& listener);

}  // namespace flotte::http::detail
