// Edit distance (optimal string alignment).
#include "base/nearest.hpp"

#include <algorithm>
#include <cstddef>

namespace flotte {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> table((a.size() + 1) * width);
  auto at = [&](std::size_t i, std::size_t j) -> std::size_t& { return table[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = i;
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  return at(a.size(), b.size());
}

}  // namespace

std::optional<std::string_view> find_nearest(std::string_view word, const std::vector<std::string_view>& known) {
  if (word.size() > 64) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  for (const std::string_view candidate : known) {
    const std::size_t d = distance(word, candidate);
    if (d > std::max<std::size_t>(2, candidate.size() / 3) || d >= std::max(word.size(), candidate.size())) continue;
    // Of two that are as near, the one that begins alike: people get the first letter right.
    const bool alike = best && d == best_distance && !word.empty() && candidate.front() == word.front() && best->front() != word.front();
    if (!best || d < best_distance || alike) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace flotte
