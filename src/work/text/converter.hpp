// Bytes of a named encoding to UTF-8 and back, by ICU's converters (cmake/icu_converters.txt lists those that flotte carries; no file is
// read). Pure; any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace flotte::work {

/// The converter for a label of HTML, XML or MIME ("Shift-JIS", "latin1", "utf8"), read as the WHATWG's Encoding Standard reads labels: so
/// latin1 and ASCII are windows-1252, GB 2312 is gb18030. Nothing where flotte carries none.
std::optional<std::string> find_encoding(std::string_view label);

/// Nothing where bytes mean nothing in that encoding, or it is not carried. No byte-order mark is taken off.
std::optional<std::string> decode_bytes(std::string_view bytes, const std::string& encoding);

/// The opposite, exact: nothing where a character has no bytes of its own in that encoding.
std::optional<std::string> encode_text(std::string_view text, const std::string& encoding);

}  // namespace flotte::work
