// Tokens of somebody's login with a vendor. They belong to that person's own programs: flotte neither takes them as a caller's key nor
// sends them on as a provider's. Looked at only where a key is not known, so it costs a known caller nothing.
#pragma once
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace flotte::access {

/// What the text is by its shape, for example "the token of a Claude subscription"; nothing for what may be an API key.
std::optional<std::string_view> subscription_token(std::string_view text) noexcept;

/// The same only where there is no doubt: of the web tokens those that name the issuer of a login. For keys that somebody wrote into a
/// configuration, because a few providers give out keys of that shape too.
std::optional<std::string_view> certain_subscription_token(std::string_view text);

/// The sentence for a caller who sent such a token as key: unauthenticated, with what to do. The token itself is not repeated.
Error refused_subscription(std::string_view what);

}  // namespace flotte::access
