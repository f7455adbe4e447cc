// `flotte env` and `flotte launch`: other people's clients, pointed at this hub.
#pragma once
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace flotte::cli {

struct EnvOptions {
  std::vector<std::string> kinds;  // empty: all that the hub serves
  std::string shell = "sh";
  bool force = false;  // Anthropic's variables even where somebody is logged in to Claude
};
int run_env(const Common& common, const EnvOptions& options);

struct LaunchOptions {
  std::vector<std::string> words;  // the program and its arguments
  std::string model = "default";
  bool anyway = false;  // also where the hub does not serve what the program asks for
};
/// Returns only where the program was not started; else the process becomes the program.
int run_launch(const Common& common, const LaunchOptions& options);

}  // namespace flotte::cli
