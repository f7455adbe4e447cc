// What is left out and what is put in.
#include "route/headers.hpp"

#include <array>
#include <optional>
#include <string>

namespace flotte::route {
namespace {

// Lower case, for comparison by http::same_name.
constexpr std::array<std::string_view, 9> kept_from_target{"authorization", "x-api-key",      "x-goog-api-key",  "api-key",
                                                           "cookie",  // credentials
                                                           "host",          "content-length", "accept-encoding", "expect"};
constexpr std::array<std::string_view, 5> kept_from_client{"content-length", "date", "set-cookie", "strict-transport-security", "alt-svc"};

constexpr std::string_view anthropic_version = "2023-06-01";  // the only one there has been

template <std::size_t N>
bool among(std::string_view name, const std::array<std::string_view, N>& names) noexcept {
  for (const std::string_view known : names)
    if (http::same_name(name, known)) return true;
  return false;
}

bool our_own(std::string_view name) noexcept { return name.size() > 9 && http::same_name(name.substr(0, 9), "x-flotte-"); }

/// Calls `f` with each element of a comma-separated list.
template <class F>
void each_element(std::string_view list, F f) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view element = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
    while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
    if (!element.empty()) f(element);
  }
}

/// Named by the sender's Connection field (RFC 9110, 7.6.1).
bool named(std::optional<std::string_view> connection, std::string_view name) {
  bool found = false;
  if (connection) each_element(*connection, [&](std::string_view element) { found |= http::same_name(element, name); });
  return found;
}

/// The query without `key`, which carries a credential of ours.
void append_query(std::string& target, std::string_view from) {
  const std::size_t question = from.find('?');
  if (question == std::string_view::npos) return;
  char separator = '?';
  std::string_view query = from.substr(question + 1);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty() || pair == "key" || pair.starts_with("key=")) continue;
    target += separator;
    target += pair;
    separator = '&';
  }
}

}  // namespace

bool passed_through(const http::Headers& headers, std::string_view hub_id) noexcept {
  bool found = false;
  if (const auto via = headers.get(via_header)) each_element(*via, [&](std::string_view element) { found |= element == hub_id; });
  return found;
}

http::RequestHead upstream_head(const http::RequestHead& from, const Target& target, const dialect::ApiFacts& api,
                                std::string_view hub_id) {
  const std::string_view path = api.path;
  http::RequestHead head;
  head.method = from.method;
  head.target.reserve(target.upstream->base_path.size() + path.size() + from.target.size());
  head.target.append(target.upstream->base_path).append(path);
  append_query(head.target, from.target);
  const auto connection = from.headers.get("connection");
  const auto via = from.headers.get(via_header);
  for (const auto& [name, value] : from.headers) {
    if (http::hop_by_hop(name) || our_own(name) || among(name, kept_from_target) || named(connection, name)) continue;
    head.headers.add(name, value);
  }
  if (!target.upstream->api_key.empty() && api.format == dialect::Format::anthropic) {
    head.headers.add("x-api-key", target.upstream->api_key);
    if (!from.headers.get("anthropic-version")) head.headers.add("anthropic-version", anthropic_version);
  } else if (!target.upstream->authorization.empty()) {
    head.headers.add("Authorization", target.upstream->authorization);
  }
  head.headers.add("Accept-Encoding", "identity");
  if (via)
    head.headers.add(via_header, std::string(*via) + ", " + std::string(hub_id));
  else
    head.headers.add(via_header, hub_id);
  return head;
}

http::ResponseHead reply_head(const http::ResponseHead& from, std::string_view request_id, std::string_view target) {
  http::ResponseHead head;
  head.status = from.status;
  const auto connection = from.headers.get("connection");
  for (const auto& [name, value] : from.headers) {
    if (http::hop_by_hop(name) || our_own(name) || among(name, kept_from_client) || named(connection, name)) continue;
    head.headers.add(name, value);
  }
  head.headers.add("x-flotte-request-id", request_id);
  head.headers.add("x-flotte-target", target);
  return head;
}

}  // namespace flotte::route
