// What the calls of one gateway share. Internal to route.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "base/async/scope.hpp"
#include "route/affinity.hpp"
#include "route/detail/admission.hpp"
#include "route/gateway.hpp"

namespace flotte::route::detail {

/// A streamed call that must be looked at from time to time. Registered while it runs.
class Watched {
 public:
  virtual void on_tick(SteadyTime now) = 0;

 protected:
  ~Watched() = default;

 private:
  friend class Watch;
  std::size_t place_ = 0;
};

/// One timer for all streams of a loop, instead of several per event. Runs only while something is watched.
class Watch {
 public:
  Watch(Scope& scope, const Clock& clock, milliseconds period) : scope_(scope), clock_(clock), period_(period) {}
  void add(Watched& watched);
  void remove(Watched& watched);
  std::size_t size() const noexcept { return all_.size(); }

 private:
  Awaitable<void> run();
  Scope& scope_;
  const Clock& clock_;
  const milliseconds period_;
  std::vector<Watched*> all_;
  bool running_ = false;
};

struct GatewayState {
  GatewayState(Executor e, http::Client& c, UsageRing& u, std::shared_ptr<Journal> j, GatewayOptions o, const Clock& k);
  /// Table::resolve, remembered on this loop: no search, no allocation and no counter that another core writes, for names that come again.
  Result<std::shared_ptr<const Route>> resolve(const std::string& model);
  void publish(std::shared_ptr<const Table> table);
  /// "req_" and 20 characters that no other call of this hub has.
  std::string next_request_id();

  Executor executor;
  http::Client& client;
  UsageRing& usage;
  std::shared_ptr<Journal> journal;
  const GatewayOptions options;
  const Clock& clock;
  std::shared_ptr<const Table> table;  // null before the first `publish`
  Gateway::Counts counts;
  Recorder recorder{options.recorder, clock};
  CallMetrics metrics;
  LastCall last;           // only where options.note_last
  bool draining = false;   // answers that their clients have left are not read any further
  std::uint32_t turn = 0;  // see plan.hpp, pick
  Affinity affinity;
  Lines lines;
  Scope scope;
  Watch watch;

 private:
  static constexpr std::size_t remembered_names = 512;
  std::unordered_map<std::string, std::shared_ptr<const Route>> routes_;
  std::string request_id_prefix_;
  std::uint64_t request_number_ = 0;
};

}  // namespace flotte::route::detail
