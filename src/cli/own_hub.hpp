// Where the hub of this machine is, for commands that were given no address.
#pragma once
#include <string>

namespace flotte::cli {

/// The address that the hub of this data directory answers at now (it writes it there), else the one that its configuration file names,
/// else http://127.0.0.1:7700. A file that cannot be read names none: the hub that runs may still have the one before.
std::string own_hub_url(const std::string& data, const std::string& config);

}  // namespace flotte::cli
