// Checks of a provider that is to be added.
#include "hub/provider_request.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "access/key.hpp"
#include "access/subscription.hpp"
#include "http/address_range.hpp"
#include "http/client.hpp"
#include "route/provider_kind.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t name_limit = 64, key_limit = 4096;

/// Keys that tell whose they are: they are not sent to anybody else by mistake.
constexpr std::pair<std::string_view, std::string_view> telling[] = {{"sk-ant-", "anthropic"}, {"AIza", "gemini"}};

bool loopback(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

bool plain_name(std::string_view name) {
  const auto fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= name_limit && std::all_of(name.begin(), name.end(), fine);
}

/// "api.groq.com" is called groq; an address without a name of its own, local.
std::string name_of_host(const std::string& host) {
  if (loopback(host) || host.find_first_not_of("0123456789.:abcdefABCDEF") == std::string::npos) return "local";
  std::vector<std::string> labels;
  for (std::size_t at = 0; at <= host.size();) {
    const std::size_t end = std::min(host.find('.', at), host.size());
    labels.push_back(host.substr(at, end - at));
    at = end + 1;
  }
  const std::string name = labels.size() >= 2 ? labels[labels.size() - 2] : labels.front();
  return plain_name(name) ? name : "local";
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

Result<void> check_key_text(std::string_view key, const route::Vendor* vendor, bool own_address) {
  if (key.empty()) return fail(Code::invalid_argument, "the provider's API key is missing", "give it as \"api_key\"");
  if (key.size() > key_limit || std::any_of(key.begin(), key.end(), [](char c) { return c <= 0x20 || c >= 0x7F; }))
    return fail(Code::unprocessable, "this is no API key: it has characters that no key has, or is too long", "copy the key again");
  if (access::is_own_key(key))
    return fail(Code::unprocessable, "this is one of flotte's own keys; a hub must not call itself",
                "use a key that the provider gave you; another flotte hub goes into the configuration file");
  if (const auto login = access::subscription_token(key))
    return fail(Code::unprocessable,
                fmt::format("this is {}, no API key: a subscription belongs to its vendor's own program on its own machine", *login),
                "make an API key on the vendor's console; the logged-in program itself can work for the fleet as a worker of a node");
  for (const auto& [prefix, owner] : telling)
    if (own_address && vendor && key.starts_with(prefix) && vendor->name != owner)
      return fail(Code::unprocessable,
                  fmt::format("this looks like a key of {}, not of {}", route::find_vendor(owner)->title, vendor->title),
                  "it was sent to nobody; choose the vendor that it belongs to");
  return {};
}

Result<std::string> choose_base_url(const route::Vendor* vendor, const std::string& given) {
  if (!vendor && given.empty())
    return fail(Code::invalid_argument, "it is not said whose key this is",
                "give \"vendor\" (openai, anthropic, gemini or mistral), or \"base_url\" of an OpenAI-compatible server");
  std::string base = vendor ? route::vendor_base_url(*vendor, given) : given;
  while (base.ends_with('/')) base.pop_back();
  auto url = http::Url::parse(base);
  // The URL may hold a password: it is not repeated.
  if (!url)
    return fail(Code::invalid_argument, "base_url cannot be used: it must be http or https, without a user name, query or fragment",
                "it looks like https://host:port/v1");
  return base;
}

}  // namespace

bool must_be_open(std::string_view host) { return !http::range_of(host) && !http::is_near_name(host); }

Result<ProviderRequest> parse_provider_request(const json::object& body) {
  ProviderRequest request;
  const std::string vendor_name = json::string_or(body, "vendor", "");
  const route::Vendor* vendor = route::find_vendor(vendor_name);
  if (!vendor && !vendor_name.empty())
    return fail(Code::invalid_argument, "there is no such vendor here", "openai, anthropic, gemini or mistral; for others give base_url");
  const std::string given = std::string(trimmed(json::string_or(body, "base_url", "")));
  const std::string key(trimmed(json::string_or(body, "api_key", "")));
  if (auto good = check_key_text(key, vendor, given.empty()); !good) return pass(good);
  auto base = choose_base_url(vendor, given);
  if (!base) return pass(base);
  request.base_url = *base;
  const auto url = http::Url::parse(*base);
  if (http::range_of(url->host) == http::AddressRange::link_local)
    return fail(Code::unprocessable, "base_url is a link-local address, where clouds keep a machine's own credentials",
                "give the server another address; if it is meant, write the provider into the configuration file");
  request.open_network_only = must_be_open(url->host);
  request.title = vendor && given.empty() ? std::string(vendor->title) : url->host;
  if (url->scheme == "http" && !loopback(url->host))
    request.warnings.push_back(
        fmt::format("the key and every prompt cross the network to {} in plain text: the address is http", url->host));
  request.dialect = json::string_or(body, "dialect", vendor ? vendor->dialect : "openai");
  const route::ProviderKind* kind = route::find_provider_kind(request.dialect);
  if (!kind)
    return fail(Code::invalid_argument, fmt::format("this version does not speak the dialect \"{}\"", request.dialect.substr(0, 32)),
                fmt::format("leave it out, or give one of {}", route::provider_kind_names()));
  request.base_url = route::provider_base_url(*kind, request.base_url);
  request.name = std::string(trimmed(json::string_or(body, "name", "")));
  if (request.name.empty()) request.name = vendor ? std::string(vendor->name) : name_of_host(url->host);
  if (!plain_name(request.name))
    return fail(Code::invalid_argument, "a provider's name has 1 to 64 letters, digits, '.', '-' or '_'", "for example \"openai-work\"");
  request.models_key = kind->models_key;
  request.test_only = json::get_bool(body, "test_only").value_or(false);
  request.api_key = Secret(key);
  return request;
}

}  // namespace flotte::hub
