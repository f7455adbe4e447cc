// What a version of flotte understands of tasks and messages, by name. A node says in its hello what it understands; a task that needs more
// is not offered to it. A feature is never taken away or changed: what is done otherwise gets another name. Pure.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/task.hpp"

namespace flotte::wire {

struct Feature {
  std::string_view name;
  std::string_view since;  // the first version of flotte that has it
  std::string_view what;   // for people
};
/// What this version knows, the oldest first. What protocol 1 could do already has no name.
std::span<const Feature> known_features();
/// What a node of this version says in its hello.
std::vector<std::string> feature_names();
/// Nothing where this version does not know it.
const Feature* find_feature(std::string_view name);

/// What a node must understand to do that task: what the task asks for itself, and what follows from the rest of it. Sorted, each once.
std::vector<std::string> required_features(const TaskSpec& spec);

/// Where labels decide who may do what, a feature is a label that no person can give.
inline constexpr std::string_view feature_prefix = "feature:";
std::string feature_label(std::string_view feature);
/// What every node of that version has, and who cannot read a task lacks in its need: "!" before it.
std::string version_label(std::string_view version);
/// "steps" of "feature:steps"; empty for any other label.
std::string_view feature_of_label(std::string_view label);

}  // namespace flotte::wire
