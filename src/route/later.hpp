// What an answer says about coming back: every form of "later", and the limit that no waiting lifts. Reads head and body. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/message.hpp"

namespace flotte::route {

enum class LaterKind : std::uint8_t {
  none,        // it does not say "later"
  quota,       // a rate or a quota: after its time it answers again
  overloaded,  // it has too much to do just now, and names a time
  spend,       // money: a person has to do something; asking again soon is in vain
};

/// Whom it is about: the one model, or everything that the account asks for there.
enum class LaterScope : std::uint8_t { model, account };

struct Later {
  LaterKind kind = LaterKind::none;
  LaterScope scope = LaterScope::model;
  std::optional<milliseconds> wait;  // from now; nothing where no time was named
  bool operator==(const Later&) const = default;
};

/// `body` may be empty or anything; an error inside a 200 is read like an answer of that kind. Never fails: what cannot be read is not
/// there. Times, in this order: retry-after-ms, Retry-After (seconds or a date), what the error's own details say (Gemini's retryDelay and
/// quotaResetDelay, Codex's resets_in_seconds and resets_at), the reset of an exhausted limit (x-ratelimit-reset-*,
/// anthropic-ratelimit-*-reset), the words "try again in 6ms" in the message.
Later read_later(int status, const http::Headers& headers, std::string_view body, WallTime now);

/// One time in any spelling: "7", "1.5", "6ms", "1m30s", "3h2m1.5s", an HTTP date, RFC 3339, or seconds or milliseconds since 1970.
/// Never negative; nothing for other text.
std::optional<milliseconds> parse_wait(std::string_view text, WallTime now);

/// What stands in Retry-After or retry-after-ms.
std::optional<milliseconds> retry_after(const http::Headers& headers, WallTime now);

}  // namespace flotte::route
