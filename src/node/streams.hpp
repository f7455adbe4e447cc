// Spare connections to the hub: each waits until the hub asks for an engine, or a place that the egress list has, and is then joined to it.
// Work loop.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "base/json.hpp"
#include "http/client.hpp"
#include "http/stream.hpp"
#include "node/egress.hpp"
#include "node/membership.hpp"
#include "node/pace.hpp"

namespace flotte::node {

class SpareStreams {
 public:
  /// Connections to an engine of that name; null where there is none or it is not ready.
  using FindEngine = std::function<std::shared_ptr<http::Connector>(const std::string& name)>;
  SpareStreams(Executor executor, http::Client& client, HubAddress hub, std::string node, FindEngine find_engine, Egress egress = {});

  /// A new link: its ticket opens streams under the name that the hub has for this node, those opened before belong to the past.
  void on_welcome(std::string ticket, int keep, const std::string& name);
  /// Keep that many idle, dial `now` more at once.
  void on_spares(int keep, int now);
  /// Dials no more until the next welcome. What is joined goes on.
  void on_down();
  /// Ends everything.
  Awaitable<void> close() { return scope_.close(); }
  int idle() const noexcept { return idle_; }
  int joined() const noexcept { return joined_; }
  static constexpr int most = 512;  // idle and joined together

 private:
  void fill(int extra);
  Awaitable<void> run_one();
  Awaitable<Result<http::Stream>> dial(std::string& rest);
  Awaitable<void> serve(http::Stream stream, std::string rest);
  Awaitable<void> redial_later();
  Result<std::shared_ptr<http::Connector>> find(const json::object& asked, std::string& what) const;

  http::Client& client_;
  HubAddress hub_;
  std::string node_;
  FindEngine find_engine_;
  const Egress egress_;
  std::string ticket_;  // empty: none that is good
  int keep_ = 0, dialing_ = 0, idle_ = 0, joined_ = 0;
  bool waiting_ = false;  // a redial is planned
  Backoff backoff_;
  Scope scope_;
};

}  // namespace flotte::node
