// Which kind of document some bytes are. The table in format.cpp is the one place that lists formats. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::work {

enum class Format { text, html, pdf, docx, epub, mail, mailbox };

/// By content first, then by the name's ending. Errors: `unsupported` ("not a text document: a PNG image"), `corrupt` for a name that
/// promises another format, `invalid_argument` for an empty document.
Result<Format> recognise(std::string_view name, std::string_view bytes);

/// Lower case, without the dot; empty where there is none.
std::string extension_of(std::string_view name);

bool is_blank(std::string_view text);

}  // namespace flotte::work
