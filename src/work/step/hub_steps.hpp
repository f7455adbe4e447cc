// Steps of a run's task, kept at the hub: what was finished once is not done again by a later attempt. One loop.
#pragma once
#include <optional>
#include <string>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "work/model/client.hpp"
#include "work/run_context.hpp"

namespace flotte::work {

/// The port that executors use.
class Steps {
 public:
  virtual ~Steps() = default;
  /// What was put out by the step of that name, if it is finished. Errors: those of the way to the hub.
  virtual Awaitable<Result<std::optional<std::string>>> find(RunContext& run, std::string name) = 0;
  /// The first output of a name stays. Errors: conflict (this run does not have the task any more), those of the way to the hub.
  virtual Awaitable<Result<void>> keep(RunContext& run, std::string name, std::string output) = 0;
};

/// Over HTTP with the run's key.
class HubSteps final : public Steps {
 public:
  /// Shares that client's way to the hub; it outlives this.
  explicit HubSteps(GatewayClient& hub) : hub_(hub) {}
  Awaitable<Result<std::optional<std::string>>> find(RunContext& run, std::string name) override;
  Awaitable<Result<void>> keep(RunContext& run, std::string name, std::string output) override;

  /// One request about steps of that task; the answer whatever its status is.
  struct Request {
    std::string method, target, content_type, body;  // target: below the hub's base path
  };
  struct Answer {
    int status = 0;
    std::string content_type, body;
  };
  Awaitable<Result<Answer>> ask(std::string key, Request request);

 private:
  GatewayClient& hub_;
};

}  // namespace flotte::work
