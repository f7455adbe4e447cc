// `flotte worker add|set|rm|show`: workers that are defined at the hub. `flotte node show|wake`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace flotte::cli {

/// Of a definition; what is absent stays, or has its default.
struct WorkerSettings {
  std::string name;  // "reader" or "reader@box"
  std::string node;  // empty: as in the name, else home
  std::string model;
  int slots = 0;  // 0: not given
  std::optional<std::vector<std::string>> labels;
  std::optional<bool> exclusive;
};
int run_worker_add(const Common& common, const WorkerSettings& settings);
int run_worker_set(const Common& common, const WorkerSettings& settings);
int run_worker_rm(const Common& common, const std::string& worker);
int run_worker_show(const Common& common, const std::string& worker);

int run_node_show(const Common& common, const std::string& node);
int run_node_wake(const Common& common, const std::string& node);

/// A node with what its machine has and what was seen there and cannot be used.
std::string render_node(const json::object& node);

}  // namespace flotte::cli
