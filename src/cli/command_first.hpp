// Puts the command in front of common options, so that `flotte --data D up` is read as `flotte up --data D`. Pure.
#pragma once
#include <string>
#include <vector>

namespace flotte::cli {

/// `arguments` without the program's name. The first word that is no common option, or the value of one, comes first, and what stood
/// before it behind its words: of `node run` both, of others one. `help X` becomes `X --help`. Anything else comes back as it was.
std::vector<std::string> command_first(const std::vector<std::string>& arguments);

/// Whether that word is a common option whose value is the next word.
bool takes_common_value(const std::string& word);

}  // namespace flotte::cli
