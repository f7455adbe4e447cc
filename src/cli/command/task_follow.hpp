// A task's output as it comes, through lost connections and further attempts, until it has ended.
#pragma once
#include <string>

#include "cli/session.hpp"

namespace flotte::cli {

/// Streams to standard output (a command's standard error to standard error); with --json prints the task at its end instead.
/// Status 0 where it succeeded, else 1 with the reason on standard error.
Awaitable<Result<int>> follow_task(Session& session, std::string id);

}  // namespace flotte::cli
