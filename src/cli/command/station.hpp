// `flotte station`.
#pragma once
#include "cli/session.hpp"

namespace flotte::cli {

struct StationOptions {
  bool open = true;  // in this machine's browser, where there is a desktop
};
/// Prints the cockpit's address with a code that signs a browser in, once and for ten minutes, as the key that asked.
int run_station(const Common& common, const StationOptions& options);

}  // namespace flotte::cli
