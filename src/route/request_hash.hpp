// Which calls of a task ask the same. Pure.
#pragma once
#include <string>
#include <string_view>

#include "dialect/api.hpp"

namespace flotte::route {

struct PathFacts;

/// SHA-256 (64 hex digits) over the API, what the path says, the versions that the client names and the body. Of a JSON body the order of
/// members and white space do not count, nor do top-level members that say who asks and not what: metadata, user, safety_identifier,
/// prompt_cache_key. A body over 8 MiB, and one that cannot be read, counts byte for byte. `version`: the headers anthropic-version and
/// anthropic-beta.
std::string request_hash(const dialect::ApiFacts& api, const PathFacts& path, std::string_view version, std::string_view body);

}  // namespace flotte::route
