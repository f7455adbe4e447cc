// What a list or a view shows of an answer's member.
#pragma once
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace flotte::cli {

/// Empty where it is not there, null or no string.
inline std::string text(const json::object& o, std::string_view key) { return json::string_or(o, key, ""); }

}  // namespace flotte::cli
