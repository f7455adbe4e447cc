// `flotte node|worker|model|usage|key ...`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace flotte::cli {

int run_node_ls(const Common& common);
/// Of an invitation, and of a node that is there. `labels` replace those that the hub gave before; absent: they stay.
struct NodeSettings {
  std::string name;
  std::optional<std::vector<std::string>> labels;
};
int run_node_invite(const Common& common, const NodeSettings& settings);
int run_node_set(const Common& common, const std::string& node, const NodeSettings& settings);
/// `seconds`: it stays away at most so long where nothing wakes it; 0: as the hub has it.
int run_node_suspend(const Common& common, const std::string& name, std::int64_t seconds);
int run_node_drain(const Common& common, const std::string& name);
int run_node_resume(const Common& common, const std::string& name);
int run_node_rm(const Common& common, const std::string& name);

int run_worker_ls(const Common& common, const std::string& node);
int run_model_ls(const Common& common);

struct UsageOptions {
  std::string by = "model", from, to, last;
};
int run_usage(const Common& common, const UsageOptions& options);

struct KeyOptions {
  std::string name;
  std::vector<std::string> scopes, models, providers;
  std::int64_t rpm = 0;
  double weight = 0;                     // 0: everybody's
  std::string budget_day, budget_month;  // dollars; empty: none
};
int run_key_add(const Common& common, const KeyOptions& options);
int run_key_ls(const Common& common);
int run_key_rm(const Common& common, const std::string& name);

}  // namespace flotte::cli
