// The place that a scan has reached. Internal to dialect's scanner.
#pragma once
#include <cstddef>
#include <string_view>

#include "dialect/scan.hpp"

namespace flotte::dialect::detail {

struct Text {
  Text(std::string_view text, std::size_t from) : begin(text.data()), at(text.data() + from), end(text.data() + text.size()) {}
  const char *begin, *at, *end;
  const char* problem = nullptr;
  bool escaped = false;  // set by skip_string where it passed a backslash

  std::size_t offset() const noexcept { return static_cast<std::size_t>(at - begin); }
  /// `at` stays where the problem is.
  bool fail(const char* what) noexcept {
    problem = what;
    return false;
  }
  void skip_space() noexcept {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  }
};

/// From behind the opening quote to behind the closing one. Checks escapes, control characters and UTF-8.
bool skip_string(Text& text);
/// One whole value; `depth` levels already enclose it.
bool skip_value(Text& text, Kind& kind, int depth);

}  // namespace flotte::dialect::detail
