// Heads on their way through: what is left out, what is put in. The list of permitted edits of the contract. Pure.
#pragma once
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "route/target.hpp"

namespace flotte::route {

/// The hub's own names that a request passed through before; this hub's id among them means a loop.
inline constexpr std::string_view via_header = "x-flotte-via";

bool passed_through(const http::Headers& headers, std::string_view hub_id) noexcept;

/// How a target is asked.
struct Asking {
  const dialect::ApiFacts& api;
  bool stream = false;      // matters where a stream has a path of its own
  bool translated = false;  // the client speaks another API: only few of its fields mean anything there
};

/// The head that goes to `target`. Of a call that passes through: the client's without credentials, Host, hop-by-hop and x-flotte-* fields,
/// and without `key` in the query; of a translated one the fields of `kept_when_translated` and no query. With the target's credentials (a
/// vendor's own API gets them in its own field), `Accept-Encoding: identity`, our name in `via_header`, and a version for Anthropic's own
/// API where the client names none.
http::RequestHead upstream_head(const http::RequestHead& from, const Target& target, const Asking& asking, std::string_view hub_id);

/// "/v1beta/models/gemini-2.5-flash:generateContent": the path of that API at `target`, with the model's name where it stands there.
std::string upstream_path(const Target& target, const dialect::ApiFacts& api, bool stream);

/// The head that goes to the client: the target's without hop-by-hop fields, Content-Length, Date and what speaks of the target's own site
/// (cookies, HSTS, Alt-Svc); with x-flotte-request-id and x-flotte-target.
http::ResponseHead reply_head(const http::ResponseHead& from, std::string_view request_id, std::string_view target);

/// The Content-Type of a stream for clients of that API; `json_array`: Gemini's other form.
std::string_view stream_type(const dialect::ApiFacts& client, bool json_array) noexcept;
/// Its Content-Type begins so.
bool is_type(const http::Headers& headers, std::string_view type) noexcept;
/// Events, or lines of JSON.
bool comes_in_pieces(const http::Headers& headers) noexcept;

}  // namespace flotte::route
