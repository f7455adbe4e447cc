// Bytes as text: hexadecimal, base64 (RFC 4648, with padding) and base64url (without padding).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace flotte {

/// Lower case.
std::string to_hex(std::string_view bytes);
/// Either case; nothing for an odd length or another character.
std::optional<std::string> from_hex(std::string_view text);

std::string to_base64(std::string_view bytes);
std::string to_base64url(std::string_view bytes);
/// Padding may be absent but not wrong; nothing for a character outside the alphabet or bits that no encoder sets.
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace flotte
