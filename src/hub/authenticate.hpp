// Who asks, and whether they may.
#pragma once
#include "access/key.hpp"
#include "access/ticket.hpp"
#include "base/error.hpp"
#include "http/server.hpp"
#include "hub/caller.hpp"
#include "hub/router.hpp"

namespace flotte::hub {

/// The caller by `Authorization: Bearer`, `x-api-key`, `x-goog-api-key` or the board's cookie. Error: unauthenticated.
Result<Caller> authenticate(const http::RequestHead& head, const access::Keyring& keys, const access::Tickets& tickets, WallTime now);
/// Errors: forbidden with the scope that is missing, or for a browser's request from another site.
Result<void> authorize(const Caller& caller, Need need, const http::RequestHead& head);

inline constexpr std::string_view session_cookie = "flotte_session";
/// The value of that cookie, or "".
std::string_view cookie_value(const http::RequestHead& head, std::string_view name);

}  // namespace flotte::hub
