// Whether a name stands for a model now: a mistyped one is queued and waits for ever.
#pragma once
#include <string>

#include "client/fleet.hpp"

namespace flotte::cli {

/// The sentence about a model that nothing answers for now; empty where something does, where none is named, or where it cannot be told.
Awaitable<std::string> find_model_note(client::Fleet& fleet, std::string model);

}  // namespace flotte::cli
