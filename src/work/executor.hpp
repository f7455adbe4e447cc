// The ways to do a task. A Runner has one executor per kind of task; each performs any number of runs at the same time.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "wire/link.hpp"
#include "work/run_context.hpp"

namespace flotte::work {

class TaskExecutor {
 public:
  virtual ~TaskExecutor() = default;
  /// Does it. Must end soon after `run.stop()` is requested. Cancelled from outside (the process goes down) it leaves survivors alone.
  virtual Awaitable<wire::Finished> run(RunContext& run) = 0;
  /// Runs of an earlier process that are still going on or whose end was not reported. `run` is then called for each; it takes over.
  virtual std::vector<wire::Offer> survivors() { return {}; }
  /// Whether its runs outlive this process and the machine's sleep: then `survivors` lists them.
  virtual bool survives() const { return false; }
  /// Nothing of this run is needed any more.
  virtual void forget(const wire::RunId&) {}
};

using ExecutorTable = std::map<wire::TaskKind, std::shared_ptr<TaskExecutor>>;

enum class Again { no, yes };
/// How a run failed; `Again::yes`: another attempt may do better.
wire::Finished failed(Error error, Again again);
wire::Finished succeeded(json::object result);
/// The answer to a requested stop.
wire::Finished stopped();

}  // namespace flotte::work
