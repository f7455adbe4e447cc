// The text of an EPUB: title and authors, then its chapters in the order of the spine. Pure; bounded as archive.hpp and xml.hpp say.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::work {

/// Errors: corrupt, too_large, unsupported (chapters under digital rights management), invalid_argument (no text).
Result<std::string> epub_text(std::string_view bytes);

}  // namespace flotte::work
