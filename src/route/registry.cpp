// Finds or makes what outlives a table.
#include "route/registry.hpp"

#include "route/plan.hpp"

#include "http/door.hpp"

namespace flotte::route {
namespace {

template <class T>
std::shared_ptr<T> find_or_make(std::map<std::string, std::shared_ptr<T>>& all, const std::string& name) {
  auto& entry = all[name];
  if (!entry) entry = std::make_shared<T>();
  return entry;
}

bool same_place(const ProviderSpec& a, const ProviderSpec& b) {
  return a.base_url == b.base_url && a.api_key.reveal() == b.api_key.reveal() && a.timeouts == b.timeouts && a.dialect == b.dialect &&
         a.apis == b.apis && a.via == b.via && a.open_network_only == b.open_network_only;
}

}  // namespace

std::shared_ptr<Load> Registry::load(const std::string& place) { return find_or_make(loads_, place); }
std::shared_ptr<Health> Registry::health(const std::string& target) { return find_or_make(healths_, target); }
std::shared_ptr<Health> Registry::place_health(const std::string& place) { return find_or_make(place_healths_, place); }
std::shared_ptr<Pace> Registry::pace(const std::string& target) { return find_or_make(paces_, target); }

Result<std::shared_ptr<const Upstream>> Registry::upstream(const ProviderSpec& spec) {
  if (const auto it = providers_.find(spec.name); it != providers_.end() && same_place(it->second.spec, spec)) return it->second.upstream;
  auto url = http::Url::parse(spec.base_url);
  if (!url) return pass(url, fmt::format("provider \"{}\": base_url", spec.name));
  std::shared_ptr<http::TlsContext> tls;
  if (url->scheme == "https") {
    if (!tls_) {
      auto made = http::TlsContext::client();
      if (!made) return pass(made);
      tls_ = std::move(*made);
    }
    tls = tls_;
  }
  auto upstream = std::make_shared<Upstream>();
  auto way = spec.open_network_only && spec.via.kind == Door::Kind::direct
                 ? Result<Way>(Way{http::open_network_connector({url->host, url->port, std::move(tls)}), {}, {}})
                 : open_way(spec.via, *url, std::move(tls), node_door_);
  if (!way) return pass(way);
  upstream->connector = std::move(way->connector);
  upstream->base_path = way->before_path + url->path;
  upstream->proxy_authorization = std::move(way->proxy_authorization);
  if (!spec.api_key.empty()) upstream->authorization = "Bearer " + spec.api_key.reveal();
  if (spec.dialect == "anthropic" || spec.dialect == "gemini") {
    upstream->api_key = spec.api_key.reveal();
    upstream->own_format = spec.dialect == "gemini" ? dialect::Format::gemini : dialect::Format::anthropic;
  }
  upstream->apis = spec.apis;
  upstream->timeouts = spec.timeouts;
  // Another key or address: what the one before was closed for (a spend limit, a wrong key) says nothing about it.
  if (providers_.contains(spec.name)) {
    on_success(*place_health(spec.name));
    for (const auto& [target, health] : healths_)
      if (target.starts_with(spec.name + "/")) on_success(*health);
  }
  providers_[spec.name] = Provider{spec, upstream};
  return upstream;
}

std::shared_ptr<const Upstream> Registry::upstream(const std::string& place, std::shared_ptr<http::Connector> connector,
                                                   const std::string& base_path, dialect::ApiSet apis) {
  auto& known = engines_[place];
  if (known && known->connector == connector && known->base_path == base_path && known->apis == apis) return known;
  auto upstream = std::make_shared<Upstream>();
  upstream->connector = std::move(connector);
  upstream->base_path = base_path;
  upstream->apis = apis;
  // A small machine may think for long about a long prompt before its first token.
  upstream->timeouts =
      Timeouts{.connect = std::chrono::seconds(10), .first_token = std::chrono::minutes(15), .idle = std::chrono::minutes(2)};
  known = upstream;
  return upstream;
}

}  // namespace flotte::route
