// `flotte task ...`.
#pragma once
#include <string>
#include <vector>

#include "cli/batch/input.hpp"
#include "cli/session.hpp"

namespace flotte::cli {

struct TaskRunOptions {
  std::string prompt, system;        // of a prompt
  std::vector<std::string> command;  // of a command; not empty: it is one
  std::string cwd;
  std::vector<std::string> env;  // NAME=VALUE
  std::string model, title;
  std::vector<std::string> features;  // that its node's version must understand
  std::string concurrency, unique;    // KEY or KEY:N; empty: none
  int priority = 2, attempts = 5;
  Placement placement;
  bool detach = false;
  std::vector<std::string> after;            // ids of tasks and batches
  bool even_if_failed = false;               // also where one of those does not succeed
  std::string budget, not_before, deadline;  // dollars; times, or "2h" from now
};
/// Its specification. Error: invalid_argument.
Result<wire::TaskSpec> make_task_spec(const TaskRunOptions& options);
/// Submits, and unless detached follows to the end.
int run_task(const Common& common, const TaskRunOptions& options);

struct TaskListOptions {
  std::string state, batch, worker, node;
  std::size_t limit = 50;
};
int run_task_ls(const Common& common, const TaskListOptions& options);
int run_task_show(const Common& common, const std::string& id);
int run_task_logs(const Common& common, const std::string& id, int attempt);
int run_task_why(const Common& common, const std::string& id);
/// As `task run` shows it, from its first output on.
int run_task_follow(const Common& common, const std::string& id);
/// `what` is cancel or retry. One that cannot be is reported and the others are done; the status is then not 0.
int run_task_action(const Common& common, const std::vector<std::string>& ids, const std::string& what);

}  // namespace flotte::cli
