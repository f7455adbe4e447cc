// A line of `flotte doctor`.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace flotte::hub {

/// A `problem` prevents work; a `warning` is a thing that will not be there when somebody wants it.
enum class Level { ok, warning, problem };
std::string_view to_string(Level level) noexcept;

struct Check {
  std::string name;  // "data directory"
  Level level = Level::ok;
  std::string text;    // what is there
  std::string advice;  // what to do; may be empty
};
using Checks = std::vector<Check>;

/// One line each. Pure.
std::string render_checks(const Checks& checks);
/// {"ok", "checks": [{"name", "level", "message", "advice"}]}.
json::object checks_to_json(const Checks& checks);
bool prevents_work(const Checks& checks);

}  // namespace flotte::hub
