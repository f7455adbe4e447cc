// Versions in words.
#include "fleet/version_texts.hpp"

#include <fmt/format.h>

#include "wire/features.hpp"

namespace flotte::fleet {
namespace {

constexpr std::string_view version_prefix = "flotte-";

/// "0.1.0" of "flotte-0.1.0", the feature that stands for a version.
std::string_view version_of(std::string_view feature) {
  return feature.starts_with(version_prefix) ? feature.substr(version_prefix.size()) : std::string_view();
}

std::string running_version(const std::vector<std::string>& labels) {
  for (const std::string& label : labels)
    if (const std::string_view version = version_of(wire::feature_of_label(label)); !version.empty())
      return "flotte " + std::string(version);
  return "an unknown version of flotte";
}

std::string needed_version(std::string_view feature) {
  const wire::Feature* known = wire::find_feature(feature);
  return known ? fmt::format("a node of version {} or newer", known->since) : std::string("a node of a newer version than this hub");
}

}  // namespace

std::string version_wish(std::string_view label) {
  if (label.starts_with('!')) {
    const std::string_view version = version_of(wire::feature_of_label(label.substr(1)));
    return version.empty() ? std::string() : fmt::format("of another version than flotte {}", version);
  }
  const std::string_view feature = wire::feature_of_label(label);
  return feature.empty() ? std::string() : fmt::format("that understands '{}' ({})", feature, needed_version(feature));
}

std::string version_miss(const std::vector<std::string>& labels, std::string_view label) {
  if (label.starts_with('!')) {
    const std::string_view version = version_of(wire::feature_of_label(label.substr(1)));
    if (version.empty()) return {};
    return fmt::format("runs flotte {}, which said that it cannot read this task: it needs a node of another version", version);
  }
  const std::string_view feature = wire::feature_of_label(label);
  if (feature.empty()) return {};
  return fmt::format("runs {}, which does not understand '{}': it needs {}", running_version(labels), feature, needed_version(feature));
}

}  // namespace flotte::fleet
