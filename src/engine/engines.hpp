// The engines of one machine: those of its configuration and those that were found on it. Lives on one loop.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/async/scope.hpp"
#include "engine/engine.hpp"
#include "http/client.hpp"
#include "wire/fleet.hpp"

namespace flotte::engine {

class Engines {
 public:
  /// `dir`: for sockets, logs and shims. `client` outlives this. `on_change`: one was added, replaced, or says something new.
  Engines(Executor executor, http::Client& client, std::string dir, std::function<void()> on_change);

  /// One more; it starts. Error: invalid_argument, for one that cannot be (a wrong base_url).
  Result<void> add(EngineConfig config);
  /// The same; where there is one of that name already, the other ends first and this one takes its place. Error: cancelled too.
  Awaitable<Result<void>> put(EngineConfig config);
  std::vector<wire::EngineInfo> infos() const;
  /// Null where there is no such engine, or it is not ready. A connector is good on any loop.
  std::shared_ptr<http::Connector> connector(const std::string& name) const;
  /// Whether one of them is at an answer right now.
  Awaitable<bool> busy();
  /// Ends what was started here, all at once, and leaves what ran before alone.
  Awaitable<void> stop();

  Executor executor() const { return executor_; }
  http::Client& client() { return client_; }
  /// For what belongs to them (looking for more); closed by `stop`.
  Scope& scope() { return scope_; }

 private:
  Executor executor_;
  http::Client& client_;
  std::string dir_;
  std::function<void()> on_change_;
  Scope scope_;
  std::vector<std::unique_ptr<Engine>> engines_;
  bool stopping_ = false;
};

}  // namespace flotte::engine
