// Looks in the background whether targets that broke are there again, so that no client's call has to find out. One per hub, on one loop.
#pragma once
#include <memory>

#include "base/async/types.hpp"
#include "base/clock.hpp"
#include "http/client.hpp"
#include "route/table.hpp"

namespace flotte::route {

class Prober {
 public:
  /// `client` belongs to the same loop and outlives it. It asks for the list of models, which costs nothing anywhere: its own connection,
  /// the target's own credentials.
  Prober(http::Client& client, std::string hub_id, const Clock& clock = system_clock());

  void publish(std::shared_ptr<const Table> table) { table_ = std::move(table); }
  /// Until it is cancelled: a round each `period` over the targets that want one. Nothing is sent while all is well.
  Awaitable<void> run(milliseconds period = std::chrono::seconds(1));
  /// One round. Targets of one place share one request.
  Awaitable<void> probe_all();
  /// Requests that were sent.
  std::uint64_t probes() const noexcept { return probes_; }

 private:
  http::Client& client_;
  std::string hub_id_;
  const Clock& clock_;
  std::shared_ptr<const Table> table_;
  std::uint64_t probes_ = 0;
};

}  // namespace flotte::route
