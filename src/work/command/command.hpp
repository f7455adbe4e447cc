// Tasks of kind command: a program under a shim, which outlives this process. Only for workers that the node itself defines as commands.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/async/pool.hpp"
#include "base/process/shim.hpp"
#include "work/command/output.hpp"
#include "work/command/run_directory.hpp"
#include "work/executor.hpp"
#include "work/step/step_gate.hpp"

namespace flotte::work {

struct CommandOptions {
  std::filesystem::path runs_directory;                    // DATA/node/runs
  std::string url;                                         // FLOTTE_URL of the command
  std::uint64_t output_bytes = 2ull * 1024 * 1024 * 1024;  // of each stream, where the disk has room; the rest is noted, not kept
  OutputLimits log{};                                      // what of it goes into the task's log
  std::shared_ptr<BlobKeeper> keeper{};                    // of what is longer than that; null: it is not kept as a whole
  milliseconds grace{5000};                                // from SIGTERM to SIGKILL
  milliseconds lease{30'000};                              // without word of this process the shim ends the command
  std::string program = "/proc/self/exe";                  // run as `program shim DIR`
  /// What is started instead of a command's argv, to hold it to its worker's limits. Empty: the argv itself.
  std::function<std::vector<std::string>(const wire::Offer&, std::vector<std::string>)> wrap{};
  std::shared_ptr<HubSteps> steps{};  // null: commands have no FLOTTE_STEP_SOCKET
};

class CommandExecutor final : public TaskExecutor {
 public:
  CommandExecutor(BlockingPool& pool, CommandOptions options) : pool_(pool), options_(std::move(options)) {}
  /// The lease of the hub, once it is known; for commands that start from now on.
  void set_lease(milliseconds lease) { options_.lease = lease; }

  /// Result {exit_code, stdout?: {bytes, blob}, stderr?}; a code other than 0 fails for good. Killed with its node or its shim: may be
  /// tried again.
  Awaitable<wire::Finished> run(RunContext& run) override;
  std::vector<wire::Offer> survivors() override { return RunDirectory::list(options_.runs_directory); }
  bool survives() const override { return true; }
  void forget(const wire::RunId& run) override;

 private:
  Awaitable<Result<ShimHandle>> begin(RunContext& run, RunDirectory& directory, std::unique_ptr<StepGate>& gate);
  bool has_gate(const RunDirectory& directory) const;
  Awaitable<void> keep_whole(RunContext& run, const ShimHandle& shim, wire::Finished& finished);
  Awaitable<Result<ShimStatus>> follow(RunContext& run, RunDirectory& directory, ShimHandle& shim);
  Result<ShimSpec> plan(const RunContext& run, const RunDirectory& directory) const;

  BlockingPool& pool_;
  CommandOptions options_;
};

/// What the end of a shim means for a task. Pure.
wire::Finished command_outcome(const ShimStatus& status);

}  // namespace flotte::work
