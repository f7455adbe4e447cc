// Cutting a text that is too long for a model into parts that are not. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flotte::work {

/// Parts of about the same size, each of at most `limit` estimated tokens (`limit` >= 8). Cut before a heading where there is one, else at
/// a blank line, a line's end, a sentence's end (also 。！？), a space, or between any two characters. Put together they are the text
/// again.
std::vector<std::string_view> split_text(std::string_view text, std::int64_t limit);

}  // namespace flotte::work
