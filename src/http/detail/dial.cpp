// Names to addresses, addresses to sockets.
#include "http/detail/dial.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <memory>

#include "http/address_range.hpp"
#include "http/detail/socket_options.hpp"

namespace flotte::http::detail {
namespace {

using Endpoint = asio::generic::stream_protocol::endpoint;
using Endpoints = std::vector<asio::ip::tcp::endpoint>;

Awaitable<Result<Endpoints>> resolve(const std::string& host, std::uint16_t port) {
  Endpoints found;
  boost::system::error_code error;
  const auto literal = asio::ip::make_address(host, error);
  if (!error) {
    found.emplace_back(literal, port);
    co_return found;
  }
  auto executor = co_await asio::this_coro::executor;
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(executor);
  const std::string service = std::to_string(port);
  const auto results = co_await resolver.async_resolve(host, service, asio::redirect_error(use_awaitable, error));
  if (error) co_return fail(Code::unavailable, "the name " + host + " is not known: " + error.message());
  for (const auto& result : results) found.push_back(result.endpoint());
  co_return found;
}

/// The interface's address of that family, as a place to bind to.
bool address_of(const std::string& interface, int family, sockaddr_storage& into, socklen_t& size) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return false;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> list(first, ::freeifaddrs);
  for (const ifaddrs* at = first; at; at = at->ifa_next) {
    if (!at->ifa_addr || at->ifa_addr->sa_family != family || interface != at->ifa_name) continue;
    size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    std::memcpy(&into, at->ifa_addr, size);
    return true;
  }
  return false;
}

/// Why the socket cannot leave there; empty: it will.
std::string bind_to(Socket& socket, const asio::ip::tcp::endpoint& to, const std::string& interface) {
  const int native = socket.native_handle();
  const int family = to.address().is_v4() ? AF_INET : AF_INET6;
  boost::system::error_code error;
  const auto own = asio::ip::make_address(interface, error);
  if (!error) {
    if (own.is_v4() != to.address().is_v4()) return interface + " is an address of the other family";
    const asio::ip::tcp::endpoint from(own, 0);
    return ::bind(native, from.data(), static_cast<socklen_t>(from.size())) == 0 ? std::string()
                                                                                 : interface + " is no address of this machine";
  }
  if (::if_nametoindex(interface.c_str()) == 0) return "there is no interface " + interface + " now";
  if (::setsockopt(native, SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(), static_cast<socklen_t>(interface.size())) == 0) return {};
  sockaddr_storage address{};
  socklen_t size = 0;
  if (!address_of(interface, family, address, size))
    return "the interface " + interface + " has no IPv" + (family == AF_INET ? "4" : "6") + " address";
  return ::bind(native, reinterpret_cast<const sockaddr*>(&address), size) == 0
             ? std::string()
             : "the address of the interface " + interface + " cannot be used";
}

}  // namespace

Awaitable<Result<Stream>> dial(const std::string& host, std::uint16_t port, const std::string& interface, Addresses addresses) {
  auto endpoints = co_await resolve(host, port);
  if (!endpoints) co_return pass(endpoints);
  auto executor = co_await asio::this_coro::executor;
  std::string why = "it has no address";
  for (const auto& endpoint : *endpoints) {
    if (addresses == Addresses::open_only && range_of(endpoint.address().to_string()) != AddressRange::open) {
      why = "the name " + host + " leads to " + endpoint.address().to_string() + ", an address of a private network";
      continue;
    }
    Socket socket(executor);
    const Endpoint generic(endpoint.data(), endpoint.size());
    boost::system::error_code error;
    if (!interface.empty()) {
      socket.open(generic.protocol(), error);
      if (!error) why = bind_to(socket, endpoint, interface);
      if (error) why = error.message();
      if (!why.empty()) continue;
    }
    co_await socket.async_connect(generic, asio::redirect_error(use_awaitable, error));
    why = error.message();
    if (error) continue;
    set_tcp_options(socket.native_handle());
    co_return Stream(std::move(socket));
  }
  co_return fail(Code::unavailable, why);
}

std::string authority_of(const std::string& host, std::uint16_t port, bool https) {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (https ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

}  // namespace flotte::http::detail
