// `ls` commands, and how what the hub shows is written for people. The renderers are pure.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace flotte::cli {

using Items = std::vector<json::object>;

struct Listing {
  std::string path;
  client::Query query;
  std::size_t limit = 0;  // 0: all
  std::function<std::string(const Items&, int columns)> render;
};
/// Gets the list and prints it: with --json the array, else as `render` says.
int run_listing(const Common& common, const Listing& listing);

/// Width of the terminal that standard output is, else 0: nothing is cut.
int output_columns();

std::string render_tasks(const Items& items, int columns);
std::string render_batches(const Items& items, int columns);
std::string render_nodes(const Items& items, int columns);
std::string render_workers_table(const Items& items, int columns);
std::string render_models(const Items& items, int columns);
std::string render_usage(const Items& items, int columns);
std::string render_keys(const Items& items, int columns);
/// A task with its attempts and result.
std::string render_task(const json::object& task, int columns);
std::string render_batch(const json::object& batch);
std::string render_why(const json::object& why, int columns);

}  // namespace flotte::cli
