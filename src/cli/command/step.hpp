// `flotte step NAME -- CMD`: runs CMD once per task and name, across attempts.
#pragma once
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace flotte::cli {

struct StepOptions {
  std::string name;
  std::vector<std::string> command;
};

/// Inside a command of the fleet (FLOTTE_TASK, and FLOTTE_STEP_SOCKET or FLOTTE_URL and FLOTTE_KEY). Finished before: prints what it put
/// out and succeeds. Else runs it with its output passed on as it comes, and when it succeeds keeps the output. Its own failure is the exit
/// status (128 + signal); nothing is kept then. A hub or node that is away is waited for.
int run_step(const Common& common, const StepOptions& options);

}  // namespace flotte::cli
