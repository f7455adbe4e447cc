// Commands held to the limits that their worker has in this node's own file.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/async/pool.hpp"
#include "sandbox/limits.hpp"
#include "work/command/command.hpp"

namespace flotte::node {

class ConfinedCommands final : public work::TaskExecutor {
 public:
  using LimitsTable = std::map<std::string, sandbox::Limits, std::less<>>;
  ConfinedCommands(BlockingPool& pool, work::CommandOptions options, LimitsTable limits);
  Awaitable<wire::Finished> run(work::RunContext& run) override;
  std::vector<wire::Offer> survivors() override { return commands_->survivors(); }
  bool survives() const override { return true; }
  void forget(const wire::RunId& run) override { commands_->forget(run); }
  void set_lease(milliseconds lease) { commands_->set_lease(lease); }

 private:
  std::string group_of(const wire::RunId& run) const;
  BlockingPool& pool_;
  std::filesystem::path runs_directory_;
  LimitsTable limits_;
  std::unique_ptr<work::CommandExecutor> commands_;
};

}  // namespace flotte::node
