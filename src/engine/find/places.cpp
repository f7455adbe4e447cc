// Addresses of servers that may be running already.
#include "engine/find/places.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "http/client.hpp"

namespace flotte::engine {
namespace {

constexpr unsigned ollama_port = 11434;

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '"' || c == '\''; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool has_port(std::string_view authority) {
  const auto colon = authority.rfind(':');
  return colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
}

}  // namespace

Result<std::string> ollama_url(std::string_view text) {
  text = trim(text);
  if (text.empty()) return fmt::format("http://127.0.0.1:{}", ollama_port);
  std::string scheme = "http";
  bool named_scheme = false;
  if (const auto slashes = text.find("://"); slashes != std::string_view::npos) {
    scheme = text.substr(0, slashes);
    text.remove_prefix(slashes + 3);
    named_scheme = true;
  }
  while (text.ends_with('/')) text.remove_suffix(1);
  if (text.find('/') != std::string_view::npos)
    return fail(Code::unsupported, "OLLAMA_HOST has a path: it leads to a gateway, not to an Ollama");
  std::string authority(text);
  const auto colons = std::count(authority.begin(), authority.end(), ':');
  if (authority.empty() || (authority.front() == ':' && colons == 1)) authority = "127.0.0.1" + authority;
  if (colons > 1 && authority.front() != '[') authority = "[" + authority + "]";
  if (!has_port(authority)) authority += fmt::format(":{}", !named_scheme ? ollama_port : scheme == "https" ? 443u : 80u);
  auto url = http::Url::parse(scheme + "://" + authority);
  if (!url) return fail(Code::invalid_argument, "OLLAMA_HOST is no address: " + url.error().message);
  if (url->host == "0.0.0.0" || url->host == "::" || url->host == "[::]") url->host = "127.0.0.1";
  const bool bare_v6 = url->host.find(':') != std::string::npos && url->host.front() != '[';
  return fmt::format("{}://{}:{}", scheme, bare_v6 ? "[" + url->host + "]" : url->host, url->port);
}

bool is_loopback_port(std::string_view text, unsigned port) {
  const auto url = http::Url::parse(text);
  if (!url || url->port != port) return false;
  return url->host == "localhost" || url->host == "::1" || url->host == "[::1]" || url->host.starts_with("127.");
}

}  // namespace flotte::engine
