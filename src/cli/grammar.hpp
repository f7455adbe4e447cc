// The command line's grammar: one visible table of commands and their options, over CLI11.
#pragma once
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cli/session.hpp"

namespace flotte::cli {

/// A command with its options filled in.
struct Chosen {
  CommonOptions options;
  std::function<int(const Common&)> run;
};
/// `--help` and the like: print this and exit with 0.
struct Told {
  std::string text;
};
using Parsed = std::variant<Chosen, Told, Error>;

/// `arguments` without the program's name. An Error is wrong usage: an unknown command or option names the nearest that exists.
Parsed parse_arguments(const std::vector<std::string>& arguments);

}  // namespace flotte::cli
