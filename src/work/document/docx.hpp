// The text of a Word document (ECMA-376): headings as Markdown headings, lists, tables as Markdown tables, foot- and endnotes behind the
// text. Deleted text, comments, page headers, macros and pictures are left out. Pure; bounded as archive.hpp and xml.hpp say.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::work {

/// Errors: corrupt, too_large, unsupported (encrypted), invalid_argument (no text).
Result<std::string> docx_text(std::string_view bytes);

}  // namespace flotte::work
