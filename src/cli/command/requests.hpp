// `flotte requests ls|show|replay`: the flight recorder.
#pragma once
#include <string>

#include "cli/session.hpp"

namespace flotte::cli {

struct RequestsOptions {
  std::string key, model, status, task;
  std::size_t limit = 50;
};
int run_requests_ls(const Common& common, const RequestsOptions& options);
int run_requests_show(const Common& common, const std::string& id);
int run_requests_replay(const Common& common, const std::string& id);

/// For people. Pure.
std::string render_requests(const std::vector<json::object>& items, int columns);
std::string render_request(const json::object& request, int columns);

}  // namespace flotte::cli
