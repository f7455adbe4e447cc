// Keys, run keys and sessions of a request.
#include "hub/authenticate.hpp"

#include <fmt/format.h>

#include "access/subscription.hpp"
#include "base/crypto.hpp"
#include "dialect/error_shape.hpp"

namespace flotte::hub {
namespace {

std::string presented_key(const http::RequestHead& head) {
  if (const auto value = head.headers.get("authorization")) {
    constexpr std::string_view scheme = "bearer ";
    if (value->size() > scheme.size() &&
        std::equal(scheme.begin(), scheme.end(), value->begin(), [](char a, char b) { return a == (b | 0x20); }))
      return std::string(value->substr(scheme.size()));
    return {};
  }
  if (const auto value = head.headers.get("x-api-key")) return std::string(*value);
  if (const auto value = head.headers.get("x-goog-api-key")) return std::string(*value);
  if (dialect::format_of_path(head.path()) == dialect::Format::gemini) return head.query("key").value_or("");
  return {};
}

Caller caller_of(const access::Key& key, const route::Accounts* accounts) {
  Caller c;
  if (accounts) c.who.account = accounts->of_key(key.id);
  c.who.key_id = key.id;
  c.who.name = key.name;
  c.who.models = key.models;
  c.who.providers = key.limits.providers;
  c.models = key.scopes.models || key.scopes.admin;
  c.tasks = key.scopes.tasks || key.scopes.admin;
  c.commands = key.scopes.commands || key.scopes.admin;
  c.admin = key.scopes.admin;
  return c;
}

Caller caller_of(const access::RunKey& run) {
  Caller c;
  c.who.key_id = c.who.name = "run";
  c.who.run = route::Run{run.task, run.fence};
  c.models = true;
  return c;
}

Failure not_signed_in(std::string_view text, bool has_cookie) {
  constexpr const char* where = "the admin's key is in admin.key in the hub's data directory";
  if (const auto login = access::subscription_token(text)) return Failure(access::refused_subscription(*login));
  if (!text.empty()) return fail(Code::unauthenticated, "the key is not known here", fmt::format("see `flotte key ls`; {}", where));
  if (has_cookie) return fail(Code::unauthenticated, "the session has ended", "sign in again");
  return fail(Code::unauthenticated, "a key is needed", fmt::format("send `Authorization: Bearer KEY`; {}", where));
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

void Authenticator::use(std::shared_ptr<const access::Keyring> keys, std::uint64_t version,
                        std::shared_ptr<const route::Accounts> accounts) {
  if (version < version_) return;
  accounts_ = std::move(accounts);
  version_ = version;
  keys_ = std::move(keys);
  recent_ = {};
}

std::shared_ptr<const Caller> Authenticator::recognise(std::string_view text) {
  for (const Recent& recent : recent_)
    if (recent.caller && equal_secrets(recent.text.reveal(), text)) return recent.caller;
  auto caller = check(text);
  if (caller) recent_[std::exchange(oldest_, (oldest_ + 1) % recent_.size())] = {Secret(std::string(text)), caller};
  return caller;
}

std::shared_ptr<const Caller> Authenticator::check(std::string_view text) const {
  if (text.starts_with("fr_")) {
    const auto run = tickets_.parse_run_key(text);
    return run ? std::make_shared<const Caller>(caller_of(*run)) : nullptr;
  }
  const access::Key* key = keys_->find(text);
  return key ? std::make_shared<const Caller>(caller_of(*key, accounts_.get())) : nullptr;
}

std::shared_ptr<const Caller> Authenticator::check_session(std::string_view cookie) const {
  const auto session = tickets_.parse_session(cookie, system_clock().wall());
  const access::Key* key = session ? keys_->find_by_id(session->key_id) : nullptr;
  if (!key) return nullptr;
  Caller c = caller_of(*key, accounts_.get());
  c.by_cookie = true;
  return std::make_shared<const Caller>(std::move(c));
}

Result<std::shared_ptr<const Caller>> Authenticator::authenticate(const http::RequestHead& head) {
  const std::string text = presented_key(head);
  const std::string_view cookie = text.empty() ? cookie_value(head, session_cookie) : std::string_view();
  auto caller = !text.empty() ? recognise(text) : !cookie.empty() ? check_session(cookie) : nullptr;
  if (!caller) return not_signed_in(text, !cookie.empty());
  return caller;
}

std::shared_ptr<const Caller> Authenticator::paid_by(std::shared_ptr<const Caller> caller, std::string_view owner,
                                                     std::shared_ptr<const std::vector<std::string>> project_providers) const {
  auto account = accounts_ ? accounts_->of_owner(owner) : nullptr;
  auto providers = keys_->providers_of(owner);
  if (!account && !providers && !project_providers) return caller;
  Caller paid = *caller;
  paid.who.providers = std::move(providers);
  paid.who.project_providers = std::move(project_providers);
  paid.who.account = std::move(account);
  return std::make_shared<const Caller>(std::move(paid));
}

bool from_this_site(const http::RequestHead& head) {
  const auto origin = head.headers.get("origin");
  if (!origin) return true;
  const auto host = head.headers.get("host");
  const auto slashes = origin->find("://");
  return host && slashes != std::string_view::npos && origin->substr(slashes + 3) == *host;
}

namespace {

bool has_what(const Caller& caller, Need need) {
  switch (need) {
    case Need::nothing: return true;
    case Need::client: return !caller.who.run;
    case Need::models: return caller.models;
    case Need::tasks: return caller.tasks;
    case Need::blobs:
    case Need::own_task: return caller.tasks || caller.who.run;
    case Need::admin: return caller.admin;
  }
  return false;
}

std::string_view scope_of(Need need) { return need == Need::admin ? "admin" : need == Need::models ? "models" : "tasks"; }

}  // namespace

Result<void> authorize(const Caller& caller, Need need, const http::RequestHead& head) {
  if (!has_what(caller, need)) {
    if (caller.who.run)
      return fail(Code::forbidden, "the key of a run may ask models, store and read blobs and keep steps of its task, nothing else");
    return fail(Code::forbidden, fmt::format("this key may not do that: it lacks the scope '{}'", scope_of(need)),
                fmt::format("flotte key add NAME --scope {}", scope_of(need)));
  }
  // A browser adds the cookie by itself, also for a page of somebody else's: where something is changed or a WebSocket is opened (which no
  // rule of the browser's keeps from other pages) it must come from a page of this very host.
  const bool reads = (head.method == "GET" || head.method == "HEAD") && !head.headers.get("upgrade");
  if (caller.by_cookie && !reads && (!head.headers.get("origin") || !from_this_site(head)))
    return fail(Code::forbidden, "a browser's request from another site");
  return {};
}

}  // namespace flotte::hub
