// The command line: every subcommand that talks to a hub over HTTP. `up`, `hub`, `node run` and the shim are dispatched by main.
#pragma once

namespace flotte::cli {

/// Parses the arguments, does the work on the calling thread and returns the exit status of the contract: 0 done, 1 the work failed,
/// 2 wrong usage, 3 no hub reached, 4 not allowed, 130 interrupted. Blocks SIGINT and SIGTERM in this thread while it runs.
int cli_main(int argc, char** argv);

}  // namespace flotte::cli
