// Heads on their way through: what is left out, what is put in. The list of permitted edits of the contract. Pure.
#pragma once
#include <string_view>

#include "http/message.hpp"
#include "route/target.hpp"

namespace flotte::route {

/// The hub's own names that a request passed through before; this hub's id among them means a loop.
inline constexpr std::string_view via_header = "x-flotte-via";

bool passed_through(const http::Headers& headers, std::string_view hub_id) noexcept;

/// The head that goes to `target`: the client's without credentials, Host, hop-by-hop and x-flotte-* fields; with the target's credentials,
/// `Accept-Encoding: identity` and our name in `via_header`. Anthropic's own API gets its key in x-api-key for messages, and a version
/// where the client names none.
http::RequestHead upstream_head(const http::RequestHead& from, const Target& target, const dialect::ApiFacts& api, std::string_view hub_id);

/// The head that goes to the client: the target's without hop-by-hop fields, Content-Length, Date and what speaks of the target's own site
/// (cookies, HSTS, Alt-Svc); with x-flotte-request-id and x-flotte-target.
http::ResponseHead reply_head(const http::ResponseHead& from, std::string_view request_id, std::string_view target);

}  // namespace flotte::route
