// The demonstration engine is said wherever a person meets it: its answers read like text and mean nothing.
#pragma once
#include <string>

#include "client/fleet.hpp"

namespace flotte::cli {

/// A sentence where that model name stands for a demonstration engine; empty where it does not, or where it cannot be told.
Awaitable<std::string> find_demonstration_note(client::Fleet& fleet, std::string model);

}  // namespace flotte::cli
