// Reading `via`.
#include "route/door.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "http/client.hpp"
#include "http/message.hpp"

namespace flotte::route {
namespace {

Failure wrong(std::string what) {
  return fail(Code::invalid_argument, std::move(what), "via is direct, proxy:http://HOST:PORT, interface:NAME or node:NAME");
}

/// As in a URL, where a '+' is only itself.
std::optional<std::string> decode(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '+' ? std::string("%2B") : std::string(1, c);
  return http::percent_decode(escaped);
}

Result<Door> parse_proxy(std::string_view url) {
  Door door{.kind = Door::Kind::proxy};
  const std::size_t begin = url.find("://");
  const std::size_t authority = begin == std::string_view::npos ? 0 : begin + 3;
  // The last one: a password may have an '@' of its own.
  const std::size_t at = url.substr(0, url.find('/', authority)).rfind('@');
  std::string plain(url);
  if (at != std::string_view::npos && at >= authority) {
    const std::string_view login = url.substr(authority, at - authority);
    const std::size_t colon = login.find(':');
    const auto user = decode(login.substr(0, colon));
    const auto password = decode(colon == std::string_view::npos ? std::string_view() : login.substr(colon + 1));
    if (!user || !password) return wrong("via: the login of the proxy has a '%' that begins no character; write %25 for one");
    door.proxy_authorization = Secret("Basic " + to_base64(*user + ":" + *password));
    plain.erase(authority, at + 1 - authority);
  }
  const auto parsed = http::Url::parse(plain);
  if (!parsed) return wrong("via: the address of the proxy cannot be used: " + parsed.error().message);
  if (parsed->scheme != "http") return wrong("via: a proxy is spoken to by http (TLS to the provider goes through it end to end)");
  if (!parsed->path.empty()) return wrong("via: the address of a proxy has no path");
  door.name = parsed->host;
  door.port = parsed->port;
  return door;
}

}  // namespace

Result<Door> Door::parse(std::string_view text) {
  if (text.empty() || text == "direct") return Door{};
  if (text.starts_with("proxy:")) return parse_proxy(text.substr(6));
  Door door;
  if (text.starts_with("interface:")) {
    door.kind = Kind::interface;
    door.name = text.substr(10);
  } else if (text.starts_with("node:")) {
    door.kind = Kind::node;
    door.name = text.substr(5);
  } else {
    return wrong("via: there is no such door");
  }
  if (door.name.empty() || door.name.find_first_of(" /@\t\r\n") != std::string::npos) return wrong("via: the name behind ':' is none");
  return door;
}

std::string Door::text() const {
  switch (kind) {
    case Kind::direct: return "direct";
    case Kind::proxy: return fmt::format("proxy:http://{}:{}", name.find(':') == std::string::npos ? name : "[" + name + "]", port);
    case Kind::interface: return "interface:" + name;
    case Kind::node: return "node:" + name;
  }
  return {};
}

}  // namespace flotte::route
