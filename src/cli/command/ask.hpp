// `flotte ask`: one question, the answer as it comes.
#pragma once
#include <string>
#include <vector>

#include "cli/batch/input.hpp"
#include "cli/session.hpp"

namespace flotte::cli {

struct AskOptions {
  std::vector<std::string> words;  // joined by spaces
  std::string model, system;       // no model: see choose_model
  Placement placement;             // where it says anything, the question becomes a task
};
int run_ask(const Common& common, const AskOptions& options);

/// The words, and what standard input holds where it is no terminal, with a blank line between. Errors: invalid_argument (nothing at all,
/// no UTF-8), too_large, io. Blocking.
Result<std::string> read_prompt(const std::vector<std::string>& words);

}  // namespace flotte::cli
