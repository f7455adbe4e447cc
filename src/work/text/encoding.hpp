// From the bytes of a text to UTF-8: by its mark, by what it declares, by what it can only be, and else by ICU's detector. Why ICU, and
// what was measured: docs/decisions/0006-encodings.md. Pure; any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace flotte::work {

struct Decoded {
  std::string text;      // UTF-8 without a byte-order mark
  std::string encoding;  // "UTF-8", "Shift_JIS", ...
};

/// `declared`: a label that the document names, where it does. It counts where all bytes have a meaning in it.
/// Errors: `corrupt` that names the first byte that is not UTF-8, where no encoding fits; `unsupported` for binary data.
Result<Decoded> decode_text(std::string_view bytes, const std::optional<std::string>& declared = std::nullopt);

/// UTF-16, with its mark or without: nothing where the bytes are none. So its zero bytes are not mistaken for binary data.
std::optional<Decoded> decode_utf16(std::string_view bytes);

}  // namespace flotte::work
