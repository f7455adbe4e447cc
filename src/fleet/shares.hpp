// Who gets how much of the fleet: weights of owners and of projects.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace flotte::fleet {

/// Who is not named has weight 1. A share counts only while its owner (or project) has work that waits; what it leaves, others get.
struct Shares {
  std::map<std::string, double, std::less<>> owners;    // by the client key's name
  std::map<std::string, double, std::less<>> projects;  // against the other projects of the same owner
  bool operator==(const Shares&) const = default;
};

inline constexpr double least_weight = 0.01, most_weight = 1'000;

/// Of one name.
inline double weight_of(const std::map<std::string, double, std::less<>>& weights, std::string_view name) {
  const auto it = weights.find(name);
  return it == weights.end() ? 1 : it->second;
}

}  // namespace flotte::fleet
