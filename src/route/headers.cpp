// What is left out and what is put in.
#include "route/headers.hpp"

#include <array>
#include <optional>
#include <string>

namespace flotte::route {
namespace {

// Lower case, for comparison by http::same_name.
constexpr std::array<std::string_view, 10> kept_from_target{"authorization", "x-api-key",      "x-goog-api-key",   "api-key",
                                                            "cookie",  // credentials
                                                            "host",          "content-length", "content-encoding", "accept-encoding",
                                                            "expect"};
constexpr std::array<std::string_view, 5> kept_from_client{"content-length", "date", "set-cookie", "strict-transport-security", "alt-svc"};

// Of a translated call: who asks, and what ties its traces together. Everything else speaks of the client's own API.
constexpr std::array<std::string_view, 4> kept_when_translated{"user-agent", "traceparent", "tracestate", "baggage"};

constexpr std::string_view anthropic_version = "2023-06-01";  // the only one there has been

template <std::size_t N>
bool among(std::string_view name, const std::array<std::string_view, N>& names) noexcept {
  for (const std::string_view known : names)
    if (name.size() == known.size() && http::same_name(name, known)) return true;
  return false;
}

bool our_own(std::string_view name) noexcept {
  return name.size() > 9 && (name.front() == 'x' || name.front() == 'X') && http::same_name(name.substr(0, 9), "x-flotte-");
}

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

bool unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

/// As one segment of a path (RFC 3986, 2.3).
void append_segment(std::string& path, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    if (unreserved(c)) {
      path += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    path += '%';
    path += digits[byte >> 4];
    path += digits[byte & 15];
  }
}

void append_path(std::string& path, const Target& target, const dialect::ApiFacts& api, bool stream) {
  constexpr std::string_view model = "{model}", models = "models/", version = "/v1";
  std::string_view base = target.upstream->base_path;
  // Ollama's own API stands beside the one that it shares with others.
  if (api.base == dialect::Base::root && base.ends_with(version)) base.remove_suffix(version.size());
  path.append(base);
  const std::string_view form = api.model_in_path && stream && api.streams ? dialect::streamed_gemini : api.path;
  const std::size_t at = api.model_in_path ? form.find(model) : std::string_view::npos;
  if (at == std::string_view::npos) return void(path.append(form));
  std::string_view name = target.model;
  if (name.starts_with(models)) name.remove_prefix(models.size());
  path.append(form.substr(0, at));
  append_segment(path, name);
  path.append(form.substr(at + model.size()));
}

void add_passed(http::RequestHead& head, const http::RequestHead& from) {
  append_query(head.target, from.target);
  const auto connection = from.headers.get("connection");
  for (const auto& [name, value] : from.headers) {
    if (http::hop_by_hop(name) || our_own(name) || among(name, kept_from_target) || named(connection, name)) continue;
    head.headers.add_checked(name, value);
  }
}

void add_translated(http::RequestHead& head, const http::RequestHead& from, const Asking& asking) {
  if (asking.stream && asking.api.form == dialect::StreamForm::gemini) head.target += "?alt=sse";
  for (const auto& [name, value] : from.headers)
    if (among(name, kept_when_translated)) head.headers.add_checked(name, value);
  head.headers.add_checked("Content-Type", "application/json");
  head.headers.add_checked("Accept", asking.stream ? "text/event-stream, application/json" : "application/json");
}

std::string_view own_key_header(dialect::Format format) noexcept {
  if (format == dialect::Format::anthropic) return "x-api-key";
  return format == dialect::Format::gemini ? "x-goog-api-key" : "";
}

void add_credentials(http::RequestHead& head, const http::RequestHead& from, const Upstream& upstream, const Asking& asking) {
  const dialect::Format format = asking.api.format;
  const bool own = !upstream.api_key.empty() && upstream.own_format == format;
  if (own)
    head.headers.add(own_key_header(format), upstream.api_key);
  else if (!upstream.authorization.empty())
    head.headers.add("Authorization", upstream.authorization);
  if (!upstream.proxy_authorization.empty()) head.headers.add("Proxy-Authorization", upstream.proxy_authorization);
  if (format != dialect::Format::anthropic) return;
  // Whoever else speaks that API reads the version too; a client of it has said it itself.
  if (asking.translated || (own && !from.headers.get("anthropic-version"))) head.headers.add("anthropic-version", anthropic_version);
}

}  // namespace

bool passed_through(const http::Headers& headers, std::string_view hub_id) noexcept {
  bool found = false;
  if (const auto via = headers.get(via_header)) each_element(*via, [&](std::string_view element) { found |= element == hub_id; });
  return found;
}

std::string upstream_path(const Target& target, const dialect::ApiFacts& api, bool stream) {
  std::string path;
  append_path(path, target, api, stream);
  return path;
}

http::RequestHead upstream_head(const http::RequestHead& from, const Target& target, const Asking& asking, std::string_view hub_id) {
  http::RequestHead head;
  head.method = from.method;
  head.target.reserve(target.upstream->base_path.size() + asking.api.path.size() + from.target.size());
  append_path(head.target, target, asking.api, asking.stream);
  if (asking.translated)
    add_translated(head, from, asking);
  else
    add_passed(head, from);
  add_credentials(head, from, *target.upstream, asking);
  head.headers.add_checked("Accept-Encoding", "identity");
  if (const auto via = from.headers.get(via_header))
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
    head.headers.add_checked(name, value);
  }
  head.headers.add("x-flotte-request-id", request_id);
  head.headers.add("x-flotte-target", target);
  return head;
}

std::string_view stream_type(const dialect::ApiFacts& client, bool json_array) noexcept {
  if (client.form == dialect::StreamForm::ollama) return "application/x-ndjson";
  return json_array ? "application/json" : "text/event-stream";
}

bool is_type(const http::Headers& headers, std::string_view type) noexcept {
  const auto field = headers.get("content-type");
  return field && field->size() >= type.size() && http::same_name(field->substr(0, type.size()), type);
}

bool comes_in_pieces(const http::Headers& headers) noexcept {
  return is_type(headers, "text/event-stream") || is_type(headers, "application/x-ndjson");
}

}  // namespace flotte::route
