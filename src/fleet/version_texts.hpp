// Features and versions that a task needs, as sentences for people. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace flotte::fleet {

/// "that understands 'steps' (flotte 0.1.0 or newer)", for a label of a need that is about versions; empty for any other label.
std::string version_wish(std::string_view label);
/// "runs flotte 0.0.9, which does not understand 'steps': it needs a node of version 0.1.0 or newer", for a place with those labels that
/// lacks that one; empty for a label that is not about versions.
std::string version_miss(const std::vector<std::string>& labels, std::string_view label);

}  // namespace flotte::fleet
