// Commands of `home`: only for the [[worker]]s with kind = "command" in the hub's own file, held to their limits. They outlive the hub's
// process.
#pragma once
#include <memory>
#include <string>

#include "base/async/pool.hpp"
#include "store/blobs.hpp"
#include "work/command/confined_commands.hpp"

namespace flotte::hub {

/// `url`: what a command sees as FLOTTE_URL. Everything referred to outlives it.
std::shared_ptr<work::ConfinedCommands> make_home_commands(const std::string& data, const std::string& url,
                                                           work::ConfinedCommands::LimitsTable limits, BlockingPool& pool,
                                                           store::Blobs& blobs, std::shared_ptr<work::HubSteps> steps);

}  // namespace flotte::hub
