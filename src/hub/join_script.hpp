// What `GET /join` serves: a POSIX shell script that makes a machine a node.
#pragma once
#include <string>

namespace flotte::hub {

/// Fetches this version from the same hub under the same pin, unless it is there already, and becomes `flotte node run`. Nothing of it runs
/// where its last line did not arrive.
std::string join_script();

}  // namespace flotte::hub
