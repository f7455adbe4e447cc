// Reads one [[model]]. Internal to route.
#pragma once
#include <set>
#include <string>

#include "route/config.hpp"

namespace flotte::route::detail {

/// `providers`: the names that targets may have. Error: invalid_argument.
Result<ModelSpec> parse_model(const json::object& table, const std::set<std::string>& providers);

}  // namespace flotte::route::detail
