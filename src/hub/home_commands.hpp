// Commands of `home`: only for the [[worker]]s with kind = "command" in the hub's own file, held to their limits. They outlive the hub's
// process.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/async/pool.hpp"
#include "sandbox/limits.hpp"
#include "store/blobs.hpp"
#include "work/command/command.hpp"

namespace flotte::hub {

using CommandLimits = std::map<std::string, sandbox::Limits, std::less<>>;  // by worker

/// `url`: what a command sees as FLOTTE_URL. Everything referred to outlives it.
std::shared_ptr<work::CommandExecutor> make_home_commands(const std::string& data, const std::string& url, CommandLimits limits,
                                                          BlockingPool& pool, store::Blobs& blobs, std::shared_ptr<work::HubSteps> steps);

}  // namespace flotte::hub
