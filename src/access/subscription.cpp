// Shapes of login tokens.
#include "access/subscription.hpp"

#include <algorithm>
#include <string>

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

}  // namespace

std::optional<std::string_view> subscription_token(std::string_view text) noexcept {
  for (const Shape& shape : shapes)
    if (text.starts_with(shape.prefix)) return shape.what;
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
