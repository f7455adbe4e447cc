// Text and HTML documents from their bytes. Pure.
#pragma once
#include <string_view>

#include "base/error.hpp"
#include "work/document/read_text.hpp"

namespace flotte::work {

/// Text and Markdown in whatever encoding, without a byte-order mark, with line feeds only. Errors: as decode_text; invalid_argument where
/// it is blank.
Result<ReadText> plain_text(std::string_view bytes);

/// The text of an HTML page; its own declaration of an encoding counts first. Errors: the same; as html_text.
Result<ReadText> page_text(std::string_view bytes);

/// Undoes mojibake where that is certain, and says so.
void mend(ReadText& read);

}  // namespace flotte::work
