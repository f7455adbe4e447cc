// Binding: TCP with SO_REUSEPORT among this process's own loops only, Unix sockets with mode 0600.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include "http/detail/server_state.hpp"

namespace flotte::http::detail {
namespace {

using Endpoint = asio::generic::stream_protocol::endpoint;

/// The TCP addresses that this process listens on. With SO_REUSEPORT alone, a second hub of the same user would silently get half of the
/// connections; so only an address that is ours already is bound a second time.
class OwnPorts {
 public:
  bool contains(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return counts_.contains(key);
  }
  void add(const std::string& key) {
    const std::lock_guard lock(mutex_);
    ++counts_[key];
  }
  void remove(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto it = counts_.find(key);
    if (it != counts_.end() && --it->second == 0) counts_.erase(it);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};
OwnPorts& own_ports() {
  static OwnPorts ports;
  return ports;
}

std::string key_of(const asio::ip::tcp::endpoint& endpoint) {
  return endpoint.address().to_string() + " " + std::to_string(endpoint.port());
}

Failure port_failure(std::uint16_t port, int number) {
  if (number == EADDRINUSE)
    return fail(Code::io, "port " + std::to_string(port) + " is taken",
                "is another hub running? choose another with listen = \"ADDRESS:PORT\"");
  if (number == EACCES) return fail(Code::io, "port " + std::to_string(port) + " may not be used by this user", "choose one above 1023");
  return fail_errno("cannot listen on port " + std::to_string(port), number);
}

Result<std::shared_ptr<Listener>> open_tcp(Executor executor, const Server::Address& address) {
  boost::system::error_code error;
  const asio::ip::address ip = asio::ip::make_address(address.host == "localhost" ? "127.0.0.1" : address.host, error);
  if (error) return fail(Code::invalid_argument, "cannot listen on \"" + address.host + "\"", "give an IP address such as 127.0.0.1 or ::");
  const asio::ip::tcp::endpoint wanted(ip, address.port);
  auto listener = std::make_shared<Listener>(executor);
  auto& acceptor = listener->acceptor;
  acceptor.open(asio::generic::stream_protocol(wanted.protocol().family(), IPPROTO_TCP), error);
  if (error) return fail_errno("cannot make a socket", error.value());
  const int one = 1, zero = 0;
  const int native = acceptor.native_handle();
  ::setsockopt(native, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (ip.is_v6()) ::setsockopt(native, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
  const bool ours = address.port != 0 && own_ports().contains(key_of(wanted));
  if (ours) ::setsockopt(native, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  acceptor.bind(Endpoint(wanted.data(), wanted.size()), error);
  if (error) return port_failure(address.port, error.value());
  if (!ours) ::setsockopt(native, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  acceptor.listen(4096, error);
  if (error) return port_failure(address.port, error.value());
  listener->port_key = key_of(asio::ip::tcp::endpoint(ip, port_of(*listener)));
  own_ports().add(listener->port_key);
  return listener;
}

/// True where somebody answers on that socket file.
bool answered(const sockaddr_un& name) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return true;
  const bool alive = ::connect(probe, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 || errno == EAGAIN;
  ::close(probe);
  return alive;
}

Result<std::shared_ptr<Listener>> open_unix(Executor executor, const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path)
    return fail(Code::invalid_argument, "the socket path " + path + " is too long",
                "the system allows 107 bytes; choose a shorter directory");
  std::memcpy(name.sun_path, path.data(), path.size());
  struct stat found{};
  if (::lstat(path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode)) return fail(Code::io, path + " exists and is not a socket", "move it away");
    if (answered(name)) return fail(Code::io, "another program listens on " + path);
    if (::unlink(path.c_str()) != 0) return fail_errno("cannot replace " + path, errno);
  }
  auto listener = std::make_shared<Listener>(executor);
  boost::system::error_code error;
  listener->acceptor.open(asio::generic::stream_protocol(AF_UNIX, 0), error);
  if (error) return fail_errno("cannot make a socket", error.value());
  // Linux gives the file the mode of the unbound socket, so that it is never open to others, not even for a moment.
  ::fchmod(listener->acceptor.native_handle(), 0600);
  listener->acceptor.bind(Endpoint(&name, sizeof name), error);
  if (error) return fail_errno("cannot listen on " + path, error.value());
  listener->unix_path = path;
  listener->acceptor.listen(1024, error);
  if (error) return fail_errno("cannot listen on " + path, error.value());
  return listener;
}

}  // namespace

Result<std::shared_ptr<Listener>> open_listener(Executor executor, const Server::Address& address) {
  return address.unix_path.empty() ? open_tcp(executor, address) : open_unix(executor, address.unix_path);
}

std::uint16_t port_of(const Listener& listener) {
  boost::system::error_code error;
  const auto endpoint = listener.acceptor.local_endpoint(error);
  asio::ip::tcp::endpoint address;
  if (error || endpoint.protocol().family() == AF_UNIX || endpoint.size() > address.capacity()) return 0;
  std::memcpy(address.data(), endpoint.data(), endpoint.size());
  return address.port();
}

void close_listener(Listener& listener) {
  boost::system::error_code ignored;
  listener.acceptor.close(ignored);
  if (!listener.port_key.empty()) own_ports().remove(std::exchange(listener.port_key, {}));
  if (!listener.unix_path.empty()) ::unlink(std::exchange(listener.unix_path, {}).c_str());
}

}  // namespace flotte::http::detail
