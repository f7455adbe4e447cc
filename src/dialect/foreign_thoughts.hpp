// A conversation that went on with another provider: what that one thought is taken out of a request before it passes through, because only
// its maker can check it and every other refuses the whole request. Everything else stays byte for byte. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "dialect/format.hpp"

namespace flotte::dialect {

/// The body without the thoughts that this gateway marked as another maker's (detail/thought_mark.hpp), and without messages that held
/// nothing else; nothing where there are none, which is all but always and costs one search. Of chat completions, Messages and Responses;
/// other formats have no such marks. The body is valid JSON.
std::optional<std::string> without_foreign_thoughts(Format format, std::string_view body);

}  // namespace flotte::dialect
