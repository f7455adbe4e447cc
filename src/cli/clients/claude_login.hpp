// Whether somebody is logged in to Claude on this machine. Only looks whether the places exist; no token is read.
#pragma once
#include <optional>
#include <string>

namespace flotte::cli {

/// Where the login is, for a sentence ("the file ..."); nothing where there is none. On macOS the token is in the keychain; the program's
/// own file says that there is one.
std::optional<std::string> find_claude_login();

}  // namespace flotte::cli
