// Coding programs of others, pointed at a hub for one run: arguments, environment and files of our own, so that what the person has set up
// for them stays untouched and no login of theirs reaches the hub. Pure.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "cli/clients/variables.hpp"

namespace flotte::cli {

struct LaunchProgram {
  std::string_view name;     // also the name of its executable
  std::string_view package;  // of npm
  std::string_view path;     // what it asks the hub
  std::string_view speaks;   // for people
  std::string_view api;      // the same in `apis` of a model
};
std::span<const LaunchProgram> launch_programs();
/// Error: invalid_argument that names the nearest.
Result<const LaunchProgram*> find_launch_program(std::string_view name);

/// Which names to use of those that the hub has.
struct LaunchModels {
  std::string main = "default";
  std::vector<std::string> all;  // as /v1/models lists them
  /// For small side tasks: `fast` where there is one.
  std::string small() const;
};

struct LaunchPlan {
  std::vector<std::string> arguments;  // behind the program's name
  std::vector<Variable> set;
  std::vector<std::string> unset;
  std::vector<Variable> files;           // path and content; written where they are missing
  std::vector<std::string> directories;  // made before, mode 0700
  std::vector<std::string> warnings;
};
LaunchPlan plan_launch(const LaunchProgram& program, const HubAccess& access, const LaunchModels& models,
                       const std::vector<std::string>& arguments);

}  // namespace flotte::cli
