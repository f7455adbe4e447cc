// Spare streams: connections that nodes dialled and that wait until the hub needs one to an engine there.
// Safe from any thread; the short lock is taken when an upstream connection is made, never per request.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/async/wait.hpp"
#include "http/client.hpp"
#include "http/stream.hpp"

namespace flotte::hub {

class Spares : public std::enable_shared_from_this<Spares> {
 public:
  /// `ask_more(node)` is called, from any thread, when somebody waits and none is parked.
  explicit Spares(std::function<void(const std::string& node)> ask_more) : ask_more_(std::move(ask_more)) {}

  /// A node's idle stream; goes to whoever waits longest for that node. Over `limit_per_node` it is closed.
  void park(const std::string& node, http::Stream stream);
  /// One of the node's streams, moved to the caller's loop. Waits until `patience` is over. Error: unavailable.
  Awaitable<Result<http::Stream>> take(std::string node, std::chrono::milliseconds patience);
  /// The node has gone: its parked streams are closed, those who wait are told.
  void drop(const std::string& node);
  /// The hub stops: closes what is parked, from now on nothing is taken or given. Every stream and waiter belongs to a loop: call it before
  /// the loops are gone.
  void close();
  std::size_t parked(const std::string& node) const;

  static constexpr std::size_t limit_per_node = 64;

 private:
  struct Waiter {
    explicit Waiter(Executor e) : executor(e), arrived(e) {}
    Executor executor;
    Event arrived;
    std::optional<http::Stream> stream;
    bool gave_up = false;
  };
  struct Node {
    std::deque<http::Stream> idle;
    std::deque<std::shared_ptr<Waiter>> waiting;
  };
  void forget(const std::string& node, const std::shared_ptr<Waiter>& waiter);
  std::function<void(const std::string&)> ask_more_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  std::map<std::string, Node> nodes_;
};

/// An engine behind a node, as an ordinary endpoint of the HTTP client: takes a spare, asks for the engine, hands over the stream.
std::shared_ptr<http::Connector> spare_connector(std::shared_ptr<Spares> spares, std::string node, std::string engine);
/// A place in that node's network, where the node's own file lets others reach it; TLS, where it is given, runs through it end to end.
std::shared_ptr<http::Connector> node_door(std::shared_ptr<Spares> spares, std::string node, std::string host, std::uint16_t port,
                                           std::shared_ptr<http::TlsContext> tls);

}  // namespace flotte::hub
