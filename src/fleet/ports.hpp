// What the fleet needs of others; hub supplies it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "wire/link.hpp"

namespace flotte::store {
class Transaction;
}

namespace flotte::fleet {

/// One node's link. Used on the fleet loop. Must stay alive until `Fleet::on_closed` was called for it.
class NodeConnection {
 public:
  virtual ~NodeConnection() = default;
  /// Queues a message; never blocks, never calls back.
  virtual void send(wire::ToNode message) = 0;
  /// Closes after what is queued; `Fleet::on_closed` follows from the loop, not from inside this call.
  virtual void close(std::string reason) = 0;
};

/// Keys of runs and of nodes.
class Credentials {
 public:
  virtual ~Credentials() = default;
  /// The client key of a run. Fleet loop.
  virtual std::string run_key(std::int64_t task, std::int64_t fence) = 0;
  /// A ticket with which that node opens streams. Fleet loop.
  virtual std::string stream_ticket(std::string_view node) = 0;
  /// Whether `hello.signature` is the node's own over that challenge; home is trusted by whoever attached it. The answer is what the node
  /// is called by now. Runs in a transaction on the store's writer thread. Errors: unauthenticated, forbidden, not_found.
  virtual Result<std::string> check_node(store::Transaction& rows, const wire::Hello& hello, std::string_view nonce,
                                         std::string_view hub) = 0;
};

/// Whether models can be asked at all.
class Capacity {
 public:
  virtual ~Capacity() = default;
  /// False where nothing answers for that name now: a worker with it could only fail. Quick; called on the fleet loop, too.
  virtual bool answers(const std::string& model) {
    (void)model;
    return true;
  }
  /// How long it is in vain to ask that model, because those who answer for it have used up their quotas; nothing where it may be asked,
  /// or nobody knows. Quick; called on the store's writer thread.
  virtual std::optional<milliseconds> wait(const std::string& model) = 0;
  /// The same where nobody who answers for it can be reached.
  virtual std::optional<milliseconds> outage(const std::string& model) {
    (void)model;
    return std::nullopt;
  }
  /// How many more tasks of that model may be handed out now, so that those who answer for it are kept busy within their limits and nobody
  /// stands in line for long; nothing: no bound.
  virtual std::optional<int> room(const std::string& model) {
    (void)model;
    return std::nullopt;
  }
};

/// Told that a thing should be looked at again. On the fleet loop, after the commit. Kinds: node, worker, task, batch; the id as in JSON.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void changed(std::string_view kind, const std::string& id) = 0;
};

}  // namespace flotte::fleet
