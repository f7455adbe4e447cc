// `flotte import`.
#pragma once
#include <string>

#include "cli/session.hpp"

namespace flotte::cli {

struct ImportOptions {
  std::string file;    // "-": standard input
  std::string output;  // empty: standard output
};

/// The configuration goes to standard output or to a file that is not there yet, what was left out to standard error.
int run_import_litellm(const Common& common, const ImportOptions& options);

}  // namespace flotte::cli
