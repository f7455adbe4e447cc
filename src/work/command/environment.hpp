// What a command of the fleet sees of its surroundings. Pure.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/link.hpp"

namespace flotte::work {

/// Of the node's own environment a command sees these and every LC_*: PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR XDG_RUNTIME_DIR.
bool passed_on(std::string_view name);

/// Where a command finds its hub.
struct HubPlaces {
  std::string_view url;
  std::string_view step_socket;        // empty: none
  std::string_view program_directory;  // where `flotte` itself lies: the last place of the command's PATH. Empty: unknown
};
/// "NAME=value": what is passed on of `own`, then the task's `env`, then FLOTTE_URL, FLOTTE_KEY, FLOTTE_TASK and FLOTTE_STEP_SOCKET, which
/// it cannot replace. PATH ends with the program's directory, so that `flotte step` is found wherever flotte was unpacked.
std::vector<std::string> command_environment(const std::vector<std::string>& own, const wire::Offer& offer, const HubPlaces& hub);

}  // namespace flotte::work
