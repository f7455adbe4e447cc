// FLOTTE_STEP_SOCKET: a Unix socket in a run's directory at which its command finds and keeps steps of its task, and nothing else. It
// speaks HTTP as the hub does (GET and PUT /fleet/v1/tasks/{id}/steps[/{name}]) and needs no key: whoever may open it is that run. It works
// where the command has no network, and trusts the hub as the node does. The gate's end closes it. What a run can take of the node's
// memory here is bounded: few connections, and one request at a time from its first byte to the last byte of its answer.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "http/server.hpp"
#include "work/step/hub_steps.hpp"

namespace flotte::work {

class StepGate {
 public:
  /// Longer paths cannot be a socket's.
  static constexpr std::size_t path_bytes = 100;
  /// Of one run at a time; further ones are closed at once. Named in docs/limits.md.
  static constexpr std::size_t connections = 8;
  /// Listens at `path` from now on; what an earlier process of this node left there is replaced. Nothing where that cannot be: then the
  /// command has FLOTTE_URL alone. `steps` outlives it.
  static std::unique_ptr<StepGate> open(Executor executor, std::string path, const wire::Offer& offer, std::shared_ptr<HubSteps> steps);
  const std::string& path() const noexcept { return path_; }

 private:
  struct Pass;
  StepGate(Executor executor, std::string path, std::shared_ptr<Pass> pass);
  static Awaitable<void> answer(std::shared_ptr<Pass> pass, http::ServerCall& call);
  static Awaitable<http::Response> hand_on(std::shared_ptr<Pass> pass, http::ServerCall& call);
  std::string path_;
  http::Server server_;
};

}  // namespace flotte::work
