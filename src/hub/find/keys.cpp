// From environment variables to providers.
#include "hub/find/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "access/subscription.hpp"
#include "http/client.hpp"
#include "route/vendors.hpp"

namespace flotte::hub {
namespace {

struct Login {
  const char *variable, *title;
};
/// Variables in which people keep logins of coding agents. They are named so that nobody wonders, and left alone.
constexpr std::array logins{Login{"CLAUDE_CODE_OAUTH_TOKEN", "Claude Code's login"}, Login{"ANTHROPIC_AUTH_TOKEN", "Anthropic token"}};

std::string first_set(std::span<const std::string_view> names, const Environment& environment, std::string& value) {
  for (const std::string_view name : names) {
    value = environment(std::string(name));
    if (!value.empty()) return std::string(name);
  }
  return {};
}

std::string why_not(const FoundKey& key, const std::string& value, const std::function<bool(std::string_view)>& own_key) {
  if (own_key(value)) return "it is one of flotte's own keys; a hub must not call itself";
  if (const auto login = access::subscription_token(value))
    return fmt::format("it is {}, not an API key; it belongs to its vendor's own program and stays there", *login);
  if (!std::all_of(value.begin(), value.end(), [](char c) { return c > 0x20 && c < 0x7F; }))
    return "it has characters that no key has (a line break, a space, a quote of another alphabet?)";
  // Not repeated: an address with a user name or a query may have a password in it.
  if (const auto url = http::Url::parse(key.base_url); !url)
    return fmt::format("{} is no address that can be used; it looks like https://host:port/base", key.base_variable);
  return {};
}

}  // namespace

std::vector<FoundKey> find_keys(const Environment& environment, const std::function<bool(std::string_view)>& own_key) {
  std::vector<FoundKey> found;
  for (const route::Vendor& vendor : route::vendors()) {
    FoundKey key{.vendor = std::string(vendor.name), .title = std::string(vendor.title)};
    std::string value, base;
    key.variable = first_set(vendor.key_variables, environment, value);
    if (key.variable.empty()) continue;
    key.base_variable = first_set(vendor.base_url_variables, environment, base);
    key.base_url = route::vendor_base_url(vendor, base);
    key.refused = why_not(key, value, own_key);
    found.push_back(std::move(key));
  }
  for (const Login& login : logins) {
    if (environment(login.variable).empty()) continue;
    FoundKey key{.variable = login.variable, .title = login.title};
    key.refused = "a login belongs to its vendor's own program and stays there; the hub takes API keys";
    found.push_back(std::move(key));
  }
  return found;
}

void add_providers(std::vector<FoundKey>& keys, json::array& providers) {
  for (FoundKey& key : keys) {
    if (!key.refused.empty()) continue;
    const auto same = [&key](const json::value& v) { return v.is_object() && json::string_or(v.get_object(), "name", "") == key.vendor; };
    if (std::any_of(providers.begin(), providers.end(), same)) {
      key.refused = fmt::format("the configuration file has a provider \"{}\" of its own", key.vendor);
      continue;
    }
    const route::Vendor* vendor = route::find_vendor(key.vendor);
    json::object provider{
        {"name", key.vendor}, {"dialect", vendor->dialect}, {"api_key", "env:" + key.variable}, {"base_url", key.base_url}};
    const auto apis = dialect::list_of(route::known_apis(key.base_url));
    if (!apis.empty()) provider["apis"] = json::array(apis.begin(), apis.end());
    providers.emplace_back(std::move(provider));
  }
}

}  // namespace flotte::hub
