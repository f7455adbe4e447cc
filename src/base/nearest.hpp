// "Did you mean": the known word that a mistyped one is closest to.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

namespace flotte {

/// The word with the fewest edits (insert, delete, replace, swap of neighbours), if these are at most a third of its length, or 2;
/// of several the first, unless only a later one begins with the same letter.
std::optional<std::string_view> find_nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace flotte
