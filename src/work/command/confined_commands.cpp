// Limits around commands.
#include "work/command/confined_commands.hpp"

#include "base/log.hpp"
#include "sandbox/confine.hpp"
#include "sandbox/group.hpp"

namespace flotte::work {

ConfinedCommands::ConfinedCommands(BlockingPool& pool, CommandOptions options, LimitsTable limits)
    : pool_(pool), runs_directory_(options.runs_directory), limits_(std::move(limits)) {
  options.wrap = [this](const wire::Offer& offer, std::vector<std::string> argv) {
    const auto found = limits_.find(offer.worker);
    if (found == limits_.end()) return argv;
    return sandbox::confined(found->second, {.name = group_of(offer.run)}, std::move(argv));
  };
  commands_ = std::make_unique<CommandExecutor>(pool, std::move(options));
}

std::string ConfinedCommands::group_of(const wire::RunId& run) const {
  return sandbox::group_name(RunDirectory(runs_directory_, run).path().string());
}

Awaitable<wire::Finished> ConfinedCommands::run(RunContext& run) {
  wire::Finished finished = co_await commands_->run(run);
  const auto found = limits_.find(run.offer().worker);
  if (found == limits_.end() || !found->second.any()) co_return finished;
  std::function<Result<sandbox::Account>()> end = [name = group_of(run.offer().run)] { return sandbox::remove(name); };
  auto account = co_await pool_.run<sandbox::Account>(std::move(end));
  if (!account) log::warning("the groups of a run are left over", {{"task", run.offer().run.task}, {"error", account.error().text()}});
  if (account && account->oom_kills > 0 && finished.error)
    finished.error->message += "; the kernel ended a process of it at the worker's memory limit";
  co_return finished;
}

}  // namespace flotte::work
