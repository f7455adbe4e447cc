// The readable text of an HTML document: headings as Markdown headings, list items as "- ", table rows as "a | b", one block per line;
// scripts, styles, navigation and forms are left out. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::work {

/// `html` must be UTF-8. Error: too_large where elements are nested deeper than 2,000 levels (no document of a person is).
Result<std::string> html_text(std::string_view html);

}  // namespace flotte::work
