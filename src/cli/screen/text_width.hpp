// Text on a terminal: how many columns it takes, cut and padded to fit, and made harmless. UTF-8; pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace flotte::cli {

/// Takes the next code point off the front; U+FFFD for each byte that is no UTF-8. `text` must not be empty.
char32_t take_code_point(std::string_view& text);
/// Columns of one code point: 0 combining, 2 East Asian wide and emoji, else 1. Source: Unicode 15, EastAsianWidth and general categories.
int columns_of(char32_t point) noexcept;
/// Columns of a text without control characters.
int width_of(std::string_view text);

/// At most `columns` wide; where something had to go, it ends in "…".
std::string cut_to(std::string_view text, int columns);
/// Exactly `columns` wide: cut, or filled with spaces behind (`pad_left`: before it).
std::string pad_right(std::string_view text, int columns);
std::string pad_left(std::string_view text, int columns);

/// One line that can do nothing to a terminal: control characters, line breaks and direction overrides become a space, runs of spaces one,
/// bytes that are no UTF-8 become U+FFFD.
std::string make_line(std::string_view text);
/// The same for text of several lines: keeps line breaks and tabs, drops other control characters.
std::string make_harmless(std::string_view text);
/// True where every byte belongs to a well-formed UTF-8 sequence.
bool is_utf8(std::string_view text);
/// The text with U+FFFD in place of each byte that is no UTF-8.
std::string to_utf8(std::string_view text);

}  // namespace flotte::cli
