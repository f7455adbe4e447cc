// Matching routes, and answering errors in the asked dialect's shape.
#include "hub/router.hpp"

#include "base/disk_full.hpp"
#include "base/json.hpp"
#include "dialect/error_shape.hpp"
#include "dialect/error_status.hpp"

namespace flotte::hub {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = path.find('/');
    out.push_back(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  }
  return out;
}

bool captures(std::string_view segment) { return segment.starts_with('{'); }
/// "{model...}", as the last one: everything that is left, slashes included.
bool captures_rest(std::string_view segment) { return segment.ends_with("...}"); }

}  // namespace

Router::Router(std::span<const Route> routes) {
  for (const Route& route : routes) {
    if (route.pattern.find('{') == std::string_view::npos)
      exact_[route.pattern].push_back(&route);
    else
      patterns_.push_back({split(route.pattern), &route});
  }
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  Match match;
  if (method == "HEAD") method = "GET";
  if (const auto it = exact_.find(path); it != exact_.end()) {
    match.path_known = true;
    for (const Route* route : it->second)
      if (route->method == method) {
        match.route = route;
        return match;
      }
  }
  if (path.empty() || path.front() != '/') return match;
  const auto segments = split(path);
  for (const Pattern& pattern : patterns_) {
    const bool rest = captures_rest(pattern.segments.back());
    if (rest ? pattern.segments.size() > segments.size() : pattern.segments.size() != segments.size()) continue;
    std::vector<std::string> found;
    bool fits = true;
    for (std::size_t i = 0; fits && i < pattern.segments.size(); ++i) {
      if (!captures(pattern.segments[i])) {
        fits = pattern.segments[i] == segments[i];
        continue;
      }
      const bool all = rest && i + 1 == pattern.segments.size();
      auto decoded = http::percent_decode(all ? path.substr(static_cast<std::size_t>(segments[i].data() - path.data())) : segments[i]);
      fits = decoded && !decoded->empty();
      if (fits) found.push_back(std::move(*decoded));
    }
    if (!fits) continue;
    match.path_known = true;
    if (pattern.route->method != method) continue;
    match.route = pattern.route;
    match.captures = std::move(found);
    return match;
  }
  return match;
}

std::string Router::methods_of(std::string_view path) const {
  std::string allowed;
  for (const std::string_view method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}) {
    if (!find(method, path).route) continue;
    if (!allowed.empty()) allowed += ", ";
    allowed += method;
  }
  return allowed;
}

int http_status(const Error& error) noexcept { return is_disk_full(error) ? 507 : dialect::status_of(error.code); }

namespace {

/// The dialect's own shape where the path is a dialect's, the fleet API's elsewhere.
http::Response shaped(const http::RequestHead& head, const Error& error, int status) {
  std::string_view path = head.path();
  if (path.starts_with("/k/")) path.remove_prefix(std::min(path.size(), path.find('/', 3)));  // the key
  if (auto format = dialect::format_of_path(path)) {
    if (head.headers.get("anthropic-version")) format = dialect::Format::anthropic;
    dialect::ShapedError shaped = dialect::shape_error(*format, error, {.status = status});
    return http::Response::json(shaped.status, std::move(shaped.body));
  }
  json::object body{{"code", to_string(error.code)}, {"message", error.message}};
  if (!error.hint.empty()) body["hint"] = error.hint;
  return http::Response::json(status, json::dump(json::object{{"error", std::move(body)}}));
}

}  // namespace

Awaitable<void> respond_json(http::ServerCall& call, int status, const json::value& body) {
  http::Response response = http::Response::json(status, json::dump(body));
  response.head.headers.set("cache-control", "no-store");
  auto sent = co_await call.respond(std::move(response));
  (void)sent;  // a client that has gone needs no answer
}

Awaitable<void> respond_error(http::ServerCall& call, const Error& error) {
  http::Response response = shaped(call.head(), error, http_status(error));
  auto sent = co_await call.respond(std::move(response));
  (void)sent;
}

Awaitable<void> respond_wrong_method(http::ServerCall& call, std::string allowed) {
  const Error wrong(Code::invalid_argument, call.head().method + " is no method of this path", "there are: " + allowed);
  http::Response response = shaped(call.head(), wrong, 405);
  response.head.headers.set("allow", allowed);
  auto sent = co_await call.respond(std::move(response));
  (void)sent;
}

}  // namespace flotte::hub
