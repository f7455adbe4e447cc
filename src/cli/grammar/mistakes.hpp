// What is said about words that are no command and options that do not fit.
#pragma once
#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace flotte::cli::grammar {

/// The first word that should be a command, checked before the parser says it in its own way. Values of the common options are skipped.
std::optional<Error> find_unknown_command(const CLI::App& root, const std::vector<std::string>& arguments);
/// The command that was chosen, as far as the words were understood.
const CLI::App& deepest(const CLI::App& root);
/// "flotte batch run".
std::string path_of(const CLI::App& root, const CLI::App& app);
Error explain(const CLI::App& root, const CLI::ParseError& error);

}  // namespace flotte::cli::grammar
