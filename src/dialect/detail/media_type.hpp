// What may stand for a media type: it becomes part of a data: URL. Internal to dialect.
#pragma once
#include <algorithm>
#include <string_view>

namespace flotte::dialect::detail {

inline bool is_media_type(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '+' || c == '.' || c == '-' ||
           c == '_';
  });
}

}  // namespace flotte::dialect::detail
