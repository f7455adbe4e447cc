// YAML of strangers as JSON values. Bounded: nesting, size, and what aliases may unfold to. Pure.
#pragma once
#include <cstddef>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"

namespace flotte::cli {

inline constexpr std::size_t yaml_size_limit = std::size_t{4} * 1024 * 1024;  // bytes of a document
inline constexpr std::size_t yaml_value_limit = 100'000;                      // values, aliases unfolded
inline constexpr int yaml_depth_limit = 64;

/// The first document. Plain scalars are null, true, false, numbers or text by the core schema of YAML 1.2; quoted ones are text. Anchors,
/// aliases and merge keys ("<<") are resolved; of two equal keys the later one counts. An empty text is null.
/// Errors (invalid_argument): not YAML, with its line; a limit.
Result<json::value> parse_yaml(std::string_view text);

}  // namespace flotte::cli
