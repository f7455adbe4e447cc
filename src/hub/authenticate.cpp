// Keys, run keys and sessions of a request.
#include "hub/authenticate.hpp"

#include <fmt/format.h>

namespace flotte::hub {
namespace {

std::string_view presented_key(const http::RequestHead& head) {
  if (const auto value = head.headers.get("authorization")) {
    constexpr std::string_view scheme = "bearer ";
    if (value->size() > scheme.size() &&
        std::equal(scheme.begin(), scheme.end(), value->begin(), [](char a, char b) { return a == (b | 0x20); }))
      return value->substr(scheme.size());
    return {};
  }
  if (const auto value = head.headers.get("x-api-key")) return *value;
  if (const auto value = head.headers.get("x-goog-api-key")) return *value;
  return {};
}

Caller caller_of(const access::Key& key) {
  Caller c;
  c.key_id = key.id;
  c.name = key.name;
  c.allowed_models = key.models;
  c.models = key.scopes.models || key.scopes.admin;
  c.tasks = key.scopes.tasks || key.scopes.admin;
  c.commands = key.scopes.commands || key.scopes.admin;
  c.admin = key.scopes.admin;
  return c;
}

}  // namespace

std::string_view cookie_value(const http::RequestHead& head, std::string_view name) {
  auto rest = head.headers.get("cookie").value_or(std::string_view());
  while (!rest.empty()) {
    auto part = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') return part.substr(name.size() + 1);
  }
  return {};
}

Result<Caller> authenticate(const http::RequestHead& head, const access::Keyring& keys, const access::Tickets& tickets, WallTime now) {
  const std::string_view text = presented_key(head);
  if (text.starts_with("fr_")) {
    if (const auto run = tickets.parse_run_key(text)) {
      Caller c;
      c.key_id = "run";
      c.name = "run";
      c.models = true;
      c.task = run->task;
      c.fence = run->fence;
      return c;
    }
  } else if (!text.empty()) {
    if (const access::Key* key = keys.find(text)) return caller_of(*key);
  } else if (const auto cookie = cookie_value(head, session_cookie); !cookie.empty()) {
    if (const auto session = tickets.parse_session(cookie, now))
      if (const access::Key* key = keys.find_by_id(session->key_id)) {
        Caller c = caller_of(*key);
        c.by_cookie = true;
        return c;
      }
    return fail(Code::unauthenticated, "the session has ended", "sign in again");
  }
  if (text.empty())
    return fail(Code::unauthenticated, "a key is needed", "send `Authorization: Bearer KEY`; the admin's key is in admin.key in the hub's data directory");
  return fail(Code::unauthenticated, "the key is not known here", "see `flotte key ls`; the admin's key is in admin.key in the hub's data directory");
}

Result<void> authorize(const Caller& caller, Need need, const http::RequestHead& head) {
  const auto missing = [](std::string_view scope) {
    return fail(Code::forbidden, fmt::format("this key may not do that: it lacks the scope '{}'", scope),
                fmt::format("flotte key add NAME --scope {}", scope));
  };
  if (need == Need::models && !caller.models) return missing("models");
  if (need == Need::tasks && !caller.tasks) return missing("tasks");
  if (need == Need::admin && !caller.admin) return missing("admin");
  if (caller.by_cookie && head.method != "GET" && head.method != "HEAD") {
    // A browser adds the cookie by itself, also for a page of somebody else's: its Origin must be this very host.
    const auto origin = head.headers.get("origin");
    const auto host = head.headers.get("host");
    if (!origin || !host || !origin->ends_with(fmt::format("//{}", *host)))
      return fail(Code::forbidden, "a browser's request from another site");
  }
  return {};
}

}  // namespace flotte::hub
