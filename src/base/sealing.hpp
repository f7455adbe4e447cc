// Text that only the holder of a key can read or change: AES-256-GCM (NIST SP 800-38D) over OpenSSL 3. Safe from any thread.
#pragma once
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace flotte {

/// `key` has 32 bytes. `place` says where the text belongs (a file's name): opened for another place it is refused, so that sealed texts
/// cannot be exchanged. The result is one line of ASCII that begins with "sealed:1:"; equal texts give different lines.
std::string seal_text(std::string_view key, std::string_view place, const Secret& text);

/// Error: corrupt, where it was not sealed by this key for this place, or was changed.
Result<Secret> open_sealed(std::string_view key, std::string_view place, std::string_view line);

/// What `seal_text` writes begins so.
bool is_sealed(std::string_view line) noexcept;

}  // namespace flotte
