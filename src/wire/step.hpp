// Steps, as hub, gateway, node and clients name them: a step of a task (fleet/steps.hpp), and the one that a model call belongs to.
#pragma once
#include <cstddef>
#include <string_view>

namespace flotte::wire {

inline constexpr std::size_t step_name_bytes = 200;
inline constexpr std::size_t step_output_bytes = std::size_t{16} * 1024 * 1024;

/// At most `step_name_bytes` of UTF-8 without control characters, empty included: it stands in JSON and in tables.
bool is_step_name(std::string_view name);

}  // namespace flotte::wire
