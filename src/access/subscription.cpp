// Shapes of login tokens.
#include "access/subscription.hpp"

#include <algorithm>
#include <string>

#include "base/encoding.hpp"

namespace flotte::access {
namespace {

struct Shape {
  std::string_view prefix, what;
};
// oat: access token, ort: refresh token, sid: a browser's session. ya29 and 1//0 are Google's access and refresh tokens.
constexpr Shape shapes[] = {{"sk-ant-oat", "the token of a Claude subscription"},
                            {"sk-ant-ort", "the token of a Claude subscription"},
                            {"sk-ant-sid", "the token of a Claude login"},
                            {"ya29.", "the token of a Google login"},
                            {"1//0", "the token of a Google login"}};

/// Three base64url parts, the first of which begins as {" does: a JSON Web Token, as ChatGPT's and other logins give out.
bool is_web_token(std::string_view text) { return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2; }

std::optional<std::string_view> by_prefix(std::string_view text) noexcept {
  for (const Shape& shape : shapes)
    if (text.starts_with(shape.prefix)) return shape.what;
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> certain_subscription_token(std::string_view text) {
  if (const auto known = by_prefix(text)) return known;
  if (!is_web_token(text)) return std::nullopt;
  const std::size_t first = text.find('.') + 1;
  const auto claims = from_base64url(text.substr(first, text.find('.', first) - first));
  for (const std::string_view issuer : {"auth.openai.com", "accounts.google.com", "claude.ai"})
    if (claims && claims->find(issuer) != std::string::npos) return "the token of a login";
  return std::nullopt;
}

std::optional<std::string_view> subscription_token(std::string_view text) noexcept {
  if (const auto known = by_prefix(text)) return known;
  if (is_web_token(text)) return "the token of a login (ChatGPT's and others have this shape)";
  return std::nullopt;
}

Error refused_subscription(std::string_view what) {
  return Error(
      Code::unauthenticated,
      "this is " + std::string(what) + ", not a key of this hub: a subscription belongs to its vendor's own program on its own machine",
      "use a key of this hub (`flotte key add NAME`, or `flotte env`, which makes one), and let the subscription's program run "
      "without this hub's address");
}

}  // namespace flotte::access
