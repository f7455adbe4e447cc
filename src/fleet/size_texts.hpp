// Sizes of machines that a task needs, as sentences for people. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace flotte::fleet {

/// "at least 16 GiB of memory" for "memory>=16G"; empty for a label that is not about sizes.
std::string size_wish(std::string_view label);
/// "has 24 GiB of memory, not 99999 TiB" for a place with those labels; empty for a label that is not about sizes.
std::string size_miss(const std::vector<std::string>& labels, std::string_view label);

}  // namespace flotte::fleet
