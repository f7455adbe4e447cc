// Accepting, draining, closing.
#include "http/server.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>

#include "base/async/wait.hpp"
#include "base/log.hpp"
#include "http/detail/server_connection.hpp"
#include "http/detail/socket_options.hpp"

namespace flotte::http {

using detail::Listener;
using detail::ServerConnection;
using detail::ServerShared;

struct Server::State : ServerShared {
  using ServerShared::ServerShared;
};

namespace {

constexpr std::chrono::milliseconds accept_pause{100};  // after "too many open files"

void on_connection_end(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    log::error("connection failed", {{"what", e.what()}});
  }
}

void take(const std::shared_ptr<ServerShared>& shared, const Listener& listener, Socket socket) {
  ++shared->accepted;
  if (shared->connections.size() >= shared->limits.connections) return;  // closes it
  if (listener.unix_path.empty()) detail::set_tcp_options(socket.native_handle());
  auto connection = std::make_shared<ServerConnection>(shared, Stream(std::move(socket)), listener.tls);
  asio::co_spawn(shared->executor, ServerConnection::run(connection), on_connection_end);
}

Awaitable<void> accept_all(std::shared_ptr<ServerShared> shared, std::shared_ptr<Listener> listener) {
  while (listener->acceptor.is_open()) {
    boost::system::error_code error;
    Socket socket(shared->executor);
    co_await listener->acceptor.async_accept(socket, asio::redirect_error(use_awaitable, error));
    if (!listener->acceptor.is_open() || error == asio::error::operation_aborted) co_return;
    if (!error) {
      take(shared, *listener, std::move(socket));
      continue;
    }
    log::warning("cannot accept a connection", {{"why", error.message()}});
    co_await sleep_for(accept_pause);
  }
}

}  // namespace

Server::Server(Executor executor, Handler handler, ServerLimits limits)
    : state_(std::make_shared<State>(executor, std::move(handler), limits)) {}

Server::~Server() {
  state_->closed = true;
  for (const auto& listener : state_->listeners) detail::close_listener(*listener);
  // Coroutines that wait for a client's bytes end here; one that is inside a handler finds its connection closed.
  const std::vector<ServerConnection*> all(state_->connections.begin(), state_->connections.end());
  for (ServerConnection* connection : all) {
    if (const auto hold = connection->weak_from_this().lock()) connection->shut({Code::cancelled, "the server has stopped"});
  }
}

Result<std::uint16_t> Server::listen(const Address& address, std::shared_ptr<TlsContext> tls) {
  auto listener = detail::open_listener(state_->executor, address);
  if (!listener) return pass(listener);
  (*listener)->tls = std::move(tls);
  state_->listeners.push_back(*listener);
  asio::co_spawn(state_->executor, accept_all(state_, *listener), on_connection_end);
  return detail::port_of(**listener);
}

void Server::set_tls(std::shared_ptr<TlsContext> tls) {
  for (const auto& listener : state_->listeners)
    if (listener->tls) listener->tls = tls;
}

Awaitable<void> Server::drain(std::chrono::milliseconds patience) {
  const auto state = state_;
  state->draining = true;
  for (const auto& listener : state->listeners) detail::close_listener(*listener);
  state->listeners.clear();
  const auto close_where = [&state](bool only_idle) {
    const std::vector<ServerConnection*> all(state->connections.begin(), state->connections.end());
    for (ServerConnection* connection : all)
      if (!only_idle || (connection->idle() && connection->in.empty())) connection->shut({Code::closed, "the server stops"});
  };
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    close_where(true);
    if (state->connections.empty() || std::chrono::steady_clock::now() >= end) break;
    const bool slept = co_await sleep_for(std::chrono::milliseconds(5));
    if (!slept) break;
  }
  close_where(false);
}

Server::Counts Server::counts() const { return {state_->connections.size(), state_->active, state_->accepted, state_->requests}; }

}  // namespace flotte::http
