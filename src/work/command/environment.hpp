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

/// "NAME=value": what is passed on of `own`, then the task's `env`, then FLOTTE_URL, FLOTTE_KEY and FLOTTE_TASK, which it cannot replace.
std::vector<std::string> command_environment(const std::vector<std::string>& own, const wire::Offer& offer, std::string_view url);

}  // namespace flotte::work
