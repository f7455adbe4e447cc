// The table of features.
#include "wire/features.hpp"

#include <algorithm>

namespace flotte::wire {
namespace {

constexpr Feature table[] = {
    {"suspend", "0.1.0", "goes to sleep with what runs when it is told to"},
    {"steps", "0.1.0", "commands take up after their last finished step (flotte step)"},
    {"whole-output", "0.1.0", "keeps the whole output of a command as a blob"},
};

}  // namespace

std::span<const Feature> known_features() { return table; }

std::vector<std::string> feature_names() {
  std::vector<std::string> out;
  for (const Feature& feature : table) out.emplace_back(feature.name);
  return out;
}

const Feature* find_feature(std::string_view name) {
  const auto found = std::find_if(std::begin(table), std::end(table), [&](const Feature& f) { return f.name == name; });
  return found == std::end(table) ? nullptr : found;
}

std::vector<std::string> required_features(const TaskSpec& spec) {
  std::vector<std::string> out = spec.features;
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string feature_label(std::string_view feature) { return std::string(feature_prefix) + std::string(feature); }

std::string version_label(std::string_view version) { return feature_label("flotte-" + std::string(version)); }

std::string_view feature_of_label(std::string_view label) {
  return label.starts_with(feature_prefix) ? label.substr(feature_prefix.size()) : std::string_view();
}

}  // namespace flotte::wire
