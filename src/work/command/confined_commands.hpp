// Commands held to the limits that their worker has in the file of the machine that runs them: a node's, or a hub's for `home`.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/async/pool.hpp"
#include "sandbox/limits.hpp"
#include "work/command/command.hpp"

namespace flotte::work {

/// After a run nothing of its groups is left, and an end at the memory limit says so.
class ConfinedCommands final : public TaskExecutor {
 public:
  using LimitsTable = std::map<std::string, sandbox::Limits, std::less<>>;  // by worker
  ConfinedCommands(BlockingPool& pool, CommandOptions options, LimitsTable limits);
  Awaitable<wire::Finished> run(RunContext& run) override;
  std::vector<wire::Offer> survivors() override { return commands_->survivors(); }
  bool survives() const override { return true; }
  void forget(const wire::RunId& run) override { commands_->forget(run); }
  void set_lease(milliseconds lease) { commands_->set_lease(lease); }

 private:
  std::string group_of(const wire::RunId& run) const;
  BlockingPool& pool_;
  std::filesystem::path runs_directory_;
  LimitsTable limits_;
  std::unique_ptr<CommandExecutor> commands_;
};

}  // namespace flotte::work
